import type { OracleBook } from './oracle.ts'
import { draftOf, type StoredBook } from './stored-book.ts'

/** What is stored, in the oracle's words. */
export function stateOf({ head, accounts, transactions, entries, holds, events }: StoredBook): unknown {
  const entriesOf = Map.groupBy(entries, entry => entry.sequence)
  return {
    closedThrough: head.closed_through,
    recordedAt: head.recorded_at.getTime(),
    accounts: accounts.map(row => ({
      ...{ id: row.id, code: row.code, name: row.name, normal: row.normal, status: row.status },
      ...{ floor: row.floor === null ? null : BigInt(row.floor), openedOn: row.opened_on, closedOn: row.closed_on },
      ...{ debits: BigInt(row.debits), credits: BigInt(row.credits), held: BigInt(row.held) },
    })),
    journal: transactions.map(row => {
      const rows = entriesOf.get(row.sequence)!
      const original = row.reverses === null ? undefined : transactions[Number(row.reverses) - 1]
      return {
        draft: draftOf(row, rows, original),
        ...{ actor: row.actor, sequence: Number(row.sequence), recordedAt: row.recorded_at.getTime() },
        after: rows.map(entry => ({ debits: BigInt(entry.debits_after), credits: BigInt(entry.credits_after) })),
      }
    }),
    holds: holds.map(row => ({
      ...{ id: row.id, accountId: row.account_id, status: row.status },
      ...{ amount: BigInt(row.amount), captured: BigInt(row.captured) },
      ...{ expiresAt: row.expires_at?.getTime() ?? null, endedAt: row.ended_at?.getTime() ?? null },
    })),
    register: events.map(row => ({
      ...{ kind: row.kind, subject: row.subject, actor: row.actor },
      ...{ afterSequence: Number(row.after_sequence), recordedAt: row.recorded_at.getTime() },
    })),
  }
}

/** What the oracle has, in the same words. */
export function expectedState({ closedThrough, recordedAt, accounts, journal, holds, register }: OracleBook): unknown {
  const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)
  return {
    closedThrough,
    recordedAt,
    accounts: [...accounts.values()].sort(byId).map(({ opening: _, ...account }) => account),
    journal: journal.map(one => ({ ...one, draft: { ...one.draft, evidence: one.draft.evidence ?? {} } })),
    holds: [...holds.values()].sort(byId).map(({ placing: _, ...hold }) => hold),
    register,
  }
}
