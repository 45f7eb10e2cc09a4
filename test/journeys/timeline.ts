import assert from 'node:assert/strict'
import { lastDay, limaDate } from '../../src/dates.ts'
import { begin, decide, type Moment, type OracleBook, openOracle, register } from '../support/oracle.ts'
import {
  type Answer,
  oracleChange,
  oracleClose,
  oracleOpen,
  oraclePlace,
  oracleRelease,
} from '../support/oracle-register.ts'
import { draftOf, type StoredBook } from '../support/stored-book.ts'

/** The book as it was after 0, 1, 2 … transactions and events; the head's two numbers together say how many there were. */
export function statesOf(stored: StoredBook): OracleBook[] {
  const states: OracleBook[] = []
  rebuild(stored, book => states.push(structuredClone(book)))
  return [states[0]!, ...states]
}

/**
 * Tells a stored book's history to the oracle, in its order: transactions by sequence, events where `after_sequence` puts
 * them. The oracle has to accept every one. Shows the book after each, and answers what it came to.
 */
export function rebuild(stored: StoredBook, show: (book: OracleBook) => void = () => {}): OracleBook {
  const entriesOf = Map.groupBy(stored.entries, entry => entry.sequence)
  const [opened, ...events] = stored.events
  assert.equal(opened!.kind, 'book-opened')
  const book = openOracle(stored.id, opened!.recorded_at.getTime(), JSON.parse(opened!.content).openedOn, opened!.actor)
  show(book)
  let told = 0

  function tellTransactions(upTo: number): void {
    for (; told < upTo; told++) {
      const row = stored.transactions[told]!
      const original = row.reverses === null ? undefined : stored.transactions[Number(row.reverses) - 1]
      const draft = draftOf(row, entriesOf.get(row.sequence)!, original)
      const verdict = decide(book, draft, row.actor, row.recorded_at.getTime(), limaDate(row.recorded_at))
      assert.deepEqual(verdict, {
        ...{ outcome: 'posted', sequence: told + 1, recordedAt: row.recorded_at.getTime() },
      })
      show(book)
    }
  }

  for (const event of events) {
    tellTransactions(Number(event.after_sequence))
    // Holds that expire together are told together.
    if (book.register.length < Number(event.number)) assert.ok('value' in tellEvent(book, event), event.content)
    assert.deepEqual(book.register[Number(event.number) - 1], {
      kind: event.kind,
      subject: event.subject,
      afterSequence: Number(event.after_sequence),
      recordedAt: event.recorded_at.getTime(),
      actor: event.actor,
    })
    show(book)
  }
  tellTransactions(stored.transactions.length)
  return book
}

// biome-ignore lint/suspicious/noExplicitAny: what an event says, as JSON
function tellEvent(book: OracleBook, event: Record<string, any>): Answer<unknown> {
  const { actor, kind, subject, recorded_at } = event
  const moment: Moment = { now: recorded_at.getTime(), today: limaDate(recorded_at) }
  const content = JSON.parse(event.content)
  const floor = content.floor == null ? content.floor : BigInt(content.floor)
  switch (kind) {
    case 'account-opened':
      return oracleOpen(book, [{ ...content, floor }], moment, actor)
    case 'account-changed':
      return oracleChange(book, [{ ...content, ...(floor === undefined ? {} : { floor }) }], moment, actor)
    case 'hold-placed': {
      const { account, amount, expiresAt, hold, reason } = content
      const placing = {
        ...{ id: hold, accountId: account, amount: BigInt(amount) },
        ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt) }),
        ...(reason === null ? {} : { reason }),
      }
      return oraclePlace(book, placing, moment, actor)
    }
    case 'hold-released':
      return oracleRelease(book, subject, moment, actor)
    case 'month-closed':
      return oracleClose(book, lastDay(content.month), moment, actor)
    case 'hold-expired':
      return { value: begin(book, moment.now) }
    case 'instant-settled':
      // Holds that were due expired first, and with them the book's time may have passed the instant already.
      assert.ok(new Date(content.instant) < recorded_at)
      begin(book, moment.now)
      return { value: register(book, kind, subject, moment.now, actor) }
    case 'hold-captured':
      // The transaction that captured it has told so; the register says it at the end of the batch.
      return { value: register(book, kind, subject, moment.now, actor) }
    default:
      assert.fail(`an event of kind ${kind}`)
  }
}
