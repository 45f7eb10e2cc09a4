import { workerData } from 'node:worker_threads'
import { type Opening, openDatabase } from '../db/client.ts'
import { within } from '../db/scope.ts'
import { hearQuestions } from '../db/thread.ts'
import { type Verification, verifyBook } from '../ledger/index.ts'
import type { Verifying } from './audit.ts'
import { furtherChecks } from './checks.ts'

/** The thread of the audit. */
const db = openDatabase(workerData as Opening)

hearQuestions<Verifying, Verification>(async ({ bookId, most, now }, reply) => {
  try {
    reply.answer(await within({ reach: bookId }, () => verifyBook(db, bookId, { most, now, further: furtherChecks })))
  } catch (error) {
    reply.fail(error)
  }
})
