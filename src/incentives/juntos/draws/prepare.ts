import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, limaDate } from '../../../dates.ts'
import { type Tx, transact } from '../../../db/client.ts'
import type { Actor } from '../../../http/actor.ts'
import { clientId } from '../../../http/idempotency.ts'
import { idText } from '../../../ids.ts'
import { type Book, bookOf, type Connection, headOf } from '../../../ledger/index.ts'
import { parseAmount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { programmeById } from '../../../savings/reference/programmes.ts'
import { register } from '../../../savings/registering.ts'
import { bimesterOf } from '../../accrual/periods.ts'
import { rulesOfProgramme } from '../../rules/rules.ts'
import type { DrawTerms } from '../../rules/terms.ts'
import { bimesterText } from '../reading.ts'
import { type Candidate, type Eligible, eligibleFor } from './eligible.ts'
import { listHash, listText } from './list.ts'
import { draw } from './schema.ts'
import { listOf } from './stored-list.ts'

export const drawBody = z
  .strictObject({
    id: clientId,
    programmeId: idText,
    bimester: bimesterText.describe('Its last day is the cut-off, by the end of which a saver must have own money'),
  })
  .meta({
    id: 'DrawRequest',
    examples: [
      {
        id: '0198c5f2-6c40-7b1d-8e2f-0a1b2c3d4e5f',
        programmeId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        bimester: '2026-B1',
      },
    ],
  })

export type DrawRow = typeof draw.$inferSelect

const rowsAtOnce = 10_000

/**
 * Prepares a draw: freezes who takes part, as known now, and answers the hash of the list, to be published before the
 * seed is known. Once for a programme and a bimester, for whoever could try again could choose.
 * @throws Refusal `programme-not-found`, `bimester-not-over`, `incentive-rule-not-found`, `draw-without-entries`,
 *   `draw-already-prepared`, `id-reused`
 */
export async function prepareDraw(
  parts: Parts,
  bookId: string,
  actor: Actor,
  { id, programmeId, bimester }: z.output<typeof drawBody> & { id: string },
): Promise<{ row: DrawRow; replayed: boolean }> {
  const book = await bookOf(parts.db, bookId)
  const now = parts.clock.now()
  return transact(parts.db, async tx => {
    let eligible: Eligible = { entries: [], exclusions: [] }
    const { row, replayed } = await register(tx, draw, {
      where: inBook(draw, bookId, id),
      content: { programmeId, bimester },
      at: now,
      actor: actor.clientId,
      decide: async () => {
        await programmeById(tx, programmeId)
        const { to: cutOff } = bimesterOf(bimester)
        const today = limaDate(now)
        if (cutOff >= today) {
          throw new Refusal('bimester-not-over', `The bimester ends with ${cutOff}.`, { facts: { cutOff, today } })
        }
        const { ruleId, terms } = await drawRule(tx, book, programmeId, cutOff)
        const { sequence } = await headOf(parts.db, bookId)
        eligible = eligibleFor(await candidatesFor(tx, { bookId, programmeId, cutOff, knownThrough: sequence }), cutOff)
        const { entries, exclusions } = eligible
        if (entries.length === 0) {
          throw new Refusal('draw-without-entries', `No saver under contract on ${cutOff} had own money then.`)
        }
        const chosen = {
          ...{ bookId, id, programmeId, ruleId, bimester, cutOff, knownThrough: sequence },
          ...{ winnersPerDistrict: terms.winnersPerDistrict, prize: parseAmount(terms.prizeValue, book.currency) },
        }
        return {
          ...chosen,
          entries: entries.length,
          districts: new Set(entries.map(({ districtCode }) => districtCode)).size,
          excluded: exclusions.length,
          listSha256: listHash(listText(listOf(chosen, entries, book.currency))),
        }
      },
      taken: () => new Refusal('draw-already-prepared', 'There is one draw for a programme and a bimester in a book.'),
    })
    if (!replayed) await keep(tx, bookId, id, eligible)
    return { row, replayed }
  })
}

/** @throws Refusal `incentive-rule-not-found` */
async function drawRule(
  connection: Connection,
  { currency }: Book,
  programmeId: string,
  day: CalendarDate,
): Promise<{ ruleId: string; terms: DrawTerms }> {
  for (const rule of await rulesOfProgramme(connection, programmeId)) {
    const isValid = rule.validFrom <= day && (rule.validTo === null || rule.validTo >= day)
    if (isValid && rule.currency === currency && rule.terms.award === 'draw') {
      return { ruleId: rule.id, terms: rule.terms }
    }
  }
  throw new Refusal('incentive-rule-not-found', `The programme has no draw with prizes in ${currency} on ${day}.`)
}

type Known = { bookId: string; programmeId: string; cutOff: CalendarDate; knownThrough: bigint }

/** The contracts of a programme, each with what its saver had of her own at the end of a day, as known by a transaction. */
async function candidatesFor(tx: Tx, { bookId, programmeId, cutOff, knownThrough }: Known): Promise<Candidate[]> {
  const { rows } = await tx.execute<Omit<Candidate, 'balance'> & { balance: string }>(sql`
    with own as (
      select a.saver_id, sum(case x.direction when 'credit' then x.amount else - x.amount end) as balance
      from savings_account a join entry x on x.book_id = a.book_id and x.account_id = a.own_account_id
      where a.book_id = ${bookId} and x.sequence <= ${knownThrough.toString()} and x.value_date <= ${cutOff}
      group by a.saver_id)
    select e.saver_id as "saverId", e.id as "enrolmentId", e.starts_on as "startsOn", e.contract_months as "contractMonths",
      e.ends_on as "endsOn", e.end_reason is not distinct from 'entered-by-mistake' as "enteredByMistake",
      s.household_reference as household, s.district_code as "districtCode", coalesce(own.balance, 0)::text as balance
    from enrolment e join saver s on s.book_id = e.book_id and s.id = e.saver_id
    left join own on own.saver_id = e.saver_id
    where e.book_id = ${bookId} and e.programme_id = ${programmeId}`)
  return rows.map(row => ({ ...row, balance: BigInt(row.balance) }))
}

async function keep(tx: Tx, bookId: string, drawId: string, { entries, exclusions }: Eligible): Promise<void> {
  for (let from = 0; from < entries.length; from += rowsAtOnce) {
    const chunk = entries.slice(from, from + rowsAtOnce)
    await tx.execute(sql`
      insert into draw_entry (book_id, draw_id, district_code, saver_id)
      select ${bookId}, ${drawId}, e.district_code, e.saver_id
      from unnest(${sql.param(chunk.map(({ districtCode }) => districtCode))}::text[],
        ${sql.param(chunk.map(({ saverId }) => saverId))}::uuid[]) as e(district_code, saver_id)`)
  }
  for (let from = 0; from < exclusions.length; from += rowsAtOnce) {
    const chunk = exclusions.slice(from, from + rowsAtOnce)
    await tx.execute(sql`
      insert into draw_exclusion (book_id, draw_id, saver_id, reason)
      select ${bookId}, ${drawId}, e.saver_id, e.reason
      from unnest(${sql.param(chunk.map(({ saverId }) => saverId))}::uuid[],
        ${sql.param(chunk.map(({ reason }) => reason))}::text[]) as e(saver_id, reason)`)
  }
}
