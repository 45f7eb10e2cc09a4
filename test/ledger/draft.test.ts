import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contentHash, contentOf } from '../../src/ledger/draft.ts'
import type { Draft, Evidence } from '../../src/ledger/index.ts'

const storable = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0'))
const evidence = fc.dictionary(
  storable,
  fc.oneof(
    storable,
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
  ),
) as fc.Arbitrary<Evidence>
const entry = fc.record({
  accountId: fc.uuid(),
  direction: fc.constantFrom('debit' as const, 'credit' as const),
  amount: fc.bigInt({ min: 1n, max: 10n ** 15n }),
})
const draft = fc.record(
  {
    id: fc.uuid(),
    kind: fc.stringMatching(/^[a-z][a-z-]{0,39}$/),
    valueDate: fc.constant('2026-03-31'),
    entries: fc.array(entry, { minLength: 2 }),
    evidence,
    reason: storable,
    reverses: fc.record({ id: fc.uuid(), sequence: fc.constant(1n) }),
    holdId: fc.uuid(),
  },
  { requiredKeys: ['id', 'kind', 'valueDate', 'entries'] },
)

it('writes the content of any draft in canonical JSON, with all that it means', () => {
  fc.assert(
    fc.property(fc.uuid(), draft, (book, draft) => {
      const text = contentOf(book, draft as Draft)
      const given = JSON.parse(text)
      expect(canonicalize(given)).toBe(text)
      const { entries, reverses, holdId, evidence = {}, ...rest } = draft
      expect(given).toEqual({
        ...JSON.parse(JSON.stringify(rest)),
        book,
        evidence: JSON.parse(JSON.stringify(evidence)),
        entries: entries.map(({ accountId, direction, amount }) => ({
          account: accountId,
          amount: String(amount),
          direction,
        })),
        ...(reverses && { reverses: reverses.id }),
        ...(holdId && { hold: holdId }),
      })
    }),
  )
})

it('gives different content a different hash, and another book too', () => {
  const one = { id: 'a', kind: 'deposit', valueDate: '2026-03-31', entries: [] }
  const hashes = [
    contentHash('b', one),
    contentHash('c', one),
    contentHash('b', { ...one, reason: 'x' }),
    contentHash('b', { ...one, kind: 'deposit","reason":"x' }),
    contentHash('b', { ...one, evidence: { reason: 'x' } }),
  ]
  expect(new Set(hashes.map(hash => hash.toString('hex'))).size).toBe(hashes.length)
})

it.each(['half \ud800 a character', 'a \0 NUL'])('refuses text that cannot be kept: %j', text => {
  const draft = { id: 'a', kind: 'deposit', valueDate: '2026-03-31', entries: [] }
  for (const wrong of [{ reason: text }, { evidence: { note: text } }, { evidence: { [text]: 1 } }]) {
    expect(() => contentOf('b', { ...draft, ...wrong })).toThrow(expect.objectContaining({ code: 'draft-invalid' }))
  }
  expect(contentOf('b', { ...draft, reason: '\\u0000' })).toContain('"\\\\u0000"')
})
