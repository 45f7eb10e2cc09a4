import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { difference, isZero, signed } from '../statements/decimals.ts'
import { type Contents, contentsOf } from './contents.ts'
import type { Gated } from './gate.ts'
import { statementAfter, statementBefore } from './order.ts'
import { areRepeated, type Twin } from './repeats.ts'
import { linesIn, type StatementIn } from './statement-in.ts'

/** A line that is had; `isEarlier` when a statement that covers the same days, and stands before, has it. */
type Known = { content: number; occurrence: number; isOverlapping: boolean; isEarlier: boolean }

const contentsAtOnce = 10_000

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
): Promise<Division> {
  const before = await statementBefore(tx, bookId, bankAccountId, gated)
  const after = await statementAfter(tx, bookId, bankAccountId, gated)
  const contents = contentsOf(coming.hashes)
  const known = await knownLines(tx, bookId, bankAccountId, coming, contents)
  const twins = twinsOf(contents, known.filter(({ isOverlapping }) => isOverlapping).sort(likeliest(gated, before)))
  const found = [...foundOf(coming, contents, twins)]
  const repeated = areRepeated(gated, { before, after }, found, found.length < contents.ofPlace.length)
  const last = new Int32Array(contents.count)
  for (const { content, occurrence } of known) last[content] = Math.max(last[content]!, occurrence)
  let next = 0
  return numbered(contents, last, place => {
    const twin = twins.at(place)
    return twin !== undefined && repeated[next++] === 1 ? twin.occurrence : null
  })
}

/** Of a statement that is not taken: nothing in it counts, whoever had it before. */
export function undivided({ hashes }: StatementIn): Division {
  const contents = contentsOf(hashes)
  return numbered(contents, new Int32Array(contents.count), () => null)
}

/** Numbers those that say the same, after the last that is had; of one that is had already its number is told. */
function numbered({ ofPlace }: Contents, last: Int32Array, had: (place: number) => number | null): Division {
  const { length } = ofPlace
  const division = { isRepeated: new Uint8Array(length), occurrences: new Int32Array(length) }
  for (let place = 0; place < length; place++) {
    const occurrence = had(place)
    if (occurrence === null) last[ofPlace[place]!]! += 1
    division.isRepeated[place] = occurrence === null ? 0 : 1
    division.occurrences[place] = occurrence ?? last[ofPlace[place]!]!
  }
  return division
}

type Twins = { readonly length: number; at(place: number): Known | undefined }

/** The lines that are had already where the same days are covered, by the places of those of the statement that may be they. */
function twinsOf({ count, ofPlace }: Contents, overlapping: readonly Known[]): Twins {
  const { length } = overlapping
  if (length === 0) return { length, at: () => undefined }
  // Each content's stand together, in their order: sorting leaves those that are the same as they are.
  const had = overlapping.toSorted((one, other) => one.content - other.content)
  const next = new Int32Array(count).fill(-1)
  for (let at = length - 1; at >= 0; at--) next[had[at]!.content] = at
  const twins = new Int32Array(ofPlace.length).fill(-1)
  ofPlace.forEach((content, place) => {
    const at = next[content]!
    if (had[at]?.content !== content) return
    twins[place] = at
    next[content] = at + 1
  })
  return { length, at: place => had[twins[place]!] }
}

/** Those of its lines that may be had already, in their order. */
function* foundOf(coming: StatementIn, { ofPlace }: Contents, twins: Twins): Generator<Twin> {
  if (twins.length === 0) return
  let place = 0
  for (const { line } of linesIn(coming)) {
    const [twin, content] = [twins.at(place), ofPlace[place]!]
    place += 1
    if (twin === undefined) continue
    const isCounted = line.status === 'booked' && line.money.currency === coming.sums.currency
    yield { content, moved: isCounted ? signed(line.money) : '0', isEarlier: twin.isEarlier }
  }
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
  { fromDay, toDay, sequence, page }: StatementIn,
  contents: Contents,
): Promise<Known[]> {
  const known: Known[] = []
  for (let from = 0; from < contents.count; from += contentsAtOnce) {
    const length = Math.min(contentsAtOnce, contents.count - from)
    const hashes = Array.from({ length }, (_, place) => `\\x${contents.hashOf(from + place).toString('hex')}`)
    const { rows } = await tx.execute<Omit<Known, 'content'> & { sameAs: string }>(sql`
      with held as (
        select l.same_as, l.occurrence, s.from_day <= ${toDay} and s.to_day >= ${fromDay} as overlaps,
          (s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0))
            <= (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int) as stands_before
        from bank_line l join bank_statement s on s.book_id = l.book_id and s.id = l.statement_id
        where l.book_id = ${bookId} and l.bank_account_id = ${bankAccountId} and l.standing in ('new', 'repeated') and s.standing = 'taken'
          and l.same_as = any (${sql.param(hashes)}::bytea[]))
      select encode(h.same_as, 'hex') as "sameAs", h.occurrence, bool_or(h.overlaps) as "isOverlapping",
        bool_or(h.overlaps and h.stands_before) as "isEarlier"
      from held h group by h.same_as, h.occurrence`)
    for (const { sameAs, occurrence, isOverlapping, isEarlier } of rows)
      known.push({ content: contents.find(Buffer.from(sameAs, 'hex'))!, occurrence, isOverlapping, isEarlier })
  }
  return known
}
