import { expect, test } from 'vitest'
import { z } from 'zod'
import { cursor, cutPage, pageQuery } from '../../src/http/pages.ts'

const place = cursor(z.strictObject({ sequence: z.string().regex(/^\d+$/), id: z.uuid() }))
const somewhere = { sequence: '18446744073709551616', id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11' }

test('a cursor is read back as it was written, and is safe in an address', () => {
  const text = place.write(somewhere)
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(place.read(text)).toEqual(somewhere)
  expect(place.read(undefined)).toBeNull()
})

test.each([
  ['no base64', '%%%'],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['another shape', Buffer.from('{"sequence":"1"}').toString('base64url')],
  ['more than it should', Buffer.from(JSON.stringify({ ...somewhere, role: 'x' })).toString('base64url')],
  ['SQL', Buffer.from(JSON.stringify({ ...somewhere, sequence: '1; drop' })).toString('base64url')],
  ['nothing', ''],
])('a cursor that is %s is refused, naming `after`', (_, text) => {
  expect(() => place.read(text)).toThrow(
    expect.objectContaining({ code: 'request-invalid', fields: [expect.objectContaining({ path: 'after' })] }),
  )
})

test('a page goes on when there is more, and ends exactly at the end', () => {
  const to = {
    cursor: place,
    placeOf: (id: number) => ({ ...somewhere, sequence: String(id) }),
    itemOf: (id: number) => id * 10,
  }
  const more = cutPage([1, 2, 3], 2, to)
  expect(more.items).toEqual([10, 20])
  expect(place.read(more.next!)?.sequence).toBe('2')
  expect(cutPage([1, 2], 2, to)).toEqual({ items: [10, 20], next: null })
  expect(cutPage([], 2, to)).toEqual({ items: [], next: null })
})

test('a page has from 1 to 200 items, 50 unless told', () => {
  const query = z.strictObject(pageQuery)
  expect(query.parse({})).toEqual({ limit: 50 })
  expect(query.parse({ limit: '200' }).limit).toBe(200)
  for (const limit of ['0', '201', '-1', '1.5', 'x', '', '1e9']) expect(query.safeParse({ limit }).success).toBe(false)
})

test.each([
  ['0', 'must be from 1 to 200'],
  ['201', 'must be from 1 to 200'],
  ['1e2', 'must be a whole number, of digits only'],
])('a limit of %s is refused: it %s', (limit, message) => {
  const answer = z.strictObject(pageQuery).safeParse({ limit })
  expect(answer.error?.issues.map(issue => issue.message)).toEqual([message])
})
