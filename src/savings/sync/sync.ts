import { z } from 'zod'
import { type Actor, bookNotFound, reachesBook } from '../../http/actor.ts'
import { refusalOf } from '../../http/faults.ts'
import { apart, FlawedItem } from '../../http/items-apart.ts'
import { invalidFields, invalidRequest, type Problem, problemOf, problemSchema } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { type FieldProblem, Refusal, type RefusalCode } from '../../refusals.ts'
import type { Parts } from '../parts.ts'
import type { Identified, RegistryVerb } from '../registry/verb.ts'
import { isMovement, operations, stageOf } from './operations.ts'
import { type Attempted, inPasses } from './passes.ts'

export const mostOperations = 500

const types = [...operations.keys()]

/**
 * One operation that is not well formed is rejected by itself and does not keep the others, which may be weeks of field
 * work, from being taken.
 */
const operationBody = z
  .strictObject({
    type: z
      .string()
      .max(60)
      .describe(`One of ${types.join(', ')}`),
    bookId: z.string().max(60).describe('The book (UUID); its routes are /v1/books/{bookId}/…'),
    body: z.record(z.string(), z.unknown()).describe('What the route of the type takes, its `id` included'),
  })
  .meta({ id: 'SyncOperation' })

type Given = z.output<typeof operationBody> | FlawedItem

export const syncBody = z.strictObject({ operations: z.array(apart(operationBody)).min(1).max(mostOperations) }).meta({
  id: 'SyncRequest',
  examples: [
    {
      operations: [
        {
          type: 'deposit',
          bookId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13',
          body: {
            id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f60',
            savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
            amount: '12.50',
            valueDate: '2026-03-14',
            channel: 'agent-cash',
            agentId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14',
          },
        },
      ],
    },
  ],
})

export const syncStatuses = ['applied', 'duplicate', 'rejected', 'conflict'] as const

export type SyncStatus = (typeof syncStatuses)[number]

const resultSchema = z
  .object({
    index: z.int().describe('Its place in the request, from 0'),
    type: z
      .string()
      .nullable()
      .describe('As it was given; null when it was not')
      .meta({ examples: ['deposit'] }),
    id: z
      .string()
      .nullable()
      .describe('The `id` of its body')
      .meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'] }),
    status: z
      .enum(syncStatuses)
      .meta({ id: 'SyncStatus' })
      .describe(
        'applied: done now; duplicate: had been done before; conflict: its id was used before, for other content; rejected: see the problem',
      ),
    result: z.record(z.string(), z.unknown()).optional().describe('What the route of the type answers'),
    problem: problemSchema.optional().describe('What the route of the type refuses with'),
  })
  .meta({ id: 'SyncResult' })

export const syncSchema = z
  .object({
    applied: z.int(),
    duplicate: z.int(),
    rejected: z.int(),
    conflict: z.int(),
    results: z.array(resultSchema).describe('In the order of the request'),
  })
  .meta({ id: 'SyncAnswer' })

/** What is said of an operation in the answer, as far as it was said at all. */
function named(given: Given): { type: string | null; id: string | null } {
  const { type, body } = ((given instanceof FlawedItem ? given.given : given) ?? {}) as {
    type?: unknown
    body?: { id?: unknown } | null
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return { type: text(type), id: text(body?.id) }
}

/** An operation that was found well formed and may be tried. */
type Ready = { index: number; operation: RegistryVerb; bookId: string; body: Identified<Record<string, unknown>> }

/** No other operation of the request can cure these. */
const hopeless: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'id-reused',
  'request-invalid',
  'access-denied',
  'book-not-found',
  'amount-precision',
  'value-date-in-future',
  'date-in-future',
  'date-too-early',
  'month-closed',
  'account-closed',
  'contract-not-over',
  'cash-count-differs',
  'internal-fault',
])

/**
 * Does what was done offline, in whatever order it comes and however often it is sent: each operation for itself, by the
 * rules, roles and books of its own route. `noteFault` is told of faults of ours, which reject one operation only.
 * @throws Refusal `database-unavailable`: then what was done is not told; sent again it is duplicate
 */
export async function synchronise(
  parts: Parts,
  actor: Actor,
  given: readonly Given[],
  requestId: string,
  noteFault: (fault: unknown) => void,
): Promise<z.output<typeof syncSchema>> {
  type Result = z.output<typeof resultSchema>
  const results: Result[] = given.map((operation, index) => ({ index, ...named(operation), status: 'rejected' }))
  const refuse = (index: number, refusal: Refusal): void => {
    const status: SyncStatus = refusal.code === 'id-reused' ? 'conflict' : 'rejected'
    results[index] = { ...results[index]!, status, problem: written(problemOf(refusal, requestId)) }
  }

  const ready: Ready[] = []
  for (const [index, operation] of given.entries()) {
    try {
      ready.push({ index, ...(await admitted(parts, actor, operation)) })
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'database-unavailable') throw error
      refuse(index, error)
    }
  }

  async function attempt({ index, operation, bookId, body }: Ready): Promise<Attempted> {
    try {
      const answer = await operation.run(parts, bookId, actor, body)
      const result = operation.answer.parse(answer) as Record<string, unknown>
      results[index] = { ...bare(results[index]!), status: result.replayed ? 'duplicate' : 'applied', result }
      return 'done'
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.code === 'database-unavailable') throw refusal
      if (refusal.code === 'internal-fault') noteFault(refusal.cause ?? error)
      refuse(index, refusal)
      return hopeless.has(refusal.code) ? 'hopeless' : 'waits'
    }
  }

  await inPasses(ready, {
    stageOf: ({ operation }) => stageOf(operation.type) ?? 0,
    isTogether: ({ operation }) => isMovement(operation.type),
    attempt,
  })
  const count = (status: SyncStatus) => results.filter(result => result.status === status).length
  return {
    applied: count('applied'),
    duplicate: count('duplicate'),
    rejected: count('rejected'),
    conflict: count('conflict'),
    results,
  }
}

function bare({ problem: _, ...result }: z.output<typeof resultSchema>) {
  return result
}

/** Facts may hold amounts in minor units; within an answer they travel as text, as they do in a problem of their own. */
function written(problem: Problem): Problem {
  return JSON.parse(JSON.stringify(problem, (_, value) => (typeof value === 'bigint' ? value.toString() : value)))
}

/**
 * Checks an operation as its route would: type, role, book, body.
 * @throws Refusal
 */
async function admitted(parts: Parts, actor: Actor, asked: Given): Promise<Omit<Ready, 'index'>> {
  if (asked instanceof FlawedItem) throw invalidFields(asked.fields.map(ofRoute), 'operation')
  const { type, bookId: given, body } = asked
  const operation = operations.get(type)
  if (operation === undefined) throw invalid('type', `must be one of ${types.join(', ')}`)
  if (!operation.access.includes(actor.role)) {
    throw new Refusal('access-denied', `This operation is for the roles ${operation.access.join(', ')}.`)
  }
  const { success, data: bookId } = idText.safeParse(given)
  if (!success) throw invalid('bookId', 'must be a UUID')
  if (!reachesBook(actor, bookId)) throw bookNotFound()
  await bookOf(parts.db, bookId)
  const checked = operation.body.safeParse(body)
  if (!checked.success) throw invalidRequest(checked.error)
  const known = checked.data as Record<string, unknown> & { id?: string | undefined }
  if (operation.identified && known.id === undefined) throw invalid('id', 'is needed')
  return { operation, bookId, body: { ...known, id: known.id?.toLowerCase() ?? '' } }
}

/** A place in an operation as the operation's route names it: within the body. */
function ofRoute({ path, message }: FieldProblem): FieldProblem {
  return { path: path.replace(/^body\./, ''), message }
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path} ${message}`, { fields: [{ path, message }] })
}
