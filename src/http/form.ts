import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { Refusal } from '../refusals.ts'

/**
 * Which of the media types that an operation can answer in is wanted by `Accept`; the first, when any will do.
 * @throws Refusal `media-type-not-acceptable`
 */
export function formWanted<Form extends string>(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  forms: readonly [Form, ...Form[]],
): Form {
  reply.header('vary', 'accept')
  const wanted = new Negotiator({ headers }).mediaType(forms)
  if (wanted !== undefined) return wanted as Form
  throw new Refusal('media-type-not-acceptable', `This is given as ${forms.join(', ')}.`, { facts: { given: forms } })
}
