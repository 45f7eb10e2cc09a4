import { z } from 'zod'
import { calendarDate } from '../../../dates.ts'
import { idText } from '../../../ids.ts'
import type { Book, Draft } from '../../../ledger/index.ts'
import { parseAmount, positiveAmountText } from '../../../money.ts'
import { reference } from '../../../savings/verbs/verb.ts'

/** Kinds of transactions that nobody posts by hand: what the bank took or gave for itself. */
export const bankBookings = ['bank-fee', 'bank-income'] as const
export type BankBooking = (typeof bankBookings)[number]

/** Also of what the bank took from a saver's account. */
export const feeKind: BankBooking = 'bank-fee'

export const bankBookingBody = z.strictObject({
  accountId: idText,
  amount: positiveAmountText,
  valueDate: calendarDate,
  reference: reference.optional(),
})

export type BankBookingBody = z.output<typeof bankBookingBody>

/** A fee is an expense paid from the account at the bank, and income comes into it. */
export function bankBookingDraft(
  book: Book,
  kind: BankBooking,
  id: string,
  bankAccountId: string,
  body: BankBookingBody,
): Draft {
  const amount = parseAmount(body.amount, book.currency)
  const [debited, credited] = kind === 'bank-fee' ? [body.accountId, bankAccountId] : [bankAccountId, body.accountId]
  return {
    ...{ id, kind, valueDate: body.valueDate },
    entries: [
      { accountId: debited, direction: 'debit', amount },
      { accountId: credited, direction: 'credit', amount },
    ],
    evidence: body.reference === undefined ? {} : { reference: body.reference },
  }
}
