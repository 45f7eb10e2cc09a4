import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Components, documentedSchema, jsonWriter } from '../../src/http/json-schema.ts'

test('only declared properties are written, at any depth and in any branch', () => {
  const entry = z.object({ amount: z.string() })
  const branch = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('cash'), agent: z.string() }),
    z.object({ kind: z.literal('branch') }),
  ])
  const schema = z.object({ entries: z.array(entry), branch, nested: entry.nullable(), extra: z.string().optional() })
  const secret = { secret: 'hidden' }
  const text = jsonWriter(schema)({
    entries: [{ amount: '1.00', ...secret }],
    branch: { kind: 'branch', agent: 'not of this branch', ...secret },
    nested: { amount: '2.00', ...secret },
    ...secret,
  })
  expect(JSON.parse(text)).toEqual({
    entries: [{ amount: '1.00' }],
    branch: { kind: 'branch' },
    nested: { amount: '2.00' },
  })
  expect(JSON.parse(jsonWriter(z.object({ nested: entry.nullable() }))({ nested: null }))).toEqual({ nested: null })
})

test('an answer that lacks a required property is not written', () => {
  expect(() => jsonWriter(z.object({ amount: z.string() }))({})).toThrow('required')
})

test('nullable, optional, open and unknown values are written as they are', () => {
  const schema = z.object({
    text: z.string().nullable(),
    list: z.array(z.string()).nullable(),
    map: z.record(z.string(), z.string()),
    any: z.unknown(),
    number: z.number(),
    choice: z.enum(['a', 'b']).nullable(),
  })
  const value = {
    text: 'ñ"\\\n\u2028',
    list: null,
    map: { b: '1', a: '2' },
    any: { deep: [1, null] },
    number: 1.5,
    choice: null,
  }
  expect(JSON.parse(jsonWriter(schema)(value))).toEqual(value)
})

test('an answer that has no JSON form stops the start', () => {
  expect(() => jsonWriter(z.object({ when: z.date() }))).toThrow()
  expect(() => jsonWriter(z.object({ amount: z.string().transform(BigInt) }))).toThrow()
  expect(() => documentedSchema(z.bigint(), 'output', new Map())).toThrow()
})

test('a named schema is one component however often it is used, and two when it reads otherwise than it writes', () => {
  const components: Components = new Map()
  const money = z.string().meta({ id: 'TestMoney', examples: ['1.00'] })
  const item = z.object({ amount: money, note: money.nullable() }).meta({ id: 'TestItem' })
  const paged = z.object({ limit: z.int().default(50) }).meta({ id: 'TestPaged' })
  expect(documentedSchema(z.array(item), 'output', components)).toEqual({
    type: 'array',
    items: { $ref: '#/components/schemas/TestItem' },
  })
  expect(documentedSchema(item, 'input', components)).toEqual({ $ref: '#/components/schemas/TestItem' })
  expect(documentedSchema(paged, 'input', components)).toEqual({ $ref: '#/components/schemas/TestPagedInput' })
  expect(documentedSchema(paged, 'output', components)).toEqual({ $ref: '#/components/schemas/TestPaged' })
  expect([...components.keys()].sort()).toEqual(['TestItem', 'TestMoney', 'TestPaged', 'TestPagedInput'])
  expect(components.get('TestItem')).toEqual({
    type: 'object',
    properties: {
      amount: { $ref: '#/components/schemas/TestMoney' },
      note: { anyOf: [{ $ref: '#/components/schemas/TestMoney' }, { type: 'null' }] },
    },
    required: ['amount', 'note'],
  })
})

test('a property called id, enum or pattern is kept', () => {
  const schema = z.object({ id: z.string(), enum: z.string(), pattern: z.string(), $id: z.string() })
  const { properties } = documentedSchema(schema, 'output', new Map()) as { properties: object }
  expect(Object.keys(properties)).toEqual(['id', 'enum', 'pattern', '$id'])
})
