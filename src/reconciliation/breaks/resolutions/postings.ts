import { fieldsAtFault, invalidFields } from '../../../http/problems.ts'
import { accountById, type Book, type Draft } from '../../../ledger/index.ts'
import type { Amount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import type { Parts } from '../../../savings/parts.ts'
import { isNumbered, settled } from '../../../savings/verbs/subjects.ts'
import type { Verb, VerbBody } from '../../../savings/verbs/verb.ts'
import { verbs } from '../../../savings/verbs/verbs.ts'
import {
  type BankBooking,
  type BankBookingBody,
  bankBookingBody,
  bankBookingDraft,
  bankBookings,
} from './bank-bookings.ts'
import type { Posting } from './content.ts'

/** What may be posted about a break: savers' verbs, and what the bank booked for itself. */
export const postable = [...verbs.map(({ kind }) => kind), ...bankBookings]

const verbOf = new Map<string, Verb>(verbs.map(verb => [verb.kind, verb]))

function isBankBooking(kind: string): kind is BankBooking {
  return bankBookings.some(known => known === kind)
}

/**
 * What was asked to be posted, checked as each verb checks it, with the ids of accounts that were named by number: so that what
 * is approved is what was proposed.
 * @throws Refusal `request-invalid` naming the fields, and what the verbs refuse
 */
export async function checkedPostings(parts: Parts, book: Book, given: readonly Posting[]): Promise<Posting[]> {
  const checked: Posting[] = []
  for (const [place, posting] of given.entries()) checked.push(await checkedPosting(parts, book, posting, place))
  return checked
}

async function checkedPosting(
  { db }: Parts,
  book: Book,
  { verb: kind, body }: Posting,
  place: number,
): Promise<Posting> {
  const verb = verbOf.get(kind)
  const told = (verb?.body ?? bankBookingBody).safeParse(body)
  const at = (path: string) => `postings.${place}.body${path === '' ? '' : `.${path}`}`
  if ('id' in body) throw invalidFields([{ path: at('id'), message: 'is computed from the resolution’s' }])
  if (!told.success) throw invalidFields(fieldsAtFault(told.error).map(field => ({ ...field, path: at(field.path) })))
  if (verb === undefined) {
    await requireFeeOrIncome(db, book.id, (told.data as BankBookingBody).accountId)
    return { verb: kind, body: told.data }
  }
  const given = told.data as VerbBody
  const named = isNumbered(given) ? await settled(db, book.id, given) : given
  await verb.before?.(db, book, named)
  return { verb: kind, body: named }
}

/** @throws Refusal `account-not-found`, `account-not-for-differences` */
export async function requireFeeOrIncome(db: Parts['db'], bookId: string, accountId: string): Promise<void> {
  const { type } = await accountById(db, bookId, accountId)
  if (type === 'income' || type === 'expense') return
  throw new Refusal('account-not-for-differences', 'It is an account of neither income nor expense.', {
    facts: { accountId, type },
  })
}

/** The draft of a posting under its id, with what it rests on. */
export function postingDraft(book: Book, { verb: kind, body }: Posting, id: string, bankAccountId: string): Draft {
  if (isBankBooking(kind)) return bankBookingDraft(book, kind, id, bankAccountId, body as BankBookingBody)
  return verbOf.get(kind)!.draft(book, id, body as VerbBody)
}

/** By how much drafts move an account, what comes in above zero. */
export function movedOn(drafts: readonly Draft[], accountId: string): Amount {
  let sum = 0n
  for (const { entries } of drafts)
    for (const entry of entries)
      if (entry.accountId === accountId) sum += entry.direction === 'debit' ? entry.amount : -entry.amount
  return sum
}
