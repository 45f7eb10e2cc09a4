import { and, eq, gte, isNull, lte, or } from 'drizzle-orm'
import type { z } from 'zod'
import type { CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { recordedAfter } from '../listing.ts'
import { membership, saver } from '../schema.ts'
import { personName } from '../wording.ts'
import { type MembershipRow, membershipOf, membershipSchema } from './memberships.ts'

type Filter = { saverId?: string | undefined; groupId?: string | undefined }

/** Memberships, past ones too, in the order of recording; of one saver or group when asked. */
export async function listMemberships(
  db: Db,
  bookId: string,
  { saverId, groupId }: Filter,
  after: string | undefined,
  limit: number,
): Promise<MembershipRow[]> {
  return db
    .select()
    .from(membership)
    .where(
      and(
        eq(membership.bookId, bookId),
        saverId === undefined ? undefined : eq(membership.saverId, saverId),
        groupId === undefined ? undefined : eq(membership.groupId, groupId),
        recordedAfter(membership, after),
      ),
    )
    .orderBy(membership.recordedAt, membership.id)
    .limit(limit)
}

export const memberSchema = membershipSchema
  .extend({ givenNames: personName, familyNames: personName })
  .meta({ id: 'Member' })

type MemberRow = MembershipRow & { givenNames: string; familyNames: string }

/** The members of a group on a day, in the order in which their joining was recorded. */
export async function listMembers(
  db: Db,
  bookId: string,
  groupId: string,
  on: CalendarDate,
  after: string | undefined,
  limit: number,
): Promise<MemberRow[]> {
  const rows = await db
    .select({ membership, givenNames: saver.givenNames, familyNames: saver.familyNames })
    .from(membership)
    .innerJoin(saver, and(eq(saver.bookId, membership.bookId), eq(saver.id, membership.saverId)))
    .where(
      and(
        eq(membership.bookId, bookId),
        eq(membership.groupId, groupId),
        lte(membership.startsOn, on),
        or(isNull(membership.endsOn), gte(membership.endsOn, on)),
        recordedAfter(membership, after),
      ),
    )
    .orderBy(membership.recordedAt, membership.id)
    .limit(limit)
  return rows.map(({ membership, ...names }) => ({ ...membership, ...names }))
}

export function memberOf({ givenNames, familyNames, ...row }: MemberRow): z.output<typeof memberSchema> {
  return { ...membershipOf(row), givenNames, familyNames }
}
