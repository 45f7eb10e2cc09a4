import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { type Contents, contentsOf, timesOf } from './contents.ts'
import type { Gated } from './gate.ts'
import { type Had, type Repeated, repeatedOf } from './had.ts'
import type { StatementIn } from './statement-in.ts'

type Known = Had & { isOverlapping: boolean }

const contentsAtOnce = 10_000

/**
 * Of each line of a statement, by its place from 0: whether it is had already, and which of those that say the same it is. `unsure` is
 * of how many nobody can tell.
 */
export type Division = { isRepeated: Uint8Array; occurrences: Int32Array; unsure: number }

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
  const contents = contentsOf(coming.hashes)
  const known = await knownLines(tx, bookId, bankAccountId, coming, contents)
  const last = new Int32Array(contents.count)
  for (const { content, occurrence } of known) last[content] = Math.max(last[content]!, occurrence)
  const had = known.filter(({ isOverlapping }) => isOverlapping)
  if (had.length === 0) return numbered(contents, last, noneRepeated)
  const repeated = await repeatedOf(tx, { bookId, bankAccountId, coming, gated, contents, had })
  return numbered(contents, last, repeated)
}

/** Of a statement that is not taken: nothing in it counts, whoever had it before. */
export function undivided({ hashes }: StatementIn): Division {
  const contents = contentsOf(hashes)
  return numbered(contents, new Int32Array(contents.count), noneRepeated)
}

const noneRepeated: Repeated = { byContent: new Map(), unsure: 0 }

/** Numbers those that say the same, after the last that is had; of those that are had already their numbers are told. */
function numbered(contents: Contents, last: Int32Array, { byContent, unsure }: Repeated): Division {
  const { ofPlace } = contents
  const { length } = ofPlace
  const division = { isRepeated: new Uint8Array(length), occurrences: new Int32Array(length), unsure }
  const timesLeft = timesOf(contents)
  const queues = new Map([...byContent].map(([content, its]) => [content, queueOf(its)]))
  for (let place = 0; place < length; place++) {
    const content = ofPlace[place]!
    const queue = queues.get(content)
    // Payments of their own come after what was had before, and before what was had after.
    const isLate = queue !== undefined && timesLeft[content] === queue.later.length
    const had = queue?.earlier.shift() ?? (isLate ? queue.later.shift() : undefined)
    timesLeft[content]! -= 1
    if (had === undefined) last[content]! += 1
    division.isRepeated[place] = had === undefined ? 0 : 1
    division.occurrences[place] = had?.occurrence ?? last[content]!
  }
  return division
}

function queueOf(repeated: readonly Had[]): { earlier: Had[]; later: Had[] } {
  return { earlier: repeated.filter(one => one.isEarlier), later: repeated.filter(one => !one.isEarlier) }
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
            <= (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int) as stands_before,
          case l.standing when 'new' then s.id::text end as counted_in
        from bank_line l join bank_statement s on s.book_id = l.book_id and s.id = l.statement_id
        where l.book_id = ${bookId} and l.bank_account_id = ${bankAccountId} and l.standing in ('new', 'repeated') and s.standing = 'taken'
          and l.same_as = any (${sql.param(hashes)}::bytea[]))
      select encode(h.same_as, 'hex') as "sameAs", h.occurrence, bool_or(h.overlaps) as "isOverlapping",
        bool_or(h.overlaps and h.stands_before) as "isEarlier", max(h.counted_in) as "statementId"
      from held h group by h.same_as, h.occurrence`)
    for (const { sameAs, ...one } of rows) known.push({ content: contents.find(Buffer.from(sameAs, 'hex'))!, ...one })
  }
  return known
}
