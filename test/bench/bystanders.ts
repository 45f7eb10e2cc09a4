import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from './figures.ts'

/** Requests that others make meanwhile: one after so many milliseconds, however long the one before it takes. */
export type Bystanders = {
  port: number
  key: string
  everyMs: number
  requests: { path: string; body: string | null }[]
}

export type Waited = { answers: number; failures: number; p50: number; p99: number; most: number }

const agent = new Agent({ keepAlive: true })

/** Runs as a process of its own from the first message to the second, and then tells how long each waited, in milliseconds. */
async function run({ port, key, everyMs, requests }: Bystanders, isOver: () => boolean): Promise<Waited> {
  const waits: number[] = []
  const asked: Promise<boolean>[] = []
  const began = performance.now()
  for (let place = 0; !isOver(); place++) {
    const due = began + place * everyMs
    await pause(Math.max(0, due - performance.now()))
    const { path, body } = requests[place % requests.length]!
    // From when it was due: who is kept waiting by the one before waits as well.
    const told = ask(port, key, path, body).then(isRight => {
      waits.push(performance.now() - due)
      return isRight
    })
    asked.push(told)
  }
  const failures = (await Promise.all(asked)).filter(isRight => !isRight).length
  const [p50, p99, most] = [0.5, 0.99, 1].map(share => quantile(waits, share)) as [number, number, number]
  return { answers: waits.length, failures, p50, p99, most }
}

function ask(port: number, key: string, path: string, body: string | null): Promise<boolean> {
  const content = body?.replaceAll('{id}', randomUUID())
  const headers = { authorization: `Bearer ${key}`, ...(content && { 'content-type': 'application/json' }) }
  return new Promise(settle => {
    const sent = request({ port, path, agent, headers, method: content ? 'POST' : 'GET' }, answer => {
      answer.resume()
      answer.on('end', () => settle(answer.statusCode! < 300))
    })
    sent.on('error', () => settle(false))
    sent.end(content)
  })
}

process.once('message', async message => {
  let isOver = false
  process.once('message', () => {
    isOver = true
  })
  process.send!(await run(message as Bystanders, () => isOver))
  process.disconnect()
})
