import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText } from '../../../dates.ts'
import { cursor, cutPage } from '../../../http/pages.ts'
import { bookOf, type Connection, hashText } from '../../../ledger/index.ts'
import { amountText, type Currency, currencySchema, formatAmount } from '../../../money.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { reference } from '../../../savings/verbs/verb.ts'
import { districtCode } from '../../../savings/wording.ts'
import { actorText } from '../../runs/run.ts'
import { bimesterText } from '../reading.ts'
import { exclusionReasons } from './eligible.ts'
import type { DrawRow } from './prepare.ts'
import { draw, drawExclusion } from './schema.ts'
import { drawNotFound, seedText } from './seed.ts'

export const drawSchema = z
  .object({
    id: z.uuid(),
    programmeId: z.uuid(),
    ruleId: z.uuid(),
    bimester: bimesterText,
    cutOff: calendarDate.describe('The bimester’s last day'),
    knownThrough: z.int().describe('The last transaction of the book that the list knows'),
    winnersPerDistrict: z.int(),
    prize: amountText.describe('What each prize in kind is worth; it is credited to no account'),
    currency: currencySchema,
    entries: z.int().describe('Chances: one a household, or a saver who lives in none that is known'),
    districts: z.int(),
    excluded: z.int().describe('Savers of the programme without a chance'),
    listSha256: hashText.describe('Of the bytes of the list as text; published before the seed is known'),
    preparedBy: actorText,
    preparedAt: instantText,
    seed: z
      .object({
        seed: seedText,
        reference,
        drawnOn: calendarDate,
        givenBy: actorText,
        givenAt: instantText,
      })
      .meta({ id: 'DrawSeedGiven' })
      .nullable()
      .describe('Null until it is given'),
  })
  .meta({ id: 'Draw' })

export const drawOutcomes = ['waiting', 'won', 'lost'] as const
export const drawOutcomeSchema = z.enum(drawOutcomes).meta({ id: 'DrawOutcome' })

export const entrySchema = z
  .object({
    districtCode,
    saverId: z.uuid(),
    outcome: drawOutcomeSchema.describe('`waiting` for the seed; `lost` when her place came after the winners'),
    place: z.int().nullable().describe('In her district'),
    prize: amountText.nullable(),
  })
  .meta({ id: 'DrawEntry' })

export const exclusionSchema = z
  .object({ saverId: z.uuid(), reason: z.enum(exclusionReasons).meta({ id: 'DrawExclusionReason' }) })
  .meta({ id: 'DrawExclusion' })

export function drawOf(row: DrawRow, currency: Currency): z.output<typeof drawSchema> {
  const { seed, seedReference, seedDrawnOn, seededBy, seededAt } = row
  const { id, programmeId, ruleId, bimester, cutOff, winnersPerDistrict, entries, districts, excluded, listSha256 } =
    row
  return {
    ...{ id, programmeId, ruleId, bimester, cutOff, winnersPerDistrict, currency },
    ...{ entries, districts, excluded, listSha256 },
    knownThrough: Number(row.knownThrough),
    prize: formatAmount(row.prize, currency),
    preparedBy: row.actor,
    preparedAt: row.recordedAt.toISOString(),
    seed:
      seed === null
        ? null
        : {
            ...{ seed, reference: seedReference!, drawnOn: seedDrawnOn! },
            ...{ givenBy: seededBy!, givenAt: seededAt!.toISOString() },
          },
  }
}

/** @throws Refusal `draw-not-found` */
export async function drawRow(connection: Connection, bookId: string, id: string): Promise<DrawRow> {
  const [row] = await connection
    .select()
    .from(draw)
    .where(inBook(draw, bookId, id))
  if (row === undefined) throw drawNotFound()
  return row
}

export async function lastDraws(parts: Parts, bookId: string, limit: number) {
  const { currency } = await bookOf(parts.db, bookId)
  const rows = await parts.db
    .select()
    .from(draw)
    .where(eq(draw.bookId, bookId))
    .orderBy(desc(draw.recordedAt), desc(draw.id))
    .limit(limit)
  return rows.map(row => drawOf(row, currency))
}

const entryPlace = cursor(z.strictObject({ districtCode, saverId: z.uuid() }))
type EntryRow = z.output<typeof entrySchema>
type EntryFilter = {
  districtCode?: string | undefined
  saverId?: string | undefined
  outcome?: (typeof drawOutcomes)[number] | undefined
}

/** A page of a draw's entries, in the order of its list, with what became of each. */
export async function drawEntries(
  parts: Parts,
  bookId: string,
  drawId: string,
  { districtCode, saverId, outcome }: EntryFilter,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  await drawRow(parts.db, bookId, drawId)
  const from = entryPlace.read(after)
  const { rows } = await parts.db.execute<EntryRow>(sql`
    select * from (
      select e.district_code as "districtCode", e.saver_id as "saverId", r.place, r.prize::text as prize,
        case when r.place is null then 'waiting' when r.prize is null then 'lost' else 'won' end as outcome
      from draw_entry e left join draw_result r on r.book_id = e.book_id and r.draw_id = e.draw_id and r.saver_id = e.saver_id
      where e.book_id = ${bookId} and e.draw_id = ${drawId}
        ${from === null ? sql`` : sql`and (e.district_code, e.saver_id) > (${from.districtCode}, ${from.saverId}::uuid)`}
        ${districtCode === undefined ? sql`` : sql`and e.district_code = ${districtCode}`}
        ${saverId === undefined ? sql`` : sql`and e.saver_id = ${saverId}`}
    ) entries
    ${outcome === undefined ? sql`` : sql`where entries.outcome = ${outcome}`}
    order by entries."districtCode", entries."saverId" limit ${limit + 1}`)
  return cutPage(rows, limit, {
    cursor: entryPlace,
    placeOf: ({ districtCode, saverId }) => ({ districtCode, saverId }),
    itemOf: row => ({ ...row, prize: row.prize === null ? null : formatAmount(BigInt(row.prize), currency) }),
  })
}

const exclusionPlace = cursor(z.strictObject({ saverId: z.uuid() }))

/** A page of the savers of the programme who had no chance in a draw, and why not. */
export async function drawExclusions(
  parts: Parts,
  bookId: string,
  drawId: string,
  saverId: string | undefined,
  after: string | undefined,
  limit: number,
) {
  await bookOf(parts.db, bookId)
  await drawRow(parts.db, bookId, drawId)
  const from = exclusionPlace.read(after)
  const rows = await parts.db
    .select({ saverId: drawExclusion.saverId, reason: drawExclusion.reason })
    .from(drawExclusion)
    .where(
      and(
        eq(drawExclusion.bookId, bookId),
        eq(drawExclusion.drawId, drawId),
        saverId === undefined ? undefined : eq(drawExclusion.saverId, saverId),
        from === null ? undefined : sql`${drawExclusion.saverId} > ${from.saverId}`,
      ),
    )
    .orderBy(drawExclusion.saverId)
    .limit(limit + 1)
  return cutPage(rows, limit, {
    cursor: exclusionPlace,
    placeOf: ({ saverId }) => ({ saverId }),
    itemOf: row => row,
  })
}
