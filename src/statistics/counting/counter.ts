import { Worker } from 'node:worker_threads'
import type { Db } from '../../db/client.ts'
import type { Question } from './count.ts'
import type { Book } from './facts.ts'
import type { Folded, FoldName } from './folds.ts'

/** Up to which sequence a book was read for an answer: whatever was posted before the question is in it. */
export type CutOff = Pick<Book, 'id' | 'code' | 'currency' | 'institution' | 'sequence'>

/** Milliseconds: how long the `reading` took, and what the `counting` took of a core. `bytes` is what the columns take. */
export type Answer<Name extends FoldName = FoldName> = {
  cells: Folded<Name>
  cutOffs: CutOff[]
  reading: number
  counting: number
  bytes: number
}

/** What its thread is told and tells: the number of a question ties them. */
export type Asked = { number: number; fold: FoldName; question: Question }
export type Answered = { number: number; answer?: Answer; failure?: { message: string; code: unknown } }

/**
 * Who keeps the columns and answers questions, one after the other; each answer has all that was posted before it. One a
 * service. It reads and counts in a thread of its own, so that requests wait for neither; the thread begins with the first
 * question, on a connection of its own, as the role of `db`.
 */
export type Counter = {
  /** @throws whatever the database says, as a query of one's own would */
  ask(question: Question): Promise<Answer<'savers'>>
  /** Works out something else than how many savers there are, of the same facts. */
  askFor<Name extends FoldName>(fold: Name, question: Question): Promise<Answer<Name>>
  close(): Promise<void>
}

type Waiting = { resolve: (answer: Answer) => void; reject: (reason: unknown) => void }
type Thread = { worker: Worker; waiting: Map<number, Waiting> }

export function openCounter(db: Db): Counter {
  let thread: Thread | undefined
  let asked = 0

  function begin(): Thread {
    const workerData = { ...db.$opening, max: 1, applicationName: 'qullqi counter' }
    const worker = new Worker(new URL('./counter-thread.ts', import.meta.url), { workerData, execArgv: [] })
    const waiting = new Map<number, Waiting>()
    function end(reason: Error): void {
      if (thread?.worker === worker) thread = undefined
      for (const { reject } of waiting.values()) reject(reason)
      waiting.clear()
    }
    worker.on('error', end)
    worker.on('exit', code => end(new Error(`the counter's thread ended with ${code}`)))
    worker.on('message', ({ number, answer, failure }: Answered) => {
      const { resolve, reject } = waiting.get(number)!
      waiting.delete(number)
      // Who waits keeps the thread, and with it the caller's process; nobody else does.
      if (waiting.size === 0) worker.unref()
      if (answer !== undefined) resolve(answer)
      else reject(Object.assign(new Error(failure?.message), { code: failure?.code }))
    })
    return { worker, waiting }
  }

  function askFor<Name extends FoldName>(fold: Name, question: Question): Promise<Answer<Name>> {
    thread ??= begin()
    const { worker, waiting } = thread
    const number = asked++
    const told: Asked = { number, fold, question }
    worker.ref()
    worker.postMessage(told)
    return new Promise<Answer>((resolve, reject) => waiting.set(number, { resolve, reject })) as Promise<Answer<Name>>
  }

  return {
    ask: question => askFor('savers', question),
    askFor,
    async close() {
      await thread?.worker.terminate()
    },
  }
}
