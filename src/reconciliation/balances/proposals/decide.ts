import { sql } from 'drizzle-orm'
import { type Tx, transact } from '../../../db/client.ts'
import type { Actor } from '../../../http/actor.ts'
import { refuseSameHand } from '../../../http/hands.ts'
import { type Book, bookOf, lockHead } from '../../../ledger/index.ts'
import { type Amount, formatAmount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { register } from '../../../savings/registering.ts'
import { reasonIn } from '../../../savings/verbs/lines-refused.ts'
import { proposedOf } from '../comparing.ts'
import { explain } from '../explain.ts'
import { movesAt } from '../moves.ts'
import type { Proposable } from '../outcomes.ts'
import { askingOf, headOf, positionsAt } from '../positions.ts'
import { listRow } from '../reading.ts'
import type { balanceList } from '../schema.ts'
import { decisionSeal } from '../seals.ts'
import type { Chosen } from './choice.ts'
import { proposalDraft, transactionOf } from './drafts.ts'
import { balanceDecided, balanceDecision } from './schema.ts'
import { type DecisionBody, mostDecided } from './wire.ts'

type ListRow = typeof balanceList.$inferSelect

/** A proposal that waits, with what the bank told of its account. */
type Waiting = {
  savingsAccountId: string
  kind: Proposable
  amount: Amount
  proposedBy: string
  theirs: Amount
  interest: Amount | null
  fees: Amount | null
}

/**
 * Decides proposals of a list, each once, by another than whoever had it compared. Approved, all of them are posted, or none and the reason
 * of each that stands against it: also that what we differ by is no longer made up by it.
 * @throws Refusal `balance-list-not-found`, `balance-proposal-not-waiting`, `second-actor-needed`, `lines-refused`, `id-reused`
 */
export async function decideProposals(
  parts: Parts,
  bookId: string,
  listId: string,
  actor: Actor,
  {
    id,
    outcome,
    reason = undefined,
    kind = null,
    accounts,
    except,
  }: Omit<DecisionBody, 'id' | 'kind'> & {
    id: string
    kind?: Proposable | null | undefined
  },
) {
  const book = await bookOf(parts.db, bookId)
  const at = parts.clock.now()
  const chosen: Chosen = { kind, accounts, except }
  return transact(parts.db, async tx => {
    const list = await listRow(tx, bookId, listId)
    let waiting: Waiting[] = []
    const registered = await register(tx, balanceDecision, {
      where: inBook(balanceDecision, bookId, id),
      content: { listId, outcome, chosen, reason },
      at,
      actor: actor.clientId,
      decide: async () => {
        // Nothing else is posted, or decided, until this is over.
        await lockHead(tx, bookId, at)
        waiting = await waitingOf(tx, bookId, listId, chosen)
        refuseOthers(waiting, chosen)
        const makers = [...new Set(waiting.map(({ proposedBy }) => proposedBy))]
        await refuseSameHand(tx, actor, makers, 'Whoever had the list compared does not decide what was found by it.')
        const row = { bookId, id, listId, outcome, chosen, reason: reason ?? null, proposals: waiting.length }
        return { ...row, seal: decisionSeal({ ...row, recordedAt: at, actor: actor.clientId }) }
      },
    })
    if (!registered.replayed) {
      if (outcome === 'approved') await post(parts, tx, book, list, waiting, actor)
      await keepDecided(tx, registered.row, waiting)
    }
    return registered
  })
}

async function waitingOf(
  tx: Tx,
  bookId: string,
  listId: string,
  { kind, accounts, except }: Chosen,
): Promise<Waiting[]> {
  type Row = {
    [Key in keyof Waiting]: Waiting[Key] extends Amount
      ? string
      : Waiting[Key] extends Amount | null
        ? string | null
        : Waiting[Key]
  }
  const named = accounts === 'waiting' ? null : accounts
  const { rows } = await tx.execute<Row>(sql`
    select p.savings_account_id as "savingsAccountId", p.kind, p.amount::text, p.proposed_by as "proposedBy", l.theirs::text, l.interest::text,
      l.fees::text
    from balance_proposal p
    join balance_comparison_line l on l.book_id = p.book_id and l.comparison_id = p.comparison_id and l.number = p.number
    where p.book_id = ${bookId} and p.list_id = ${listId} and (${kind}::text is null or p.kind = ${kind})
      and (${sql.param(named)}::uuid[] is null or p.savings_account_id = any (${sql.param(named)}::uuid[]))
      and p.savings_account_id <> all (${sql.param(except)}::uuid[])
      and not exists (select from balance_decided d where d.book_id = p.book_id and d.list_id = p.list_id
        and d.savings_account_id = p.savings_account_id and d.kind = p.kind)
    order by p.savings_account_id, p.kind limit ${mostDecided}`)
  const amount = (text: string | null) => (text === null ? null : BigInt(text))
  return rows.map(row => ({
    ...row,
    ...{
      amount: BigInt(row.amount),
      theirs: BigInt(row.theirs),
      interest: amount(row.interest),
      fees: amount(row.fees),
    },
  }))
}

/** @throws Refusal `balance-proposal-not-waiting` */
function refuseOthers(waiting: readonly Waiting[], { accounts }: Chosen): void {
  const found = new Set(waiting.map(one => one.savingsAccountId))
  const others = accounts === 'waiting' ? [] : accounts.filter(account => !found.has(account))
  if (waiting.length > 0 && others.length === 0) return
  throw new Refusal('balance-proposal-not-waiting', 'Of these accounts nothing waits to be decided.', {
    facts: { accounts: others.slice(0, 100) },
  })
}

/** Posts all of them, or none. @throws Refusal `lines-refused` */
async function post(
  { ledger }: Parts,
  tx: Tx,
  book: Book,
  list: ListRow,
  waiting: readonly Waiting[],
  actor: Actor,
): Promise<void> {
  const outdated = await outdatedOf(tx, book, list, waiting)
  const drafts = waiting.map(one => proposalDraft(book, { ...one, ...listOf(list) }))
  const [outcomes] = await ledger.postListsWithin(tx, book, [drafts], actor.clientId)
  const refused = waiting.flatMap(({ savingsAccountId, kind }, place) => {
    const posted = outcomes![place]!
    const against = 'refusal' in posted ? reasonIn(posted.refusal, { savingsAccountId }, book) : null
    const refusal = outdated[place] ?? against
    return refusal === null ? [] : [{ savingsAccountId, kind, code: refusal.code, ...refusal.facts }]
  })
  if (refused.length === 0) return
  const detail = `${refused.length} of ${waiting.length} proposals were refused; nothing was posted.`
  throw new Refusal('lines-refused', detail, { facts: { lines: refused } })
}

function listOf({ id, asOf, seal }: ListRow) {
  return { listId: id, asOf, seal: seal.toString('hex') }
}

/** Compares the accounts again, as they stand under the head's lock: a proposal holds as long as nothing else would make up the difference. */
async function outdatedOf(tx: Tx, { id: bookId, currency }: Book, { asOf }: ListRow, waiting: readonly Waiting[]) {
  const ids = [...new Set(waiting.map(one => one.savingsAccountId))]
  const ask = askingOf(tx)
  const viewed = { bookId, asOf, ...(await headOf(ask, bookId)) }
  const balances = new Map((await positionsAt(ask, viewed, ids)).map(({ id, balance }) => [id, balance]))
  const moves = await movesAt(ask, viewed, ids)
  return waiting.map(one => {
    const { savingsAccountId, kind, theirs } = one
    const difference = theirs - balances.get(savingsAccountId)!
    const explanations = explain(difference, { ...one, moves: moves.get(savingsAccountId) })
    if (proposedOf(explanations).includes(kind)) return null
    const facts = { difference: formatAmount(difference, currency) }
    return new Refusal('balance-proposal-outdated', 'It would not make up what we differ by now.', { facts })
  })
}

async function keepDecided(
  tx: Tx,
  decision: typeof balanceDecision.$inferSelect,
  waiting: readonly Waiting[],
): Promise<void> {
  const { bookId, id: decisionId, listId, outcome, actor } = decision
  await tx.insert(balanceDecided).values(
    waiting.map(one => ({
      ...{ bookId, listId, savingsAccountId: one.savingsAccountId, kind: one.kind, decisionId, outcome },
      ...{ proposedBy: one.proposedBy, decidedBy: actor },
      transactionId: outcome === 'approved' ? transactionOf({ ...one, listId }) : null,
    })),
  )
}
