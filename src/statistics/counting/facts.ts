import { bytes, doubles, emptyTable, ints } from './columns.ts'
import { type Events, noEvents } from './events.ts'
import { type Ids, noIds } from './ids.ts'

/** Texts as numbers, in the order in which they were met. */
export type Codes = { list: string[]; places: Map<string, number> }

export function noCodes(): Codes {
  return { list: [], places: new Map() }
}

export function placeOf(codes: Codes, code: string): number {
  const known = codes.places.get(code)
  if (known !== undefined) return known
  codes.list.push(code)
  codes.places.set(code, codes.list.length - 1)
  return codes.list.length - 1
}

export type Book = {
  number: number
  id: string
  code: string
  currency: string
  institution: string
  /** Where reading goes on: the last sequence read, and of each register the latest instant and the rows since shortly before. */
  sequence: number
  seen: Map<string, { newest: number; rows: number | undefined }>
  /** By the number of the event that opened a ledger account: 1 + four times the savings account's number + its money. */
  moneyByEvent: Int32Array
}

/**
 * All that is counted, as it was read last. Rows are told by their numbers, in columns; -1 is none. Where a row is in a list
 * it tells the next one of it. Days are numbers (`never`: not until now); instants, of recording, are milliseconds.
 */
export type Facts = ReturnType<typeof noFacts>

export function noFacts() {
  return {
    books: new Map<string, Book>(),
    /** Those who are the same person, as their latest versions tell. */
    persons: { ids: noIds(), ...emptyTable({ saver: ints() }) },
    savers: {
      ids: noIds(),
      ...emptyTable({
        ...{ book: ints(), person: ints(), next: ints(), account: ints() },
        ...{ version: ints(), membership: ints(), enrolment: ints() },
      }),
    },
    /** What a saver was counted by from an instant on; where she lives, since a day. By their numbers. */
    versions: emptyTable({
      ...{ next: ints(), number: ints(), person: ints(), since: ints(), district: ints(), female: bytes() },
      ...{ birth: ints(), tongue: ints(), recordedAt: doubles() },
    }),
    memberships: noPeriods(),
    enrolments: noPeriods(),
    accounts: {
      ids: noIds(),
      ...emptyTable({
        ...{ book: ints(), saver: ints(), next: ints(), opened: ints(), closed: ints() },
        ...{ recordedAt: doubles(), closedRecordedAt: doubles() },
      }),
    },
    codes: { district: noCodes(), tongue: noCodes(), programme: noCodes(), cohort: noCodes(), group: noCodes() },
    /** When a saver was last found to be another person than she was taken for. */
    foundOutAt: Number.NEGATIVE_INFINITY,
    events: noEvents() as Events,
  }
}

/** Times in a group or a programme, by days. The end is known later than the beginning. */
export type Periods = ReturnType<typeof noPeriods>

function noPeriods() {
  return {
    ids: noIds() as Ids,
    ...emptyTable({
      ...{ next: ints(), of: ints(), cohort: ints(), from: ints(), to: ints() },
      /** Whether it ended because it should never have begun. */
      mistaken: bytes(),
      ...{ recordedAt: doubles(), endRecordedAt: doubles() },
    }),
  }
}

/** How many bytes the columns take. */
export function bytesOf(facts: Facts): number {
  const { codes: _, books, ...tables } = facts
  return bytesIn({ ...tables, books: [...books.values()] })
}

function bytesIn(part: unknown): number {
  if (ArrayBuffer.isView(part)) return part.byteLength
  if (typeof part !== 'object' || part === null || part instanceof Map) return 0
  return Object.values(part).reduce((sum: number, one) => sum + bytesIn(one), 0)
}
