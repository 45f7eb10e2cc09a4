import { randomUUID } from 'node:crypto'
import type { Role } from '../../src/http/actor.ts'
import { type App, openapiDocument } from '../../src/http/openapi.ts'

export type Schema = {
  $ref?: string
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  examples?: unknown[]
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: unknown
}

export type Answer = {
  description: string
  headers?: object
  content?: Record<string, { schema: Schema; example?: unknown; examples?: object }>
}

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in the document, `/v1/books/{bookId}`. */
  path: string
  operationId: string
  summary: string
  tags: string[]
  parameters: { name: string; in: string; required?: boolean; example?: unknown; schema: Schema }[]
  requestBody?: {
    required?: boolean
    content: Record<string, { schema: Schema; example?: unknown; examples?: object }>
  }
  responses: Record<string, Answer>
  /** Roles that may call it; undefined when nobody is asked who they are. */
  access?: readonly Role[]
  changesNothing: boolean
}

type Document = {
  info: { description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Record<string, unknown>>>
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> }
}

export function documentOf(app: App): Document {
  return openapiDocument(app) as never
}

/** Every operation of the document, so that tests over all of them cover those to come. */
export function operationsOf(app: App): Operation[] {
  const { paths, components } = documentOf(app)
  const answersOf = (responses: Record<string, Answer & { $ref?: string }>) =>
    Object.entries(responses).map(([status, answer]) => [
      status,
      answer.$ref ? components.responses[answer.$ref.split('/').at(-1)!]! : answer,
    ])
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...(operation as unknown as Operation),
      responses: Object.fromEntries(answersOf(operation.responses as Record<string, Answer>)),
      parameters: (operation.parameters ?? []) as Operation['parameters'],
      method: method.toUpperCase() as Operation['method'],
      path,
      access: operation['x-access'] as readonly Role[],
      changesNothing: method === 'get' || operation['x-changes-nothing'] === true,
    })),
  )
}

/** A request for the operation: its path is filled plausibly, its body is empty, so it asks who may, and does nothing. */
export function emptyRequest(operation: Operation, path: Record<string, string> = {}) {
  const url = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = operation.parameters.find(one => one.in === 'path' && one.name === name)
    return encodeURIComponent(path[name] ?? plausible(parameter?.schema ?? {}))
  })
  const [type] = Object.keys(operation.requestBody?.content ?? {})
  const body =
    type === undefined ? {} : { headers: { 'content-type': type }, payload: type.includes('json') ? '{}' : '' }
  return { method: operation.method, url, ...body }
}

function plausible(schema: Schema): string {
  const [given] = schema.enum ?? schema.examples ?? []
  if (given !== undefined) return String(given)
  if (schema.format === 'uuid') return randomUUID()
  if (schema.format === 'date') return '2026-03-31'
  return schema.type === 'integer' ? '1' : 'x'
}
