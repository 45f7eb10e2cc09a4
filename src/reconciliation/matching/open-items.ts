import { sql } from 'drizzle-orm'
import { addDays, type CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import { type Currency, currencyDecimals } from '../../money.ts'
import type { BankAccountRow } from '../intake/bank-accounts.ts'
import { numberKey } from '../intake/numbers.ts'
import type { LineDetail } from '../statements/statement.ts'
import { suspenseKind } from '../suspense/accounts.ts'
import type { Entry, Flow, Grouping, Line, Question } from './items.ts'
import { partOf, told } from './line-of.ts'

export function lineId(statementId: string, number: number): string {
  return `${statementId}:${number}`
}

export function entryId(sequence: bigint | string, position: number): string {
  return `${sequence}:${position}`
}

/** What is claimed already may still be doubled, or taken back, for so many days. */
const daysOfDoubles = 90

/**
 * What is open on both sides of an account: lines of its statements and entries of its ledger account that no match claims, and
 * what of the claimed they may double or take back. Null when no statement was taken yet.
 */
export async function openItems(
  connection: Connection,
  account: Pick<BankAccountRow, 'bookId' | 'id' | 'accountId'>,
  currency: Currency,
): Promise<Question | null> {
  const { rows } = await connection.execute<{ through: CalendarDate | null }>(sql`
    select max(s.to_day)::text as through from bank_statement s
    where s.book_id = ${account.bookId} and s.bank_account_id = ${account.id} and s.standing = 'taken'`)
  const through = rows[0]?.through ?? null
  if (through === null) return null
  const numbers = await accountNumbers(connection, account.bookId)
  const known = (number: string | null) =>
    number === null ? null : (numbers.get(numberKey(number)) ?? numberKey(number))
  const open = {
    lines: await linesOf(connection, account, currency, known, null),
    entries: await entriesOf(connection, account, known, null),
  }
  const days = [...open.lines.map(({ day }) => day), ...open.entries.map(({ valueDate }) => valueDate)]
  const [first = through] = days.toSorted()
  const since = addDays(first, -daysOfDoubles)
  const claimed = {
    lines: await linesOf(connection, account, currency, known, since),
    entries: await entriesOf(connection, account, known, since),
  }
  const groupings = groupingsOf([...open.entries, ...claimed.entries])
  return { ...open, claimed, groupings, accounts: new Set(numbers.values()), through }
}

/** The numbers of savers' accounts as they are compared, by each way in which a bank may write them. */
async function accountNumbers(connection: Connection, bookId: string): Promise<Map<string, string>> {
  const { rows } = await connection.execute<{ number: string | null; cci: string | null }>(sql`
    select a.bank_account_number as number, a.cci from savings_account a
    where a.book_id = ${bookId} and coalesce(a.bank_account_number, a.cci) is not null`)
  return new Map(
    rows.flatMap(({ number, cci }) => {
      const key = numberKey(number ?? cci!)
      return [number, cci].filter(one => one !== null).map(one => [numberKey(one), key] as const)
    }),
  )
}

type LineRow = {
  statementId: string
  number: number
  moves: string
  day: CalendarDate
  reference: string | null
  endToEndId: string | null
  text: string
  code: string | null
  counterpartyAccount: string | null
  isReversal: boolean
  details: LineDetail[]
}

type Known = (number: string | null) => string | null

/** Lines that count and are open; or those claimed that are of a day or later. */
async function linesOf(
  connection: Connection,
  { bookId, id }: Pick<BankAccountRow, 'bookId' | 'id'>,
  currency: Currency,
  known: Known,
  claimedSince: CalendarDate | null,
): Promise<Line[]> {
  const claims = sql`exists (select from bank_claim c where c.book_id = l.book_id and c.statement_id = l.statement_id and c.line = l.number)`
  const { rows } = await connection.execute<LineRow>(sql`
    select l.statement_id as "statementId", l.number, l.moves::text, l.day::text, l.reference, l.end_to_end_id as "endToEndId", l.text, l.code,
      l.counterparty_account as "counterpartyAccount", l.is_reversal as "isReversal", l.details
    from bank_line l
    where l.book_id = ${bookId} and l.bank_account_id = ${id} and l.moves is not null
      and ${claimedSince === null ? sql`not ${claims}` : sql`l.day >= ${claimedSince}::date and ${claims}`}`)
  return rows.map(row => {
    const moves = BigInt(row.moves)
    return {
      id: lineId(row.statementId, row.number),
      flow: moves > 0n ? 'in' : 'out',
      amount: moves > 0n ? moves : -moves,
      day: row.day,
      references: told([row.reference, row.endToEndId]),
      text: row.text,
      code: row.code,
      counterpartAccount: known(row.counterpartyAccount),
      isReversal: row.isReversal,
      parts: row.details
        .map(detail => (isCountable(detail, currency) ? detail : { ...detail, money: null }))
        .map(detail => {
          const part = partOf(detail, moves > 0n ? 'credit' : 'debit', currency)
          return { ...part, counterpartAccount: known(part.counterpartAccount) }
        }),
    }
  })
}

/** Whether the amount of a payment within a batch is one of the book's currency, to its last decimal. */
function isCountable({ money }: LineDetail, currency: Currency): boolean {
  if (money === null || money.currency !== currency) return false
  return !/[1-9]/.test((money.amount.split('.')[1] ?? '').slice(currencyDecimals[currency]))
}

type EntryRow = {
  sequence: string
  position: number
  flow: Flow
  amount: string
  valueDate: CalendarDate
  kind: string
  reference: string | null
  actReference: string | null
  interestListId: string | null
  account: string | null
  reverses: string | null
}

/** Entries of the ledger's account that are open; or those claimed that are of a day or later. */
async function entriesOf(
  connection: Connection,
  { bookId, accountId }: Pick<BankAccountRow, 'bookId' | 'accountId'>,
  known: Known,
  claimedSince: CalendarDate | null,
): Promise<Entry[]> {
  const claims = sql`exists (select from bank_claim c where c.book_id = e.book_id and c.sequence = e.sequence and c.position = e.position)`
  const { rows } = await connection.execute<EntryRow>(sql`
    select e.sequence::text, e.position, case e.direction when 'debit' then 'in' else 'out' end as flow, e.amount::text,
      e.value_date::text as "valueDate", t.kind, t.evidence->>'reference' as reference, t.evidence->>'actReference' as "actReference",
      t.evidence->>'interestListId' as "interestListId", coalesce(a.bank_account_number, a.cci) as account,
      t.reverses::text
    from entry e
    join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
    left join savings_account a on a.book_id = e.book_id and a.id::text = t.evidence->>'savingsAccountId'
    where e.book_id = ${bookId} and e.account_id = ${accountId} and t.kind <> ${suspenseKind}
      and ${claimedSince === null ? sql`not ${claims}` : sql`e.value_date >= ${claimedSince}::date and ${claims}`}`)
  return rows.map(row => ({
    id: entryId(row.sequence, row.position),
    sequence: BigInt(row.sequence),
    flow: row.flow,
    amount: BigInt(row.amount),
    valueDate: row.valueDate,
    references: told([row.reference, row.actReference]),
    kind: row.kind,
    groupings: row.interestListId === null ? [] : [row.interestListId],
    counterpartAccount: known(row.account),
    // A reversal has the entries of what it takes back, in their places.
    reverses: row.reverses === null ? null : entryId(row.reverses, row.position),
  }))
}

/** Interest comes as one line for a list. */
function groupingsOf(entries: readonly Entry[]): Grouping[] {
  const ids = new Set(entries.flatMap(({ groupings }) => groupings))
  return [...ids].map(id => ({ id, kind: 'interest-list' as const, references: [] }))
}
