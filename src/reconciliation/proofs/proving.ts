import type { CalendarDate } from '../../dates.ts'
import { type Db, readTogether } from '../../db/client.ts'
import type { Currency } from '../../money.ts'
import type { BankAccountRow } from '../intake/bank-accounts.ts'
import { factsOf } from './facts.ts'
import { type Proof, proofs } from './proof.ts'

/** The proofs of an account's days, from one snapshot of the database. */
export async function proveDays(
  db: Db,
  account: Pick<BankAccountRow, 'bookId' | 'id' | 'accountId'>,
  currency: Currency,
  days: { from: CalendarDate; to: CalendarDate },
): Promise<Proof[]> {
  const facts = await readTogether(db, tx => factsOf(tx, account, currency, days.to))
  return proofs(facts, days.from, days.to)
}
