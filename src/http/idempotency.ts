import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { idText } from '../ids.ts'
import { Refusal } from '../refusals.ts'

/** The id that a client gives what it makes; optional in bodies, for the header may carry it. */
export const clientId = idText
  .optional()
  .describe('Chosen by you (UUID, version 7 recommended): the same id again is a replay. Or send `Idempotency-Key`')

/**
 * The id of what a request makes, lowercase: of the body, or of the header `Idempotency-Key`.
 * @throws Refusal `request-invalid` when neither is given, the header is no UUID, or they differ.
 */
export function requestId(request: FastifyRequest, bodyId: string | undefined): string {
  const header = request.headers['idempotency-key']
  if (header === undefined) {
    if (bodyId === undefined) throw invalid('id', 'is needed here, or as the header Idempotency-Key')
    return bodyId
  }
  // The header's draft standard writes it as a quoted string; most clients do not.
  const key = idText.safeParse(String(header).replace(/^"(.*)"$/, '$1'))
  if (!key.success) throw invalid('Idempotency-Key', 'must be a UUID')
  if (bodyId !== undefined && bodyId !== key.data) throw invalid('Idempotency-Key', 'is not the id of the body')
  return key.data
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path} ${message}`, { fields: [{ path, message }] })
}

/** The two answers of a route that makes something: 201 the first time, 200 for a replay. The body has `replayed`. */
export function made<Made extends z.ZodType<{ replayed: boolean }>>(schema: Made): { 200: Made; 201: Made } {
  return { 200: schema, 201: schema }
}

/** Sets the status of such an answer, 201 or 200 with its header, and hands the body back to be returned. */
export function answerMade<Made extends { replayed: boolean }>(reply: FastifyReply, answer: Made): Made {
  if (answer.replayed) reply.code(200).header('idempotent-replay', 'true')
  else reply.code(201)
  return answer
}
