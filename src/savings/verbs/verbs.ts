import { interest, stateTransfer } from './bank-credits.ts'
import { banking } from './bankings.ts'
import { deposit } from './deposits.ts'
import { competitionPrize, lracTransfer, talentPayment } from './fund-payments.ts'
import { fundReceipt } from './fund-receipts.ts'
import { transfer } from './transfers.ts'
import type { Verb } from './verb.ts'
import { withdrawal } from './withdrawals.ts'

/** Every way that money moves in a book. Whatever is to be told of all of them is told from this list. */
export const verbs: readonly Verb[] = [
  deposit,
  withdrawal,
  transfer,
  banking,
  stateTransfer,
  interest,
  fundReceipt,
  lracTransfer,
  competitionPrize,
  talentPayment,
]
