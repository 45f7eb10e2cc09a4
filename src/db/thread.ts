import { type MessagePort, parentPort, Worker } from 'node:worker_threads'
import { Refusal } from '../refusals.ts'
import { sqlState } from './errors.ts'

/**
 * A thread that questions are put to: it begins with the first one, and anew with the next one after it has ended, by `close`,
 * by itself, or because nobody asked it for long. Only plain values cross, and ports.
 */
export type Thread<Question, Answer> = {
  /** @throws what answering failed by: a refusal as such, else an error with its message and code */
  ask(question: Question, passed?: MessagePort[]): Promise<Answer>
  close(): Promise<void>
}

/** What a thread is told and tells: the number of a question ties them. */
type Asked<Question> = { number: number; question: Question }
type Told<Answer> = { number: number; answer: Answer } | { number: number; failure: Failure }

type Failure = { message: string; code: unknown; refusal: Pick<Refusal, 'code' | 'detail' | 'facts' | 'fields'> | null }

type Waiting<Answer> = { resolve: (answer: Answer) => void; reject: (reason: unknown) => void }
type Running<Answer> = { worker: Worker; waiting: Map<number, Waiting<Answer>> }

/** For threads that keep nothing: the connections to the database are closed by then. */
export const aMinute = 60_000

/** How a thread lives: after so many milliseconds without a question it ends, and its memory is the machine's again. */
export type Life = { workerData?: unknown; restMs?: number }

/** `name` is what errors call it. Without `restMs` it keeps what it has in memory. */
export function openThread<Question, Answer>(
  name: string,
  file: URL,
  { workerData, restMs }: Life = {},
): Thread<Question, Answer> {
  let thread: Running<Answer> | undefined
  let asked = 0
  let rest: NodeJS.Timeout | undefined

  /** Lets a thread that nobody waits for end, unless it is asked until then. */
  function letRest({ worker }: Running<Answer>): void {
    worker.unref()
    if (restMs === undefined) return
    rest = setTimeout(() => {
      if (thread?.worker === worker) thread = undefined
      void worker.terminate()
    }, restMs).unref()
  }

  function begin(): Running<Answer> {
    const worker = new Worker(file, { workerData, execArgv: [] })
    const waiting = new Map<number, Waiting<Answer>>()
    function end(reason: Error): void {
      if (thread?.worker === worker) thread = undefined
      for (const { reject } of waiting.values()) reject(reason)
      waiting.clear()
    }
    worker.on('error', end)
    worker.on('exit', code => end(new Error(`${name} ended with ${code}`)))
    worker.on('message', (told: Told<Answer>) => {
      const { resolve, reject } = waiting.get(told.number)!
      waiting.delete(told.number)
      // Who waits keeps the thread, and with it the caller's process; nobody else does.
      if (waiting.size === 0) letRest({ worker, waiting })
      if ('answer' in told) resolve(told.answer)
      else reject(errorOf(told.failure))
    })
    return { worker, waiting }
  }

  return {
    ask(question, passed = []) {
      clearTimeout(rest)
      thread ??= begin()
      const { worker, waiting } = thread
      const told: Asked<Question> = { number: asked++, question }
      worker.ref()
      worker.postMessage(told, passed)
      return new Promise((resolve, reject) => waiting.set(told.number, { resolve, reject }))
    },
    async close() {
      clearTimeout(rest)
      await thread?.worker.terminate()
    },
  }
}

/** Within a thread: hears each question, with what it is to be answered by. */
export function hearQuestions<Question, Answer>(hear: (question: Question, reply: Reply<Answer>) => void): void {
  const port = parentPort!
  port.on('message', ({ number, question }: Asked<Question>) => {
    const tell = (told: Told<Answer>, passed: MessagePort[] = []) => port.postMessage(told, passed)
    hear(question, {
      answer: (answer, passed) => tell({ number, answer }, passed),
      fail: error => tell({ number, failure: failureOf(error) }),
    })
  })
}

export type Reply<Answer> = { answer(answer: Answer, passed?: MessagePort[]): void; fail(error: unknown): void }

function failureOf(error: unknown): Failure {
  const { message, code } = error as NodeJS.ErrnoException
  if (!(error instanceof Refusal)) return { message, code: sqlState(error) ?? code, refusal: null }
  const { code: refused, detail, facts, fields } = error
  return { message, code, refusal: { code: refused, detail, facts, fields } }
}

function errorOf({ message, code, refusal }: Failure): Error {
  if (refusal === null) return Object.assign(new Error(message), { code })
  return new Refusal(refusal.code, refusal.detail, refusal)
}
