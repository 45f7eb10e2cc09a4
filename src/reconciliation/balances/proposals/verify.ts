import type { PgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { Session } from '../../../db/stream.ts'
import { type Book, contentHash } from '../../../ledger/index.ts'
import { fingerprint } from '../../../savings/registering.ts'
import { proposedOf } from '../comparing.ts'
import { causes, type Proposable } from '../outcomes.ts'
import { decisionSeal } from '../seals.ts'
import { proposalDraft, transactionOf } from './drafts.ts'
import { balanceDecided, balanceDecision, balanceProposal, type DecisionOutcome } from './schema.ts'

export type Wrong = (table: PgTable, recordId: string, expected: string, found: string) => void

type Row = {
  listId: string
  seal: string
  asOf: string
  savingsAccountId: string
  kind: Proposable
  amount: string
  proposedBy: string
  /** What its line tells of it, and who had that comparison made. */
  told: string | null
  ofAccount: string | null
  explanations: unknown
  comparedBy: string | null
  outcome: DecisionOutcome | null
  decidedBy: string | null
  transactionId: string | null
  decision: string | null
}

/** Holds proposals against the lines that they are of, and what was posted against what was approved; nothing else was posted for a list. */
export async function verifyProposals(session: Session, book: Book, wrong: Wrong): Promise<number> {
  const decisions = await verifyDecisions(session, book.id, wrong)
  const { rows } = await session.query<Row>(
    `select p.list_id as "listId", encode(b.seal, 'hex') as seal, b.as_of as "asOf", p.savings_account_id as "savingsAccountId", p.kind,
       p.amount::text, p.proposed_by as "proposedBy", case p.kind when 'interest' then l.interest else l.fees end::text as told,
       l.savings_account_id as "ofAccount", l.explanations, c.actor as "comparedBy", d.outcome, d.decided_by as "decidedBy",
       d.transaction_id as "transactionId", x.outcome || ' by ' || x.actor as decision
     from balance_proposal p
     join balance_list b on b.book_id = p.book_id and b.id = p.list_id
     left join balance_comparison c on c.book_id = p.book_id and c.id = p.comparison_id and c.list_id = p.list_id
     left join balance_comparison_line l on l.book_id = p.book_id and l.comparison_id = c.id and l.number = p.number
     left join balance_decided d on d.book_id = p.book_id and d.list_id = p.list_id and d.savings_account_id = p.savings_account_id
       and d.kind = p.kind and d.proposed_by = p.proposed_by
     left join balance_decision x on x.book_id = d.book_id and x.id = d.decision_id and x.list_id = d.list_id
     where p.book_id = $1 order by p.list_id, p.savings_account_id, p.kind`,
    [book.id],
  )
  for (const row of rows) verifyProposal(row, wrong)
  await verifyPosted(session, book, rows, wrong)
  await verifyMissing(session, book.id, wrong)
  return decisions + rows.length
}

const stored = z.array(z.array(z.enum(causes)))

/** What a line proposes; nothing when what is kept there is none of ours, which is told of the line itself. */
function kindsIn(explanations: unknown): Proposable[] {
  const read = stored.safeParse(explanations)
  return read.success ? proposedOf(read.data) : []
}

function nameOf({ listId, savingsAccountId, kind }: Pick<Row, 'listId' | 'savingsAccountId' | 'kind'>): string {
  return `${listId}:${savingsAccountId}:${kind}`
}

function verifyProposal(row: Row, wrong: Wrong): void {
  const { savingsAccountId, kind, amount, proposedBy, told, ofAccount, comparedBy, outcome, decidedBy } = row
  const isFound = kindsIn(row.explanations).includes(kind)
  const expected = `${told} of ${ofAccount} by ${comparedBy}${isFound ? '' : ', which proposes nothing'}`
  const found = `${amount} of ${savingsAccountId} by ${proposedBy}`
  if (expected !== found) wrong(balanceProposal, nameOf(row), expected, found)
  if (outcome === null) return
  const [decided, decision] = [`${outcome} by ${decidedBy}`, row.decision ?? 'no decision']
  if (decided !== decision) wrong(balanceDecided, nameOf(row), decision, decided)
  if (decidedBy === proposedBy) wrong(balanceDecided, nameOf(row), 'another than who proposed it', decidedBy)
  const transactionId = outcome === 'approved' ? transactionOf(row) : null
  if (row.transactionId !== transactionId)
    wrong(balanceDecided, nameOf(row), `transaction ${transactionId}`, `${row.transactionId}`)
}

const proposalsAtOnce = 2_000

/** What was approved is posted, just so and by whoever approved it; nothing stands in the ledger under the ids of the others. */
async function verifyPosted(session: Session, book: Book, rows: readonly Row[], wrong: Wrong): Promise<void> {
  for (let from = 0; from < rows.length; from += proposalsAtOnce) {
    const some = rows.slice(from, from + proposalsAtOnce)
    const { rows: posted } = await session.query<{ id: string; hash: string; actor: string }>(
      `select t.id, encode(t.content_hash, 'hex') as hash, t.actor from transaction t where t.book_id = $1 and t.id = any ($2::uuid[])`,
      [book.id, some.map(transactionOf)],
    )
    const byId = new Map(posted.map(({ id, hash, actor }) => [id, `${hash} by ${actor}`]))
    for (const row of some) {
      const draft = proposalDraft(book, { ...row, amount: BigInt(row.amount) })
      const isPosted = row.outcome === 'approved'
      const expected = isPosted ? `${contentHash(book.id, draft).toString('hex')} by ${row.decidedBy}` : 'nothing'
      const found = byId.get(transactionOf(row)) ?? 'nothing'
      if (expected !== found) wrong(balanceProposal, nameOf(row), expected, found)
    }
  }
}

/** What lines propose and nobody has; decisions of what was not proposed; transactions that speak of a list and were not approved. */
async function verifyMissing(session: Session, bookId: string, wrong: Wrong): Promise<void> {
  const { rows: lines } = await session.query<{
    listId: string
    savingsAccountId: string
    explanations: unknown
    kinds: Proposable[]
  }>(
    `select c.list_id as "listId", l.savings_account_id as "savingsAccountId", l.explanations,
       array(select p.kind from balance_proposal p where p.book_id = l.book_id and p.list_id = c.list_id
         and p.savings_account_id = l.savings_account_id) as kinds
     from balance_comparison_line l join balance_comparison c on c.book_id = l.book_id and c.id = l.comparison_id
     where l.book_id = $1 and l.outcome = 'differs' and l.explanations <> '[]' order by c.list_id, l.number`,
    [bookId],
  )
  for (const { explanations, kinds, ...of } of lines)
    for (const kind of kindsIn(explanations))
      if (!kinds.includes(kind)) wrong(balanceProposal, nameOf({ ...of, kind }), 'a proposal', 'none')
  const { rows: strays } = await session.query<{ of: 'decided' | 'proposal'; id: string }>(
    `select 'decided' as of, d.list_id || ':' || d.savings_account_id || ':' || d.kind as id from balance_decided d
       where d.book_id = $1 and not exists (select from balance_proposal p where p.book_id = d.book_id and p.list_id = d.list_id
         and p.savings_account_id = d.savings_account_id and p.kind = d.kind and p.proposed_by = d.proposed_by)
     union all
     select 'proposal', p.list_id::text from balance_proposal p
       where p.book_id = $1 and not exists (select from balance_list b where b.book_id = p.book_id and b.id = p.list_id)
     union all
     select 'decided', t.id::text from transaction t
       where t.book_id = $1 and t.kind in ('interest', 'bank-fee') and t.evidence ? 'balanceListId' and not exists (
         select from balance_decided d where d.book_id = t.book_id and d.transaction_id = t.id)`,
    [bookId],
  )
  const tables = { decided: balanceDecided, proposal: balanceProposal }
  for (const { of, id } of strays) wrong(tables[of], id, 'what it is of', 'nothing')
}

type DecisionRow = typeof balanceDecision.$inferSelect & { found: number }

async function verifyDecisions(session: Session, bookId: string, wrong: Wrong): Promise<number> {
  const { rows } = await session.query<DecisionRow>(
    `select x.book_id as "bookId", x.id, x.list_id as "listId", x.outcome, x.chosen, x.reason, x.proposals, x.recorded_at as "recordedAt",
       x.actor, x.content_hash as "contentHash", x.seal,
       (select count(*)::int from balance_decided d where d.book_id = x.book_id and d.decision_id = x.id) as found
     from balance_decision x where x.book_id = $1 order by x.id`,
    [bookId],
  )
  for (const row of rows) {
    const { id, listId, outcome, chosen, reason, proposals, found } = row
    const content = fingerprint({ listId, outcome, chosen, reason }).toString('hex')
    if (content !== row.contentHash.toString('hex'))
      wrong(balanceDecision, id, content, row.contentHash.toString('hex'))
    const seal = decisionSeal(row).toString('hex')
    if (seal !== row.seal.toString('hex')) wrong(balanceDecision, id, seal, row.seal.toString('hex'))
    if (found !== proposals) wrong(balanceDecision, id, `${proposals} proposals`, `${found}`)
  }
  return rows.length
}
