import { verifyFeed } from '../feed/verify.ts'
import { verifyIncentives } from '../incentives/verify.ts'
import type { FurtherCheck } from '../ledger/index.ts'
import { verifyReconciliation } from '../reconciliation/verify.ts'
import { verifySavings } from '../savings/verify.ts'
import { verifyBookSeals } from '../seals/verify.ts'
import { verifyBookTrail } from '../trail/verify.ts'
import { verifyWebhooks } from '../webhooks/verify.ts'

/** What the parts beside the ledger compare when a book is verified, over HTTP or by `npm run verify`. */
export const furtherChecks: readonly FurtherCheck[] = [
  verifySavings,
  verifyIncentives,
  verifyReconciliation,
  verifyFeed,
  verifyWebhooks,
  verifyBookSeals,
  verifyBookTrail,
]
