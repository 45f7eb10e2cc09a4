import { z } from 'zod'
import { instantText } from '../../../dates.ts'
import { answerMade, made, requestId } from '../../../http/idempotency.ts'
import type { App } from '../../../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../../../http/pages.ts'
import { problems } from '../../../http/problems.ts'
import { idText } from '../../../ids.ts'
import { bookOf } from '../../../ledger/index.ts'
import { Refusal } from '../../../refusals.ts'
import { recordedPlace } from '../../../savings/listing.ts'
import { postingRefusals } from '../../../savings/verbs/record.ts'
import { ofBankAccount, readers } from '../../intake/bank-account-routes.ts'
import { bankAccountById } from '../../intake/bank-accounts.ts'
import { type Deciding, decideResolution } from './decide.ts'
import { type Limits, propose } from './propose.ts'
import { postedBy, resolutionSchema, resolutionShown, resolutionsOf, statusSchema } from './reading.ts'
import { decisionBody, outcomeSchema, resolutionBody } from './wire.ts'

const ofResolution = ofBankAccount.extend({ resolutionId: idText })

/** Of accounts and transactions that a proposal names. */
const named = [
  'ledger-account-not-found',
  'transaction-not-found',
  'transaction-already-reversed',
  'reversal-not-reversible',
  'value-date-before-original',
] as const

/** Who may propose, and decide: a bank too, as far as no money of savers is posted by it. */
const hands = ['bank', 'administrator'] as const

/** What people do about breaks: proposed by one, approved by another, and carried out then. */
export function resolutionRoutes(app: App, parts: Deciding, tags: string[], limits: Limits): void {
  const url = '/v1/books/:bookId/bank-accounts/:bankAccountId/resolutions'

  async function shown(of: { bookId: string; bankAccountId: string }, id: string) {
    const book = await bookOf(parts.db, of.bookId)
    const [row] = await resolutionsOf(parts.db, of, { id, limit: 1 })
    if (row === undefined) throw new Refusal('resolution-not-found', 'The account has no such resolution.')
    const posted = await postedBy(parts.db, of.bookId, [row])
    return resolutionShown(row, posted.get(id) ?? [], book)
  }

  app.route({
    method: 'POST',
    url,
    config: { access: hands, idempotent: true },
    schema: {
      operationId: 'proposeResolution',
      tags,
      summary: 'Propose what to do about breaks',
      description: `\`match\`: lines and entries are the same money. \`post\`: what the ledger lacks, by savings' verbs or as the bank's own fee or income, is posted and claimed
with the lines. \`reverse\`: what is wrong or doubled in the ledger is taken back. \`adjust\`: a difference within the tolerance of the last matching's rules goes to an account of income
or expense. \`accept\`: it stays as it is. Nothing is done before another client approves it. Of each break one proposal waits at a time.`,
      params: ofBankAccount,
      body: resolutionBody,
      response: {
        ...made(resolutionSchema.extend({ replayed: z.boolean() }).meta({ id: 'MadeResolution' })),
        ...problems(
          ...(['bank-account-not-found', 'break-not-found', 'break-ended', 'break-has-proposal', 'id-reused'] as const),
          ...(['resolution-unfit', 'resolution-unbalanced', 'tolerance-exceeded', 'amount-precision'] as const),
          ...([
            'account-not-for-differences',
            'savings-account-not-found',
            'saver-not-found',
            'holders-differ',
          ] as const),
          ...named,
        ),
      },
    },
    handler: async (request, reply) => {
      const { params, body, actor } = request
      const id = requestId(request, body.id)
      const { replayed } = await propose(parts, params, actor, limits, id, body)
      return answerMade(reply, { ...(await shown(params, id)), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listResolutions',
      tags,
      summary: 'List what was proposed about breaks, in the order of proposing',
      params: ofBankAccount,
      querystring: z.strictObject({ ...pageQuery, status: statusSchema.optional() }),
      response: { 200: pageOf(resolutionSchema, 'ResolutionPage'), ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { after, limit, status = null } = request.query
      const book = await bookOf(parts.db, bookId)
      await bankAccountById(parts, bookId, bankAccountId)
      const rows = await resolutionsOf(parts.db, request.params, { status, after, limit: limit + 1 })
      const posted = await postedBy(parts.db, bookId, rows)
      return cutPage(rows, limit, {
        cursor: recordedPlace,
        placeOf: ({ recordedAt, id }) => ({ recordedAt: new Date(recordedAt).toISOString(), id }),
        itemOf: row => resolutionShown(row, posted.get(row.id) ?? [], book),
      })
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:resolutionId`,
    config: { access: readers },
    schema: {
      operationId: 'getResolution',
      tags,
      summary: 'Why and how breaks were resolved: who proposed and decided, what was posted and claimed',
      params: ofResolution,
      response: { 200: resolutionSchema, ...problems('bank-account-not-found', 'resolution-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId, resolutionId } = request.params
      await bankAccountById(parts, bookId, bankAccountId)
      return shown({ bookId, bankAccountId }, resolutionId)
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:resolutionId/decision`,
    config: { access: hands, idempotent: true },
    schema: {
      operationId: 'decideResolution',
      tags,
      summary: 'Approve what was proposed, which carries it out; or reject it, or withdraw it',
      description: `By another client than the one that proposed it; only that one withdraws it. A bank decides about \`match\` alone. Approved, it is carried out whole or refused,
also when what it was about has changed meanwhile. Then the account is matched again by the rules of the last time.`,
      params: ofResolution,
      body: decisionBody,
      response: {
        ...made(
          z
            .object({
              ...{ id: z.uuid(), resolutionId: z.uuid(), outcome: outcomeSchema, decidedAt: instantText },
              replayed: z.boolean(),
            })
            .meta({ id: 'DecidedResolution' }),
        ),
        ...problems(
          ...(['bank-account-not-found', 'resolution-not-found', 'second-actor-needed', 'resolution-decided'] as const),
          ...([
            'resolution-outdated',
            'resolution-unbalanced',
            'savings-account-not-found',
            'agent-not-found',
          ] as const),
          ...(['fund-not-found', 'bank-statement-missing'] as const),
          ...named,
          ...postingRefusals,
        ),
      },
    },
    handler: async (request, reply) => {
      const { params, body, actor } = request
      const id = requestId(request, body.id)
      const { row, replayed } = await decideResolution(parts, params, actor, limits, { ...body, id })
      const { resolutionId, outcome, recordedAt } = row
      return answerMade(reply, { id, resolutionId, outcome, decidedAt: recordedAt.toISOString(), replayed })
    },
  })
}
