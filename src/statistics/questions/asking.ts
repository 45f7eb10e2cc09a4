import { addMonths, type Clock } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import type { Counter } from '../counting/counter.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import { definitionBy } from '../definitions/definitions.ts'
import { packed } from '../parcel.ts'
import type { Confidence } from '../survival/kaplan-meier.ts'
import type { Notes, Table, Wording } from '../table.ts'
import { askTable } from './ask.ts'
import { dimensionTitles } from './breakdown.ts'
import { refuseUnknown } from './filters.ts'
import { booksAsked, knowledgeOf } from './knowledge.ts'
import { type Opener, openedPopulation, readOpened } from './opened-accounts.ts'
import {
  byOf,
  firstMonth,
  type MonthSpan,
  monthsBetween,
  monthsOf,
  mostMonths,
  onlyOf,
  type Profile,
  type QuestionText,
} from './question.ts'
import { saversPopulation } from './savers-table.ts'
import { savingsPopulation } from './savings-table.ts'
import { cohortsPopulation, staysPopulation } from './stay-tables.ts'
import type { Tables } from './tables.ts'

/** What questions are answered with; `k` is the least count that is shown, by profile. */
export type Asking = { db: Db; clock: Clock; counter: Counter; tables: Tables; k: Record<Profile, number> }

/** Everything that a question says, looked up. */
async function understood(
  { db, clock, k }: Asking,
  actor: Actor,
  question: QuestionText & { definition: string },
  spanOf: (span: MonthSpan) => MonthSpan = span => span,
) {
  const [by, only, months] = [byOf(question), onlyOf(question), spanOf(monthsOf(question, clock.now()))]
  const { currency, books } = await booksAsked(db, actor, question)
  await refuseUnknown(db, books, only)
  const definition = await definitionBy(db, question.definition)
  const knowledge = await knowledgeOf({ db, clock }, books, question.knownAt)
  const asked = { terms: definition.terms, currency, books, months, by, only, knowledge }
  const suppression = { profile: question.profile, k: k[question.profile] }
  const notes: Omit<Notes, 'population'> = {
    ...{ definition: definition.reference, parameters: definition.terms, currency },
    ...{ asOf: months.told, knownAt: knowledge.at.toISOString(), suppression },
  }
  return { asked, notes, k: suppression.k, among: amongWhom(books, only) }
}

const amongWords = {
  es: { only: 'Solo', books: 'Libros', none: 'ninguno', nameOf: (name: DimensionName) => dimensionTitles[name].es },
  en: { only: 'Only', books: 'Books', none: 'none', nameOf: (name: DimensionName) => name },
} as const

/** Which persons a table is of, after what is told of all tables of its kind. */
export function amongWhom(
  books: readonly { code: string }[],
  only: ReturnType<typeof onlyOf>,
  language: keyof Wording = 'en',
): string {
  const words = amongWords[language]
  const filters = only.map(({ dimension, code }) => `${words.nameOf(dimension)} ${code}`)
  const among = filters.length === 0 ? '' : `. ${words.only}: ${filters.join(', ')}`
  return `${among}. ${words.books}: ${books.map(({ code }) => code).join(', ') || words.none}`
}

/**
 * How many savers are permanent active ones, and what the others are.
 * @throws Refusal `request-invalid`, `month-not-over`, `book-not-found`, `definition-not-found`, `instant-in-future`
 */
export async function permanentActiveSavers(
  asking: Asking,
  actor: Actor,
  question: QuestionText & { definition: string },
): Promise<Table> {
  const { asked, notes, k, among } = await understood(asking, actor, question)
  const { by, months } = asked
  const population = saversPopulation.en + among
  return askTable(asking, 'savers', asked, { by, months, k, notes: { ...notes, population } })
}

/**
 * What savers put in, took out and have.
 * @throws Refusal `request-invalid`, `month-not-over`, `book-not-found`, `instant-in-future`
 */
export async function savingsFigures(asking: Asking, actor: Actor, question: QuestionText): Promise<Table> {
  const { asked, notes, k, among } = await understood(asking, actor, { ...question, definition: 'PAS-v1' })
  const { by, months } = asked
  const population = savingsPopulation + among
  // These figures are of no definition: everybody's money is added up.
  const undefinedNotes = { ...notes, population, definition: null, parameters: null }
  return askTable(asking, 'savings', asked, { by, months, k, notes: undefinedNotes })
}

/** The twenty years until a month, which is what notes tell. */
function yearsUntil({ last, told }: MonthSpan): MonthSpan {
  const first = [firstMonth, addMonths(last, 1 - mostMonths)].toSorted()[1]!
  return { first, last, length: monthsBetween(first, last) + 1, told }
}

type StayQuestion = Omit<QuestionText, 'from' | 'to' | 'by'> & { definition: string }

/**
 * What cohorts do, by month since enrolment.
 * @throws Refusal `request-invalid`, `month-not-over`, `book-not-found`, `definition-not-found`, `instant-in-future`
 */
export async function cohortRetention(asking: Asking, actor: Actor, question: StayQuestion): Promise<Table> {
  const { asked, notes, k, among } = await understood(asking, actor, question, yearsUntil)
  return askTable(asking, 'cohorts', asked, { k, notes: { ...notes, population: cohortsPopulation + among } })
}

/**
 * How long savers stay permanent active.
 * @throws Refusal as `cohortRetention`
 */
export async function permanence(
  asking: Asking,
  actor: Actor,
  question: StayQuestion & { by?: DimensionName | undefined; confidence: Confidence },
): Promise<Table> {
  const { asked, notes, k, among } = await understood(asking, actor, question, yearsUntil)
  const { confidence } = question
  const population = `${staysPopulation}, at ${confidence} confidence${among}`
  return askTable(asking, 'stays', asked, { by: asked.by, confidence, k, notes: { ...notes, population } })
}

/**
 * Accounts that were opened and never saved again, by who opened them.
 * @throws Refusal `request-invalid`, `month-not-over`, `book-not-found`, `instant-in-future`
 */
export async function openedAccounts(
  { db, clock, tables, k: profiles }: Asking,
  actor: Actor,
  question: Pick<QuestionText, 'bookId' | 'currency' | 'knownAt' | 'asOf' | 'profile'> & { by: Opener; months: number },
): Promise<Table> {
  const { by: opener, months, profile } = question
  const { last: month, told } = monthsOf({ from: undefined, to: undefined, asOf: question.asOf }, clock.now())
  const { currency, books } = await booksAsked(db, actor, question)
  const knowledge = await knowledgeOf({ db, clock }, books, question.knownAt)
  const opened = await readOpened(db, books, { opener, month, months, knowledge })
  const k = profiles[profile]
  const notes: Notes = {
    ...{ definition: null, parameters: { months }, currency, asOf: told, knownAt: knowledge.at.toISOString() },
    ...{ population: openedPopulation + amongWhom(books, []), suppression: { profile, k } },
  }
  return tables.make('opened', packed([opened]), { opener, k, notes })
}
