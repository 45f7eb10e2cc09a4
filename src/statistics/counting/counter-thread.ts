import { workerData } from 'node:worker_threads'
import { openDatabase } from '../../db/client.ts'
import { hearQuestions, openThread, type Reply } from '../../db/thread.ts'
import { onlyOne, packed } from '../parcel.ts'
import type { Question } from './count.ts'
import type { Asked, Beginning, Sealed } from './counter.ts'
import { bytesOf, noFacts } from './facts.ts'
import { type Counted, counted, type FoldName, type Share, together } from './folds.ts'
import { catchUp } from './reading.ts'
import type { Passed } from './second-thread.ts'

/** The counter's thread: it reads once for all who asked meanwhile, and answers them in order. */
const { aloneUpTo, ...opening } = workerData as Beginning
const db = openDatabase(opening)
const facts = noFacts()
const second = openThread<Share, Passed>("the counter's second thread", new URL('./second-thread.ts', import.meta.url))
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
        const answer = await answerOf(next.asked, reading)
        next.reply.answer(answer, [answer.cells])
        together.shift()
      }
    } catch (error) {
      for (const { reply } of together) reply.fail(error)
    }
  }
  isAnswering = false
}

async function answerOf({ fold, question }: Asked, reading: number): Promise<Sealed> {
  const { cells, counting } = await countAll(fold, question)
  const cutOffs = [...facts.books.values()].map(({ id, code, currency, institution, sequence }) => {
    return { id, code, currency, institution, sequence }
  })
  return { cells: packed([cells]), cutOffs, reading, counting, bytes: bytesOf(facts) }
}

/** Many are counted by two threads, half of them each. Nothing is read anew before both are done, whichever fails. */
async function countAll(fold: FoldName, question: Question): Promise<Counted> {
  const { length } = facts.persons
  const share = (from: number, until: number): Share => ({ facts, fold, question, persons: { from, until } })
  if (length <= aloneUpTo) return counted(share(0, length))
  const half = length >> 1
  const others = second.ask(share(half, length))
  const [here, there] = await Promise.allSettled([Promise.resolve(share(0, half)).then(counted), others])
  if (here.status === 'rejected') throw here.reason
  if (there.status === 'rejected') throw there.reason
  const cells = together(fold, here.value.cells, onlyOne(there.value.cells))
  return { cells, counting: here.value.counting + there.value.counting }
}
