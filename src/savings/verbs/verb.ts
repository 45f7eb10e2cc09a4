import { z } from 'zod'
import { type CalendarDate, calendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Role } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import type { Book, Draft, Evidence } from '../../ledger/index.ts'
import { positiveAmountText } from '../../money.ts'
import type { RefusalCode } from '../../refusals.ts'
import { bankAccountNumber, namedOnce } from '../wording.ts'

/** What the body of every verb has. Ids are lower case, for the schemas make them so. */
export type VerbBody = {
  id?: string | undefined
  amount: string
  valueDate: CalendarDate
} & Subjects

/** Whom a verb may name: what its answer repeats, and what a refusal by the ledger is told in terms of. */
export type Subjects = {
  savingsAccountId?: string | undefined
  fromSavingsAccountId?: string | undefined
  toSavingsAccountId?: string | undefined
  agentId?: string | undefined
  fundId?: string | undefined
}

/** A body as the draft is made of it: the savings account that it may have named by number has its id. */
export type Settled<Body> = Omit<Body, 'bankAccountNumber' | 'savingsAccountId'> & { savingsAccountId: string }

/**
 * One way that money moves: an event that came in makes one draft. The routes, the synchronisation and the collection
 * sheets are all made from these; a verb knows nothing of them.
 */
export type Verb<Body extends VerbBody = VerbBody, Written extends VerbBody = Body> = {
  /** Its name in a synchronisation, and the kind of its transactions. */
  kind: string
  /** The last part of its address: a noun in the plural. */
  path: string
  operationId: string
  summary: string
  description: string
  access: readonly Role[]
  body: z.ZodType<Written>
  /** Refusals beyond those of every posting, for the documentation. */
  refusals: readonly RefusalCode[]
  /** Decides: pure, so that it can be read, and tested, as books. */
  draft(book: Book, id: string, body: Body): Draft
  /** What has to be looked up first. Undefined when nothing has to be: the frequent verbs post without a query. */
  before?(db: Db, book: Book, body: Body): Promise<void> | undefined
}

/** A reference of the outside world: a slip's number, an act's. Not free text, so that it holds no name. */
export const reference = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z./_-]{0,39}$/, 'must be 1 to 40 letters, digits, dots, slashes, hyphens or underscores')
  .meta({ examples: ['OP-004711'] })

/** A code of a programme, of a source of money or of a reason: `JUNTOS`, `PENSION-65`, `FIDA`. */
export const sourceCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9-]{1,31}$/, 'must be capitals, digits and hyphens, such as PENSION-65')
  .meta({ examples: ['JUNTOS'] })

/** What every verb's body begins with. */
export const movement = {
  id: clientId,
  amount: positiveAmountText,
  valueDate: calendarDate.describe('The day on which the money moved, in Lima'),
}

/** The savings account of a movement. A passbook and the bank's lists tell the number, and nothing there tells the id. */
export const account = {
  savingsAccountId: idText.optional(),
  bankAccountNumber: bankAccountNumber.optional().describe('In place of savingsAccountId'),
}

export const oneAccount = namedOnce('savingsAccountId', 'bankAccountNumber')

/** Evidence without what was not given, for an absent key and an undefined one must hash the same. */
export function evidence(given: { [key: string]: Evidence[string] | undefined }): Evidence {
  const kept: Evidence = {}
  for (const key in given) {
    const value = given[key]
    if (value !== undefined) kept[key] = value
  }
  return kept
}
