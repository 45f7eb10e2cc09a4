import type { Clock } from '../dates.ts'
import type { Db } from './client.ts'
import { UnfitError } from './unfit.ts'

/** Milliseconds by which clocks may differ. Nothing is recorded before what was: a clock far ahead would hold a book there. */
export const mostApart = 5 * 60_000

/** How far the service's clock is ahead of the database's, in milliseconds; the time that asking took is not counted. */
export async function clockAhead(db: Db, clock: Clock): Promise<number> {
  const before = clock.now().getTime()
  const { rows } = await db.$client.query<{ now: Date }>('select clock_timestamp() as now')
  const after = clock.now().getTime()
  const now = rows[0]!.now.getTime()
  return now < before ? before - now : now > after ? after - now : 0
}

/** @throws UnfitError when the clocks of the service and of the database differ by more than they may */
export async function requireClocksAgree(db: Db, clock: Clock): Promise<void> {
  const ahead = await clockAhead(db, clock)
  if (Math.abs(ahead) > mostApart) throw new UnfitError(apart(ahead))
}

/** Compares the clocks once a minute, and says so when they have drifted apart. Answers what stops it. */
export function watchClocks(db: Db, clock: Clock, say: (line: string) => void): () => void {
  const timer = setInterval(async () => {
    // That the database does not answer is told by whoever needs it.
    const ahead = await clockAhead(db, clock).catch(() => 0)
    if (Math.abs(ahead) > mostApart) say(apart(ahead))
  }, 60_000)
  timer.unref()
  return () => clearInterval(timer)
}

function apart(ahead: number): string {
  const seconds = Math.round(Math.abs(ahead) / 1000)
  return `This machine’s clock is ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} the database’s; set both right.`
}
