import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Db } from '../db/client.ts'
import type { App } from '../http/openapi.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The savers whose names are in the answer. */
    told: readonly string[] | null
  }
}

type Reading = {
  actor: string
  requestId: string
  operation: string
  keys: readonly string[]
  kept: () => void
  failed: (error: unknown) => void
}

/** Readings of a book that come while others are being written are written together, in one database transaction. */
function openReadings(db: Db) {
  const waiting = new Map<string, Reading[]>()

  async function writeWaiting(bookId: string): Promise<void> {
    for (let batch = waiting.get(bookId)!; batch.length > 0; batch = waiting.get(bookId)!) {
      waiting.set(bookId, [])
      try {
        await db.$client.query('select audit_read($1, $2, $3, $4, $5)', [
          bookId,
          ...[batch.map(({ actor }) => actor), batch.map(({ requestId }) => requestId)],
          ...[batch.map(({ operation }) => operation), batch.map(({ keys }) => keys.join(' '))],
        ])
        for (const { kept } of batch) kept()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    waiting.delete(bookId)
  }

  return (bookId: string, reading: Omit<Reading, 'kept' | 'failed'>) =>
    new Promise<void>((kept, failed) => {
      const others = waiting.get(bookId)
      const one = { ...reading, kept, failed }
      if (others !== undefined) return void others.push(one)
      waiting.set(bookId, [one])
      void writeWaiting(bookId)
    })
}

/**
 * Logs who was told which savers, of every route registered afterwards that says that it tells identity: durable before the answer
 * leaves, and no answer when it cannot be written. Somebody looked for and not found is logged without a key.
 */
export function logReadings(app: App, db: Db): void {
  const write = openReadings(db)
  app.decorateRequest('told', null)

  async function note(request: FastifyRequest, _: FastifyReply, payload: unknown): Promise<unknown> {
    request.told = saversIn(payload)
    return payload
  }

  async function log(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const { bookId, ...asked } = request.params as { bookId: string } & Record<string, string>
    const { actor, told } = request
    const lookedInVain = reply.statusCode === 404 && reply.request.outcome?.code === 'saver-not-found'
    if (actor === null || (reply.statusCode >= 300 && !lookedInVain)) return payload
    // What is no JSON is told by what was asked for.
    const keys = lookedInVain ? [] : (told ?? Object.values(asked))
    const operation = request.routeOptions.schema!.operationId!
    await write(bookId.toLowerCase(), { actor: actor.clientId, requestId: request.id, operation, keys })
    return payload
  }

  app.addHook('onRoute', route => {
    if (!route.config?.tellsIdentity) return
    route.preSerialization = [note, ...[route.preSerialization ?? []].flat()] as never
    route.onSend = [log, ...[route.onSend ?? []].flat()] as never
  })
}

/** The ids of those whose names are in an answer, each once. */
function saversIn(answer: unknown): string[] {
  const found = new Set<string>()
  function look(part: unknown): void {
    if (part === null || typeof part !== 'object') return
    const { familyNames, saverId, id } = part as Record<string, unknown>
    if (familyNames !== undefined) found.add(String(saverId ?? id))
    for (const child of Object.values(part)) look(child)
  }
  look(answer)
  return [...found]
}
