import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { invalidRequest } from '../../src/http/problems.ts'

const status = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('open') }),
  z.strictObject({ status: z.literal('closed'), closedOn: z.string() }),
])

const anything = z.union([z.string().max(2), z.int(), z.null()])

const rows: [what: string, schema: z.ZodType, value: unknown, path: string, message: string][] = [
  ['a missing text', z.string(), undefined, 'it', 'is needed'],
  ['a missing choice', z.enum(['cash', 'branch']), undefined, 'it', 'is needed'],
  ['a missing UUID', z.uuid(), undefined, 'it', 'is needed'],
  ['a number for a text', z.string(), 12.5, 'it', 'must be text, within quotes'],
  ['a text for a number', z.number(), '12', 'it', 'must be a number'],
  ['a part for a whole number', z.int(), 1.5, 'it', 'must be a whole number'],
  ['a word for yes or no', z.boolean(), 'yes', 'it', 'must be true or false'],
  ['null for an object', z.strictObject({}), null, 'it', 'must be an object'],
  ['an object for a list', z.array(z.string()), {}, 'it', 'must be a list'],
  ['another choice', z.enum(['cash', 'branch']), 'card', 'it', 'must be one of cash, branch'],
  ['another constant', z.literal('cash'), 'card', 'it', 'must be cash'],
  ['no UUID', z.uuid(), '12345678', 'it', 'must be a UUID'],
  [
    'a value of no kind that it may have',
    anything,
    1.5,
    'it',
    'must be text, within quotes, or a whole number, or null',
  ],
  ['a value of one of its kinds, but too long', anything, 'abc', 'it', 'must have at most 2 characters'],
  ['a list too short', z.array(z.string()).min(1), [], 'it', 'must have at least 1'],
  ['a list too long', z.array(z.string()).max(1), ['a', 'b'], 'it', 'must have at most 1'],
  ['a text too long', z.string().max(2), 'abc', 'it', 'must have at most 2 characters'],
  ['a number too small', z.int().min(1), 0, 'it', 'must be at least 1'],
  ['a number not below a bound', z.number().lt(3), 3, 'it', 'must be less than 3'],
  ['a kind that there is not', status, { status: 'dormant' }, 'it.status', 'must be one of open, closed'],
  ['no kind', status, {}, 'it.status', 'is needed'],
  ['words of a rule’s own', z.string().regex(/^a/, 'must begin with a'), 'b', 'it', 'must begin with a'],
]

describe('what is wrong with a value is said in our own words, without the value', () => {
  test.each(rows)('%s', (_, schema, value, path, message) => {
    const { error } = z.object({ it: schema }).safeParse({ it: value })
    expect(invalidRequest(error!).fields).toEqual([{ path, message }])
  })
})
