import { workerData } from 'node:worker_threads'
import { type Opening, openDatabase } from '../../db/client.ts'
import { within } from '../../db/scope.ts'
import { hearQuestions } from '../../db/thread.ts'
import { openLedger } from '../../ledger/index.ts'
import { type Asked, matchAccount, type Run } from './run.ts'

/** The thread of matching. For it the time is that at which it was asked. */
const db = openDatabase(workerData as Opening)

hearQuestions<Asked, Run>(async (asked, reply) => {
  try {
    const clock = { now: () => asked.at }
    const parts = { db, clock, ledger: openLedger({ db, clock }) }
    reply.answer(await within({ reach: asked.bookId }, () => matchAccount(parts, asked)))
  } catch (error) {
    reply.fail(error)
  }
})
