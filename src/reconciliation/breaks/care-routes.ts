import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { roleSchema } from '../../http/actor.ts'
import { answerMade, clientId, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { actorShown } from '../../ledger/index.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { type CommentRow, comment, commentsOf, giveOwner } from './care.ts'
import { ownerShown } from './reading.ts'

export const ofBreak = ofBankAccount.extend({ breakId: idText })

const commentBody = z
  .strictObject({
    id: clientId,
    text: z.string().trim().min(1).max(2000).describe('It is kept for ever: no names and no document numbers'),
  })
  .meta({
    id: 'BreakCommentMade',
    examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', text: 'The slip is being looked for.' }],
  })

const commentSchema = z
  .object({
    id: z.uuid(),
    author: actorShown,
    role: roleSchema,
    text: z.string().meta({ examples: ['The slip is being looked for.'] }),
    recordedAt: instantText,
  })
  .meta({ id: 'BreakComment' })

const ownerBody = z
  .strictObject({
    id: clientId,
    owner: idText.nullable().optional().describe('A client; yourself unless told, and null for nobody'),
  })
  .meta({ id: 'BreakOwnerNamed', examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11' }] })

function commentOf({ id, actor, role, text, recordedAt }: CommentRow) {
  return { id, author: actor, role, text, recordedAt: recordedAt.toISOString() }
}

/** Who sees to a break, and what is said of it. */
export function careRoutes(app: App, parts: Parts, tags: string[]): void {
  const url = '/v1/books/:bookId/bank-accounts/:bankAccountId/breaks/:breakId'
  const none = ['bank-account-not-found', 'break-not-found'] as const

  app.route({
    method: 'POST',
    url: `${url}/comments`,
    config: { access: readers, idempotent: true },
    schema: {
      operationId: 'commentBreak',
      tags,
      summary: 'Say something of a break',
      description:
        'It stays with what the break is of, also when it is found again for another reason. Nobody alters it.',
      params: ofBreak,
      body: commentBody,
      response: {
        ...made(commentSchema.extend({ replayed: z.boolean() }).meta({ id: 'MadeBreakComment' })),
        ...problems(...none, 'break-ended', 'id-reused'),
      },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      const { row, replayed } = await comment(parts, request.params, request.actor, { id, text: request.body.text })
      return answerMade(reply, { ...commentOf(row), replayed })
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/comments`,
    config: { access: readers },
    schema: {
      operationId: 'listBreakComments',
      tags,
      summary: 'List what was said of a break, in order',
      params: ofBreak,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(commentSchema, 'BreakCommentPage'), ...problems(...none) },
    },
    handler: async request => {
      const { after, limit } = request.query
      return recordedPage(await commentsOf(parts, request.params, after, limit + 1), limit, commentOf)
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/owner`,
    config: { access: ['bank', 'administrator'], idempotent: true },
    schema: {
      operationId: 'nameBreakOwner',
      tags,
      summary: 'Say who is to see to a break',
      description: 'A bank takes it itself, or gives it back; an administrator names any client whose key sees it.',
      params: ofBreak,
      body: ownerBody,
      response: {
        ...made(
          z
            .object({ id: z.uuid(), owner: ownerShown, recordedAt: instantText, replayed: z.boolean() })
            .meta({ id: 'NamedBreakOwner' }),
        ),
        ...problems(...none, 'break-ended', 'break-owner-unknown', 'id-reused'),
      },
    },
    handler: async (request, reply) => {
      const { params, body, actor } = request
      const id = requestId(request, body.id)
      const owner = body.owner === undefined ? actor.clientId : body.owner
      const { row, replayed } = await giveOwner(parts, params, actor, { id, owner })
      return answerMade(reply, { id, owner: row.owner, recordedAt: row.recordedAt.toISOString(), replayed })
    },
  })
}
