import { and, asc, eq, sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Tx } from '../../db/client.ts'
import type { SaverRow } from '../schema.ts'
import { saverVersion } from './schema.ts'

/** What of a saver statistics count by. */
export const countedFields = ['person', 'sex', 'birthDate', 'districtCode', 'motherTongue'] as const

type Version = typeof saverVersion.$inferSelect

/** Keeps the first version of a saver who was just registered. */
export async function keepFirstVersion(tx: Tx, saver: SaverRow): Promise<void> {
  await tx.insert(saverVersion).values(versionOf(saver, { number: 0, since: null, recordedAt: saver.recordedAt }))
}

/**
 * Keeps what she is counted by from now on. `movedOn` is the day since when she lives in the district that `after` tells;
 * null when she did not move. Whoever calls holds the lock on her row.
 */
export async function keepVersion(
  tx: Tx,
  after: SaverRow,
  movedOn: CalendarDate | null,
  recordedAt: Date,
): Promise<void> {
  const known = await versions(tx, after)
  const since = movedOn ?? whereSheLives(known).since
  await tx.insert(saverVersion).values(versionOf(after, { number: known.length, since, recordedAt }))
}

/** Where she lives since the latest day that was told; of two tellings of a day the later holds. */
export async function presentDistrict(tx: Tx, saver: SaverRow): Promise<Version> {
  return whereSheLives(await versions(tx, saver))
}

/** A language that she no longer consents to is forgotten wherever it stands. */
export async function forgetTongue(tx: Tx, { bookId, id }: SaverRow): Promise<void> {
  await tx.update(saverVersion).set({ motherTongue: null }).where(hers(bookId, id))
}

function whereSheLives(known: readonly Version[]): Version {
  return known.reduce((last, one) => ((one.since ?? '') >= (last.since ?? '') ? one : last))
}

function versions(tx: Tx, { bookId, id }: SaverRow): Promise<Version[]> {
  return tx.select().from(saverVersion).where(hers(bookId, id)).orderBy(asc(saverVersion.number))
}

const hers = (bookId: string, id: string) => and(eq(saverVersion.bookId, bookId), sql`${saverVersion.saverId} = ${id}`)

function versionOf(
  { bookId, id: saverId, person, sex, birthDate, districtCode, motherTongue }: SaverRow,
  told: Pick<Version, 'number' | 'since' | 'recordedAt'>,
): Version {
  return { bookId, saverId, person, sex, birthDate, districtCode, motherTongue, ...told }
}
