import { randomUUID } from 'node:crypto'
import type { Role } from '../../src/http/actor.ts'
import { type App, openapiDocument } from '../../src/http/openapi.ts'

type Schema = {
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
  additionalProperties?: unknown
}

export type Answer = { description: string; content?: Record<string, { schema: Schema; examples?: object }> }

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in the document, `/v1/books/{bookId}`. */
  path: string
  operationId: string
  summary: string
  tags: string[]
  parameters: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, Answer>
  /** Roles that may call it; undefined when nobody is asked who they are. */
  access?: readonly Role[]
  changesNothing: boolean
}

export function documentOf(app: App): Record<string, unknown> & {
  paths: Record<string, Record<string, Record<string, unknown>>>
  components: { schemas: Record<string, Schema> }
} {
  return openapiDocument(app) as never
}

/** Every operation of the document, so that tests over all of them cover those to come. */
export function operationsOf(app: App): Operation[] {
  return Object.entries(documentOf(app).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...(operation as unknown as Operation),
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
  return schema.type === 'integer' ? '1' : 'x'
}
