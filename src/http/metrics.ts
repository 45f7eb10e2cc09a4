import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Db } from '../db/client.ts'

/** Where every part of the service registers what it measures; one an app, so that tests can build many. */
export function openMetrics(db: Db): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const pool = db.$client
  const states = { total: () => pool.totalCount, idle: () => pool.idleCount, waiting: () => pool.waitingCount }
  new Gauge({
    name: 'qullqi_database_connections',
    help: 'Connections of the pool, and requests waiting for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(states)) this.set({ state }, count())
    },
  })
  return registry
}
