import { filledWith } from '../http/furnished-book.ts'
import type { Operation, Schema } from '../http/operations.ts'
import type { Chance } from '../journeys/load.ts'
import { flawed, flawedBytes, jsonText, namesOfByteFlaws, namesOfFlaws, strangeValue } from './flaws.ts'

/** A request as it is sent, and what was made wrong in it. */
export type MadeRequest = {
  operation: Operation
  /** Whose key it comes with. */
  as: string
  method: string
  url: string
  headers: Record<string, string>
  payload: Buffer | null
  flaws: string[]
}

export type Making = {
  operations: readonly Operation[]
  /** Ids of what there is in the book that is asked, by the names of the places they go to. */
  ours: Readonly<Record<string, string>>
  /** The same of another book. */
  theirs: Readonly<Record<string, string>>
  /** Who asks, with what in `Authorization`; `administrators` of them reach every book, and leave the other one alone. */
  callers: Readonly<Record<string, string | null>>
  administrators: readonly string[]
}

/** The `number`-th request: each operation in its turn; half of them as the roles that it is for. */
export function makeRequest(making: Making, number: number, chance: Chance): MadeRequest {
  const { operations, callers, administrators } = making
  const operation = operations[number % operations.length]!
  const mayCall = Object.keys(callers).filter(name => operation.access?.some(role => name.startsWith(role)))
  const as = chance.below(4) > 0 && mayCall.length > 0 ? chance.oneOf(mayCall) : chance.oneOf(Object.keys(callers))
  const request: MadeRequest = {
    operation,
    as,
    method: operation.method,
    url: '',
    headers: {},
    payload: null,
    flaws: [],
  }
  const credentials = callers[as]
  if (credentials) request.headers.authorization = credentials
  const flawCount = chance.oneOf([0, 0, 1, 1, 1, 2, 3])
  const parts = partsAtFault(operation, flawCount, chance)
  request.url = addressOf(request, making, parts, administrators.includes(as), chance)
  addBody(request, making, parts, chance)
  addHeaders(request, parts, chance)
  // With another method it may be another operation of the same address.
  const asked = operations.find(({ method, path }) => method === request.method && path === operation.path)
  return { ...request, operation: asked ?? operation }
}

type Part = 'path' | 'query' | 'body' | 'bytes' | 'headers' | 'method'

function partsAtFault(operation: Operation, count: number, chance: Chance): Part[] {
  const hasBody = operation.requestBody !== undefined
  const parts: Part[] = ['query', 'query', 'headers']
  if (operation.path.includes('{')) parts.push('path', 'path')
  if (hasBody) parts.push('body', 'body', 'body', 'body', 'body', 'bytes', 'bytes')
  if (chance.below(10) === 0) parts.push('method')
  return Array.from({ length: count }, () => chance.oneOf(parts))
}

function addressOf(
  request: MadeRequest,
  { ours, theirs }: Making,
  parts: readonly Part[],
  isAdministrator: boolean,
  chance: Chance,
): string {
  const { operation, flaws } = request
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const wrong = parts.includes('path') ? chance.oneOf(names) : undefined
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name !== wrong)
      return encodeURIComponent(ours[name] ?? plausible(parameterOf(operation, name)?.schema ?? {}, chance))
    flaws.push(`path ${name}`)
    // The other book stays as it was, so that whatever changes it is found: an administrator does not name it.
    const another = name === 'bookId' && isAdministrator ? undefined : theirs[name]
    if (another !== undefined && chance.below(2) === 0) return another
    return strangeSegment(chance)
  })
  const query = queryOf(request, theirs, ours, parts, isAdministrator, chance)
  return query === '' ? path : `${path}?${query}`
}

function parameterOf({ parameters }: Operation, name: string) {
  return parameters.find(one => one.in === 'path' && one.name === name)
}

const segments = [
  'x',
  '%zz',
  '%00',
  '%ff',
  '..%2f..',
  '%2e%2e',
  '%20',
  '',
  '-1',
  'NaN',
  '0198C5F2-7A10-7C41-8F5E-1B2C3D4E5F60',
]

function strangeSegment(chance: Chance): string {
  const kind = chance.below(4)
  if (kind === 0) return 'x'.repeat(1 + chance.below(5_000))
  if (kind === 1) return encodeURIComponent(textOf(strangeValue(chance))).slice(0, 5_000)
  return kind === 2 ? uuidBy(chance) : chance.oneOf(segments)
}

/** A value as it may stand in an address. */
function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()
}

function queryOf(
  { operation, flaws }: MadeRequest,
  theirs: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string>>,
  parts: readonly Part[],
  isAdministrator: boolean,
  chance: Chance,
): string {
  const known = operation.parameters.filter(one => one.in === 'query')
  const given = known
    .filter(({ required }) => required || chance.below(4) === 0)
    .map(one => [one.name, ours[one.name] ?? textOf(one.example ?? plausible(one.schema, chance))])
    .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
  if (!parts.includes('query')) return given.join('&')
  const name = known.length > 0 ? chance.oneOf(known).name : 'x'
  const value = encodeURIComponent(textOf(strangeValue(chance)))
  const [wrong, query] = chance.oneOf<[string, string[]]>([
    ['strange', [...given.filter(one => !one.startsWith(`${name}=`)), `${name}=${value}`]],
    ['strange', [...given.filter(one => !one.startsWith(`${name}=`)), `${name}=${value}`]],
    ['twice', [...given, `${name}=1`, `${name}=2`]],
    ['unknown', [...given, `x${name}=1`]],
    ['missing', given.slice(1)],
    ['list', [...given, `${name}[]=1`, `${name}[x]=2`]],
    ['broken', [...given, `${name}=%zz%`]],
    ['zero', [...given, `${name}=a%00b`]],
    ['halves', [...given, `${name}=%ed%a0%80%ff`]],
    ['many', Array.from({ length: 60 }, (_, place) => `p${place}=1`)],
    ['long', [`${name}=${'x'.repeat(5_000)}`]],
    ['theirs', [`${name}=${isAdministrator ? uuidBy(chance) : (theirs[name] ?? theirs.saverId)}`]],
  ])
  flaws.push(`query ${wrong}`)
  return query.join('&')
}

function addBody(request: MadeRequest, { ours, theirs }: Making, parts: readonly Part[], chance: Chance): void {
  const { operation, flaws, headers } = request
  const content = Object.entries(operation.requestBody?.content ?? {})
  if (content.length === 0) return
  const [type, { example }] = chance.oneOf(content)
  headers['content-type'] = type
  if (!type.includes('json')) {
    const { type: sent, bytes } = written(type, example)
    headers['content-type'] = sent
    request.payload = bytes
  } else {
    let value = filledWith(ours, example)
    const keyed = operation.parameters.some(one => one.name === 'idempotency-key')
    if (keyed && typeof value === 'object' && chance.below(8) > 0) value = { ...value, id: uuidBy(chance) }
    for (const _ of parts.filter(part => part === 'body')) {
      const name = chance.oneOf(namesOfFlaws)
      flaws.push(`body ${name}`)
      value = flawed(name, value, chance, Object.values(theirs))
    }
    request.payload = Buffer.from(jsonText(value, chance))
  }
  for (const _ of parts.filter(part => part === 'bytes')) {
    const name = chance.oneOf(namesOfByteFlaws)
    flaws.push(`bytes ${name}`)
    request.payload = flawedBytes(name, request.payload, chance)
  }
}

/** An example as it is sent: a form has a boundary, and what its fields are called. */
function written(type: string, example: unknown): { type: string; bytes: Buffer } {
  if (type !== 'multipart/form-data') {
    return { type, bytes: Buffer.from(typeof example === 'string' ? example : (JSON.stringify(example) ?? '')) }
  }
  const fields = Object.entries(example as object).map(
    ([name, text]) => `--part\r\ncontent-disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${text}\r\n`,
  )
  return { type: `${type}; boundary=part`, bytes: Buffer.from(`${fields.join('')}--part--\r\n`) }
}

const strangeHeaders: readonly [name: string, values: readonly string[]][] = [
  [
    'content-type',
    [
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      ';',
      '',
      'application/json, text/csv',
      'image/png',
    ],
  ],
  ['content-encoding', ['gzip', 'br', 'x', 'identity, gzip']],
  [
    'idempotency-key',
    [
      'x',
      '',
      '00000000-0000-0000-0000-000000000000',
      '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f60',
      'é',
      `${'1'.repeat(4_000)}`,
    ],
  ],
  [
    'authorization',
    [
      '',
      'Bearer',
      'Bearer ',
      'Basic eDp5',
      'Bearer qk_x',
      `Bearer ${'x'.repeat(9_000)}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
    ],
  ],
  [
    'accept',
    [
      'application/pdf',
      'text/csv',
      'x',
      '*/*;q=0',
      ',,,',
      `${'a/b,'.repeat(1_000)}`,
      'application/x-ndjson',
      'application/json;q=9',
    ],
  ],
  ['accept-language', ['qu', 'es-PE;q=2', '*', `${'x'.repeat(3_000)}`]],
  ['x-request-id', ['x', "'; drop", `${'1'.repeat(5_000)}`, '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f60']],
  ['x-forwarded-for', ['1.2.3.4', 'x', '::1, ::2']],
  ['expect', ['200-ok', '100-continue']],
  ['cookie', ['session=x', `${'a=b; '.repeat(500)}`]],
  ['range', ['bytes=0-1', 'bytes=x']],
  ['x-large', ['x'.repeat(17_000)]],
]

function addHeaders(request: MadeRequest, parts: readonly Part[], chance: Chance): void {
  const { headers, flaws } = request
  for (const part of parts) {
    if (part === 'headers') {
      const [name, values] = chance.oneOf(strangeHeaders)
      if (name === 'content-type' && chance.below(3) === 0) delete headers[name]
      else headers[name] = chance.oneOf(values)
      flaws.push(`header ${name}`)
    } else if (part === 'method') {
      request.method = chance.oneOf(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'GET'])
      flaws.push(`method ${request.method}`)
    }
  }
}

function plausible(schema: Schema, chance: Chance): string {
  const given = schema.enum ?? schema.examples ?? []
  if (given.length > 0) return String(chance.oneOf(given))
  if (schema.format === 'uuid') return uuidBy(chance)
  if (schema.format === 'date') return '2026-03-31'
  return schema.type === 'integer' ? '1' : 'x'
}

/** A UUID that the same seed gives again. */
export function uuidBy(chance: Chance): string {
  const hex = Array.from({ length: 32 }, () => chance.below(16).toString(16))
  hex[12] = '7'
  hex[16] = '8'
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
