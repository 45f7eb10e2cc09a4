import { afterAll, beforeAll, expect, test } from 'vitest'
import { roles } from '../../src/http/actor.ts'
import { type RefusalCode, refusals } from '../../src/refusals.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Answer, documentOf, type Operation, operationsOf, type Schema } from './operations.ts'

let service: TestApp
let operations: Operation[]
let document: ReturnType<typeof documentOf>

beforeAll(async () => {
  service = await testApp()
  operations = operationsOf(service.app)
  document = documentOf(service.app)
})

afterAll(() => service.close())

/** Every object in the document that has this key. */
function* holdersOf(key: string, value: unknown = document): Generator<Record<string, unknown>> {
  if (value === null || typeof value !== 'object') return
  if (key in value) yield value as Record<string, unknown>
  for (const child of Object.values(value)) yield* holdersOf(key, child)
}

function codesOf(answers: Record<string, Answer>): RefusalCode[] {
  return Object.values(answers).flatMap(answer => {
    const problem = answer.content?.['application/problem+json']
    return (problem?.schema.allOf?.[1]?.properties?.code?.enum ?? []) as RefusalCode[]
  })
}

test('every reference resolves, and every component is referred to', () => {
  const references = [...holdersOf('$ref')].map(holder => holder.$ref as string)
  expect(references.length).toBeGreaterThan(0)
  const { schemas, responses } = document.components
  const components = Object.entries({ schemas, responses }).flatMap(([kind, named]) =>
    Object.keys(named).map(name => `#/components/${kind}/${name}`),
  )
  expect(references.filter(reference => !components.includes(reference))).toEqual([])
  expect(components.filter(component => !references.includes(component))).toEqual([])
})

test('every shape and every closed set has a name, for clients are generated with it', () => {
  const { schemas } = document.components
  const nameless = Object.entries(schemas).flatMap(([name, schema]) =>
    [...partsOf(schema, name)].filter(part => part.path !== name && isNameable(part.schema)).map(part => part.path),
  )
  const parameters = operations.flatMap(operation =>
    operation.parameters
      .filter(({ schema }) => isNameable(schema) && !isYesOrNo(schema))
      .map(({ name }) => `${operation.operationId} ${name}`),
  )
  const answers = operations.flatMap(({ operationId, requestBody, responses }) =>
    [requestBody, ...Object.values(responses)]
      .flatMap(part => Object.values(part?.content ?? {}))
      .flatMap(({ schema }) => (schema.$ref || schema.allOf ? [] : [operationId])),
  )
  expect([...nameless, ...parameters, ...answers]).toEqual([])
})

function isNameable(schema: Schema): boolean {
  return schema.properties !== undefined || (schema.enum?.length ?? 0) > 1
}

function isYesOrNo(schema: Schema): boolean {
  return schema.enum?.join() === 'true,false'
}

/** A schema and those that are written in it. */
function* partsOf(schema: Schema, path: string): Generator<{ path: string; schema: Schema }> {
  yield { path, schema }
  const { properties = {}, items, anyOf = [], oneOf = [], allOf = [] } = schema
  const inner = [...Object.entries(properties), ...Object.entries([...anyOf, ...oneOf, ...allOf])]
  if (items) inner.push(['items', items])
  for (const [name, part] of inner) yield* partsOf(part, `${path}.${name}`)
}

test('no schema says nothing: an answer without a shape would let anything through', () => {
  const empty = operations.flatMap(operation =>
    Object.entries(operation.responses).flatMap(([status, answer]) =>
      Object.values(answer.content ?? {}).some(({ schema }) => Object.keys(schema).length === 0)
        ? [`${operation.operationId} ${status}`]
        : [],
    ),
  )
  expect(empty).toEqual([])
})

test('patterns are such as every language can read', () => {
  expect(JSON.stringify(document)).not.toMatch(/"pattern":"[^"]*\\\\[pP]\{/)
})

test('every operation has an id of its own, a summary, a tag and a success', () => {
  const ids = operations.map(operation => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const bare = operations.filter(
    ({ summary, tags, responses }) => !summary || !tags?.length || !Object.keys(responses).some(one => one < '300'),
  )
  expect(bare.map(operation => operation.operationId)).toEqual([])
})

test('every tag is described, and every operation has one of them', () => {
  const described = document.tags.map(tag => tag.name)
  expect(new Set(operations.flatMap(({ tags }) => tags))).toEqual(new Set(described))
  expect(operations.filter(({ tags }) => tags.length !== 1)).toEqual([])
})

test('every operation of the API names its roles, of the known ones', () => {
  const wrong = operations.filter(
    ({ path, access }) => path.startsWith('/v1/') && !access?.every(role => roles.includes(role)),
  )
  expect(wrong).toEqual([])
})

test('every refusal is declared by an operation, and an operation declares no other', () => {
  // These are said where no operation is, or before it is found.
  const ofNoOperation: RefusalCode[] = [
    'route-not-found',
    'method-not-allowed',
    'request-timeout',
    'expectation-not-met',
    'head-too-large',
  ]
  for (const code of ofNoOperation) expect(document.info.description).toContain(`\`${code}\``)
  const declared = new Set([...ofNoOperation, ...operations.flatMap(operation => codesOf(operation.responses))])
  expect([...declared].sort()).toEqual(Object.keys(refusals).sort())
})

test('every refusal is declared under its status, with an example that fits', () => {
  for (const operation of operations) {
    for (const [status, answer] of Object.entries(operation.responses)) {
      const problem = answer.content?.['application/problem+json']
      if (status < '400') expect(problem).toBeUndefined()
      else {
        const codes = codesOf({ [status]: answer })
        expect(codes.length, `${operation.operationId} ${status}`).toBeGreaterThan(0)
        expect(codes.map(code => String(refusals[code].status))).toEqual(codes.map(() => status))
        expect(Object.keys(problem?.examples ?? {})).toEqual(codes)
        expect(answer.headers !== undefined, 'tells when to try again').toBe(['429', '503'].includes(status))
      }
    }
  }
})

test('whatever is taken or given has an example', () => {
  const without = operations.flatMap(({ operationId, requestBody, responses }) =>
    [requestBody, ...Object.values(responses)]
      .flatMap(part => Object.values(part?.content ?? {}))
      .flatMap(({ example, examples }) => (example === undefined && examples === undefined ? [operationId] : [])),
  )
  expect(without).toEqual([])
})

test('every body and query is strict, so that a misspelt name is refused and not ignored', () => {
  const lax = operations.filter(operation =>
    Object.entries(operation.requestBody?.content ?? {}).some(
      ([type, { schema }]) => type.includes('json') && isLax(schema),
    ),
  )
  expect(lax.map(operation => operation.operationId)).toEqual([])
})

function isLax(schema: NonNullable<Operation['requestBody']>['content'][string]['schema']): boolean {
  const found = schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)!]! : schema
  const branches = found.oneOf ?? found.anyOf ?? found.allOf
  if (branches) return branches.some(isLax)
  return found.type === 'object' && found.additionalProperties === undefined
}

test('an operation that makes something under an id of the client declares the replay and the header', () => {
  for (const { operationId, parameters, responses } of operations) {
    if (!parameters.some(parameter => parameter.name === 'idempotency-key')) continue
    expect([operationId, Object.keys(responses)]).toEqual([operationId, expect.arrayContaining(['200', '201'])])
    const [replay, made] = [responses['200'], responses['201']]
    expect(replay?.headers).toHaveProperty('idempotent-replay')
    const shown = [replay, made].map(answer => answer?.content?.['application/json']?.example)
    expect(shown).toMatchObject([{ replayed: true }, { replayed: false }])
  }
})

test('the document is served as it is generated, beside its pages, to anybody', async () => {
  const answer = await service.app.inject('/openapi.json')
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual(JSON.parse(JSON.stringify(document)))
  const page = await service.app.inject('/docs/')
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  // A browser would ask for the pages' files by HTTPS, where there may be none.
  expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests')
  expect(page.body).toContain('<title>Qullqi API</title>')
  const outside = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(found => found[1]!)
  expect(outside.filter(address => /^(https?:)?\/\//.test(address))).toEqual([])
})
