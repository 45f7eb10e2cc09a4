import assert from 'node:assert/strict'
import { sql } from 'drizzle-orm'
import type { Actor } from '../http/actor.ts'
import type { Connection } from '../ledger/index.ts'
import { Refusal } from '../refusals.ts'

/** Who does field work: the roles that register, open and record. */
export const fieldRoles = ['agent', 'administrator'] as const

/** Who may see persons by name. An analyst gets figures and no identities. */
export const identityRoles = ['agent', 'bank', 'auditor', 'administrator'] as const

/**
 * The agent in whose name something is done: an agent's key acts for that agent alone, any other may name one.
 * @returns null when none is named and none is acting.
 * @throws Refusal `access-denied`
 */
export function actingAgent(actor: Actor, named: string | undefined): string | null {
  if (actor.role !== 'agent') return named ?? null
  assert(actor.agentId !== null, 'an agent’s key has its agent')
  if (named !== undefined && named !== actor.agentId) {
    throw new Refusal('access-denied', 'Your key acts for another agent.')
  }
  return actor.agentId
}

/** @throws Refusal `agent-not-found` */
export async function requireAgent(connection: Connection, bookId: string, agentId: string): Promise<void> {
  const { rowCount } = await connection.execute(
    sql`select from agent a where a.book_id = ${bookId} and a.id = ${agentId}`,
  )
  if (rowCount === 0) throw new Refusal('agent-not-found', 'The book has no such agent.', { facts: { agentId } })
}
