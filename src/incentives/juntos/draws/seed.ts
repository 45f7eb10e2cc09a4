import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, limaDate } from '../../../dates.ts'
import { type Tx, transact } from '../../../db/client.ts'
import type { Actor } from '../../../http/actor.ts'
import { refuseSameHand } from '../../../http/hands.ts'
import { bookOf } from '../../../ledger/index.ts'
import { Refusal } from '../../../refusals.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { refuseEarly, refuseFuture } from '../../../savings/registering.ts'
import { reference } from '../../../savings/verbs/verb.ts'
import { drawPlaces, seedPattern } from './list.ts'
import type { DrawRow } from './prepare.ts'
import { draw } from './schema.ts'
import { storedListText } from './stored-list.ts'

export const seedText = z
  .string()
  .regex(seedPattern, 'must be 1 to 100 letters, digits, signs of ASCII, with no space at an end')
  .meta({ examples: ['04-17-22-31-38-45'] })

export const seedBody = z
  .strictObject({
    seed: seedText.describe('A number that nobody here chooses, known to everybody on a later day: a lottery’s'),
    reference: reference.describe('Where it was published: the lottery’s draw'),
    drawnOn: calendarDate.describe('When it was drawn: not before the day on which the list was made'),
  })
  .meta({
    id: 'DrawSeed',
    examples: [{ seed: '04-17-22-31-38-45', reference: 'TINKA-1123', drawnOn: '2026-03-15' }],
  })

const rowsAtOnce = 10_000

/**
 * Gives a draw its seed, once, by another actor than the one who prepared its list; from both follows who came where. Who
 * won is awarded a prize in kind: it is recorded here, and no account is credited.
 * @throws Refusal `draw-not-found`, `second-actor-needed`, `draw-already-seeded`, `date-too-early`, `date-in-future`
 */
export async function seedDraw(
  parts: Parts,
  bookId: string,
  drawId: string,
  actor: Actor,
  { seed, reference, drawnOn }: z.output<typeof seedBody>,
): Promise<{ row: DrawRow; replayed: boolean }> {
  const { currency } = await bookOf(parts.db, bookId)
  const now = parts.clock.now()
  return transact(parts.db, async tx => {
    const [row] = await tx
      .select()
      .from(draw)
      .where(inBook(draw, bookId, drawId))
      .for('no key update')
    if (row === undefined) throw drawNotFound()
    if (row.seed !== null) {
      const isSame = row.seed === seed && row.seedReference === reference && row.seedDrawnOn === drawnOn
      if (isSame && row.seededBy === actor.clientId) return { row, replayed: true }
      throw new Refusal('draw-already-seeded', 'The draw is over: its seed was given, and stays.', {
        facts: { seed: row.seed, reference: row.seedReference },
      })
    }
    await refuseSameHand(tx, actor, [row.actor], 'The list was prepared by the same client.')
    refuseFuture(parts, { drawnOn })
    refuseEarly('drawnOn', drawnOn, limaDate(row.recordedAt))
    const seeding = {
      ...{ seed, seedReference: reference, seedDrawnOn: drawnOn },
      ...{ seededBy: actor.clientId, seededAt: now },
    }
    await tx
      .update(draw)
      .set(seeding)
      .where(inBook(draw, bookId, drawId))
    await keepPlaces(tx, row, drawPlaces(await storedListText(tx, row, currency), seed))
    return { row: { ...row, ...seeding }, replayed: false }
  })
}

async function keepPlaces(
  tx: Tx,
  { bookId, id, prize }: DrawRow,
  places: ReturnType<typeof drawPlaces>,
): Promise<void> {
  for (let from = 0; from < places.length; from += rowsAtOnce) {
    const chunk = places.slice(from, from + rowsAtOnce)
    const column = <Value>(of: (place: (typeof chunk)[number]) => Value) => sql.param(chunk.map(of))
    await tx.execute(sql`
      insert into draw_result (book_id, draw_id, district_code, place, saver_id, prize)
      select ${bookId}, ${id}, r.district_code, r.place, r.saver_id, r.prize
      from unnest(${column(({ districtCode }) => districtCode)}::text[], ${column(({ place }) => place)}::int[],
        ${column(({ saverId }) => saverId)}::uuid[], ${column(({ wins }) => (wins ? prize.toString() : null))}::bigint[])
        as r(district_code, place, saver_id, prize)`)
  }
}

export function drawNotFound(): Refusal {
  return new Refusal('draw-not-found', 'The book has no such draw.')
}
