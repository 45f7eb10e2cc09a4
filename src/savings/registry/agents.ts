import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { openAccounts } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { agentCashOpening } from '../chart.ts'
import { inBook, recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { recordEvidence } from '../records.ts'
import { refuseBeforeBook, refuseFuture, register } from '../registering.ts'
import { agent } from '../schema.ts'
import { code, personName } from '../wording.ts'
import type { RegistryVerb } from './verb.ts'

type Row = typeof agent.$inferSelect

const agentBody = z
  .strictObject({
    id: clientId.describe('The agent’s id: the same in every book she works in'),
    code,
    name: personName,
    startsOn: calendarDate.describe('From then on she may hold cash of this book'),
  })
  .meta({
    id: 'AgentRegistration',
    examples: [
      { id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14', code: 'PR-07', name: 'Rosa Quispe Mamani', startsOn: '2026-01-05' },
    ],
  })

export const agentSchema = z
  .object({ id: z.uuid(), code, name: personName, startsOn: calendarDate })
  .meta({ id: 'Agent' })

type Agent = z.output<typeof agentSchema>

/** An agent collects in the field. With her opens the account of the cash she holds until it is banked. */
export const registerAgent: RegistryVerb<z.output<typeof agentBody>, Agent & { replayed: boolean }> = {
  type: 'register-agent',
  path: 'agents',
  operationId: 'registerAgent',
  summary: 'Register an agent in a book',
  description: 'Opens the account of her cash. Her keys are made with her id as `agentId`.',
  access: ['administrator'],
  body: agentBody,
  answer: agentSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredAgent' }),
  identified: true,
  refusals: ['id-reused', 'code-taken', 'date-in-future', 'date-too-early'],
  async run(parts: Parts, bookId, actor, { id, ...body }) {
    refuseFuture(parts, { startsOn: body.startsOn })
    const at = parts.clock.now()
    return transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, agent, {
        where: inBook(agent, bookId, id),
        content: body,
        at,
        actor: actor.clientId,
        decide: async () => {
          await refuseBeforeBook(tx, bookId, 'startsOn', body.startsOn)
          return { ...body, bookId, id }
        },
        taken: () => new Refusal('code-taken', 'Another agent of the book has this code.'),
      })
      if (!replayed) {
        const opening = agentCashOpening(bookId, id, body.startsOn, recordEvidence(agent, id, row))
        await openAccounts(tx, bookId, [opening], at, actor.clientId)
      }
      return { ...agentOf(row), replayed }
    })
  },
}

/** @throws Refusal `agent-not-found` */
export async function agentById(db: Db, bookId: string, id: string): Promise<Agent> {
  const [row] = await db
    .select()
    .from(agent)
    .where(inBook(agent, bookId, id))
  if (row === undefined) throw new Refusal('agent-not-found', 'The book has no such agent.')
  return agentOf(row)
}

/** The books that an agent works in. */
export async function booksOfAgent(db: Db, agentId: string): Promise<string[]> {
  const rows = await db.select({ bookId: agent.bookId }).from(agent).where(eq(agent.id, agentId))
  return rows.map(({ bookId }) => bookId)
}

export async function listAgents(db: Db, bookId: string, after: string | undefined, limit: number): Promise<Row[]> {
  return db
    .select()
    .from(agent)
    .where(and(eq(agent.bookId, bookId), recordedAfter(agent, after)))
    .orderBy(agent.recordedAt, agent.id)
    .limit(limit)
}

export function agentOf({ id, code, name, startsOn }: Row): Agent {
  return { id, code, name, startsOn }
}
