import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentsOf } from '../../src/reconciliation/intake/contents.ts'

const hashOf = (said: number) => createHash('sha256').update(String(said)).digest()

test('what lines say is numbered as it is first said, and found by its hash', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 200 }), said => {
      const contents = contentsOf(Buffer.concat(said.map(hashOf)))
      const distinct = [...new Set(said)]
      expect([...contents.ofPlace]).toEqual(said.map(one => distinct.indexOf(one)))
      expect(contents.count).toBe(distinct.length)
      for (const [number, one] of distinct.entries()) {
        expect(contents.hashOf(number)).toEqual(hashOf(one))
        expect(contents.find(hashOf(one))).toBe(number)
      }
      expect(contents.find(hashOf(-1))).toBeUndefined()
    }),
  )
})

test('hashes that begin alike are told apart', () => {
  const alike = Array.from({ length: 50 }, (_, place) => Buffer.concat([Buffer.alloc(31), Buffer.from([place])]))
  const { count, ofPlace } = contentsOf(Buffer.concat([...alike, ...alike]))
  expect([count, ofPlace[0], ofPlace[49], ofPlace[50], ofPlace[99]]).toEqual([50, 0, 49, 0, 49])
})
