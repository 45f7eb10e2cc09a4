import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { difference, isZero, signed } from '../statements/decimals.ts'
import { areRepeated, type Gated, type Twin } from './gate.ts'
import { keysOf, linesIn, type StatementIn } from './statement-in.ts'

/** A line that is had; `isEarlier` when a statement that covers the same days, and stands before, has it. */
type Known = { sameAs: string; occurrence: number; isOverlapping: boolean; isEarlier: boolean }

const keysAtOnce = 10_000

/** Of each line of a statement, by its place from 0: whether it is had already, and which of those that say the same it is. */
export type Division = { isRepeated: Uint8Array; occurrences: Int32Array }

/**
 * Which lines of a statement are had already, and which are new. Lines that say the same are counted: of three where two were
 * had, one is new. Whatever says the same and is on no day that both statements cover is another payment.
 */
export async function divide(
  tx: Tx,
  bookId: string,
  bankAccountId: string,
  coming: StatementIn,
  gated: Gated,
  before: Gated | null,
): Promise<Division> {
  const known = await knownLines(tx, bookId, bankAccountId, coming)
  const twins = twinsOf(coming, known.filter(({ isOverlapping }) => isOverlapping).sort(likeliest(gated, before)))
  const repeats = areRepeated(gated, before, [...twins.values()])
  const last = new Map<string, number>()
  for (const { sameAs, occurrence } of known) last.set(sameAs, Math.max(last.get(sameAs) ?? 0, occurrence))

  const { length } = coming.statement.lines
  const division = { isRepeated: new Uint8Array(length), occurrences: new Int32Array(length) }
  let place = 0
  for (const key of keysOf(coming)) {
    const twin = twins.get(place)
    const isRepeated = twin !== undefined && (repeats || !twin.isEarlier)
    if (!isRepeated) last.set(key, (last.get(key) ?? 0) + 1)
    division.isRepeated[place] = isRepeated ? 1 : 0
    division.occurrences[place] = isRepeated ? twin.occurrence : last.get(key)!
    place += 1
  }
  return division
}

/** Of a statement that is not taken: nothing in it counts, whoever had it before. */
export function undivided(coming: StatementIn): Division {
  const { length } = coming.statement.lines
  const division = { isRepeated: new Uint8Array(length), occurrences: new Int32Array(length) }
  const last = new Map<string, number>()
  let place = 0
  for (const key of keysOf(coming)) {
    last.set(key, (last.get(key) ?? 0) + 1)
    division.occurrences[place] = last.get(key)!
    place += 1
  }
  return division
}

/** The lines that are had already where the same days are covered, by the places of those of the statement that may be they. */
function twinsOf(coming: StatementIn, overlapping: readonly Known[]): Map<number, Twin & Known> {
  const twins = new Map<number, Twin & Known>()
  if (overlapping.length === 0) return twins
  const had = Map.groupBy(overlapping, one => one.sameAs)
  const taken = new Map<string, number>()
  let place = 0
  for (const { line, sameAs } of linesIn(coming)) {
    const of = had.get(sameAs.toString('hex'))
    if (of !== undefined) {
      const nth = taken.get(of[0]!.sameAs) ?? 0
      taken.set(of[0]!.sameAs, nth + 1)
      const isCounted = line.status === 'booked' && line.money.currency === coming.sums.currency
      if (nth < of.length) twins.set(place, { ...of[nth]!, moved: isCounted ? signed(line.money) : '0' })
    }
    place += 1
  }
  return twins
}

/**
 * Of lines that say the same, which is meant first: those that later statements have where this one goes on from the one before it,
 * and else those of earlier ones.
 */
function likeliest({ opening }: Gated, before: Gated | null): (one: Known, other: Known) => number {
  const goesOn = opening !== null && before?.closing != null && isZero(difference(opening, before.closing))
  const rank = ({ isEarlier }: Known) => (isEarlier === goesOn ? 1 : 0)
  return (one, other) => rank(one) - rank(other) || one.occurrence - other.occurrence
}

/** Lines of the account that say what lines of this statement say. */
async function knownLines(tx: Tx, bookId: string, bankAccountId: string, coming: StatementIn): Promise<Known[]> {
  const { fromDay, toDay, sequence, page } = coming
  const keys = [...new Set(keysOf(coming))]
  const known: Known[] = []
  for (let from = 0; from < keys.length; from += keysAtOnce) {
    const { rows } = await tx.execute<Known>(sql`
      with held as (
        select l.same_as, l.occurrence, s.from_day <= ${toDay} and s.to_day >= ${fromDay} as overlaps,
          (s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0))
            <= (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int) as stands_before
        from bank_line l join bank_statement s on s.book_id = l.book_id and s.id = l.statement_id
        where l.book_id = ${bookId} and l.bank_account_id = ${bankAccountId} and l.standing in ('new', 'repeated') and s.standing = 'taken'
          and l.same_as = any (${sql.param(keys.slice(from, from + keysAtOnce).map(key => `\\x${key}`))}::bytea[]))
      select encode(h.same_as, 'hex') as "sameAs", h.occurrence, bool_or(h.overlaps) as "isOverlapping",
        bool_or(h.overlaps and h.stands_before) as "isEarlier"
      from held h group by h.same_as, h.occurrence`)
    known.push(...rows)
  }
  return known
}
