import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import type { lineStandings } from './schema.ts'
import { type LineIn, linesIn, type StatementIn } from './statement-in.ts'
import type { Division } from './twins.ts'

/** As many lines as one statement of SQL writes: the memory that it takes is bounded. */
const linesAtOnce = 5_000

type LineStanding = (typeof lineStandings)[number]
type KeptLine = LineIn & { standing: LineStanding; occurrence: number }

type Of = { bookId: string; statementId: string; bankAccountId: string }

/** Writes the lines of a statement; those that are not had already stand as is said. Tells how many it has written, as it goes on. */
export async function keepLines(
  tx: Tx,
  of: Of,
  coming: StatementIn,
  { isRepeated, occurrences }: Division,
  standing: LineStanding,
  onKept: (lines: number) => void,
): Promise<void> {
  let [chunk, place]: [KeptLine[], number] = [[], 0]
  for (const line of linesIn(coming)) {
    chunk.push({ ...line, standing: isRepeated[place] ? 'repeated' : standing, occurrence: occurrences[place]! })
    place += 1
    if (chunk.length < linesAtOnce && place < occurrences.length) continue
    await write(tx, of, chunk)
    onKept(chunk.length)
    chunk = []
  }
}

async function write(tx: Tx, of: Of, chunk: readonly KeptLine[]): Promise<void> {
  const column = <Value>(of: (line: KeptLine) => Value) => sql.param(chunk.map(of))
  await tx.execute(sql`
      insert into bank_line (book_id, statement_id, number, bank_account_id, place, standing, same_as, occurrence, amount, currency, side,
        moves, status, is_reversal, booking_day, value_day, day, reference, end_to_end_id, code, counterparty, counterparty_account,
        text, details)
      select ${of.bookId}, ${of.statementId}, l.number, ${of.bankAccountId}, l.place, l.standing, decode(l.same_as, 'hex'), l.occurrence,
        l.amount, l.currency, l.side, l.moves, l.status, l.is_reversal, l.booking_day, l.value_day, l.day, l.reference, l.end_to_end_id,
        l.code, l.counterparty, l.counterparty_account, l.text, l.details
      from unnest(${column(({ line }) => line.number)}::int[], ${column(({ line }) => line.where)}::text[],
        ${column(({ standing }) => standing)}::text[], ${column(({ sameAs }) => sameAs.toString('hex'))}::text[],
        ${column(({ occurrence }) => occurrence)}::int[], ${column(({ line }) => line.money.amount)}::numeric[],
        ${column(({ line }) => line.money.currency)}::text[], ${column(({ line }) => line.money.side)}::text[],
        ${column(({ moves, standing }) => (standing === 'new' && moves !== null ? moves.toString() : null))}::bigint[],
        ${column(({ line }) => line.status)}::text[], ${column(({ line }) => line.isReversal)}::boolean[],
        ${column(({ line }) => line.bookingDate)}::date[], ${column(({ line }) => line.valueDate)}::date[],
        ${column(({ day }) => day)}::date[], ${column(({ line }) => line.reference)}::text[],
        ${column(({ line }) => line.endToEndId)}::text[], ${column(({ line }) => line.code)}::text[],
        ${column(({ line }) => line.counterparty)}::text[], ${column(({ line }) => line.counterpartyAccount)}::text[],
        ${column(({ line }) => line.text)}::text[], ${column(({ line }) => JSON.stringify(line.details))}::jsonb[])
        as l(number, place, standing, same_as, occurrence, amount, currency, side, moves, status, is_reversal, booking_day, value_day,
          day, reference, end_to_end_id, code, counterparty, counterparty_account, text, details)`)
}
