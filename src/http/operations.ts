import type { FastifySchema, RouteOptions } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { exampleOf } from './examples.ts'
import { type Components, documentedSchema, type JsonSchema } from './json-schema.ts'
import { documentedCodes, problemMediaType, problemOf, problemSchema, undeclared } from './problems.ts'

/** A body or an answer whose media types are named. */
type Content = { description?: string; content: Record<string, { schema: z.ZodType }> }

/** What @fastify/swagger is given for one route: the same shape of schema, with JSON Schema in place of zod. */
export function documentedOperation(schema: FastifySchema | undefined, route: RouteOptions, components: Components) {
  if (!schema?.operationId || schema.hide) return { hide: true }
  const { body, alsoAs, querystring, params, headers, response, ...rest } = schema
  const { access, changesNothing, idempotent, tellsIdentity } = route.config ?? {}
  const answers = Object.entries(response ?? {}).filter(([, answer]) => answer !== undeclared)
  const parts = Object.entries({ querystring, params, headers }).filter(([, part]) => part !== undefined)
  const shown: JsonSchema = {
    ...rest,
    ...Object.fromEntries(
      parts.map(([name, part]) => [name, documentedSchema(part as z.ZodType, 'input', components)]),
    ),
    ...(body !== undefined && { body: documentedBody(body as z.ZodType | Content, alsoAs, components) }),
    response: Object.fromEntries(
      answers.map(([status, answer]) => [status, documentedAnswer(status, answer, idempotent === true, components)]),
    ),
  }
  if (access) {
    shown['x-access'] = access
    shown.description = [schema.description, `For the roles ${access.join(', ')}.`].filter(Boolean).join('\n\n')
  } else shown.security = []
  if (body instanceof z.ZodType && isOptionalBody(body)) shown[optionalBody] = true
  if (tellsIdentity) shown['x-tells-identity'] = true
  if (changesNothing) shown['x-changes-nothing'] = true
  if (idempotent) shown.headers = { type: 'object', properties: { 'idempotency-key': idempotencyHeader } }
  return shown
}

/** Whether a request may come without a body, for nothing in it is needed. */
export function isOptionalBody(body: z.ZodType): boolean {
  return body.safeParse({}).success
}

/** Marks such an operation on its way through @fastify/swagger, which calls every body required. */
const optionalBody = 'x-optional-body'

const idempotencyHeader = {
  type: 'string',
  format: 'uuid',
  description: 'May stand in for `id` in the body. When both are given they are the same.',
}

const replayHeader = {
  'idempotent-replay': { type: 'string', const: 'true', description: 'The request had been done before' },
}

const retryHeader = { 'retry-after': { type: 'integer', description: 'Seconds to wait at least' } }

function documentedBody(
  body: z.ZodType | Content,
  alsoAs: FastifySchema['alsoAs'],
  components: Components,
): JsonSchema {
  if (!(body instanceof z.ZodType)) return { content: documentedContent(body, 'input', components) }
  if (!alsoAs) return documentedSchema(body, 'input', components)
  const others = Object.entries(alsoAs).map(([type, schema]) => [type, { schema }])
  const content = { 'application/json': { schema: body }, ...Object.fromEntries(others) }
  return { content: documentedContent({ content }, 'input', components) }
}

function documentedAnswer(status: string, answer: unknown, idempotent: boolean, components: Components): JsonSchema {
  const codes = documentedCodes(answer)
  if (codes) return documentedProblem(status, codes, components)
  if (!(answer instanceof z.ZodType)) {
    const { description = 'Found' } = answer as Content
    return { description, content: documentedContent(answer as Content, 'output', components) }
  }
  const replay = idempotent && status === '200'
  const description = replay ? 'Had been done before; the first answer again' : defaultDescriptions[status]
  return {
    description: description ?? 'Done',
    ...(replay && { headers: replayHeader }),
    content: { 'application/json': { schema: documentedSchema(answer, 'output', components) } },
  }
}

const defaultDescriptions: Record<string, string> = { 200: 'Found', 201: 'Done, for the first time' }

function documentedContent(part: Content, io: 'input' | 'output', components: Components): JsonSchema {
  const media = Object.entries(part.content)
  return Object.fromEntries(
    media.map(([type, { schema }]) => [type, { schema: documentedSchema(schema, io, components) }]),
  )
}

function documentedProblem(status: string, codes: readonly RefusalCode[], components: Components): JsonSchema {
  const problem = documentedSchema(problemSchema, 'output', components)
  const examples = codes.map(code => {
    const refusal = new Refusal(code, refusals[code].title)
    return [code, { value: problemOf(refusal, '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11') }]
  })
  return {
    description: codes.map(code => `\`${code}\`: ${refusals[code].title}`).join('; '),
    ...(['429', '503'].includes(status) && { headers: retryHeader }),
    content: {
      [problemMediaType]: {
        schema: { allOf: [problem, { type: 'object', properties: { code: { enum: codes } } }] },
        examples: Object.fromEntries(examples),
      },
    },
  }
}

/**
 * The document with its components, in order of their names, and an example of whatever is sent. A schema that is only
 * ever taken does not need to be called `…Input`; refusals that come together are written once.
 */
export function withComponents(document: OpenAPIV3_1.Document, components: Components): object {
  const responses = new Map<string, Body>()
  for (const operation of operationsIn(document)) {
    if (operation[optionalBody]) operation.requestBody!.required = false
    delete operation[optionalBody]
    addExamples(operation, components)
    shareProblems(operation, responses)
  }
  const shared = { ...document.components, schemas: sorted(components), responses: sorted(responses) }
  let text = JSON.stringify({ ...document, components: shared })
  for (const name of components.keys()) {
    const plain = name.replace(/Input$/, '')
    if (plain === name || components.has(plain)) continue
    text = text.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${plain}"`)
    text = text.replace(`"${name}":`, `"${plain}":`)
  }
  return JSON.parse(text)
}

/** Of the successes only a replay has headers. */
type Body = { required?: boolean; headers?: object; content?: Record<string, OpenAPIV3_1.MediaTypeObject> }
type Described = { requestBody?: Body; responses: Record<string, Body>; [optionalBody]?: boolean }

function operationsIn(document: OpenAPIV3_1.Document): Described[] {
  return Object.values(document.paths ?? {}).flatMap(path => Object.values(path ?? {})) as unknown as Described[]
}

function addExamples({ requestBody, responses }: Described, components: Components): void {
  for (const body of [requestBody, ...Object.values(responses)]) {
    for (const [type, media] of Object.entries(body?.content ?? {})) {
      const example = type === problemMediaType ? undefined : exampleOf(media.schema as JsonSchema, components)
      if (example !== undefined) media.example = body?.headers ? { ...(example as object), replayed: true } : example
    }
  }
}

/** Moves the problems of each status to a component named by their codes. */
function shareProblems({ responses }: Described, shared: Map<string, Body>): void {
  for (const [status, response] of Object.entries(responses)) {
    const codes = Object.keys(response.content?.[problemMediaType]?.examples ?? {})
    if (codes.length === 0) continue
    const name = codes.sort().join('.')
    if (!shared.has(name)) shared.set(name, response)
    responses[status] = { $ref: `#/components/responses/${name}` } as Body
  }
}

function sorted<Value>(named: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...named].sort(([one], [other]) => (one < other ? -1 : 1)))
}
