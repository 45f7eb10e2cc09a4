import { sql } from 'drizzle-orm'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Watch } from './work.ts'

/** Measures deliveries and logs those that fail: which, and what came of it, and nothing of what is in them. */
export function watchDeliveries(registry: Registry, log: Logger, db: Db, clock: Clock): Watch {
  const attempts = new Counter({
    name: 'qullqi_webhook_attempts_total',
    help: 'Attempts to post an event to a webhook, by what came of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  new Gauge({
    name: 'qullqi_webhook_deliveries',
    help: 'Events that wait to be posted to webhooks, and those that were given up, in all books',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const { waiting, dead } = await standing(db)
      this.set({ status: 'waiting' }, waiting)
      this.set({ status: 'dead' }, dead)
    },
  })
  new Gauge({
    name: 'qullqi_webhook_lag_seconds',
    help: 'Seconds since the oldest event happened that waits to be posted',
    registers: [registry],
    async collect() {
      const { oldest } = await standing(db)
      this.set(oldest === null ? 0 : Math.max(0, (clock.now().getTime() - oldest.getTime()) / 1000))
    },
  })
  return ({ bookId, webhookId, attempt, outcome, status, left }) => {
    attempts.inc({ outcome })
    const line = { bookId, webhookId, attempt, outcome, status, left }
    if (left === 'delivered') log.debug(line, 'a webhook was delivered')
    else log.warn(line, 'a webhook was not delivered')
  }
}

async function standing(db: Db): Promise<{ waiting: number; dead: number; oldest: Date | null }> {
  const { rows } = await db.execute<{ waiting: number; dead: number; oldest: string | null }>(sql`
    select count(*) filter (where d.status = 'waiting')::int as waiting, count(*) filter (where d.status = 'dead')::int as dead,
      min(d.told_at) filter (where d.status = 'waiting') as oldest
    from webhook_delivery d where d.status <> 'delivered'`)
  const { oldest, ...counts } = rows[0]!
  return { ...counts, oldest: oldest === null ? null : new Date(oldest) }
}
