import type { Db } from '../../db/client.ts'
import { type CellCounts, countSavers, type Question } from './count.ts'
import { type Book, noFacts } from './facts.ts'
import { catchUp } from './reading.ts'

/** Up to which sequence a book was read for an answer: whatever was posted before the question is in it. */
export type CutOff = Pick<Book, 'id' | 'code' | 'currency' | 'institution' | 'sequence'>

export type Answer = { cells: CellCounts[]; cutOffs: CutOff[] }

/**
 * Who keeps the columns and answers questions, one after the other; each answer has all that was posted before it. One a
 * service. It counts within the caller's thread for now; whoever asks need not know when a thread of its own does.
 */
export type Counter = {
  ask(question: Question): Promise<Answer>
  close(): Promise<void>
}

export function openCounter(db: Db): Counter {
  const facts = noFacts()
  let before: Promise<unknown> = Promise.resolve()
  async function answer(question: Question): Promise<Answer> {
    await catchUp(db, facts)
    const cutOffs = [...facts.books.values()].map(({ id, code, currency, institution, sequence }) => ({
      ...{ id, code, currency, institution, sequence },
    }))
    return { cells: countSavers(facts, question), cutOffs }
  }
  return {
    ask(question) {
      const asked = before.then(() => answer(question))
      before = asked.catch(() => {})
      return asked
    },
    async close() {
      await before
    },
  }
}
