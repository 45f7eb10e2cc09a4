import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, limaDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Role } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { inBook, recordedPlace } from '../listing.ts'
import { refuseFuture, register, requireDistrict } from '../registering.ts'
import { savingsGroup } from '../schema.ts'
import { code, districtCode, title } from '../wording.ts'
import type { RegistryVerb } from './verb.ts'

/** A savings group has 10 to 25 members. Below it is not ready, above it takes nobody. */
export const leastMembers = 10
export const mostMembers = 25

const groupBody = z
  .strictObject({
    id: clientId,
    code,
    name: title,
    districtCode: districtCode.describe('Where it meets: UBIGEO of six digits in the scheme of INEI'),
    meetingPlace: title.optional(),
    formedOn: calendarDate,
  })
  .meta({
    id: 'GroupFormation',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e17',
        code: 'GR-017',
        name: 'Sumaq Warmi',
        districtCode: '080101',
        meetingPlace: 'Local comunal',
        formedOn: '2026-01-10',
      },
    ],
  })

export const groupSchema = z
  .object({
    id: z.uuid(),
    code,
    name: title,
    districtCode,
    meetingPlace: title.nullish().describe('Absent for the role analyst'),
    formedOn: calendarDate,
    coordinatorId: z.uuid().nullish().describe('The saver who coordinates it today. Absent for the role analyst'),
    members: z.int().describe('Members today'),
    ready: z.boolean().describe(`Whether it has ${leastMembers} to ${mostMembers} members today`),
  })
  .meta({ id: 'SavingsGroup' })

export type Group = z.output<typeof groupSchema>

/** Forms a group; members join one by one. */
export const formGroup: RegistryVerb<z.output<typeof groupBody>, Group & { replayed: boolean }> = {
  type: 'form-group',
  path: 'groups',
  operationId: 'formGroup',
  summary: 'Form a savings group',
  description: `Members join one by one. With ${leastMembers} to ${mostMembers} members it is \`ready\`.`,
  access: fieldRoles,
  body: groupBody,
  answer: groupSchema.extend({ replayed: z.boolean() }).meta({ id: 'FormedSavingsGroup' }),
  identified: true,
  refusals: ['id-reused', 'code-taken', 'territory-not-found', 'date-in-future'],
  async run(parts, bookId, actor, { id, ...body }) {
    refuseFuture(parts, { formedOn: body.formedOn })
    const { replayed } = await register(parts.db, savingsGroup, {
      where: inBook(savingsGroup, bookId, id),
      content: body,
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        await requireDistrict(parts.db, body.districtCode)
        return { ...body, bookId, id }
      },
      taken: () => new Refusal('code-taken', 'Another group of the book has this code.'),
    })
    return { ...(await groupById(parts.db, bookId, id, limaDate(parts.clock.now()), actor.role)), replayed }
  },
}

type GroupRow = Omit<Group, 'ready'> & { recordedAt: Date }

async function groupsWhere(db: Db, bookId: string, today: CalendarDate, rest: SQL): Promise<GroupRow[]> {
  const { rows } = await db.execute<Omit<GroupRow, 'recordedAt'> & { recordedAt: string }>(sql`
    select g.id, g.code, g.name, g.district_code as "districtCode", g.meeting_place as "meetingPlace",
      g.formed_on as "formedOn", g.recorded_at as "recordedAt",
      (select c.saver_id from coordination c
       where c.book_id = g.book_id and c.group_id = g.id and c.starts_on <= ${today} and coalesce(c.ends_on, 'infinity') >= ${today}
      ) as "coordinatorId",
      (select count(*)::int from membership m
       where m.book_id = g.book_id and m.group_id = g.id and m.starts_on <= ${today} and coalesce(m.ends_on, 'infinity') >= ${today}
      ) as members
    from savings_group g
    where g.book_id = ${bookId} and ${rest}`)
  return rows.map(row => ({ ...row, recordedAt: new Date(row.recordedAt) }))
}

/** @throws Refusal `group-not-found` */
export async function groupById(
  db: Db,
  bookId: string,
  groupId: string,
  today: CalendarDate,
  role: Role,
): Promise<Group> {
  const [row] = await groupsWhere(db, bookId, today, sql`g.id = ${groupId}`)
  if (row === undefined) throw groupNotFound(groupId)
  return groupOf(row, role)
}

export async function listGroups(
  db: Db,
  bookId: string,
  today: CalendarDate,
  after: string | undefined,
  limit: number,
): Promise<GroupRow[]> {
  const place = recordedPlace.read(after)
  const later = place === null ? sql`true` : sql`(g.recorded_at, g.id) > (${place.recordedAt}, ${place.id})`
  return groupsWhere(db, bookId, today, sql`${later} order by g.recorded_at, g.id limit ${limit}`)
}

/** A group as `role` may see it: an analyst is told of no person, and not in whose house they meet. */
export function groupOf({ recordedAt: _, coordinatorId, meetingPlace, ...row }: GroupRow, role: Role): Group {
  const persons = role === 'analyst' ? {} : { coordinatorId, meetingPlace }
  return { ...row, ...persons, ready: row.members >= leastMembers && row.members <= mostMembers }
}

export function groupNotFound(groupId: string): Refusal {
  return new Refusal('group-not-found', 'The book has no such savings group.', { facts: { groupId } })
}

/**
 * Who was in a group on a day, and who coordinated it, as a collection sheet of that day needs to know.
 * @throws Refusal `group-not-found`
 */
export async function groupOn(
  connection: Connection,
  bookId: string,
  groupId: string,
  date: CalendarDate,
): Promise<{ memberIds: Set<string>; coordinatorId: string | null }> {
  const { rows } = await connection.execute<{ members: string[] | null; coordinator: string | null }>(sql`
    select
      (select json_agg(m.saver_id) from membership m
       where m.book_id = g.book_id and m.group_id = g.id and m.starts_on <= ${date} and coalesce(m.ends_on, 'infinity') >= ${date}
      ) as members,
      (select c.saver_id from coordination c
       where c.book_id = g.book_id and c.group_id = g.id and c.starts_on <= ${date} and coalesce(c.ends_on, 'infinity') >= ${date}
      ) as coordinator
    from savings_group g where g.book_id = ${bookId} and g.id = ${groupId}`)
  const [row] = rows
  if (row === undefined) throw groupNotFound(groupId)
  return { memberIds: new Set(row.members), coordinatorId: row.coordinator }
}
