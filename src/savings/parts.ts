import type { Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Ledger } from '../ledger/index.ts'

/** What the verbs of savings work with. */
export type Parts = {
  db: Db
  clock: Clock
  ledger: Ledger
  /** With it a DNI becomes the value by which a person is recognised. */
  identityKey: Buffer
}
