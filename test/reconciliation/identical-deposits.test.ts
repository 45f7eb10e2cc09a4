import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { openResolving, type Resolving } from './resolving.ts'
import { mt940 } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const day = '2026-03-02'

/** What tells deposits of S/10 of one day apart, on one side: references, or nothing. */
type Side = readonly (string | null)[]

const slips = (count: number, from = 0): Side =>
  Array.from({ length: count }, (_, place) => `OP-${7001 + from + place}`)
const none = (count: number): Side => Array.from({ length: count }, () => null)
const banks = (count: number): Side => Array.from({ length: count }, (_, place) => `BX${40_000 + 11 * place}`)

type Left = { reason: string; lines: number; entries: number }
const ambiguous = (lines: number, entries: number): Left => ({ reason: 'ambiguous', lines, entries })

type Case = { entries: Side; lines: Side; matches: number; left: Left[] }

const cases: Record<string, Case> = {
  'all have references': { entries: slips(50), lines: slips(50), matches: 50, left: [] },
  'all have references, and the bank lost one': {
    ...{ entries: slips(50), lines: slips(49, 1), matches: 49 },
    left: [{ reason: 'in-transit', lines: 0, entries: 1 }],
  },
  'all have references, and the bank has one that we never recorded': {
    ...{ entries: slips(50), lines: slips(51), matches: 50 },
    left: [{ reason: 'missing-in-ledger', lines: 1, entries: 0 }],
  },
  'all have references, and the bank has one of them twice': {
    ...{ entries: slips(50), lines: [...slips(50), 'OP-7001'], matches: 49 },
    left: [{ reason: 'duplicate-at-bank', lines: 2, entries: 1 }],
  },
  'some have references': {
    ...{ entries: [...slips(25), ...none(25)], lines: [...none(25), ...slips(25)], matches: 25 },
    left: [ambiguous(25, 25)],
  },
  'some have references, and the bank lost one without': {
    ...{ entries: [...slips(25), ...none(25)], lines: [...none(24), ...slips(25)], matches: 25 },
    left: [ambiguous(24, 25)],
  },
  'some have references, and the bank lost one of these': {
    ...{ entries: [...slips(25), ...none(25)], lines: [...none(25), ...slips(24)], matches: 24 },
    left: [ambiguous(25, 26)],
  },
  'some have references, and the bank has one more without': {
    ...{ entries: [...slips(25), ...none(25)], lines: [...none(26), ...slips(25)], matches: 25 },
    left: [ambiguous(26, 25)],
  },
  'some have references, and the bank prints its own for the others': {
    ...{ entries: [...slips(25), ...none(25)], lines: [...slips(25), ...banks(25)], matches: 25 },
    left: [ambiguous(25, 25)],
  },
  'none have references': { entries: none(50), lines: none(50), matches: 0, left: [ambiguous(50, 50)] },
  'none have references, and the bank lost one': {
    ...{ entries: none(50), lines: none(49), matches: 0 },
    left: [ambiguous(49, 50)],
  },
  'none have references, and the bank has one more': {
    ...{ entries: none(50), lines: none(51), matches: 0 },
    left: [ambiguous(51, 50)],
  },
  'only we have references': { entries: slips(50), lines: none(50), matches: 0, left: [ambiguous(50, 50)] },
  'only the bank has references': { entries: none(50), lines: banks(50), matches: 0, left: [ambiguous(50, 50)] },
  'all have references, none in common': {
    ...{ entries: slips(50), lines: banks(50), matches: 0 },
    left: [
      { reason: 'in-transit', lines: 0, entries: 50 },
      { reason: 'missing-in-ledger', lines: 50, entries: 0 },
    ],
  },
}

const comma = (soles: number) => `${soles},00`

/** Records and tells deposits of S/10 of one day. */
async function openDeposits({ entries, lines }: Pick<Case, 'entries' | 'lines'>): Promise<Resolving> {
  const book = await openResolving(service)
  await Promise.all(
    entries.map(reference => book.deposit({ amount: '10.00', day, ...(reference !== null && { reference }) })),
  )
  const told = lines.map(reference => `C10,00${reference ?? 'NONREF'}`)
  await book.statement({ day: '260302', number: '1', opening: '0,00', closing: comma(10 * lines.length), lines: told })
  return book
}

describe('of fifty deposits of S/10 on one day each is matched by its reference, or open by name', () => {
  test.each(Object.entries(cases))('%s', async (_, { entries, lines, matches, left }) => {
    const book = await openDeposits({ entries, lines })
    const { told } = await book.match()
    const byReason = told.byReason.map(({ amount: _, ...one }: Left & { amount: string }) => one)
    expect({ matches: told.matches, left: byReason }).toEqual({ matches, left })
    expect(await slipsMatched(book)).toEqual({ together: matches, apart: 0 })
    // Whatever is not matched is there, one by one, and what may be each other is one question.
    const open = await book.breaks()
    const sum = (of: 'lines' | 'entries') => left.reduce((all, one) => all + one[of], 0)
    expect(open).toHaveLength(sum('lines') + sum('entries'))
    const asked = open.filter((one: { question: string | null }) => one.question !== null)
    expect(new Set(asked.map((one: { question: string }) => one.question)).size).toBe(asked.length > 0 ? 1 : 0)
    expect(await book.proof(day)).toMatchObject({ status: 'proved', residue: '0.00', bank: `${10 * lines.length}.00` })
    // Another run guesses no better.
    expect((await book.match()).told).toMatchObject({ matches: 0, breaksOpened: 0, breaksEnded: 0 })
  })
})

/** How many matches are of a line and an entry that bear the same reference, and how many are of any others. */
async function slipsMatched({ bankAccountId }: Resolving): Promise<{ together: number; apart: number }> {
  const { rows } = await service.db.$client.query<{ together: number; apart: number }>(
    `select count(*) filter (where m.lines = m.entries)::int as together, count(*) filter (where m.lines is distinct from m.entries)::int as apart
     from (
       select array_agg(coalesce(l.reference, l.end_to_end_id)) filter (where c.line is not null) as lines,
         array_agg(t.evidence->>'reference') filter (where c.line is null) as entries
       from bank_match m join bank_claim c on c.book_id = m.book_id and c.match_id = m.id
       left join bank_line l on l.book_id = c.book_id and l.statement_id = c.statement_id and l.number = c.line
       left join transaction t on t.book_id = c.book_id and t.sequence = c.sequence
       where m.bank_account_id = $1 group by m.book_id, m.id) m`,
    [bankAccountId],
  )
  return rows[0]!
}

test('fifty that nothing tells apart are matched together when people say so, and one that is left over keeps its name', async () => {
  const whole = await openDeposits({ entries: none(50), lines: none(50) })
  await whole.match()
  const [{ question }] = await whole.breaks()
  const { matches } = await whole.resolve({ kind: 'match', question })
  expect(matches.map((one: { lines: []; entries: [] }) => [one.lines.length, one.entries.length])).toEqual([[50, 50]])
  expect(await whole.breaks()).toEqual([])

  const lacking = await openDeposits({ entries: none(50), lines: none(49) })
  await lacking.match()
  const open: { id: string; of: string; question: string }[] = await lacking.breaks()
  expect((await lacking.propose({ kind: 'match', question: open[0]!.question })).body).toMatchObject({
    ...{ code: 'resolution-unbalanced', facts: { lines: '490.00', entries: '500.00', difference: '-10.00' } },
  })
  const last = open.findLast(({ of }) => of === 'entry')!
  await lacking.resolve({ kind: 'match', breaks: open.filter(one => one !== last).map(({ id }) => id) })
  const left = await lacking.breaks()
  expect(left).toMatchObject([{ of: 'entry', reason: 'in-transit', amount: '-10.00' }])
  expect(await lacking.proof(day)).toMatchObject({ status: 'proved', ledger: '500.00', bank: '490.00' })
})

test('halves of them in two statements of the day are fifty, and an export of the whole day brings none of them again', async () => {
  const book = await openDeposits({ entries: none(50), lines: none(25) })
  const lines = (count: number) => none(count).map(() => 'C10,00NONREF')
  const second = { day: '260302', number: '2', opening: '250,00', closing: '500,00', lines: lines(25) }
  await book.statement(second)
  expect((await book.match()).told.byReason).toMatchObject([ambiguous(50, 50)])
  const again = await book.send(mt940([{ day: '260302', opening: '0,00', closing: '510,00', lines: lines(51) }]))
  expect([again.status, again.body.lines, again.body.repeatedLines]).toEqual([201, 51, 50])
  expect((await book.match()).told.byReason).toMatchObject([ambiguous(51, 50)])
})
