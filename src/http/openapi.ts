import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyBaseLogger, FastifyInstance, FastifySchema, FastifyTypeProvider, RawServerDefault } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { z } from 'zod'
import { type Components, jsonWriter } from './json-schema.ts'
import { documentedOperation, isOptionalBody, withComponents } from './operations.ts'
import { documentedCodes, invalidRequest, problemSchema, repeatedQuery, undeclared } from './problems.ts'

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
    hide?: boolean
    /** Other media types that are read into the same body. */
    alsoAs?: Readonly<Record<string, z.ZodString>>
  }
}

const partNames: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

/** Makes zod check what comes in, and writers compiled from the same schemas write what goes out. */
export function speakZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => {
    const part = partNames[httpPart ?? '']
    const mayBeAbsent = part === 'body' && isOptionalBody(schema)
    return given => {
      const repeated = part === 'query' ? repeatedIn(given) : []
      if (repeated.length > 0) return { error: repeatedQuery(repeated) }
      const result = schema.safeParse(mayBeAbsent ? (given ?? {}) : given)
      return result.success ? { value: result.data } : { error: invalidRequest(result.error, part) }
    }
  })
  app.setSerializerCompiler<z.ZodType>(({ schema }) => {
    if (schema === undeclared) return neverWrite
    return jsonWriter(documentedCodes(schema) ? problemSchema : schema)
  })
}

/** Names that a query has more than once: they come as lists, and none of ours is one. */
function repeatedIn(query: Record<string, unknown>): string[] {
  return Object.keys(query).filter(name => Array.isArray(query[name]))
}

function neverWrite(): string {
  assert.fail('an answer has a status that its route does not declare')
}

const version = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version as string

const description = `Money is a decimal string, never a number. Days are \`YYYY-MM-DD\`, instants RFC 3339; both of the years 1900 to 2199.

**Ids are yours.** Whatever you make carries an \`id\` that you chose (a UUID, version 7 recommended), in the body or in the header
\`Idempotency-Key\`. Send the same request again as often as you like: it is done once, and a replay answers 200 instead of 201, with
the header \`Idempotent-Replay: true\` and \`"replayed": true\`. There is no time after which an id is forgotten.

**A no has a code.** Refusals are \`application/problem+json\` (RFC 9457) with a \`code\` from the closed list in the schema *Problem*.
A refused request changed nothing. \`retryable\` says whether time alone may cure it: then keep the request as it is and send it again
later, as when the service is stopping, or when a day has not come by its clock. Otherwise somebody has to mend the request, or what it
rests on: a withdrawal that was more than there is may be sent again unchanged after the deposit that it lacked. Nothing of a refusal is
kept; each time the request is decided anew. Before an operation is found, a request may be answered 404 \`route-not-found\`, 405
\`method-not-allowed\`, 408 \`request-timeout\`, 417 \`expectation-not-met\` or 431 \`head-too-large\`.

**Lists** have \`items\` and \`next\`: pass \`next\` as \`after\` to read on; it is null at the end.

**Requests** have an id, answered in \`X-Request-Id\` and kept in our log. Send your own in that header if you like: it is taken when it is
a UUID or a ULID, and replaced otherwise. Bodies are sent as they are, not compressed; JSON in UTF-8, with no name twice in an object.

**Keys** go in \`Authorization: Bearer qk_…\`. A key has a role and a scope of books; a book outside of it does not exist for it.
Where the operator set it up, tokens of his issuer go there as well: what they hold is mapped to a role and books.`

const tokenDescription =
  'An access token (OAuth 2.0, OpenID Connect) of the one issuer that the operator configured, for this audience; taken only where he did'

/**
 * What the pages may load: their own files. Their script sets styles in line. That requests be upgraded to HTTPS is not
 * asked, for where the service is reached by plain HTTP the pages would stay blank.
 */
const pagePolicy =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; style-src 'self' 'unsafe-inline'"

const icon = {
  filename: 'coin.svg',
  rel: 'icon',
  type: 'image/svg+xml',
  sizes: 'any',
  content:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="#c0c4cc" stroke="#6b7280" stroke-width="3"/></svg>',
}

/** A chapter of the document; operations name theirs. */
export type Tag = { name: string; description: string }

/** Registers the OpenAPI document, generated from the routes that follow, and its pages at /docs. */
export async function describeApi(app: FastifyInstance, tags: readonly Tag[]): Promise<void> {
  const components: Components = new Map()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Qullqi', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      security: [{ apiKey: [] }, { token: [] }],
      tags: [...tags],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'qk_<id>_<secret>' },
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: tokenDescription },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: documentedOperation(schema, route, components) as FastifySchema,
      url,
    }),
    transformObject: found => {
      const document = 'openapiObject' in found ? (found.openapiObject as OpenAPIV3_1.Document) : undefined
      assert(document)
      return withComponents(document, components)
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    theme: { title: 'Qullqi API', favicon: [icon] },
    // Without the bar that asks for the address of another document.
    uiConfig: { docExpansion: 'list', layout: 'BaseLayout' },
  })
  // Anybody may ask for it, so it is written once.
  let text: string | undefined
  app.get('/openapi.json', { schema: { hide: true } }, (_, reply) => {
    text ??= JSON.stringify(openapiDocument(app))
    return reply.type('application/json; charset=utf-8').send(text)
  })
}

/** The OpenAPI 3.1 document of a ready app. */
export function openapiDocument(app: FastifyInstance): OpenAPIV3_1.Document {
  return app.swagger() as unknown as OpenAPIV3_1.Document
}
