import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { cursor, cutPage } from '../../../http/pages.ts'
import type { Book, Connection } from '../../../ledger/index.ts'
import { formatAmount } from '../../../money.ts'
import { type Proposable, proposable } from '../outcomes.ts'
import type { ProposalStatus, proposalSchema } from './wire.ts'

export type ProposalRow = {
  savingsAccountId: string
  bankAccountNumber: string | null
  kind: Proposable
  amount: string
  status: ProposalStatus
  comparisonId: string
  line: number
  proposedBy: string
  decision: { id: string; by: string; reason: string | null; decidedAt: string } | null
  transactionId: string | null
}

const proposalPlace = cursor(z.strictObject({ savingsAccountId: z.uuid(), kind: z.enum(proposable) }))

type Filter = { status?: ProposalStatus | undefined; kind?: Proposable | undefined }

/** A page of a list's proposals by account and kind. */
export async function proposalsPage(
  connection: Connection,
  { id: bookId, currency }: Book,
  listId: string,
  { status, kind }: Filter,
  after: string | undefined,
  limit: number,
) {
  const place = proposalPlace.read(after)
  const { rows } = await connection.execute<ProposalRow>(sql`
    select p.savings_account_id as "savingsAccountId", a.bank_account_number as "bankAccountNumber", p.kind, p.amount::text,
      coalesce(d.outcome, 'waiting') as status, p.comparison_id as "comparisonId", p.number as line, p.proposed_by as "proposedBy",
      case when d.decision_id is not null then json_build_object('id', d.decision_id, 'by', d.decided_by, 'reason', x.reason,
        'decidedAt', x.recorded_at) end as decision, d.transaction_id as "transactionId"
    from balance_proposal p join savings_account a on a.book_id = p.book_id and a.id = p.savings_account_id
    left join balance_decided d on d.book_id = p.book_id and d.list_id = p.list_id and d.savings_account_id = p.savings_account_id
      and d.kind = p.kind
    left join balance_decision x on x.book_id = d.book_id and x.id = d.decision_id
    where p.book_id = ${bookId} and p.list_id = ${listId} and (${status ?? null}::text is null or coalesce(d.outcome, 'waiting') = ${status ?? null})
      and (${kind ?? null}::text is null or p.kind = ${kind ?? null})
      ${place === null ? sql`` : sql`and (p.savings_account_id, p.kind) > (${place.savingsAccountId}::uuid, ${place.kind})`}
    order by p.savings_account_id, p.kind limit ${limit + 1}`)
  return cutPage(rows, limit, {
    cursor: proposalPlace,
    placeOf: ({ savingsAccountId, kind }) => ({ savingsAccountId, kind }),
    itemOf: ({ amount, decision, ...row }): z.output<typeof proposalSchema> => ({
      ...row,
      amount: formatAmount(BigInt(amount), currency),
      decision: decision && { ...decision, decidedAt: new Date(decision.decidedAt).toISOString() },
    }),
  })
}

export type ProposalCount = { kind: Proposable; status: ProposalStatus; count: number; amount: string }

/** How many proposals of a list there are of each kind and status, and what they come to. */
export async function proposalCounts(connection: Connection, bookId: string, listId: string): Promise<ProposalCount[]> {
  const { rows } = await connection.execute<ProposalCount>(sql`
    select p.kind, coalesce(d.outcome, 'waiting') as status, count(*)::int as count, sum(p.amount)::text as amount
    from balance_proposal p
    left join balance_decided d on d.book_id = p.book_id and d.list_id = p.list_id and d.savings_account_id = p.savings_account_id
      and d.kind = p.kind
    where p.book_id = ${bookId} and p.list_id = ${listId} group by 1, 2 order by 1, 2`)
  return rows
}
