import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { difference, isZero, signed } from '../statements/decimals.ts'
import { areRepeated, type Gated, type Twin } from './gate.ts'
import type { KeptLine } from './keep-lines.ts'
import type { StatementIn } from './statement-in.ts'

/** A line that is had; `isEarlier` when a statement that covers the same days, and stands before, has it. */
type Known = { sameAs: string; occurrence: number; isOverlapping: boolean; isEarlier: boolean }

const keysAtOnce = 10_000

/**
 * Which lines of a statement are had already, and which are new. Lines that say the same are counted: of three where two were
 * had, one is new. Whatever says the same and is on no day that both statements cover is another payment.
 */
export async function dividedLines(
  tx: Tx,
  bookId: string,
  bankAccountId: string,
  coming: StatementIn,
  gated: Gated,
  before: Gated | null,
): Promise<KeptLine[]> {
  const known = await knownLines(tx, bookId, bankAccountId, coming)
  const keyed = coming.lines.map(line => ({ ...line, key: line.sameAs.toString('hex') }))
  const had = Map.groupBy(
    known.filter(({ isOverlapping }) => isOverlapping).sort(likeliest(gated, before)),
    one => one.sameAs,
  )
  const last = new Map<string, number>()
  for (const { sameAs, occurrence } of known) last.set(sameAs, Math.max(last.get(sameAs) ?? 0, occurrence))

  const taken = new Map<string, number>()
  const twins = keyed.map((line): (Twin & Known) | null => {
    const place = taken.get(line.key) ?? 0
    taken.set(line.key, place + 1)
    const twin = had.get(line.key)?.[place]
    const isCounted = line.line.status === 'booked' && line.line.money.currency === coming.sums.currency
    return twin === undefined ? null : { ...twin, moved: isCounted ? signed(line.line.money) : '0' }
  })
  const repeats = areRepeated(
    gated,
    before,
    twins.filter(twin => twin !== null),
  )
  return keyed.map(({ key, ...line }, place): KeptLine => {
    const twin = twins[place]!
    if (twin !== null && (repeats || !twin.isEarlier))
      return { ...line, standing: 'repeated', occurrence: twin.occurrence }
    const occurrence = (last.get(key) ?? 0) + 1
    last.set(key, occurrence)
    return { ...line, standing: 'new', occurrence }
  })
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
async function knownLines(
  tx: Tx,
  bookId: string,
  bankAccountId: string,
  { lines, fromDay, toDay, sequence, page }: StatementIn,
): Promise<Known[]> {
  const keys = [...new Set(lines.map(({ sameAs }) => sameAs.toString('hex')))]
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
