import { workerData } from 'node:worker_threads'
import { openDatabase } from '../../db/client.ts'
import { packed } from '../parcel.ts'
import { hearQuestions, type Reply } from '../thread.ts'
import type { Asked, Sealed } from './counter.ts'
import { bytesOf, noFacts } from './facts.ts'
import { folds } from './folds.ts'
import { catchUp } from './reading.ts'

/** The counter's thread: it reads once for all who asked meanwhile, and answers them in order. */
const db = openDatabase(workerData)
const facts = noFacts()
const questions: { asked: Asked; reply: Reply<Sealed> }[] = []
let isAnswering = false

hearQuestions<Asked, Sealed>((asked, reply) => {
  questions.push({ asked, reply })
  if (!isAnswering) void answerAll()
})

async function answerAll(): Promise<void> {
  isAnswering = true
  while (questions.length > 0) {
    const together = questions.splice(0)
    try {
      const began = performance.now()
      await catchUp(db, facts)
      const reading = performance.now() - began
      for (let next = together[0]; next !== undefined; next = together[0]) {
        const answer = answerOf(next.asked, reading)
        next.reply.answer(answer, [answer.cells])
        together.shift()
      }
    } catch (error) {
      for (const { reply } of together) reply.fail(error)
    }
  }
  isAnswering = false
}

function answerOf({ fold, question }: Asked, reading: number): Sealed {
  const began = process.threadCpuUsage()
  const cells = folds[fold](facts, question)
  const { user, system } = process.threadCpuUsage(began)
  const cutOffs = [...facts.books.values()].map(({ id, code, currency, institution, sequence }) => {
    return { id, code, currency, institution, sequence }
  })
  return { cells: packed([cells]), cutOffs, reading, counting: (user + system) / 1000, bytes: bytesOf(facts) }
}
