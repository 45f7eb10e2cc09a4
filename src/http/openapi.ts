import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  RawServerDefault,
  RouteOptions,
} from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { type Components, documentedSchema, type JsonSchema, jsonWriter } from './json-schema.ts'
import { documentedCodes, invalidRequest, problemMediaType, problemOf, problemSchema } from './problems.ts'

/** Tells Fastify's types that schemas are zod's. */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
}

/** The application, whose routes take zod schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypes>

declare module 'fastify' {
  interface FastifySchema {
    operationId?: string
    tags?: readonly string[]
    summary?: string
    description?: string
    deprecated?: boolean
    hide?: boolean
  }
}

const partNames: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

/** Makes zod check what comes in, and writers compiled from the same schemas write what goes out. */
export function speakZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => given => {
    const result = schema.safeParse(given)
    return result.success ? { value: result.data } : { error: invalidRequest(result.error, partNames[httpPart ?? '']) }
  })
  app.setSerializerCompiler<z.ZodType>(({ schema }) => {
    if (schema === undeclared) return neverWrite
    return jsonWriter(documentedCodes(schema) ? problemSchema : schema)
  })
}

/** Declared as `default` on every route, so that an answer whose status is not declared is a fault and leaks nothing. */
export const undeclared = z.never()

function neverWrite(): string {
  assert.fail('an answer has a status that its route does not declare')
}

const version = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version as string

const description = `Money is a decimal string, never a number. Days are \`YYYY-MM-DD\`, instants RFC 3339.

**Ids are yours.** Whatever you make carries an \`id\` that you chose (a UUID, version 7 recommended), in the body or in the header
\`Idempotency-Key\`. Send the same request again as often as you like: it is done once, and a replay answers 200 instead of 201, with
the header \`Idempotent-Replay: true\` and \`"replayed": true\`. There is no time after which an id is forgotten.

**A no has a code.** Refusals are \`application/problem+json\` (RFC 9457) with a \`code\` from the closed list in the schema *Problem*.
A refused request changed nothing. \`retryable\` says whether the very same request may succeed later.

**Lists** have \`items\` and \`next\`: pass \`next\` as \`after\` to read on; it is null at the end.

**Keys** go in \`Authorization: Bearer qk_…\`. A key has a role and a scope of books; a book outside of it does not exist for it.`

/** Registers the OpenAPI document, generated from the routes that follow, and its pages at /docs. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  const components: Components = new Map()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Qullqi', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      security: [{ apiKey: [] }],
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'qk_<id>_<secret>' } } },
    },
    transform: ({ schema, url, route }) => ({
      schema: documentedOperation(schema, route, components) as FastifySchema,
      url,
    }),
    transformObject: found => {
      const document = 'openapiObject' in found ? (found.openapiObject as OpenAPIV3_1.Document) : undefined
      assert(document)
      const schemas = Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1)))
      return { ...document, components: { ...document.components, schemas } } as object
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { docExpansion: 'list' } })
  app.get('/openapi.json', { schema: { hide: true } }, async () => openapiDocument(app))
}

/** The OpenAPI 3.1 document of a ready app. */
export function openapiDocument(app: FastifyInstance): OpenAPIV3_1.Document {
  return app.swagger() as unknown as OpenAPIV3_1.Document
}

/** What @fastify/swagger is given for one route: the same shape of schema, with JSON Schema in place of zod. */
function documentedOperation(schema: FastifySchema | undefined, route: RouteOptions, components: Components) {
  if (!schema?.operationId || schema.hide) return { hide: true }
  const { body, querystring, params, headers, response, ...rest } = schema
  const config = route.config ?? {}
  const parts = Object.entries({ body, querystring, params, headers }).filter(([, part]) => part instanceof z.ZodType)
  const answers = Object.entries(response ?? {}).filter(([, answer]) => answer !== undeclared)
  const replays = answers.some(([status]) => status === '201') && config.idempotent === true
  const shown: JsonSchema = {
    ...rest,
    ...Object.fromEntries(
      parts.map(([name, part]) => [name, documentedSchema(part as z.ZodType, 'input', components)]),
    ),
    response: Object.fromEntries(
      answers.map(([status, answer]) => [status, documentedAnswer(status, answer, replays, components)]),
    ),
  }
  if (config.access) shown['x-access'] = config.access
  else shown.security = []
  if (config.changesNothing) shown['x-changes-nothing'] = true
  if (config.idempotent) shown.headers = { type: 'object', properties: { 'idempotency-key': idempotencyHeader } }
  return shown
}

const idempotencyHeader = {
  type: 'string',
  format: 'uuid',
  description: 'May stand in for `id` in the body. When both are given they are the same.',
}

const replayHeader = {
  'idempotent-replay': { type: 'string', const: 'true', description: 'The request had been done before' },
}

function documentedAnswer(status: string, answer: unknown, replays: boolean, components: Components): JsonSchema {
  const codes = documentedCodes(answer)
  if (codes) return documentedProblem(codes, components)
  if (!(answer instanceof z.ZodType)) return documentedContent(answer as Content, components)
  const replay = replays && status === '200'
  const described = replay ? 'Had been done before; the first answer again' : defaultDescriptions[status]
  const schema = documentedSchema(answer, 'output', components)
  return {
    description: described ?? z.globalRegistry.get(answer)?.description ?? 'Done',
    ...(replay && { headers: replayHeader }),
    content: { 'application/json': { schema } },
  }
}

const defaultDescriptions: Record<string, string> = { 200: 'Found', 201: 'Done, for the first time', 204: 'Done' }

type Content = { description?: string; content: Record<string, { schema: z.ZodType }> }

function documentedContent(answer: Content, components: Components): JsonSchema {
  const content = Object.entries(answer.content).map(([type, { schema }]) => [
    type,
    { schema: documentedSchema(schema, 'output', components) },
  ])
  return { description: answer.description ?? 'Found', content: Object.fromEntries(content) }
}

function documentedProblem(codes: readonly RefusalCode[], components: Components): JsonSchema {
  const problem = documentedSchema(problemSchema, 'output', components)
  const examples = codes.map(code => [
    code,
    { value: problemOf(new Refusal(code, refusals[code].title), '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11') },
  ])
  return {
    description: codes.map(code => `\`${code}\`: ${refusals[code].title}`).join('; '),
    content: {
      [problemMediaType]: {
        schema: { allOf: [problem, { type: 'object', properties: { code: { enum: codes } } }] },
        examples: Object.fromEntries(examples),
      },
    },
  }
}
