import type { Db, Opening } from '../db/client.ts'
import { aMinute, openThread } from '../db/thread.ts'
import type { Verification } from '../ledger/index.ts'

/** A book that is to be verified: how many faults to tell at most, and what time it is. */
export type Verifying = { bookId: string; most: number; now: Date }

/**
 * Who verifies books, in a thread of its own: it hashes every transaction again and reads every file of a bank anew, and no
 * request may wait for that. One a service.
 */
export type Audit = {
  /** @throws Refusal `book-not-found` */
  verify(verifying: Verifying): Promise<Verification>
  close(): Promise<void>
}

export function openAudit(db: Db): Audit {
  const workerData: Opening = { ...db.$opening, max: 1, applicationName: 'qullqi audit' }
  const thread = openThread<Verifying, Verification>('the audit', new URL('./audit-thread.ts', import.meta.url), {
    workerData,
    restMs: aMinute,
  })
  return { verify: verifying => thread.ask(verifying), close: thread.close }
}
