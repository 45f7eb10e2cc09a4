import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBook, openServing, type Served, type Serving } from './serving.ts'
import { type Chance, chanceOf } from './synthetic-ledger.ts'
import { mt940, type WrittenDay } from './written.ts'

/** TWO_SERVICES_SEED chooses who does what in which order. */
const seed = Number(process.env.TWO_SERVICES_SEED ?? Date.now() % 2 ** 31)

/** What was paid on a day by one slip: céntimos of our entries, and of the bank's lines. */
type Payment = { day: number; reference: string | null; entries: number[]; lines: number[] }

/** An account at a bank: what was paid into it, the files that tell of it, and how our side of it is posted. */
type Account = {
  id: string
  address: string
  payments: Payment[]
  files: string[]
  posting: ((by: Served) => Promise<unknown>)[]
}

type Book = Awaited<ReturnType<typeof openBook>>

const days = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05']

let serving: Serving
let services: [Served, Served]
let books: Book[]

beforeAll(async () => {
  serving = await openServing()
  services = [await serving.start(), await serving.start()]
  const numbers = ['191-1', '191-2']
  books = [await openBook(services[0], numbers), await openBook(services[0], numbers)]
}, 120_000)

afterAll(() => serving.stop())

/** Slips told whole, in one line for two deposits, lost on either side, and such as nothing tells apart. */
function paymentsOf(chance: Chance): Payment[] {
  const slip = (place: number, entries: number[], lines: number[]): Payment => ({
    ...{ day: chance.below(days.length), reference: `OP-${100_100 + place * 37}`, entries, lines },
  })
  const whole = Array.from({ length: 32 }, (_, place) => slip(place, [1000 + place], [1000 + place]))
  const together = Array.from({ length: 6 }, (_, place) => slip(40 + place, [300 + place, 410], [710 + place]))
  const alone = [slip(50, [5100], []), slip(51, [5200], []), slip(52, [], [5300]), slip(53, [], [5400])]
  const alike = Array.from({ length: 6 }, () => ({ day: 1, reference: null, entries: [7700], lines: [7700] }))
  return [...whole, ...together, ...alone, ...alike]
}

const text = (cents: number) => (cents / 100).toFixed(2)

/** A file a day, whose balances hang together. */
function filesOf(account: string, payments: readonly Payment[]): string[] {
  let balance = 0
  return days.map((day, place) => {
    const opening = text(balance).replace('.', ',')
    const its = payments.filter(payment => payment.day === place)
    const lines = its.flatMap(({ reference, lines }) =>
      lines.map(cents => `C${text(cents).replace('.', ',')}${reference ?? 'NONREF'}`),
    )
    for (const { lines } of its) for (const cents of lines) balance += cents
    const written: WrittenDay = {
      day: day.slice(2).replaceAll('-', ''),
      number: String(place + 1),
      opening,
      lines,
      closing: text(balance).replace('.', ','),
      account,
    }
    return mt940([written])
  })
}

/** The two accounts of a book: what savers put in goes to the first, and the other is posted to by hand. */
async function accountsOf(book: Book, chance: Chance): Promise<Account[]> {
  const { ask } = services[0]
  const income = uuid()
  await ask('POST', `${book.book}/accounts`, {
    id: income,
    code: '7720',
    name: 'Income',
    type: 'income',
    openedOn: '2026-01-01',
  })
  const accounts: Account[] = []
  for (const [place, id] of book.bankAccounts.entries()) {
    const address = `${book.book}/bank-accounts/${id}`
    const { number, accountId } = await ask('GET', address)
    const payments = paymentsOf(chance)
    const posting = payments.flatMap(({ day, reference, entries }) =>
      entries.map(cents => (by: Served) => {
        const [valueDate, amount, slip] = [days[day], text(cents), reference === null ? {} : { reference }]
        if (place === 0) {
          const deposit = { savingsAccountId: book.savingsAccountId, amount, valueDate, channel: 'branch', ...slip }
          return by.ask('POST', `${book.book}/deposits`, { id: uuid(), ...deposit })
        }
        const legs = [
          { accountId, direction: 'debit', amount },
          { accountId: income, direction: 'credit', amount },
        ]
        return by.ask('POST', `${book.book}/transactions`, {
          id: uuid(),
          kind: 'rent',
          valueDate,
          entries: legs,
          evidence: slip,
        })
      }),
    )
    accounts.push({ id, address, payments, files: filesOf(number, payments), posting })
  }
  return accounts
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const rest = [...items]
  return items.map(() => rest.splice(chance.below(rest.length), 1)[0]!)
}

test('two services that match four accounts at once, while files and deposits come in, claim nothing twice and miss nothing', {
  timeout: 180_000,
}, async () => {
  const chance = chanceOf(seed)
  const accounts = (await Promise.all(books.map(book => accountsOf(book, chance)))).flat()
  const send = (by: Served, { address }: Account, file: string) =>
    sendFile(by, address.split('/bank-accounts')[0]!, file)
  // Nothing is matched of an account before there is a statement; the other files come in any order, each at both services at once.
  for (const account of accounts) await send(services[0], account, account.files[0]!)
  const work = shuffled(
    accounts.flatMap(account => [
      ...account.posting.map(post => () => post(chance.of(services))),
      ...account.files.slice(1).map(file => () => Promise.all(services.map(by => send(by, account, file)))),
    ]),
    chance,
  )
  let isOver = false
  const working = Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let next = work.pop(); next !== undefined; next = work.pop()) await next()
    }),
  ).finally(() => {
    isOver = true
  })
  // When matching fails first, that is what is told.
  working.catch(() => {})
  const matched = await Promise.all(
    services.map(async by => {
      const sums = await Promise.all(accounts.map(account => matchUntil(by, account, () => isOver)))
      return sums.reduce((sum, matches) => sum + matches, 0)
    }),
  )
  await working
  // Both had a part in it, or nothing was tried.
  expect([seed, ...matched.map(matches => matches > 0)]).toEqual([seed, true, true])
  for (const account of accounts) await matchAtBoth(account)
  for (const account of accounts) await expectClaimedOnce(account)
  for (const { book } of books) {
    const { ok, faults } = await services[1].ask('GET', `${book}/verification`)
    expect({ seed, ok, faults }).toEqual({ seed, ok: true, faults: [] })
  }
})

async function sendFile({ base }: Served, book: string, file: string): Promise<void> {
  const headers = { authorization: `Bearer ${serving.key}`, 'content-type': 'application/octet-stream' }
  const { status } = await fetch(`${base}/v1${book}/bank-files`, { method: 'POST', headers, body: file })
  expect(status).toBeOneOf([200, 201])
}

/** Matches again and again; answers how many matches came of it. */
async function matchUntil({ ask }: Served, { address }: Account, isOver: () => boolean): Promise<number> {
  let matches = 0
  while (!isOver()) matches += (await ask('POST', `${address}/matchings`, { id: uuid() })).told.matches
  return matches
}

/** The last matching, which both services are asked for at once under one id: it is done once, and told twice. */
async function matchAtBoth({ address }: Account): Promise<void> {
  const id = uuid()
  const [one, other] = await Promise.all(services.map(({ ask }) => ask('POST', `${address}/matchings`, { id })))
  expect([one.replayed, other.replayed].sort()).toEqual([false, true])
  expect({ ...one, replayed: true }).toEqual({ ...other, replayed: true })
}

/** Read from the tables, whose keys are not trusted here: each line and entry is claimed once or open once, and by what slips say. */
async function expectClaimedOnce({ id, address, payments }: Account): Promise<void> {
  type Side = { reference: string | null; claims: number; breaks: number; moves: string }
  const { rows: lines } = await serving.db.$client.query<Side>(
    `select coalesce(l.reference, l.end_to_end_id) as reference, l.moves::text,
       (select count(*)::int from bank_claim c where c.book_id = l.book_id and c.statement_id = l.statement_id and c.line = l.number) as claims,
       (select count(*)::int from reconciliation_break b
         where b.book_id = l.book_id and b.statement_id = l.statement_id and b.line = l.number and b.ended_at is null) as breaks
     from bank_line l where l.bank_account_id = $1 and l.standing = 'new'`,
    [id],
  )
  const { rows: entries } = await serving.db.$client.query<Side>(
    `select t.evidence->>'reference' as reference, e.amount::text as moves,
       (select count(*)::int from bank_claim c where c.book_id = e.book_id and c.sequence = e.sequence and c.position = e.position) as claims,
       (select count(*)::int from reconciliation_break b
         where b.book_id = e.book_id and b.sequence = e.sequence and b.position = e.position and b.ended_at is null) as breaks
     from bank_account a join entry e on e.book_id = a.book_id and e.account_id = a.account_id
     join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
     where a.id = $1 and t.kind <> 'suspense'`,
    [id],
  )
  const expected = (side: 'lines' | 'entries') =>
    payments.flatMap(payment => {
      const isMatched = payment.reference !== null && payment.lines.length > 0 && payment.entries.length > 0
      return payment[side].map(
        cents => `${payment.reference} ${cents}: ${isMatched ? '1 claim, 0 open' : '0 claim, 1 open'}`,
      )
    })
  const told = ({ reference, moves, claims, breaks }: Side) => `${reference} ${moves}: ${claims} claim, ${breaks} open`
  expect({ seed, lines: lines.map(told).sort() }).toEqual({ seed, lines: expected('lines').sort() })
  expect({ seed, entries: entries.map(told).sort() }).toEqual({ seed, entries: expected('entries').sort() })
  await expectSlipsTogether(id, payments)
  const [proof] = (await services[0].ask('GET', `${address}/proofs?from=${days[3]}&to=${days[3]}`)).items
  expect(proof).toMatchObject({ status: 'proved', residue: '0.00' })
}

/** Each match is of one slip, and brings in as much on one side as on the other. */
async function expectSlipsTogether(bankAccountId: string, payments: readonly Payment[]): Promise<void> {
  const { rows } = await serving.db.$client.query<{ slip: string }>(
    `select string_agg(distinct coalesce(l.reference, l.end_to_end_id, t.evidence->>'reference'), ' ') || ' ' ||
       sum(c.moves) filter (where c.line is not null) || ' ' || sum(c.moves) filter (where c.line is null) as slip
     from bank_match m join bank_claim c on c.book_id = m.book_id and c.match_id = m.id
     left join bank_line l on l.book_id = c.book_id and l.statement_id = c.statement_id and l.number = c.line
     left join transaction t on t.book_id = c.book_id and t.sequence = c.sequence
     where m.bank_account_id = $1 group by m.book_id, m.id`,
    [bankAccountId],
  )
  const sum = (cents: number[]) => cents.reduce((all, one) => all + one, 0)
  const whole = payments.filter(({ reference, entries, lines }) => reference && entries.length > 0 && lines.length > 0)
  expect({ seed, slips: rows.map(({ slip }) => slip).sort() }).toEqual({
    seed,
    slips: whole.map(({ reference, entries, lines }) => `${reference} ${sum(lines)} ${sum(entries)}`).sort(),
  })
}
