import type { Chance } from '../journeys/load.ts'

type Place = readonly (string | number)[]

/** Stand in a value for what JSON can say and no value of ours: see `jsonText`. */
const marks = { twice: '\u2042twice', number: '\u2042number' }

const numbersAsText = [
  '1e999',
  '-1e999',
  '123456789012345678901234567890',
  '1e-400',
  '-0',
  '1E+2',
  '0.10',
  '9007199254740993',
]

/** Values that no field expects, or that lie on the edge of what one takes. */
const strange: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, [], {}, [[]], [null], { a: { b: [] } }],
  ...['', ' ', 'x', 'null', 'true', '0', '-1', '1e5', 'NaN', 'Infinity', '0x10', '1,5', '1_000'],
  ...['0.00', '0.01', '0.001', '-1.00', '+1.00', '1.', '.5', '9999999999999.99', '99999999999999999999.99', '٣.00'],
  ...[
    '2026-02-30',
    '2026-13-01',
    '0000-00-00',
    '9999-12-31',
    '1899-12-31',
    '2026-1-1',
    '2026-03-31T00:00:00Z',
    '2026-00',
  ],
  ...['2026-03-31T25:00:00Z', '2026-03-31T15:00:00+99:00', '0001-01-01T00:00:00Z', '2026-02', '2026-B9', '2026-Q1'],
  ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '0198c5f2-7a10-7c41-8f5e'],
  ...['\0', 'a\0b', '\ud800', '\udc00x', '\ud83d\ude00', '\u202eabc', '\ufeff', '\u2028', '\r\n', '\u0301'],
  ...["'; drop table saver; --", '%', '%_\\', '%00', '%zz', '../../etc/passwd', '<script>', '{{7*7}}', '$x', '=1+1'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
]

/** One of them, or something large, or something nested. */
export function strangeValue(chance: Chance): unknown {
  const kind = chance.below(20)
  if (kind === 0) return 'x'.repeat(1 + chance.below(20_000))
  if (kind === 1) return 'é\u0301'.repeat(1 + chance.below(3_000))
  if (kind === 2) return Array.from({ length: 1 + chance.below(3_000) }, () => chance.oneOf(strange))
  if (kind === 3) return nested(1 + chance.below(500), chance)
  if (kind === 4) return marks.number
  return chance.oneOf(strange)
}

function nested(depth: number, chance: Chance): unknown {
  let value: unknown = chance.oneOf(strange)
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Every place in a value, the whole as the first. */
function placesOf(value: unknown, place: Place = []): Place[] {
  if (value === null || typeof value !== 'object') return [place]
  return [place, ...Object.entries(value).flatMap(([name, child]) => placesOf(child, [...place, keyOf(value, name)]))]
}

function keyOf(value: object, name: string): string | number {
  return Array.isArray(value) ? Number(name) : name
}

function changedAt(value: unknown, [key, ...rest]: Place, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.with(key as number, changedAt(value[key as number], rest, change))
  return { ...(value as object), [key]: changedAt((value as Record<string, unknown>)[key], rest, change) }
}

type Flaw = (value: unknown, chance: Chance, strangers: readonly string[]) => unknown

/** What may be made of a body, by what is wrong with it then. */
const flawsOfValues: Record<string, Flaw> = {
  'strange value': (value, chance) => changedAt(value, chance.oneOf(placesOf(value)), () => strangeValue(chance)),
  'member missing': (value, chance) => atObject(value, chance, whole => without(whole, chance)),
  'member unknown': (value, chance) =>
    atObject(value, chance, whole => ({ ...whole, [chance.oneOf(unknownNames)]: strangeValue(chance) })),
  'member twice': (value, chance) => atObject(value, chance, whole => ({ ...whole, [marks.twice]: null })),
  'list long or empty': (value, chance) => {
    const lists = placesOf(value).filter(place => Array.isArray(foundAt(value, place)))
    if (lists.length === 0) return { items: value }
    const length = chance.oneOf([0, 2, 1_001])
    return changedAt(value, chance.oneOf(lists), list => Array.from({ length }, () => (list as unknown[])[0] ?? null))
  },
  'id of another book': (value, chance, strangers) => {
    const ids = placesOf(value).filter(place => /^[0-9a-f-]{36}$/.test(String(foundAt(value, place))))
    if (ids.length === 0) return strangers[0]
    return changedAt(value, chance.oneOf(ids), () => chance.oneOf(strangers))
  },
}

const unknownNames = [
  'x',
  'Id',
  'amount ',
  'bookId',
  'actor',
  'recordedAt',
  '',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
]

export const namesOfFlaws = Object.keys(flawsOfValues)

export function flawed(name: string, value: unknown, chance: Chance, strangers: readonly string[]): unknown {
  return flawsOfValues[name]!(value, chance, strangers)
}

function foundAt(value: unknown, place: Place): unknown {
  return place.reduce((part, key) => (part as Record<string | number, unknown>)[key], value)
}

function atObject(value: unknown, chance: Chance, change: (whole: Record<string, unknown>) => unknown): unknown {
  const isObject = (part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part)
  const objects = placesOf(value).filter(place => isObject(foundAt(value, place)))
  if (objects.length === 0) return change({})
  return changedAt(value, chance.oneOf(objects), whole => change(whole as Record<string, unknown>))
}

function without(whole: Record<string, unknown>, chance: Chance): Record<string, unknown> {
  const names = Object.keys(whole)
  if (names.length === 0) return { x: 1 }
  const { [chance.oneOf(names)]: _, ...rest } = whole
  return rest
}

/** A value as JSON, with names that come twice and numbers that a value of ours cannot be. */
export function jsonText(value: unknown, chance: Chance): string {
  const text = JSON.stringify(value) ?? 'undefined'
  const [, first = '"x"'] = /[{,]("(?:[^"\\]|\\.)*"):/.exec(text) ?? []
  return text
    .replaceAll(JSON.stringify(marks.twice), () => first)
    .replaceAll(JSON.stringify(marks.number), () => chance.oneOf(numbersAsText))
}

/** What may be made of the bytes of a body, whatever they say. */
const flawsOfBytes: Record<string, (bytes: Buffer, chance: Chance) => Buffer> = {
  'cut off': (bytes, chance) => bytes.subarray(0, chance.below(bytes.length || 1)),
  'more behind': bytes => Buffer.concat([bytes, Buffer.from('}{')]),
  'mark in front': bytes => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'no UTF-8': (bytes, chance) => withByte(bytes, chance.below(bytes.length || 1), 0xff),
  'a zero byte': (bytes, chance) => withByte(bytes, chance.below(bytes.length || 1), 0),
  'UTF-16': bytes => Buffer.from(bytes.toString(), 'utf16le'),
  nothing: () => Buffer.alloc(0),
  null: () => Buffer.from('null'),
  'a list': bytes => Buffer.concat([Buffer.from('['), bytes, Buffer.from(']')]),
  'a text': bytes => Buffer.from(JSON.stringify(bytes.toString())),
  deep: (_, chance) => Buffer.from('['.repeat(1 + chance.below(60_000))),
  'deep and whole': (_, chance) => {
    const depth = 1 + chance.below(30_000)
    return Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  },
  'too large': (bytes, chance) => Buffer.concat([bytes, Buffer.alloc(300_000 + chance.below(100_000), ' ')]),
  noise: (_, chance) => Buffer.from(Array.from({ length: 1 + chance.below(500) }, () => chance.below(256))),
}

export const namesOfByteFlaws = Object.keys(flawsOfBytes)

export function flawedBytes(name: string, bytes: Buffer, chance: Chance): Buffer {
  return flawsOfBytes[name]!(bytes, chance)
}

function withByte(bytes: Buffer, place: number, byte: number): Buffer {
  const changed = Buffer.from(bytes)
  if (changed.length === 0) return Buffer.from([byte])
  changed[place] = byte
  return changed
}
