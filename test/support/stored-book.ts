import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beginning, type Db } from '../../src/db/client.ts'
import { eventChainStart, eventLink, transactionChainStart, transactionLink } from '../../src/ledger/chain.ts'
import { contentHash } from '../../src/ledger/draft.ts'
import type { Direction, Draft } from '../../src/ledger/index.ts'

/** A book's rows as they are stored, of one instant. Bigints are texts, as the driver gives them. */
export type StoredBook = {
  id: string
  head: Row
  accounts: Row[]
  transactions: Row[]
  entries: Row[]
  days: Row[]
  daysToDate: Row[]
  holds: Row[]
  events: Row[]
}

// biome-ignore lint/suspicious/noExplicitAny: rows as they come, for the test to look into
type Row = Record<string, any>

const queries = {
  head: 'select * from book_head where book_id = $1',
  accounts: 'select * from account where book_id = $1 order by id',
  transactions: 'select * from transaction where book_id = $1 order by sequence',
  entries: 'select * from entry where book_id = $1 order by sequence, position',
  days: 'select account_id, value_date, debits, credits from account_day where book_id = $1 order by account_id, value_date',
  daysToDate: `select account_id, value_date, sum(debits) as debits, sum(credits) as credits
    from account_day_to_date where book_id = $1 group by account_id, value_date order by account_id, value_date`,
  holds: 'select * from hold where book_id = $1 order by id',
  events: 'select * from event where book_id = $1 order by number',
}

/** Reads everything that is stored of a book, in one snapshot. */
export async function readBook(db: Db, id: string): Promise<StoredBook> {
  const client = await db.$client.connect()
  try {
    await client.query(beginning('isolation level repeatable read read only'))
    const parts: Record<string, Row[]> = {}
    for (const [part, text] of Object.entries(queries)) parts[part] = (await client.query(text, [id])).rows
    await client.query('commit')
    return { ...parts, id, head: parts.head![0]! } as StoredBook
  } finally {
    client.release()
  }
}

/** One text for all that is stored of a book: equal before and after when nothing changed. */
export function digestOf(book: StoredBook): string {
  return createHash('sha256').update(JSON.stringify(book)).digest('hex')
}

/**
 * Checks what has to be true of any book, whoever wrote it, out of its entries alone: zero-sum, totals, days, holds, floors,
 * reversals, gapless sequence, and both chains recomputed.
 */
export function assertSound(book: StoredBook): void {
  const entriesOf = Map.groupBy(book.entries, entry => entry.sequence)
  const bySequence = new Map(book.transactions.map(transaction => [transaction.sequence, transaction]))

  assert.deepEqual(
    book.transactions.map(({ sequence }) => Number(sequence)),
    book.transactions.map((_, index) => index + 1),
  )
  assert.deepEqual(
    [...entriesOf.keys()].map(Number).sort((a, b) => a - b),
    book.transactions.map(({ sequence }) => Number(sequence)),
  )
  let link = transactionChainStart(book.id)
  let recordedAt = 0
  for (const transaction of book.transactions) {
    const entries = entriesOf.get(transaction.sequence)!
    assert.deepEqual(
      entries.map(({ position }) => position),
      entries.map((_, index) => index + 1),
    )
    assert(entries.length >= 2)
    assert.equal(sumOf(entries, 'debit'), sumOf(entries, 'credit'))
    assert(entries.every(entry => entry.value_date === transaction.value_date && BigInt(entry.amount) > 0n))
    assert(transaction.recorded_at.getTime() >= recordedAt)
    recordedAt = transaction.recorded_at.getTime()
    const original = transaction.reverses === null ? undefined : bySequence.get(transaction.reverses)!
    if (original) assertMirror(entries, entriesOf.get(original.sequence)!)
    const draft = draftOf(transaction, entries, original)
    assert.equal(transaction.content_hash.toString('hex'), contentHash(book.id, draft).toString('hex'))
    link = transactionLink(link, {
      sequence: BigInt(transaction.sequence),
      recordedAt: transaction.recorded_at,
      contentHash: transaction.content_hash,
      actor: transaction.actor,
    })
    assert.equal(transaction.hash.toString('hex'), link.toString('hex'))
  }
  assert.equal(Number(book.head.sequence), book.transactions.length)
  assert.equal(book.head.hash.toString('hex'), link.toString('hex'))
  const reversed = book.transactions.filter(({ reverses }) => reverses !== null).map(({ reverses }) => reverses)
  assert.equal(new Set(reversed).size, reversed.length)

  assertRegister(book)
  assertTotals(book)
}

function assertMirror(entries: Row[], original: Row[]): void {
  const sides = (rows: Row[], flip: boolean) =>
    rows.map(({ account_id, amount, direction }) => [account_id, amount, (direction === 'debit') !== flip])
  assert.deepEqual(sides(entries, true), sides(original, false))
}

function assertRegister(book: StoredBook): void {
  let link = eventChainStart(book.id)
  let recordedAt = 0
  for (const [index, event] of book.events.entries()) {
    assert.equal(Number(event.number), index + 1)
    assert(event.recorded_at.getTime() >= recordedAt)
    recordedAt = event.recorded_at.getTime()
    link = eventLink(link, {
      number: BigInt(event.number),
      afterSequence: BigInt(event.after_sequence),
      recordedAt: event.recorded_at,
      kind: event.kind,
      subject: event.subject,
      actor: event.actor,
      content: event.content,
    })
    assert.equal(event.hash.toString('hex'), link.toString('hex'))
  }
  assert.equal(Number(book.head.event_number), book.events.length)
  assert.equal(book.head.event_hash.toString('hex'), link.toString('hex'))
}

function assertTotals(book: StoredBook): void {
  const entriesOf = Map.groupBy(book.entries, entry => entry.account_id)
  const heldOn = Map.groupBy(
    book.holds.filter(({ status }) => status === 'placed'),
    hold => hold.account_id,
  )
  for (const account of book.accounts) {
    const entries = entriesOf.get(account.id) ?? []
    const held = (heldOn.get(account.id) ?? []).reduce((sum, { amount }) => sum + BigInt(amount), 0n)
    const debits = sumOf(entries, 'debit')
    const credits = sumOf(entries, 'credit')
    assert.deepEqual(
      { id: account.id, debits: account.debits, credits: account.credits, held: account.held },
      {
        id: account.id,
        debits: `${debits}`,
        credits: `${credits}`,
        held: `${held}`,
      },
    )
    const balance = account.normal === 'debit' ? debits - credits : credits - debits
    if (account.floor !== null) assert(balance - held >= BigInt(account.floor))
    if (account.status === 'closed') assert.deepEqual([balance, held], [0n, 0n])

    let running = { debits: 0n, credits: 0n }
    for (const entry of entries) {
      const amount = BigInt(entry.amount)
      running = {
        debits: running.debits + (entry.direction === 'debit' ? amount : 0n),
        credits: running.credits + (entry.direction === 'credit' ? amount : 0n),
      }
      assert.deepEqual(
        { debits: entry.debits_after, credits: entry.credits_after },
        {
          debits: `${running.debits}`,
          credits: `${running.credits}`,
        },
      )
    }
  }
  assert.deepEqual(book.days, daysOf(book.entries.filter(({ sequence }) => Number(sequence) <= book.head.days_through)))
  assert.deepEqual(book.daysToDate, daysOf(book.entries))
  assert.equal(sumOf(book.entries, 'debit'), sumOf(book.entries, 'credit'))
  const expiries = book.holds
    .filter(({ status, expires_at }) => status === 'placed' && expires_at !== null)
    .map(({ expires_at }) => expires_at.getTime())
  assert.equal(book.head.next_expiry?.getTime() ?? null, expiries.length === 0 ? null : Math.min(...expiries))
}

/** Totals by account and value date, in their order. */
function daysOf(entries: Row[]): Row[] {
  const days = Map.groupBy(entries, ({ account_id, value_date }) => `${account_id} ${value_date}`)
  return [...days].sort().map(([day, that]) => {
    const [account_id, value_date] = day.split(' ')
    return { account_id, value_date, debits: `${sumOf(that, 'debit')}`, credits: `${sumOf(that, 'credit')}` }
  })
}

function sumOf(entries: Row[], side: Direction): bigint {
  return entries.reduce((sum, { direction, amount }) => (direction === side ? sum + BigInt(amount) : sum), 0n)
}

/** The draft that a stored transaction was posted from. */
export function draftOf(transaction: Row, entries: Row[], original: Row | undefined): Draft {
  return {
    id: transaction.id,
    kind: transaction.kind,
    valueDate: transaction.value_date,
    entries: entries.map(({ account_id, direction, amount }) => ({
      accountId: account_id,
      direction,
      amount: BigInt(amount),
    })),
    evidence: transaction.evidence,
    ...(transaction.reason === null ? {} : { reason: transaction.reason }),
    ...(transaction.hold_id === null ? {} : { holdId: transaction.hold_id }),
    ...(original === undefined ? {} : { reverses: { id: original.id, sequence: BigInt(original.sequence) } }),
  }
}
