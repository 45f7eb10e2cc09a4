import type { Db } from '../db/client.ts'
import { readSnapshot, type Session } from '../db/stream.ts'
import type { Currency } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { verifyAccounts } from './verify-accounts.ts'
import { instantOf, startChronology } from './verify-chronology.ts'
import { type Fault, type FaultList, faultList } from './verify-faults.ts'
import { tableNames, verifyGuards } from './verify-guards.ts'
import { type Register, readRegister } from './verify-register.ts'
import { type JournalEnd, verifyTransactions } from './verify-transactions.ts'

/** How many rows were recomputed and compared, each with every field. */
export type VerifiedCounts = {
  transactions: number
  entries: number
  accounts: number
  days: number
  holds: number
  events: number
  /** Of other parts: see `FurtherCheck`. */
  records: number
}

/**
 * Checks what another part keeps beside the ledger and has it vouch for, in the same snapshot and without keeping any table
 * in memory. Answers how many rows it compared.
 */
export type FurtherCheck = (session: Session, book: BookRow, faults: FaultList) => Promise<number>

/** What verifying a book came to, and where its chains end: keep sequence and hash elsewhere, to compare one day. */
export type Verification = {
  ok: boolean
  book: { id: string; code: string }
  counts: VerifiedCounts
  sequence: bigint
  hash: string
  eventNumber: bigint
  eventHash: string
  /** How many things are wrong; of them `faults` are the first. */
  faultCount: number
  faults: readonly Fault[]
}

/** How far it is: transactions checked so far, and of all that has to be read the part that was. */
export type VerificationProgress = { transactions: number; part: number }

export type VerificationOptions = {
  onProgress?: ((progress: VerificationProgress) => void) | undefined
  /** How many faults to tell; 1 unless given. */
  most?: number
  /** What time it is: nothing may be recorded later. */
  now?: Date
  further?: readonly FurtherCheck[]
}

/**
 * Recomputes a book from its transactions and its register, and compares every stored field of every row with it, in one
 * snapshot and without keeping any table in memory. Of wrong transactions the first is told first.
 * @throws Refusal `book-not-found`
 */
export async function verifyBook(db: Db, bookId: string, options: VerificationOptions = {}): Promise<Verification> {
  return await readSnapshot(db, session => verifyWithin(session, bookId, options))
}

/** As `verifyBook`, in a database transaction that is open already. */
export async function verifyWithin(
  session: Session,
  bookId: string,
  { onProgress, most = 1, now, further = [] }: VerificationOptions = {},
): Promise<Verification> {
  const book = await bookRow(session, bookId)
  const head = await headRow(session, bookId)
  const faults = faultList(most)
  if (head === undefined) faults.add({ rule: 'head-missing', expected: 'the ends of its chains', found: 'none' })
  const chronology = startChronology(now)
  const register = await readRegister(session, book, chronology, faults)
  const total = Number(head?.sequence ?? 0)
  const journal = await verifyTransactions(session, bookId, register, chronology, faults, count => {
    if (count % progressRows === 0)
      onProgress?.({ transactions: count, part: (journalPart * count) / Math.max(total, count) })
  })
  let entries = 0
  const daysThrough = head === undefined ? null : Number(head.daysThrough)
  const reading = { judge: register.sound, lastRecordedAt: chronology.last, daysThrough }
  const accounts = await verifyAccounts(session, bookId, reading, faults, () => {
    entries += 1
    if (entries % progressRows !== 0) return
    const part = journalPart + ((1 - journalPart) * entries) / Math.max(journal.entries, entries)
    onProgress?.({ transactions: journal.transactions, part })
  })
  const holds = await verifyHolds(session, bookId, faults)
  if (head !== undefined)
    verifyHead(head, { register, journal, recordedAt: chronology.last, nextExpiry: accounts.nextExpiry }, faults)
  await verifyGuards(session, faults)
  let records = 0
  for (const check of further) records += await check(session, book, faults)
  onProgress?.({ transactions: journal.transactions, part: 1 })
  return {
    ok: faults.count === 0,
    book: { id: book.id, code: book.code },
    counts: {
      transactions: journal.transactions,
      entries: journal.entries,
      accounts: accounts.accounts,
      days: accounts.days,
      holds,
      events: register.count,
      records,
    },
    sequence: BigInt(journal.sequence),
    hash: journal.hash.toString('hex'),
    eventNumber: BigInt(register.number),
    eventHash: register.hash.toString('hex'),
    faultCount: faults.count,
    faults: faults.first,
  }
}

const progressRows = 2_000
/** Of the time that it takes, the part that goes into the first of the two readings of the entries. */
const journalPart = 0.6

type BookRow = { id: string; code: string; name: string; currency: Currency; openedOn: string }

async function bookRow(session: Session, bookId: string): Promise<BookRow> {
  const { rows } = await session.query<BookRow>(
    'select id, code, name, currency, opened_on::text as "openedOn" from book where id = $1',
    [bookId],
  )
  if (rows[0] === undefined) throw new Refusal('book-not-found', 'There is no such book.')
  return rows[0]
}

type HeadRow = Record<'sequence' | 'hash' | 'recordedAt' | 'eventNumber' | 'eventHash' | 'daysThrough', string> &
  Record<'closedThrough' | 'nextExpiry', string | null>

async function headRow(session: Session, bookId: string): Promise<HeadRow | undefined> {
  const { rows } = await session.query<HeadRow>(
    `select sequence::text, encode(hash, 'hex') as hash, recorded_at::text as "recordedAt", event_number::text as "eventNumber",
       encode(event_hash, 'hex') as "eventHash", days_through::text as "daysThrough", closed_through::text as "closedThrough", next_expiry::text as "nextExpiry"
     from book_head where book_id = $1`,
    [bookId],
  )
  return rows[0]
}

/** Holds that the register knows were checked with their accounts; here are those that it does not. */
async function verifyHolds(session: Session, bookId: string, faults: FaultList): Promise<number> {
  const { rows } = await session.query<{ id: string }>(
    `select h.id from hold h where h.book_id = $1 and not exists (
       select from event e where e.book_id = $1 and e.subject = h.id and e.kind = 'hold-placed')
     order by h.id limit 100`,
    [bookId],
  )
  for (const { id: holdId } of rows) {
    faults.add({ rule: 'hold-unregistered', holdId, expected: 'its placing in the register', found: 'none' })
  }
  const { rows: counted } = await session.query<{ count: string }>('select count(*) from hold where book_id = $1', [
    bookId,
  ])
  return Number(counted[0]?.count)
}

function verifyHead(
  head: HeadRow,
  ends: { register: Register; journal: JournalEnd; recordedAt: number; nextExpiry: number | null },
  faults: FaultList,
): void {
  const { register, journal } = ends
  const [hash, eventHash] = [journal.hash.toString('hex'), register.hash.toString('hex')]
  // A head that knows of more, by number and by hash, tells that the end of the chain is missing.
  if (Number(head.sequence) > journal.sequence && head.hash !== hash) {
    const [sequence, expected] = [BigInt(journal.sequence + 1), `transactions up to ${head.sequence}`]
    faults.add({ rule: 'sequence-gap', sequence, expected, found: `up to ${journal.sequence}` })
  }
  if (Number(head.eventNumber) > register.number && head.eventHash !== eventHash) {
    const [event, expected] = [BigInt(register.number + 1), `events up to ${head.eventNumber}`]
    faults.add({ rule: 'event-gap', event, expected, found: `up to ${register.number}` })
  }
  const compare = (field: string, expected: unknown, found: unknown) => {
    if (expected === found) return
    faults.add({ rule: 'head-differs', field, expected: String(expected), found: String(found) })
  }
  compare('sequence', String(journal.sequence), head.sequence)
  compare('hash', hash, head.hash)
  compare('event_number', String(register.number), head.eventNumber)
  compare('event_hash', eventHash, head.eventHash)
  compare('closed_through', register.closedThrough, head.closedThrough)
  // What days hold up to there was compared with the entries; beyond the ends there is nothing to compare.
  const daysThrough = Number(head.daysThrough)
  if (daysThrough < 0 || daysThrough > journal.sequence) {
    compare('days_through', `0 to ${journal.sequence}`, head.daysThrough)
  }
  compare('recorded_at', ends.recordedAt, instantOf(head.recordedAt))
  compare('next_expiry', ends.nextExpiry, head.nextExpiry === null ? null : instantOf(head.nextExpiry))
}

/** The books there are, in the order of their codes. */
export async function bookCodes(db: Db): Promise<{ id: string; code: string }[]> {
  const { rows } = await db.$client.query<{ id: string; code: string }>('select id, code from book order by code')
  return rows
}

/** Rows that belong to no book: nothing the service does leaves any, and verifying the books one by one would miss them. */
export async function verifyStrays(db: Db): Promise<{ table: string; bookId: string }[]> {
  return await readSnapshot(db, strayRows)
}

/** As `verifyStrays`, in a database transaction that is open already. */
export async function strayRows(session: Session): Promise<{ table: string; bookId: string }[]> {
  const strays: { table: string; bookId: string }[] = []
  for (const table of tableNames.slice(1)) {
    // Leaps from one book to the next along the primary key, whatever the number of rows.
    const { rows } = await session.query<{ bookId: string }>(
      `with recursive found(book_id) as (
         (select book_id from ${table} order by book_id limit 1)
         union all
         select (select t.book_id from ${table} t where t.book_id > f.book_id order by t.book_id limit 1)
         from found f where f.book_id is not null
       )
       select f.book_id as "bookId" from found f
       where f.book_id is not null and not exists (select from book b where b.id = f.book_id)`,
    )
    strays.push(...rows.map(({ bookId }) => ({ table, bookId })))
  }
  return strays
}
