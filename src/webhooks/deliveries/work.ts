import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../../dates.ts'
import type { AttemptOutcome } from '../sending/outcomes.ts'
import { claimNext, dueReceivers, keepAttempt, type Left, type Receiver } from './claim.ts'
import { attempt, type Delivering } from './deliver.ts'
import { queueDeliveries } from './queue.ts'

/** Milliseconds between two looks: so late is an event at the most where nothing else is in the way. */
const lookEveryMs = 1_000

/** Webhooks that are posted to at the same time; to each of them one event after the other. */
const mostReceivers = 16

/** What the service gives attempts under way when it stops; then they are broken off, and are another's. */
const stopMs = 3_000

/** Told of each attempt: what came of it, and of its delivery. */
export type Watch = (
  told: Receiver & { attempt: number; outcome: AttemptOutcome; status: number | null; left: Left },
) => void

export type Deliveries = {
  /** Queues and posts what is due now; resolves when no attempt is under way here. Done by itself each second. */
  look(): Promise<void>
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>
}

type Parts = Delivering & { clock: Clock; watch: Watch; onFault: (error: unknown) => void }

/** Delivers what is told to webhooks. Any number of services may: each attempt is made by one of them. */
export function openDeliveries(parts: Parts): Deliveries {
  const { db, clock, watch, onFault } = parts
  const underWay = new Map<string, Promise<void>>()
  const stopped = new AbortController()
  let isStopping = false
  let looking: Promise<void> | undefined

  async function begin(): Promise<void> {
    await queueDeliveries(db, clock.now())
    const free = mostReceivers - underWay.size
    if (free <= 0) return
    for (const receiver of await dueReceivers(db, clock.now(), [...underWay.keys()], free)) {
      if (isStopping) return
      const { webhookId } = receiver
      const posting = postAll(receiver)
        .catch(onFault)
        .finally(() => underWay.delete(webhookId))
      underWay.set(webhookId, posting)
    }
  }

  /** Posts one after the other until one fails: a receiver that is down lets others have its turn. */
  async function postAll(receiver: Receiver): Promise<void> {
    for (let left: Left = 'delivered'; left === 'delivered' && !isStopping; ) {
      const claimed = await claimNext(db, receiver, clock.now())
      if (claimed === null) return
      const made = await attempt(parts, claimed, clock.now(), stopped.signal)
      left = await keepAttempt(db, claimed, made, clock.now(), Math.random())
      watch({ ...receiver, attempt: claimed.attempt, ...made, left })
    }
  }

  function lookOnce(): Promise<void> {
    looking ??= begin().finally(() => {
      looking = undefined
    })
    return looking
  }

  const timer = setInterval(() => void (isStopping || lookOnce().catch(onFault)), lookEveryMs)
  timer.unref()

  return {
    async look() {
      await lookOnce()
      await Promise.all(underWay.values())
    },
    async stop() {
      isStopping = true
      clearInterval(timer)
      await looking?.catch(() => {})
      const ended = Promise.all(underWay.values())
      await Promise.race([ended, pause(stopMs, undefined, { ref: false })])
      stopped.abort()
      await ended
    },
  }
}
