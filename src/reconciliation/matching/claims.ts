import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import type { Match } from './items.ts'

const matchesAtOnce = 5_000

/** Whose matches they are: of a run, or of a resolution that was approved. */
type Made = { bookId: string; bankAccountId: string } & (
  | { runId: string; resolutionId: null }
  | { runId: null; resolutionId: string }
)

/**
 * Claims what was matched: keys of the database refuse what is claimed already, and a trigger what does not come to the same.
 * `moves` says of each line and entry by how much it moves the account.
 */
export async function claimMatches(
  tx: Tx,
  { bookId, bankAccountId, runId, resolutionId }: Made,
  matches: readonly Match[],
  moves: ReadonlyMap<string, bigint>,
): Promise<void> {
  for (let from = 0; from < matches.length; from += matchesAtOnce) {
    const chunk = matches.slice(from, from + matchesAtOnce).map((match, place) => {
      const number = from + place + 1
      return { ...match, number, id: nameId(`match:${number}`, runId ?? resolutionId) }
    })
    const claims = chunk.flatMap(({ id, lines, entries }) => [
      ...lines.map((item, place) => ({ matchId: id, number: place + 1, line: item, entry: null, item })),
      ...entries.map((item, place) => ({
        matchId: id,
        number: lines.length + place + 1,
        line: null,
        entry: item,
        item,
      })),
    ])
    const part = (text: string | null, place: number) => text?.split(':')[place] ?? null
    const list = <Value>(values: Value[]) => sql.param(values)
    await tx.execute(sql`
      insert into bank_match (book_id, id, bank_account_id, run_id, resolution_id, number, rule, reasons)
      select ${bookId}, m.id, ${bankAccountId}, ${runId}::uuid, ${resolutionId}::uuid, m.number, m.rule, m.reasons
      from unnest(${list(chunk.map(({ id }) => id))}::uuid[], ${list(chunk.map(({ number }) => number))}::int[],
        ${list(chunk.map(({ rule }) => rule))}::text[], ${list(chunk.map(({ reasons }) => JSON.stringify(reasons)))}::jsonb[])
        as m(id, number, rule, reasons)`)
    await tx.execute(sql`
      insert into bank_claim (book_id, match_id, number, statement_id, line, sequence, position, moves)
      select ${bookId}, c.match_id, c.number, c.statement_id, c.line, c.sequence, c.position, c.moves
      from unnest(${list(claims.map(({ matchId }) => matchId))}::uuid[], ${list(claims.map(({ number }) => number))}::int[],
        ${list(claims.map(({ line }) => part(line, 0)))}::uuid[], ${list(claims.map(({ line }) => part(line, 1)))}::int[],
        ${list(claims.map(({ entry }) => part(entry, 0)))}::bigint[], ${list(claims.map(({ entry }) => part(entry, 1)))}::smallint[],
        ${list(claims.map(({ item }) => moves.get(item)!.toString()))}::bigint[])
        as c(match_id, number, statement_id, line, sequence, position, moves)`)
  }
}
