import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Bystanders, Waited } from './bystanders.ts'
import { row } from './figures.ts'
import { residentOf } from './resident.ts'
import type { Stage } from './stage.ts'

/** What some work took of the service: seconds, memory above what it had before, and how long others waited meanwhile. */
export type Cost<Result> = { result: Result; seconds: number; idle: number; above: number; waited: Waited }

/** Has work done by the service while others ask it for a balance and post deposits, ten times a second each. */
export async function beside<Result>(stage: Stage, work: () => Promise<Result>): Promise<Cost<Result>> {
  const resident = residentOf(stage.service.pid!)
  const stop = startBystanders(stage)
  try {
    resident.beginAnew()
    const idle = resident.now()
    const began = performance.now()
    const result = await work()
    const seconds = (performance.now() - began) / 1000
    const above = resident.most() - idle
    return { result, seconds, idle, above, waited: await stop() }
  } catch (error) {
    await stop()
    throw error
  }
}

function startBystanders({ port, key, books }: Stage): () => Promise<Waited> {
  const [book] = books
  const [account] = book!.accounts
  // Not at the bank: what is matched there stays what it is.
  const paid = { amount: '1.00', valueDate: '2024-03-01', channel: 'agent-cash', agentId: book!.agentId }
  const deposit = { id: '{id}', savingsAccountId: account, ...paid }
  const requests = [
    { path: `/v1/books/${book!.id}/savings-accounts/${account}/balance`, body: null },
    { path: `/v1/books/${book!.id}/deposits`, body: JSON.stringify(deposit) },
  ]
  const child = fork(join(import.meta.dirname, 'bystanders.ts'))
  const told = new Promise<Waited>((settle, fail) => {
    child.once('message', answer => settle(answer as Waited))
    child.once('exit', code => fail(new Error(`the bystanders ended with ${code}`)))
  })
  told.catch(() => {})
  child.send({ port, key, everyMs: 50, requests } satisfies Bystanders)
  return () => {
    child.send('over')
    return told
  }
}

export const widths = [44, 10, 12, 10, 10, 10]
export const heads = row(['', 'seconds', 'above idle', 'p50', 'p99', 'longest'], widths)

export function costRow(name: string, { seconds, above, waited }: Cost<unknown>): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`
  return row(
    [name, seconds.toFixed(1), `${above.toFixed(0)} MiB`, ms(waited.p50), ms(waited.p99), ms(waited.most)],
    widths,
  )
}
