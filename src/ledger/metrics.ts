import { Histogram, type Registry } from 'prom-client'
import type { CallWatch } from './calls.ts'

/** Measures each batch: how many drafts it posted together and how long that took. */
export function watchBatches(registry: Registry): CallWatch {
  const drafts = new Histogram({
    name: 'qullqi_batch_drafts',
    help: 'Drafts decided together in one batch of a book',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'qullqi_batch_seconds',
    help: 'Seconds a batch took, from asking the database to its answer',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  return (count, milliseconds) => {
    drafts.observe(count)
    seconds.observe(milliseconds / 1000)
  }
}
