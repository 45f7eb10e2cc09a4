import canonicalize from 'canonicalize'
import { z } from 'zod'
import { addMonths, type CalendarDate, isCalendarDate, lastDay, monthOf, monthText } from '../dates.ts'
import { type RowStream, type Session, streamRows, type TextRow } from '../db/stream.ts'
import { currencies } from '../money.ts'
import { eventChainStart, eventLink } from './chain.ts'
import { mostDrafts } from './draft.ts'
import { accountStatuses, accountTypes, directions, type EventKind, eventKinds } from './schema.ts'
import type { Chronology } from './verify-chronology.ts'
import type { FaultList, FaultRule } from './verify-faults.ts'

const day = z.string().refine(isCalendarDate)
const id = z.uuid().toLowerCase()
const minor = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .transform(BigInt)
const changed = { name: z.string().optional(), status: z.enum(accountStatuses).optional() }

/** What the register keeps of each kind of event, as its verb wrote it. */
const contents = {
  'book-opened': z.object({ id, code: z.string(), name: z.string(), currency: z.enum(currencies), openedOn: day }),
  'account-opened': z.object({
    id,
    code: z.string(),
    name: z.string(),
    type: z.enum(accountTypes),
    normal: z.enum(directions),
    floor: minor.nullable(),
    openedOn: day,
  }),
  'account-changed': z.object({ id, ...changed, floor: minor.nullable().optional(), closedOn: day.optional() }),
  'hold-placed': z.object({ hold: id, account: id, amount: minor, expiresAt: z.iso.datetime().nullable() }),
  'hold-captured': z.object({ hold: id, captured: minor, transaction: id }),
  'hold-released': z.object({ hold: id }),
  'hold-expired': z.object({ hold: id }),
  'month-closed': z.object({ month: monthText }),
  'instant-settled': z.object({ instant: z.iso.datetime({ precision: 3 }) }),
} as const satisfies Record<EventKind, z.ZodType>

export type Happening = { [Kind in EventKind]: { kind: Kind } & z.output<(typeof contents)[Kind]> }[EventKind]

/** Reads an event's content; undefined when it is not canonical, not of its kind, or not about its subject. */
export function happeningOf(kind: string, subject: string, bookId: string, content: string): Happening | undefined {
  const known = eventKinds.find(one => one === kind)
  if (known === undefined) return undefined
  const given = jsonOf(content)
  if (given === undefined || canonicalize(given) !== content) return undefined
  const parsed = contents[known].safeParse(given)
  if (!parsed.success) return undefined
  const happening = { kind: known, ...parsed.data } as Happening
  const about = 'hold' in happening ? happening.hold : 'id' in happening ? happening.id : bookId
  return about === subject ? happening : undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type EventRow = TextRow & [string, string, string, string, string, string, string, string]

const eventRows = `
  select number, kind, subject, after_sequence, recorded_at, actor, content, hash
  from event where book_id = $1 order by number`

/** A transaction that names a hold, until the register's word of the capture comes: at the latest with its batch. */
type Capture = { sequence: number; id: string; holdId: string; recordedAt: number; actor: string }

/** What a book was opened with, and where its row keeps it. */
const bookColumns = { code: 'code', name: 'name', currency: 'currency', openedOn: 'opened_on' } as const

/** The register, read beside the transactions: what had happened in the book before each of them. */
export type Register = {
  /** The last day of the last month closed so far. */
  readonly closedThrough: CalendarDate | null
  /** False once something of the register was wrong: then what transactions owe it cannot be judged. */
  readonly sound: boolean
  readonly count: number
  /** The number and the hash of the last event. */
  readonly number: number
  readonly hash: Buffer
  /** Checks the events that happened before the transaction of this sequence was recorded. */
  before(sequence: number): Promise<void>
  /** Notes a transaction's value date: the first month that is closed is that of the earliest. */
  noteDay(day: CalendarDate): void
  /** Notes that a transaction captured a hold, which the register has to say as well. */
  expectCapture(capture: Capture): void
  /** Checks what is left, after the last transaction. */
  end(): Promise<void>
}

/** Opens a book's register: the chain of its events, their order, their contents, and the months they close. */
export async function readRegister(
  session: Session,
  book: { id: string; code: string; name: string; currency: string; openedOn: string },
  chronology: Chronology,
  faults: FaultList,
): Promise<Register> {
  const events: RowStream<EventRow> = await streamRows(session, eventRows, [book.id])
  const captures: Capture[] = []
  let closedThrough: CalendarDate | null = null
  /** The earliest value date so far, or the day the book was opened on. */
  let firstDay: CalendarDate = '9999-12-31'
  let sound = true
  let count = 0
  let number = 0
  let lastAfter = 0
  let hash = eventChainStart(book.id)
  let linked = true

  function wrong(rule: FaultRule, expected: string, found: string, at = number): void {
    sound = false
    faults.add({ rule, event: BigInt(at), expected, found })
  }

  function check(row: EventRow): void {
    const [numberText, kind, subject, afterText, recordedAtText, actor, content, hashText] = row
    count += 1
    number += 1
    if (numberText !== String(number)) {
      wrong('event-gap', `event ${number}`, `event ${numberText}`)
      number = Number(numberText)
      linked = false
    }
    const after = Number(afterText)
    const recordedAt = chronology.instantOf(recordedAtText)
    const inOrder = chronology.follow(recordedAt)
    const stored = Buffer.from(hashText.slice(2), 'hex')
    if (chronology.isAhead(recordedAt)) {
      faults.add({
        rule: 'recorded-in-future',
        event: BigInt(number),
        expected: 'now or earlier',
        found: recordedAtText,
      })
    }
    if (after < lastAfter) wrong('event-out-of-order', `after transaction ${lastAfter} or later`, `after ${afterText}`)
    else if (!inOrder) wrong('event-out-of-order', 'recorded after what precedes it', recordedAtText)
    else if (linked) {
      const link = { number: BigInt(number), afterSequence: BigInt(afterText), recordedAt: new Date(recordedAt) }
      const expected = eventLink(hash, { ...link, kind, subject, actor, content })
      if (!expected.equals(stored)) wrong('event-link', expected.toString('hex'), stored.toString('hex'))
    }
    lastAfter = Math.max(after, lastAfter)
    hash = stored
    linked = true
    const happening = happeningOf(kind, subject, book.id, content)
    if (happening === undefined) wrong('event-content', `the canonical content of ${kind}`, 'another')
    else follow(happening, actor, recordedAt)
  }

  function follow(happening: Happening, actor: string, recordedAt: number): void {
    if ((happening.kind === 'book-opened') !== (number === 1)) {
      wrong('event-impossible', 'a book is opened first and once', happening.kind)
    } else if (happening.kind === 'book-opened') {
      firstDay = happening.openedOn
      if (firstDay > chronology.dayOf(recordedAt)) wrong('event-impossible', 'a day that has come', firstDay)
      for (const [field, column] of Object.entries(bookColumns) as [keyof typeof bookColumns, string][]) {
        if (happening[field] === book[field]) continue
        faults.add({ rule: 'book-differs', field: column, expected: 'as it was opened', found: 'another' })
      }
    } else if (happening.kind === 'month-closed') {
      const next = closedThrough === null ? monthOf(firstDay) : addMonths(monthOf(closedThrough), 1)
      if (happening.month !== next) wrong('event-impossible', `the closing of ${next}`, happening.month)
      else if (lastDay(happening.month) >= chronology.dayOf(recordedAt)) {
        wrong('event-impossible', 'a month that is over', happening.month)
      }
      closedThrough = lastDay(happening.month)
    } else if (happening.kind === 'instant-settled') {
      if (Date.parse(happening.instant) >= recordedAt) {
        wrong('event-impossible', 'an instant before its settling', happening.instant)
      }
    } else if (happening.kind === 'hold-captured') {
      const capture = captures.shift()
      const { hold, transaction } = happening
      const matches = capture?.holdId === hold && capture.id === transaction
      if (!matches || capture.recordedAt !== recordedAt || capture.actor !== actor) {
        wrong(
          'event-impossible',
          capture ? `the capture of transaction ${capture.sequence}` : 'no capture',
          transaction,
        )
      }
    }
  }

  async function before(sequence: number): Promise<void> {
    while (events.row !== undefined && Number(events.row[3]) < sequence) {
      check(events.row)
      const wait = events.next()
      if (wait) await wait
    }
  }

  /** The words of the register on a batch's captures follow its transactions at once, and carry their instant. */
  function overdue(now: number | undefined): void {
    while (captures[0] && (now === undefined || captures[0].recordedAt !== now || captures.length > mostDrafts)) {
      const { sequence, holdId } = captures.shift()!
      if (!sound) continue
      const expected = 'an event hold-captured that names it'
      faults.add({ rule: 'capture-unregistered', sequence: BigInt(sequence), holdId, expected, found: 'none' })
    }
  }

  return {
    get closedThrough() {
      return closedThrough
    },
    get sound() {
      return sound
    },
    get count() {
      return count
    },
    get number() {
      return number
    },
    get hash() {
      return hash
    },
    before,
    noteDay(day) {
      if (day < firstDay) firstDay = day
    },
    expectCapture(capture) {
      overdue(capture.recordedAt)
      captures.push(capture)
    },
    async end() {
      await before(Number.POSITIVE_INFINITY)
      overdue(undefined)
    },
  }
}
