import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../../db/client.ts'
import { sqlState } from '../../db/errors.ts'
import type { Answer, Answered, Asked } from './counter.ts'
import { bytesOf, noFacts } from './facts.ts'
import { folds } from './folds.ts'
import { catchUp } from './reading.ts'

/** The counter's thread: it reads once for all who asked meanwhile, and answers them in order. */
const port = parentPort!
const db = openDatabase(workerData)
const facts = noFacts()
const questions: Asked[] = []
let isAnswering = false

port.on('message', (asked: Asked) => {
  questions.push(asked)
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
      for (let asked = together[0]; asked !== undefined; asked = together[0]) {
        tell({ number: asked.number, answer: answerOf(asked, reading) })
        together.shift()
      }
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException
      for (const { number } of together) tell({ number, failure: { message, code: sqlState(error) ?? code } })
    }
  }
  isAnswering = false
}

function answerOf({ fold, question }: Asked, reading: number): Answer {
  const began = process.threadCpuUsage()
  const cells = folds[fold](facts, question)
  const { user, system } = process.threadCpuUsage(began)
  const cutOffs = [...facts.books.values()].map(({ id, code, currency, institution, sequence }) => {
    return { id, code, currency, institution, sequence }
  })
  return { cells, cutOffs, reading, counting: (user + system) / 1000, bytes: bytesOf(facts) }
}

function tell(told: Answered): void {
  port.postMessage(told)
}
