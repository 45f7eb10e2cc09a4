import { z } from 'zod'
import { answerMade, made, requestId } from '../../../http/idempotency.ts'
import type { App } from '../../../http/openapi.ts'
import { pageOf, pageQuery } from '../../../http/pages.ts'
import { problems } from '../../../http/problems.ts'
import { bookOf } from '../../../ledger/index.ts'
import type { Parts } from '../../../savings/parts.ts'
import { postingRefusals } from '../../../savings/verbs/record.ts'
import { readers } from '../../intake/bank-account-routes.ts'
import { listsUrl, ofList } from '../list-routes.ts'
import { listRow } from '../reading.ts'
import { decideProposals } from './decide.ts'
import { proposalCounts, proposalsPage } from './reading.ts'
import { decidedSchema, decisionBody, kindSchema, mostDecided, proposalSchema, statusSchema } from './wire.ts'

/** Interest and fees that were found in a bank's list: what waits for another person, and what became of it. */
export function balanceProposalRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: `${listsUrl}/:listId/proposals`,
    config: { access: readers },
    schema: {
      operationId: 'listBalanceProposals',
      tags,
      summary: 'List the interest and fees that were found in a list, by account',
      params: ofList,
      querystring: z.strictObject({ ...pageQuery, status: statusSchema.optional(), kind: kindSchema.optional() }),
      response: { 200: pageOf(proposalSchema, 'BalanceProposalPage'), ...problems('balance-list-not-found') },
    },
    handler: async request => {
      const { bookId, listId } = request.params
      const { after, limit, ...filter } = request.query
      const book = await bookOf(parts.db, bookId)
      await listRow(parts.db, bookId, listId)
      return proposalsPage(parts.db, book, listId, filter, after, limit)
    },
  })

  app.route({
    method: 'POST',
    url: `${listsUrl}/:listId/decisions`,
    bodyLimit: 262_144,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'decideBalanceProposals',
      tags,
      summary: 'Approve what was proposed of a list, which posts it; or reject it',
      description: `By another person than whoever had the list compared; up to ${mostDecided} at a time. Interest is posted as the bank tells it, a fee out of what is the saver's own, each on the
day of the list and once for an account and list. All of them are posted, or none: \`facts.lines\` says which stand against it, among them \`balance-proposal-outdated\` when what
we differ by is not made up by it any more. What is rejected stays so.`,
      params: ofList,
      body: decisionBody,
      response: {
        ...made(decidedSchema),
        ...problems(
          ...(['balance-list-not-found', 'balance-proposal-not-waiting', 'balance-proposal-outdated'] as const),
          ...(['second-actor-needed', 'lines-refused', 'savings-account-not-found'] as const),
          ...postingRefusals,
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, listId } = request.params
      const id = requestId(request, request.body.id)
      await bookOf(parts.db, bookId)
      const { row, replayed } = await decideProposals(parts, bookId, listId, request.actor, { ...request.body, id })
      const counts = await proposalCounts(parts.db, bookId, listId)
      const waiting = counts.reduce((sum, { status, count }) => (status === 'waiting' ? sum + count : sum), 0)
      const { outcome, proposals, recordedAt } = row
      return answerMade(reply, {
        ...{ id, listId, outcome, proposals, waiting, decidedAt: recordedAt.toISOString() },
        replayed,
      })
    },
  })
}
