import type { CalendarDate } from '../../dates.ts'
import { nameId } from '../../ids.ts'
import type { AccountOpening } from '../../ledger/index.ts'
import { controlAccounts } from '../../savings/chart.ts'

/** The kind of the transactions that move what is in suspense: only a matching makes them, and takes them back. */
export const suspenseKind = 'suspense'

/** Where it stands that the bank has more than the ledger knows of: it is owed to somebody. */
export function unmatchedReceipts(bankAccountId: string): string {
  return nameId('unmatched-receipts', bankAccountId)
}

/** Where it stands that the bank has less than the ledger knows of: it is to be had from somebody. */
export function unmatchedPayments(bankAccountId: string): string {
  return nameId('unmatched-payments', bankAccountId)
}

/** The two accounts of suspense of an account at the bank. What is in suspense is never less than nothing. */
export function suspenseOpenings(bankAccountId: string, openedOn: CalendarDate): AccountOpening[] {
  const both = { floor: 0n, openedOn }
  return [
    {
      ...{ id: unmatchedPayments(bankAccountId), code: `1080.${bankAccountId}`, name: controlAccounts['1080'] },
      ...{ type: 'asset', ...both },
    },
    {
      ...{ id: unmatchedReceipts(bankAccountId), code: `2080.${bankAccountId}`, name: controlAccounts['2080'] },
      ...{ type: 'liability', ...both },
    },
  ]
}
