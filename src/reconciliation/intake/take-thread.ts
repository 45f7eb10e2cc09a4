import { workerData } from 'node:worker_threads'
import { openDatabase } from '../../db/client.ts'
import { within } from '../../db/scope.ts'
import { hearQuestions } from '../../db/thread.ts'
import type { Beginning } from './intake.ts'
import { schemasIn } from './schemas.ts'
import { type Taken, type Taking, takeFile } from './take.ts'

/** The thread of the intake: it takes the files that it is told of, side by side. */
const { schemaDir, ...opening } = workerData as Beginning
const parts = { db: openDatabase(opening), schemaOf: schemasIn(schemaDir) }

hearQuestions<Taking, Taken>(async (taking, reply) => {
  try {
    reply.answer(await within({ reach: taking.book.id }, () => takeFile(parts, taking)))
  } catch (error) {
    reply.fail(error)
  }
})
