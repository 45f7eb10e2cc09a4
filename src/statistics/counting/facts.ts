import { type Events, noEvents } from './events.ts'

/** Something that was recorded at an instant; milliseconds, to compare with as known at. */
type Recorded = { recordedAt: number }

/** What a saver was counted by from then on; where she lives, since a day. */
export type Version = Recorded & {
  number: number
  person: string
  since: number
  district: string
  female: boolean
  birth: number | null
  tongue: string | null
}

/** A time in a group or a programme, by days. The end is known later than the beginning. */
export type Period = Recorded & {
  id: string
  of: string
  from: number
  to: number
  endRecordedAt: number
  cohort: string
  /** Whether it ended because it should never have begun. */
  mistaken: boolean
}

export type Account = Recorded & {
  index: number
  book: Book
  id: string
  opened: number
  closed: number
  closedRecordedAt: number
}

export type Saver = {
  id: string
  book: Book
  versions: Version[]
  memberships: Period[]
  enrolments: Period[]
  accounts: Account[]
}

export type Book = {
  id: string
  code: string
  currency: string
  institution: string
  /** Where reading goes on: the last sequence read, and for each register the latest instant seen. */
  sequence: number
  seen: Map<string, number>
  savers: Map<string, Saver>
  accounts: Map<string, Account>
  /** By the number of the event that opened a ledger account: 1 + four times the savings account's index + its money. */
  moneyByEvent: Int32Array
}

/** All that is counted, as it was read last. */
export type Facts = {
  books: Map<string, Book>
  /** Savers who are the same person, by the person that their latest version tells. */
  persons: Map<string, Saver[]>
  /** When savers were found to be another person than they were taken for. */
  foundOut: number[]
  accounts: number
  events: Events
}

export function noFacts(): Facts {
  return { books: new Map(), persons: new Map(), foundOut: [], accounts: 0, events: noEvents() }
}

export const latest = <One>(list: readonly One[]): One | undefined => list[list.length - 1]
