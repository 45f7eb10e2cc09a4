import type { z } from 'zod'
import { readStatement, type statementQuery, type statementSchema } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { type MoneyKind, moneyAccount } from '../chart.ts'
import type { Parts } from '../parts.ts'

/**
 * The statement of one of a savings account's moneys: of its ledger account, whose id is computed.
 * @throws Refusal `savings-account-not-found`, `instant-in-future`
 */
export async function statementOfSavings(
  { ledger }: Parts,
  bookId: string,
  savingsAccountId: string,
  money: MoneyKind,
  query: z.output<typeof statementQuery>,
): Promise<z.output<typeof statementSchema>> {
  try {
    return await readStatement(ledger, bookId, moneyAccount(savingsAccountId, money), query)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'ledger-account-not-found') throw error
    throw new Refusal('savings-account-not-found', 'This book has no such savings account.', { cause: error })
  }
}
