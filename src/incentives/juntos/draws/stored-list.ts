import assert from 'node:assert/strict'
import { and, asc, eq } from 'drizzle-orm'
import type { Connection } from '../../../ledger/index.ts'
import { type Currency, formatAmount } from '../../../money.ts'
import { type DrawEntry, type DrawList, listHash, listText } from './list.ts'
import { type draw, drawEntry } from './schema.ts'

type Chosen = Pick<
  typeof draw.$inferSelect,
  'bookId' | 'programmeId' | 'ruleId' | 'bimester' | 'cutOff' | 'knownThrough' | 'winnersPerDistrict' | 'prize'
>

/** A draw's terms and entries as its list says them. */
export function listOf(chosen: Chosen, entries: readonly DrawEntry[], currency: Currency): DrawList {
  const { bookId, programmeId, ruleId, bimester, cutOff, knownThrough, winnersPerDistrict, prize } = chosen
  return {
    ...{ bookId, programmeId, ruleId, bimester, cutOff, entries },
    knownThrough: knownThrough.toString(),
    winnersPerDistrict: String(winnersPerDistrict),
    prize: `${formatAmount(prize, currency)} ${currency}`,
  }
}

/** The text of a draw's list, made from what is kept of it; that it is the one of the hash is seen each time. */
export async function storedListText(
  connection: Connection,
  row: typeof draw.$inferSelect,
  currency: Currency,
): Promise<string> {
  const entries = await connection
    .select({ districtCode: drawEntry.districtCode, saverId: drawEntry.saverId })
    .from(drawEntry)
    .where(and(eq(drawEntry.bookId, row.bookId), eq(drawEntry.drawId, row.id)))
    .orderBy(asc(drawEntry.districtCode), asc(drawEntry.saverId))
  const text = listText(listOf(row, entries, currency))
  assert(listHash(text) === row.listSha256, 'a draw’s entries are those of its hash')
  return text
}
