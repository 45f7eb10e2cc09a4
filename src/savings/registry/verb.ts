import { z } from 'zod'
import type { Actor, Role } from '../../http/actor.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import type { RefusalCode } from '../../refusals.ts'
import type { Parts } from '../parts.ts'

/** What a verb is asked with: its id is settled, whether it came in the body or in the header. */
export type Identified<Body> = Omit<Body, 'id'> & { id: string }

/**
 * One way that a book's register changes: who is registered, who joins, what ends. The routes and the synchronisation
 * are made from these, so that an agent may do offline whatever she may do online, by the same rules.
 */
export type RegistryVerb<Body = unknown, Answer = unknown> = {
  /** Its name in a synchronisation. */
  type: string
  /** The last part of its address: a noun in the plural. */
  path: string
  /** Under which heading the document has it, when it is not the register. */
  tag?: string
  operationId: string
  summary: string
  description?: string
  access: readonly Role[]
  body: z.ZodType<Body>
  answer: z.ZodType<Answer>
  /** False for what needs no id, for saying it twice changes nothing: an end. */
  identified: boolean
  /** True where the answer tells of a saver what was not asked with. */
  tellsIdentity?: boolean
  /** Refusals beyond those of every route. */
  refusals: readonly RefusalCode[]
  /** @throws Refusal one of `refusals`, or of those of every route */
  run(parts: Parts, bookId: string, actor: Actor, body: Identified<Body>): Promise<Answer>
}

/** The route of a verb: `POST /v1/books/:bookId/<path>`. */
export function registryRoute(app: App, parts: Parts, verb: RegistryVerb): void {
  const { operationId, summary, description } = verb
  const body = verb.body as z.ZodType<{ id?: string }>
  const answer = verb.answer as z.ZodType<{ replayed: boolean }>
  app.route({
    method: 'POST',
    url: `/v1/books/:bookId/${verb.path}`,
    config: { access: verb.access, idempotent: verb.identified, tellsIdentity: verb.tellsIdentity ?? false },
    schema: {
      operationId,
      tags: [verb.tag ?? 'Register'],
      summary,
      ...(description !== undefined && { description }),
      params: z.strictObject({ bookId: idText }),
      body,
      response: { ...made(answer), ...problems(...verb.refusals) },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params as { bookId: string }
      const given = request.body as { id?: string }
      await bookOf(parts.db, bookId)
      const id = verb.identified ? requestId(request, given.id) : ''
      const done = await verb.run(parts, bookId, request.actor, { ...given, id } as Identified<unknown>)
      return answerMade(reply, done as { replayed: boolean })
    },
  })
}
