import { createHash } from 'node:crypto'
import { Decimal } from 'decimal.js'
import { type Session, streamRows, type TextRow } from '../db/stream.ts'
import { transactionChainStart, transactionLink } from './chain.ts'
import { contentHash, type Draft, type DraftEntry } from './draft.ts'
import type { Direction, Evidence } from './schema.ts'
import type { Chronology } from './verify-chronology.ts'
import type { FaultList, FaultRule } from './verify-faults.ts'
import type { Register } from './verify-register.ts'

/** What a reversal reverses, as JSON: id, kind, value date, digest of its entries, whether another reversed it before. */
const original = `
  case when t.reverses is not null then (
    select json_build_array(o.id, o.kind, o.value_date,
      (select encode(sha256(convert_to(string_agg(concat_ws(' ', e.position, e.account_id, e.direction, e.amount), ',' order by e.position), 'UTF8')), 'hex')
       from entry e where e.book_id = $1 and e.sequence = o.sequence),
      exists (select from transaction r where r.book_id = $1 and r.reverses = o.sequence and r.sequence < t.sequence))
    from transaction o where o.book_id = $1 and o.sequence = t.reverses and o.sequence < t.sequence limit 1) end`

const transactionRows = `
  select t.sequence, t.id, t.kind, t.value_date, t.recorded_at, t.actor, t.reason, t.evidence, t.reverses, t.hold_id,
    t.content_hash, t.hash, t.first_entry, ${original}
  from transaction t where t.book_id = $1 order by t.sequence`

const entryRows = `
  select sequence, position, account_id, direction, amount, value_date
  from entry where book_id = $1 order by sequence, position`

type Text = string
type Maybe = string | null
type TransactionRow = TextRow & [Text, Text, Text, Text, Text, Text, Maybe, Text, Maybe, Maybe, Text, Text, Text, Maybe]
type EntryRow = TextRow & [Text, Text, Text, Direction, Text, Text]
type Original = [id: string, kind: string, valueDate: string, entries: string | null, reversedBefore: boolean]

/** What of a transaction does not follow from the rest. */
type Wrong = { rule: FaultRule; expected: string; found: string; field?: string }

/** Where the chain of transactions ended, and how many rows it had. */
export type JournalEnd = { transactions: number; entries: number; sequence: number; hash: Buffer }

/**
 * Checks a book's transactions in the order of recording, each with its entries: their numbers, contents, links, dates and
 * what they owe to the register at that point. A transaction is named once, with the first thing that is wrong with it; the
 * chain then goes on from what is stored, so that one wrong transaction does not make all others wrong.
 */
export async function verifyTransactions(
  session: Session,
  bookId: string,
  register: Register,
  chronology: Chronology,
  faults: FaultList,
  onTransaction: (count: number) => void,
): Promise<JournalEnd> {
  const transactions = await streamRows<TransactionRow>(session, transactionRows, [bookId])
  const entries = await streamRows<EntryRow>(session, entryRows, [bookId])
  const end: JournalEnd = { transactions: 0, entries: 0, sequence: 0, hash: transactionChainStart(bookId) }
  let previous: Buffer | undefined = end.hash

  /** The entries of a sequence; those before it have no transaction. */
  async function entriesOf(sequence: number): Promise<EntryRow[]> {
    const own: EntryRow[] = []
    while (entries.row !== undefined && Number(entries.row[0]) <= sequence) {
      const of = Number(entries.row[0])
      if (of === sequence) own.push(entries.row)
      else if (entries.row[1] === '1' || of !== lost) orphan(entries.row[0])
      lost = of
      end.entries += 1
      const wait = entries.next()
      if (wait) await wait
    }
    return own
  }

  let lost = 0
  function orphan(sequence: string): void {
    const found = 'none'
    faults.add({ rule: 'entry-without-transaction', sequence: BigInt(sequence), expected: 'a transaction', found })
  }

  for (let row = transactions.row; row !== undefined; row = transactions.row) {
    const sequence = Number(row[0])
    end.transactions += 1
    end.sequence += 1
    await register.before(sequence)
    if (row[0] !== String(end.sequence)) {
      const [expected, found] = [`transaction ${end.sequence}`, `transaction ${row[0]}`]
      faults.add({ rule: 'sequence-gap', sequence: BigInt(end.sequence), expected, found })
      end.sequence = sequence
      previous = undefined
    }
    const own = await entriesOf(sequence)
    const wrong = firstWrong(row, own)
    if (wrong !== undefined) faults.add({ ...wrong, sequence: BigInt(row[0]) })
    const [id, valueDate, actor, holdId] = [row[1], row[3], row[5], row[9]]
    register.noteDay(valueDate)
    if (holdId !== null) {
      register.expectCapture({ sequence, id, holdId, recordedAt: chronology.instantOf(row[4]), actor })
    }
    previous = storedHash(row[11])
    end.hash = previous
    onTransaction(end.transactions)
    const wait = transactions.next()
    if (wait) await wait
  }
  await register.end()
  await entriesOf(Number.POSITIVE_INFINITY)
  return end

  function firstWrong(row: TransactionRow, own: EntryRow[]): Wrong | undefined {
    return wrongOfEntries(row, own) ?? wrongOfContent(row, own) ?? wrongOfRecording(row)
  }

  function wrongOfContent(row: TransactionRow, own: EntryRow[]): Wrong | undefined {
    const [sequence, id, kind, valueDate, , , reason, evidenceText, reverses, holdId, stored, , , originalText] = row
    if (kind === 'adjustment' && !reason)
      return { rule: 'adjustment-without-reason', expected: 'a reason', found: 'none' }
    const reversed = originalText === null ? undefined : (JSON.parse(originalText) as Original)
    if (reverses !== null || kind === 'reversal') {
      const wrong = wrongOfReversal(kind, valueDate, reverses, reversed, own)
      if (wrong !== undefined) return wrong
    }
    const evidence = evidenceOf(evidenceText)
    if (evidence === undefined)
      return { rule: 'evidence-form', expected: 'an object as posting writes it', found: 'another' }
    const draft: Draft = { id, kind, valueDate, evidence, entries: own.map(entryOf) }
    if (reason !== null) draft.reason = reason
    if (holdId !== null) draft.holdId = holdId
    if (reversed !== undefined) draft.reverses = { id: reversed[0], sequence: BigInt(sequence) }
    const expected = contentHash(bookId, draft).toString('hex')
    return stored.slice(2) === expected ? undefined : { rule: 'content-hash', expected, found: stored.slice(2) }
  }

  function wrongOfRecording(row: TransactionRow): Wrong | undefined {
    const [sequence, , , valueDate, recordedAtText, actor, , , , , content, stored, ,] = row
    const recordedAt = chronology.instantOf(recordedAtText)
    if (!chronology.follow(recordedAt)) {
      return { rule: 'recorded-out-of-order', expected: 'recorded after what precedes it', found: recordedAtText }
    }
    if (previous !== undefined) {
      const link = {
        sequence: BigInt(sequence),
        recordedAt: new Date(recordedAt),
        contentHash: storedHash(content),
        actor,
      }
      const expected = transactionLink(previous, link).toString('hex')
      if (stored.slice(2) !== expected) return { rule: 'link-hash', expected, found: stored.slice(2) }
    }
    const day = chronology.dayOf(recordedAt)
    if (valueDate > day) return { rule: 'value-date-in-future', expected: `${day} or before`, found: valueDate }
    const closed = register.closedThrough
    if (register.sound && closed !== null && valueDate <= closed) {
      return { rule: 'value-date-in-closed-month', expected: `after ${closed}`, found: valueDate }
    }
    if (chronology.isAhead(recordedAt)) {
      return { rule: 'recorded-in-future', expected: 'now or earlier', found: recordedAtText }
    }
    return undefined
  }
}

function wrongOfEntries(row: TransactionRow, own: EntryRow[]): Wrong | undefined {
  const valueDate = row[3]
  if (own.length < 2) return { rule: 'entries-too-few', expected: '2 or more', found: String(own.length) }
  let sum = 0n
  for (let place = 0; place < own.length; place++) {
    const [, position, , direction, amountText, entryDate] = own[place]!
    if (position !== String(place + 1)) return { rule: 'entry-position', expected: String(place + 1), found: position }
    const amount = BigInt(amountText)
    if (amount <= 0n) return { rule: 'entry-amount', expected: 'more than 0', found: amountText }
    if (entryDate !== valueDate) return { rule: 'entry-value-date', expected: valueDate, found: entryDate }
    sum += direction === 'debit' ? amount : -amount
  }
  if (sum !== 0n) return { rule: 'debits-differ-from-credits', expected: '0', found: String(sum) }
  return row[12] === '1' ? undefined : { rule: 'first-entry', expected: '1', found: row[12] }
}

function wrongOfReversal(
  kind: string,
  valueDate: string,
  reverses: string | null,
  reversed: Original | undefined,
  own: EntryRow[],
): Wrong | undefined {
  if (reverses === null) return { rule: 'reversal-kind', expected: 'what it reverses', found: 'nothing' }
  if (kind !== 'reversal') return { rule: 'reversal-kind', expected: 'reversal', found: kind }
  if (reversed === undefined) return { rule: 'reversal-original', expected: 'an earlier transaction', found: reverses }
  const [, originalKind, originalDate, entries, reversedBefore] = reversed
  if (originalKind === 'reversal') return { rule: 'reversal-original', expected: 'no reversal', found: reverses }
  if (valueDate < originalDate) {
    return { rule: 'reversal-original', field: 'value_date', expected: `${valueDate} or before`, found: originalDate }
  }
  if (reversedBefore) return { rule: 'reversed-twice', expected: 'one reversal', found: `another of ${reverses}` }
  if (entries !== mirrorDigest(own)) {
    return { rule: 'reversal-not-mirror', expected: `the mirror of ${reverses}`, found: 'another' }
  }
  return undefined
}

/** The digest that `original` makes of the entries whose mirror these are. */
function mirrorDigest(own: EntryRow[]): string {
  const lines = own.map(([, position, account, direction, amount]) => {
    return `${position} ${account} ${direction === 'debit' ? 'credit' : 'debit'} ${amount}`
  })
  return createHash('sha256').update(lines.join(',')).digest('hex')
}

function entryOf([, , accountId, direction, amount]: EntryRow): DraftEntry {
  return { accountId, direction, amount: BigInt(amount) }
}

function storedHash(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex')
}

const numberSomewhere = /[[:,] -?\d/

/**
 * Reads stored evidence; undefined when it is no object. PostgreSQL keeps more digits of a number than JavaScript reads: where
 * there are numbers, none may differ from what posting would have written.
 */
function evidenceOf(text: string): Evidence | undefined {
  if (!text.startsWith('{')) return undefined
  if (!numberSomewhere.test(text)) return JSON.parse(text)
  let faithful = true
  const read = ((_: string, value: unknown, context: { source: string }) => {
    if (typeof value === 'number') faithful &&= context.source === new Decimal(JSON.stringify(value)).toFixed()
    return value
  }) as Parameters<typeof JSON.parse>[1]
  const evidence = JSON.parse(text, read)
  return faithful ? evidence : undefined
}
