import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'
import { openResolving, type Resolving, savers } from './resolving.ts'
import { mt940, type WrittenDay } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const days = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-20'] as const

/** Few amounts and slips, so that many payments are doubled, ambiguous, a céntimo apart, or the same to the letter. */
const money = fc.record({
  cents: fc.constantFrom(500, 501, 1000, 1000, 1500),
  slip: fc.constantFrom(undefined, 'OP-1001', 'OP-1002', 'OP-1003', 'OP-1013'),
  place: fc.nat(days.length - 1),
})
const deposits = fc.array(fc.record({ money, saver: fc.constantFrom(...savers) }), { minLength: 3, maxLength: 12 })
const side = fc.constantFrom('C', 'C', 'C', 'D', 'RC')
const lines = fc.array(fc.record({ money, side }), { minLength: 3, maxLength: 14 })

type Line = { money: { cents: number; slip: string | undefined; place: number }; side: string }

const text = (cents: number) => `${cents < 0 ? '-' : ''}${(Math.abs(cents) / 100).toFixed(2)}`

/** A statement a day, whose balances hang together, with the lines of the day in this order. */
function told(lines: readonly Line[]): WrittenDay[] {
  let balance = 0
  const comma = (cents: number) => text(cents).replace('.', ',')
  return days.map((day, place) => {
    const its = lines.filter(({ money }) => money.place === place)
    const opening = comma(balance)
    for (const { side, money } of its) balance += side === 'C' ? money.cents : -money.cents
    return {
      ...{ day: day.slice(2).replaceAll('-', ''), number: String(place + 1), opening, closing: comma(balance) },
      lines: its.map(({ side, money: { cents, slip = 'NONREF' } }) => `${side}${comma(cents)}${slip}`),
    }
  })
}

type Reconciled = { matches: string[]; breaks: string[]; proofs: object[] }

/** The ids that are new in each book left out: what was matched with what, what is open and why, and how each day is proved. */
async function outcome(book: Resolving): Promise<Reconciled> {
  const named = `case when l.number is null then t.kind || ' ' || e.value_date || ' ' || e.amount || ' ' || coalesce(t.evidence->>'reference', '-')
      || ' ' || coalesce(s.bank_account_number, '-')
    else 'line ' || l.day || ' ' || l.moves || ' ' || coalesce(l.reference, '-') || case when l.is_reversal then ' R' else '' end end`
  const things = `left join bank_line l on l.book_id = x.book_id and l.statement_id = x.statement_id and l.number = x.line
     left join entry e on e.book_id = x.book_id and e.sequence = x.sequence and e.position = x.position
     left join transaction t on t.book_id = x.book_id and t.sequence = x.sequence
     left join savings_account s on s.book_id = x.book_id and s.id::text = t.evidence->>'savingsAccountId'`
  const ask = async (statement: string) => (await service.db.$client.query(statement, [book.bankAccountId])).rows
  const matches = await ask(
    `select m.rule, m.reasons, array_agg(${named} order by ${named}) as what
     from bank_match m join bank_claim x on x.book_id = m.book_id and x.match_id = m.id ${things}
     where m.bank_account_id = $1 group by m.book_id, m.id`,
  )
  const breaks = await ask(
    `select x.reason, x.score, x.amount::text, regexp_replace(x.detail, 'beside .*', 'beside') as detail, array_agg(${named} order by ${named}) as what
     from reconciliation_break x ${things} where x.bank_account_id = $1 and x.ended_at is null
     group by x.reason, x.score, x.amount, regexp_replace(x.detail, 'beside .*', 'beside'), coalesce(x.question, x.id)`,
  )
  const of = `from=${days[0]}&to=${days.at(-1)}`
  const proofs = (await book.get(`${book.of}/proofs?${of}`)).body.items
  const sorted = (rows: object[]) => rows.map(row => JSON.stringify(row)).sort()
  return { matches: sorted(matches), breaks: sorted(breaks), proofs }
}

type Handed = { deposits: readonly { money: Line['money']; saver: string }[]; files: string[] }

async function reconciled({ deposits, files }: Handed): Promise<Reconciled> {
  const book = await openResolving(service)
  for (const { money, saver } of deposits) {
    const { cents, slip, place } = money
    await book.deposit({ amount: text(cents), day: days[place]!, account: saver, ...(slip && { reference: slip }) })
  }
  for (const file of files) expect((await book.send(file)).status).toBe(201)
  await book.match()
  return outcome(book)
}

test('whatever the order of lines in a statement, of statements in a file, of files and of deposits, the same comes of it', {
  timeout: 580_000,
}, async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(deposits, lines, fc.infiniteStream(fc.nat(1_000_000)), async (deposits, lines, draws) => {
      const shuffled = <Item>(items: readonly Item[]) => {
        const rest = [...items]
        return items.map(() => rest.splice(draws.next().value! % rest.length, 1)[0]!)
      }
      const inOrder = told(lines)
      const first = await reconciled({ deposits, files: [mt940(inOrder)] })
      const others = shuffled(told(shuffled(lines)))
      expect(await reconciled({ deposits, files: others.map(day => mt940([day])) })).toEqual(first)
      expect(await reconciled({ deposits: shuffled(deposits), files: [mt940(shuffled(others))] })).toEqual(first)
      for (const word of [...first.matches, ...first.breaks].flatMap(words)) seen.add(word)
    }),
    { numRuns: 25 },
  )
  // Matches, suggestions and what is ambiguous came of it, or the orders of nothing were compared.
  expect([...seen]).toEqual(expect.arrayContaining(['"reference"', '"ambiguous"', '"amount-and-day"']))
})

function words(text: string): string[] {
  return text.match(/"[a-z-]+"/g) ?? []
}

const account = '191-2345678-0-12'
const profile = {
  name: 'signed, with running balance',
  layout: { kind: 'delimited', delimiter: ',', hasHeader: true },
  dateFormat: 'yyyy-mm-dd',
  decimal: { point: '.' },
  sign: { kind: 'signed', amount: { name: 'Amount' } },
  columns: { bookingDate: { name: 'Date' }, balance: { name: 'Balance' }, reference: { name: 'Reference' } },
  account: { constant: account },
  currency: { constant: 'PEN' },
  opening: 'computed',
  closing: 'computed',
}

/** All movements that there are, as rows of the bank's page with the balance after each. */
function rowsOf(movements: readonly Line['money'][]): string[] {
  let balance = 0
  return movements.map(({ cents, slip = '', place }) => {
    balance += cents
    return [days[place], text(cents), slip, text(balance)].join(',')
  })
}

/** Exports of the bank's page, each from a row within the one before it, or at its end, to a row after it. */
function overlapping(rows: number, draws: Iterator<number>): [number, number][] {
  const slices: [number, number][] = []
  for (let [from, to] = [0, 0]; to < rows; ) {
    from = to - (draws.next().value! % (to - from + 1))
    to = Math.min(rows, to + 1 + (draws.next().value! % 5))
    slices.push([from, to])
  }
  return slices
}

/** Hands exports in, and tells which payments count then, and whether anything does not hang together. */
async function exported(rows: readonly string[], slices: readonly [number, number][]) {
  const banking = await openBanking(service, 'PEN')
  await banking.post('/statement-profiles', { id: uuid(), code: 'WEB', profile })
  const id = await banking.account(account, 'WEB')
  for (const [from, to] of slices) {
    const file = ['Date,Amount,Reference,Balance', ...rows.slice(from, to)].join('\n')
    expect((await banking.send(file, '?profile=WEB', 'text/csv')).status).toBeOneOf([200, 201])
  }
  const { items } = (await banking.get(`/bank-accounts/${id}/statements?limit=200`)).body
  const isBroken = items.some((one: { breaks: object[] }) => one.breaks.length > 0)
  return { isBroken, counted: await counted(banking, id) }
}

const paidOf = (rows: readonly string[]) => rows.map(row => row.split(',').slice(0, 3).join(',')).sort()

/** No slip is of two payments that say the same. */
function withOwnSlips(movements: readonly Line['money'][]): Line['money'][] {
  const seen = new Set<string>()
  return movements.map(({ cents, slip, place }) => {
    const [isFirst, said] = [!seen.has(`${cents} ${slip} ${place}`), { cents, place }]
    seen.add(`${cents} ${slip} ${place}`)
    return { ...said, slip: isFirst ? slip : undefined }
  })
}

test('exports that overlap, in whatever order they come, have no payment twice, and what they lack a break tells', {
  timeout: 120_000,
}, async () => {
  const movements = fc
    .array(money, { minLength: 2, maxLength: 14 })
    .map(all => all.toSorted((one, other) => one.place - other.place))
  let whole = 0
  await fc.assert(
    fc.asyncProperty(movements, fc.infiniteStream(fc.nat(1_000_000)), async (movements, draws) => {
      const [rows, left] = [rowsOf(withOwnSlips(movements)), [] as [number, number][]]
      const slices = overlapping(rows.length, draws)
      while (slices.length > 0) left.push(...slices.splice(draws.next().value! % slices.length, 1))
      const { isBroken, counted } = await exported(rows, left)
      const [there, had] = [Map.groupBy(paidOf(rows), row => row), Map.groupBy(counted, row => row)]
      for (const [row, times] of had)
        expect({ left, row, times: times.length }).toSatisfy(({ times }) => times <= (there.get(row)?.length ?? 0))
      if (counted.length < rows.length) expect({ left, isBroken }).toEqual({ left, isBroken: true })
      else whole += 1
    }),
    { numRuns: 60 },
  )
  // Most orders lose nothing.
  expect(whole).toBeGreaterThan(50)
})

/** What came in, and what went out again, of few kinds and days: much of it may be the same or not. */
const moved = fc.record({
  cents: fc.constantFrom(500, 500, 1000, -500, -1000),
  slip: fc.constantFrom(undefined, undefined, 'OP-1001', 'OP-1002'),
  place: fc.nat(1),
})

test('where payments are taken back, what exports that overlap have twice or lack a break tells too, but where balances come by chance', {
  timeout: 180_000,
}, async () => {
  const movements = fc
    .array(moved, { minLength: 2, maxLength: 14 })
    .map(all => all.toSorted((one, other) => one.place - other.place))
  let [whole, untold] = [0, 0]
  await fc.assert(
    fc.asyncProperty(movements, fc.infiniteStream(fc.nat(1_000_000)), async (movements, draws) => {
      const rows = rowsOf(withOwnSlips(movements))
      const { isBroken, counted } = await exported(rows, overlapping(rows.length, draws))
      if (isBroken) return
      if (JSON.stringify(counted) === JSON.stringify(paidOf(rows))) whole += 1
      else untold += 1
    }),
    // The same ones each time, for a few of a thousand add up by chance.
    { numRuns: 300, seed: 1 },
  )
  expect({ untold, isMostlyWhole: whole > 250 }).toEqual({ untold: 1, isMostlyWhole: true })
})

test('what tells again a part of an export has no say in what comes after it', async () => {
  const movements = Array.from({ length: 8 }, () => ({ cents: 500, slip: undefined, place: 1 }))
  const rows = rowsOf(movements)
  const slices: [number, number][] = [
    [0, 7],
    [0, 3],
    [3, 8],
  ]
  expect((await exported(rows, slices)).counted).toEqual(paidOf(rows))
})

test('of payments that are the same to the letter, exports that overlap in their midst lose none and double none', {
  timeout: 580_000,
}, async () => {
  const place = fc
    .array(fc.nat(50), { minLength: 3, maxLength: 3 })
    .map(all => all.toSorted((one, other) => one - other))
  await fc.assert(
    fc.asyncProperty(place, fc.infiniteStream(fc.nat(1_000_000)), async (turns, draws) => {
      const movements = Array.from({ length: 50 }, (_, at) => ({
        ...{ cents: 1000, slip: undefined },
        place: turns.filter(turn => turn <= at).length,
      }))
      const rows = rowsOf(movements)
      const slices = overlapping(rows.length, draws)
      expect({ slices, ...(await exported(rows, slices)) }).toEqual({ slices, isBroken: false, counted: paidOf(rows) })
      // In another order something is missing for a while, and nothing in the end.
      const others = slices
        .map(slice => ({ slice, turn: draws.next().value! }))
        .sort((one, other) => one.turn - other.turn)
      const shuffled = others.map(({ slice }) => slice)
      const { counted } = await exported(rows, shuffled)
      expect({ shuffled, counted }).toEqual({ shuffled, counted: paidOf(rows) })
    }),
    { numRuns: 90 },
  )
})

async function counted({ bookId }: Banking, bankAccountId: string): Promise<string[]> {
  const { rows } = await service.db.$client.query<{ row: string }>(
    `select concat_ws(',', l.day::text, to_char(l.moves / 100.0, 'FM999990.00'), coalesce(l.reference, '')) as row
     from bank_line l where l.book_id = $1 and l.bank_account_id = $2 and l.moves is not null`,
    [bookId, bankAccountId],
  )
  return rows.map(({ row }) => row).sort()
}
