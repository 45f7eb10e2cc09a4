const [second, minute, hour] = [1_000, 60_000, 3_600_000]

/** How long to wait after each failure, as Standard Webhooks advises; after the last one it is a dead letter. */
const waits = [
  ...[5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour],
  ...[10 * hour, 14 * hour, 20 * hour, 24 * hour],
]

/** A tenth more or less, so that not all come again at once to a receiver that was down. */
const jitter = 0.1

/** When to try again after so many failures; null when it was tried often enough. `chance` is from 0 up to 1. */
export function nextAttempt(failures: number, now: Date, chance: number): Date | null {
  const wait = waits[failures - 1]
  return wait === undefined ? null : new Date(now.getTime() + Math.round(wait * (1 - jitter + 2 * jitter * chance)))
}
