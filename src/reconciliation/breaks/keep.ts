import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import type { Telling } from '../../feed/kinds.ts'
import type { BreakReason } from './reasons.ts'

/** A break that was found: what it is of, and why. */
export type FoundBreak = {
  subject: string
  reason: BreakReason
  statementId: string | null
  line: number | null
  sequence: bigint | null
  position: number | null
  amount: bigint | null
  day: string
  detail: string
  question: string | null
  score: number | null
}

const breaksAtOnce = 10_000

type Open = Pick<FoundBreak, 'subject' | 'reason' | 'day' | 'detail' | 'question' | 'score'> & {
  id: string
  origin: string
  amount: string | null
}

/** What of a break is told when it opens or ends. */
export type ToldBreak = { id: string; origin: string; bankAccountId: string; reason: BreakReason; day: string }

/** Which breaks opened and which ended, to be told by whoever changes more in the same database transaction. */
export type BreakChanges = { opened: ToldBreak[]; ended: ToldBreak[] }

/** That breaks ended, and then that others opened: what came in the place of another is told after it. */
export function tellingsOf({ opened, ended }: BreakChanges): Telling[] {
  return [
    ...ended.map((one): Telling => ({ kind: 'break-closed', subject: one.id, facts: factsOf(one) })),
    ...opened.map((one): Telling => ({ kind: 'break-opened', subject: one.id, facts: factsOf(one) })),
  ]
}

function factsOf({ id, origin, bankAccountId, reason, day }: ToldBreak) {
  return { bankAccountId, breakId: id, firstBreakId: origin, reason, day }
}

/**
 * The time of what is done to accounts in one's turn: never before what was done to them last. It was asked for before one had
 * waited for the turn, and another's clock may be ahead.
 */
export async function timeInTurn(tx: Tx, bookId: string, bankAccountIds: readonly string[], at: Date): Promise<Date> {
  const ids = sql.param([...bankAccountIds])
  const { rows } = await tx.execute<{ last: string | null }>(sql`
    select greatest(
      (select max(b.opened_at) from reconciliation_break b
        where b.book_id = ${bookId} and b.bank_account_id = any (${ids}::uuid[]) and b.ended_at is null),
      (select max(r.recorded_at) from matching_run r where r.book_id = ${bookId} and r.bank_account_id = any (${ids}::uuid[]))) as last`)
  const last = rows[0]?.last ?? null
  return last !== null && new Date(last) > at ? new Date(last) : at
}

/**
 * Brings the open breaks of an account, as far as their subjects begin so, in line with what is found now: what is found
 * again stays open as old as it is, what is found no more ends. Answers which opened and ended.
 */
export async function syncBreaks(
  tx: Tx,
  of: { bookId: string; bankAccountId: string; beginnings: readonly string[] },
  found: readonly FoundBreak[],
  now: Date,
): Promise<BreakChanges> {
  const { bookId, bankAccountId, beginnings } = of
  const { rows } = await tx.execute<Open>(sql`
    select b.id, b.origin, b.subject, b.reason, b.day::text as day, b.amount::text as amount, b.detail, b.question, b.score from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${bankAccountId} and b.ended_at is null
      and b.subject ^@ any (${sql.param([...beginnings])}::text[])`)
  const open = new Map(rows.map(row => [row.subject, row]))
  const isSame = (one: FoundBreak) => {
    const before = open.get(one.subject)
    return (
      before !== undefined &&
      before.reason === one.reason &&
      before.amount === (one.amount?.toString() ?? null) &&
      before.detail === one.detail &&
      before.question === one.question &&
      before.score === one.score
    )
  }
  const fresh = found.filter(one => !isSame(one))
  const kept = new Set(found.filter(isSame).map(({ subject }) => subject))
  const over = rows.filter(({ subject }) => !kept.has(subject))
  for (let from = 0; from < over.length; from += breaksAtOnce) {
    const ending = over.slice(from, from + breaksAtOnce).map(({ id }) => id)
    await endBreaks(tx, bookId, ending, now)
  }
  const told = ({ id, origin, reason, day }: Omit<ToldBreak, 'bankAccountId'>) => ({
    ...{ id, origin, bankAccountId, reason, day },
  })
  const opened: ToldBreak[] = []
  for (let from = 0; from < fresh.length; from += breaksAtOnce) {
    const opening = fresh.slice(from, from + breaksAtOnce).map(one => {
      const id = randomUUID()
      // What comes in the place of another is the same matter, with its owner and comments.
      return { ...one, id, origin: open.get(one.subject)?.origin ?? id }
    })
    await insert(tx, bookId, bankAccountId, opening, now)
    opened.push(...opening.map(told))
  }
  return { opened, ended: over.map(told) }
}

export async function endBreaks(tx: Tx, bookId: string, ids: readonly string[], now: Date): Promise<void> {
  await tx.execute(sql`
    update reconciliation_break set ended_at = ${now.toISOString()}
    where book_id = ${bookId} and id = any (${sql.param([...ids])}::uuid[]) and ended_at is null`)
}

type Opening = FoundBreak & { id: string; origin: string }

async function insert(tx: Tx, bookId: string, bankAccountId: string, chunk: readonly Opening[], now: Date) {
  const column = <Value>(of: (one: Opening) => Value) => sql.param(chunk.map(of))
  const instant = now.toISOString()
  await tx.execute(sql`
    insert into reconciliation_break (book_id, id, origin, bank_account_id, reason, subject, statement_id, line, sequence, position, amount, day,
      detail, question, score, opened_at)
    select ${bookId}, b.id, b.origin, ${bankAccountId}, b.reason, b.subject, b.statement_id, b.line, b.sequence, b.position, b.amount, b.day, b.detail,
      b.question, b.score, ${instant}
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ origin }) => origin)}::uuid[], ${column(({ reason }) => reason)}::text[], ${column(({ subject }) => subject)}::text[],
      ${column(({ statementId }) => statementId)}::uuid[], ${column(({ line }) => line)}::int[],
      ${column(({ sequence }) => sequence?.toString() ?? null)}::bigint[], ${column(({ position }) => position)}::smallint[],
      ${column(({ amount }) => amount?.toString() ?? null)}::bigint[], ${column(({ day }) => day)}::date[],
      ${column(({ detail }) => detail)}::text[], ${column(({ question }) => question)}::uuid[],
      ${column(({ score }) => score)}::smallint[])
      as b(id, origin, reason, subject, statement_id, line, sequence, position, amount, day, detail, question, score)`)
}
