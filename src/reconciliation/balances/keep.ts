import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { fingerprint } from '../../savings/registering.ts'
import { type Comparison, type Line, proposedOf } from './comparing.ts'
import type { Viewed } from './positions.ts'
import { balanceComparison } from './schema.ts'
import { comparisonSeal } from './seals.ts'

/** A comparison to be kept, and who asked for it when. */
export type Asked = { id: string; listId: string; actor: string; at: Date }

/**
 * Keeps a comparison with its lines, and proposes what the list tells of interest and fees, but for what an earlier comparison of it
 * proposed. Answers false when there is one of this id.
 */
export async function keepComparison(tx: Tx, viewed: Viewed, asked: Asked, comparison: Comparison): Promise<boolean> {
  const { bookId, sequence, eventNumber } = viewed
  const { id, listId, actor, at } = asked
  const { lines, accounts, ours, theirs } = comparison
  const row = {
    ...{ bookId, id, listId, sequence, eventNumber, lines: lines.length, accounts, ours, theirs },
    ...{ difference: theirs - ours, recordedAt: at, actor },
  }
  const values = { ...row, contentHash: fingerprint({ listId }), seal: comparisonSeal(row) }
  const inserted = await tx.insert(balanceComparison).values(values).onConflictDoNothing()
  if (inserted.rowCount === 0) return false
  await keepLines(tx, bookId, id, comparison)
  await propose(tx, bookId, asked, lines)
  return true
}

/** All of them in one statement, for only then can they be added up. */
async function keepLines(tx: Tx, bookId: string, comparisonId: string, { lines, ours, theirs }: Comparison) {
  const column = (of: (line: Line) => unknown) =>
    sql.param(
      lines.map(line => {
        const value = of(line)
        return typeof value === 'bigint' ? value.toString() : value
      }),
    )
  await tx.execute(sql`
    insert into balance_comparison_line (book_id, comparison_id, number, all_lines, all_ours, all_theirs, file_row, bank_account_number, cci, told,
      currency, their_status, interest, fees, outcome, stranger, savings_account_id, ours, theirs, difference, our_status, explanations)
    select ${bookId}::uuid, ${comparisonId}::uuid, t.number, ${lines.length}::int, ${ours.toString()}::bigint, ${theirs.toString()}::bigint,
      t.file_row, t.bank_account_number, t.cci, t.told, t.currency, t.their_status, t.interest, t.fees, t.outcome, t.stranger,
      t.savings_account_id, t.ours, t.theirs, t.difference, t.our_status, t.explanations::jsonb
    from unnest(${column(({ row }) => row)}::int[], ${column(line => line.bankAccountNumber)}::text[], ${column(({ cci }) => cci)}::text[],
      ${column(({ told }) => told)}::text[], ${column(({ currency }) => currency)}::text[], ${column(line => line.theirStatus)}::text[],
      ${column(({ interest }) => interest)}::bigint[], ${column(({ fees }) => fees)}::bigint[], ${column(({ outcome }) => outcome)}::text[],
      ${column(({ stranger }) => stranger)}::text[], ${column(line => line.savingsAccountId)}::uuid[], ${column(line => line.ours)}::bigint[],
      ${column(line => line.theirs)}::bigint[], ${column(({ difference }) => difference)}::bigint[], ${column(line => line.ourStatus)}::text[],
      ${column(({ explanations }) => JSON.stringify(explanations))}::text[]) with ordinality
      as t(file_row, bank_account_number, cci, told, currency, their_status, interest, fees, outcome, stranger, savings_account_id, ours, theirs,
        difference, our_status, explanations, number)`)
}

async function propose(tx: Tx, bookId: string, { id, listId, actor }: Asked, lines: readonly Line[]): Promise<void> {
  const found = lines.flatMap((line, place) =>
    proposedOf(line.explanations).map(kind => ({
      ...{ kind, savingsAccountId: line.savingsAccountId!, number: place + 1 },
      amount: line[kind]!.toString(),
    })),
  )
  if (found.length === 0) return
  await tx.execute(sql`
    insert into balance_proposal (book_id, list_id, savings_account_id, kind, comparison_id, number, amount, proposed_by)
    select ${bookId}::uuid, ${listId}::uuid, t.savings_account_id, t.kind, ${id}::uuid, t.number, t.amount, ${actor}
    from unnest(${sql.param(found.map(one => one.savingsAccountId))}::uuid[], ${sql.param(found.map(({ kind }) => kind))}::text[],
      ${sql.param(found.map(({ number }) => number))}::int[], ${sql.param(found.map(one => one.amount))}::bigint[])
      as t(savings_account_id, kind, number, amount)
    on conflict do nothing`)
}
