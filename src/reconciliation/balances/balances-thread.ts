import { workerData } from 'node:worker_threads'
import { type Opening, openDatabase } from '../../db/client.ts'
import { within } from '../../db/scope.ts'
import { hearQuestions } from '../../db/thread.ts'
import type { Question } from './balances.ts'
import { compareAgain, type Done, takeList } from './take-list.ts'

/** The thread of bank's lists: it takes and compares those that it is told of. */
const db = openDatabase(workerData as Opening)

hearQuestions<Question, Done>(async (question, reply) => {
  try {
    const { book } = 'list' in question ? question.list : question.comparison
    const done = () => ('list' in question ? takeList(db, question.list) : compareAgain(db, question.comparison))
    reply.answer(await within({ reach: book.id }, done))
  } catch (error) {
    reply.fail(error)
  }
})
