import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { type Answer, openClient } from '../support/http-client.ts'
import { amountText } from './over-http.ts'

/** Where the service listens now, and how to get in. */
export type Target = { base: string; key: string }

/** One thing asked, with ids of the client's making: whatever happens, it may be asked again. */
export type Order = {
  path: string
  body: Record<string, unknown>
  /** The ids of the transactions it makes. */
  ids: string[]
  /** Of a list: all of them or none. */
  atomic: boolean
  /** Told to be there, and as what; or refused; or unknown as yet. */
  told: Map<string, Told>
  /** Settled with everything it makes told. */
  settled: boolean
}
export type Told = { sequence: number; hash: string } | { refused: string }

export type Accounts = { bank: string; savers: string[] }

/** A source of chance that a seed repeats. */
export type Chance = { below(n: number): number; oneOf<T>(items: readonly T[]): T }

export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    // xorshift32: enough to choose by.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return { below, oneOf: items => items[below(items.length)]! }
}

/** What is asked under load: mostly single movements, now and then lists and reversals of what is known to be there. */
export function newOrder(book: string, { bank, savers }: Accounts, known: readonly string[], chance: Chance): Order {
  const movement = () => {
    const amount = amountText(BigInt(1 + chance.below(500)))
    const [debit, credit] = chance.below(3) > 0 ? [bank, chance.oneOf(savers)] : [chance.oneOf(savers), bank]
    return {
      ...{ id: uuid(), kind: chance.oneOf(['giving', 'taking']), valueDate: '2026-01-15' },
      entries: [
        { accountId: debit, direction: 'debit', amount },
        { accountId: credit, direction: 'credit', amount },
      ],
    }
  }
  const order = { told: new Map<string, Told>(), settled: false }
  const what = chance.below(10)
  if (what < 6) {
    const body = movement()
    return { ...order, path: `/v1/books/${book}/transactions`, body, ids: [body.id], atomic: false }
  }
  if (what < 9 || known.length === 0) {
    const drafts = Array.from({ length: 2 + chance.below(20) }, movement)
    const mode = chance.oneOf(['atomic', 'independent'])
    const ids = drafts.map(({ id }) => id)
    const path = `/v1/books/${book}/transaction-lists`
    return { ...order, path, body: { mode, drafts }, ids, atomic: mode === 'atomic' }
  }
  const id = uuid()
  const path = `/v1/books/${book}/transactions/${chance.oneOf(known)}/reversal`
  return { ...order, path, body: { id, valueDate: '2026-01-16', reason: 'typed twice' }, ids: [id], atomic: false }
}

/** Answers that say nothing of the order: it was not decided, or nobody can tell. */
const undecided = new Set(['database-unavailable', 'service-stopping', 'overloaded'])

/** Notes what an answer says; false when it says nothing, so that the order stays open. */
export function note(order: Order, { status, body }: Answer): boolean {
  if (status === 503) {
    assert.ok(undecided.has(body.code), JSON.stringify(body))
    return false
  }
  assert.ok([200, 201, 404, 409, 422].includes(status), `${status} ${JSON.stringify(body)}`)
  const outcomes = status >= 300 ? [{ problem: body }] : (body.outcomes ?? [{ transaction: body }])
  for (const [n, outcome] of outcomes.entries()) {
    const { transaction, problem } = outcome
    const told = transaction ? { sequence: transaction.sequence, hash: transaction.hash } : { refused: problem.code }
    const before = order.told.get(order.ids[n]!)
    // What was once acknowledged is never told otherwise.
    if (before && 'sequence' in before) assert.deepEqual(told, before)
    order.told.set(order.ids[n]!, told)
  }
  order.settled = true
  return true
}

/**
 * A client that asks one order after the other until it is told to stop. When there is no answer it asks the same again,
 * or, one time in four, leaves it open. Answers its orders and how long it was ever without an answer, in milliseconds.
 */
export async function work(options: {
  target: () => Target
  goOn: () => boolean
  order: () => Order
  chance: Chance
}): Promise<{ orders: Order[]; longest: number }> {
  const { target, goOn, order: next, chance } = options
  const orders: Order[] = []
  let longest = 0
  let answeredAt = performance.now()
  let client = openClient({ ...target(), patience: 10_000 })
  let base = target().base
  while (goOn()) {
    const order = next()
    orders.push(order)
    for (;;) {
      if (base !== target().base) {
        client.close()
        client = openClient({ ...target(), patience: 10_000 })
        base = target().base
      }
      const answer = await client.ask('POST', order.path, order.body).catch(lost)
      if (answer !== undefined && note(order, answer)) break
      if (!goOn() || chance.below(4) === 0) break
      await pause(20 + chance.below(60))
    }
    if (order.settled) {
      longest = Math.max(longest, performance.now() - answeredAt)
      answeredAt = performance.now()
    }
  }
  client.close()
  return { orders, longest }
}

/** A connection that breaks says nothing; whatever else goes wrong is a fault of the test or of the service. */
export function lost(error: NodeJS.ErrnoException): undefined {
  const known = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ABORT_ERR', 'UND_ERR_SOCKET', 'ECONNABORTED']
  if (known.includes(error.code ?? '') || /aborted|socket hang up/.test(error.message)) return
  throw error
}
