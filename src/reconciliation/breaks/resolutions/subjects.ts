import { sql } from 'drizzle-orm'
import type { Connection } from '../../../ledger/index.ts'
import type { Amount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import { type BreakRow, readBreaks } from '../reading.ts'
import { mostBreaks } from './wire.ts'

type Of = { bookId: string; bankAccountId: string }

/**
 * The breaks that a proposal is about, whether they are over or not: by their ids, or by a question, whose members never change.
 * @throws Refusal `break-not-found`, `resolution-unfit`
 */
export async function breaksAbout(
  connection: Connection,
  of: Of,
  { breaks, question }: { breaks?: readonly string[] | undefined; question?: string | undefined },
): Promise<BreakRow[]> {
  const where =
    breaks === undefined ? sql`b.question = ${question}` : sql`b.id = any (${sql.param([...breaks])}::uuid[])`
  const rows = await readBreaks(connection, of, { where, limit: 10 * mostBreaks })
  const known = new Set(rows.map(({ id }) => id))
  const unknown = breaks?.filter(id => !known.has(id)) ?? []
  if (rows.length === 0 || unknown.length > 0)
    throw new Refusal('break-not-found', 'The account has not all of these breaks.', {
      facts: { breaks: unknown.slice(0, 100) },
    })
  // Of one thing that was found again and again, what is open is meant.
  const ended = rows.toSorted((one, other) => Number(one.endedAt === null) - Number(other.endedAt === null))
  const subjects = [...new Map(ended.map(row => [row.subject, row])).values()]
  if (subjects.length > mostBreaks)
    throw new Refusal('resolution-unfit', `More than ${mostBreaks} breaks bear the question: name some of them.`)
  return subjects
}

/** Lines and entries that breaks are of, by id, and by how much each moves the account. */
export type Items = {
  lines: string[]
  entries: string[]
  /** Breaks of statements, which are of neither. */
  statements: number
  moves: Map<string, Amount>
}

export function itemsOf(breaks: readonly BreakRow[]): Items {
  const items: Items = { lines: [], entries: [], statements: 0, moves: new Map() }
  for (const { subject, amount } of breaks) {
    const [sort, ...rest] = subject.split(':')
    const id = rest.join(':')
    if (sort === 'line') {
      items.lines.push(id)
      items.moves.set(id, BigInt(amount!))
    } else if (sort === 'entry') {
      items.entries.push(id)
      // What the ledger has and the bank has not.
      items.moves.set(id, -BigInt(amount!))
    } else items.statements += 1
  }
  items.lines.sort()
  items.entries.sort()
  return items
}

export function sumOf({ moves }: Items, ids: readonly string[]): Amount {
  return ids.reduce((sum, id) => sum + moves.get(id)!, 0n)
}

/** The open break of each origin, locked: whoever proposes of the same at the same time waits. */
export async function openBreaks(
  connection: Connection,
  { bookId, bankAccountId }: Of,
  origins: readonly string[],
): Promise<Map<string, string>> {
  const list = sql.param([...origins])
  await connection.execute(sql`
    select from reconciliation_break b where b.book_id = ${bookId} and b.id = any (${list}::uuid[]) order by b.id for no key update`)
  const { rows } = await connection.execute<{ origin: string; id: string }>(sql`
    select b.origin, b.id from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${bankAccountId} and b.origin = any (${list}::uuid[]) and b.ended_at is null`)
  return new Map(rows.map(({ origin, id }) => [origin, id]))
}
