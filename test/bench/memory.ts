import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { depositRequests } from './deposits.ts'
import { judge, row } from './figures.ts'
import type { Stage } from './stage.ts'

/** Whether the service's memory stays flat under load: its resident size each half minute, the last third beside the second. */
export async function memory(stage: Stage, minutes: number): Promise<void> {
  const { pid } = stage.service
  const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  const requests = depositRequests(stage.books)
  const seconds = minutes * 60
  const sizes: number[] = []
  let done = false
  const load = stage.load({ connections: 64, seconds, requests }).finally(() => {
    done = true
  })
  const every = Math.max(1, seconds / 30)
  while (!done) {
    await Promise.race([pause(every * 1000), load.catch(() => {})])
    sizes.push(megabytes())
  }
  const { perSecond } = await load
  const third = Math.floor(sizes.length / 3)
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [second, last] = [mean(sizes.slice(third, 2 * third)), mean(sizes.slice(2 * third))]
  const widths = [34, 14, 14, 10]
  console.log(`\nMemory of the service over ${minutes} minutes at ${perSecond.toFixed(0)} deposits a second, in MiB`)
  console.log(row(['', 'second third', 'last third', 'ratio'], widths))
  console.log(row(['resident', second.toFixed(0), last.toFixed(0), (last / second).toFixed(2)], widths))
  judge(`memory over ${minutes} minutes of load: ${(last / second).toFixed(2)} (at most 1.10)`, last / second <= 1.1)
}
