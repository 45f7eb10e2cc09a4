import { desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Parts } from '../../savings/parts.ts'
import { postingRefusals } from '../../savings/verbs/record.ts'
import { endLocks, locksBody, locksSchema } from '../locks/locks.ts'
import { approveRun } from './approve.ts'
import { cancelRun } from './ending.ts'
import { laterSchema } from './moved.ts'
import {
  incentiveByTransaction,
  incentiveSchema,
  incentivesOfSaver,
  lineOutcomeSchema,
  lineSchema,
  linesPage,
} from './reading.ts'
import { openRun, runBody, runRow, runSchema, shownRun } from './run.ts'
import { incentiveRun } from './schema.ts'
import type { Work } from './work.ts'

const inBook = z.strictObject({ bookId: idText })
const ofRun = inBook.extend({ runId: idText })
const url = '/v1/books/:bookId/incentive-runs'
const readers = ['analyst', 'auditor', 'administrator'] as const
/** An institution sees what runs there are, for which it hands in its own calculation. */
const seers = ['bank', ...readers] as const

/** A run that is done sooner is answered done; a longer one goes on while its address tells how far it is. */
const waitMs = 2_000

/** Runs: prepared by one, approved by another, posted in chunks; and what each incentive was paid for. */
export function runRoutes(app: App, parts: Parts, work: Work): void {
  const tags = ['Incentives']
  const approved = runSchema
    .extend({
      later: laterSchema.nullable().describe('What it leaves to the next run; null when it was approved before'),
    })
    .meta({ id: 'ApprovedIncentiveRun' })
  const opened = runSchema.extend({ replayed: z.boolean() }).meta({ id: 'OpenedIncentiveRun' })

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'prepareIncentiveRun',
      tags,
      summary: 'Prepare what a programme owes by the end of a month; nothing is posted',
      description: `Answers when it is prepared, or after two seconds with how far it is; read it again until \`status\` is \`prepared\`.
Its lines say who gets what and why, and who does not and why not.`,
      params: inBook,
      body: runBody,
      response: {
        ...made(opened),
        ...problems(
          ...(['id-reused', 'programme-not-found', 'month-not-over', 'date-in-future', 'period-not-in-order'] as const),
          ...([
            'financing-not-found',
            'incentive-rule-not-found',
            'incentive-run-open',
            'incentive-run-out-of-order',
          ] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const id = requestId(request, request.body.id)
      const { replayed } = await openRun(parts, bookId, request.actor, { ...request.body, id })
      await work.start(bookId, id, waitMs)
      return answerMade(reply, { ...(await shownRun(parts, await runRow(parts.db, bookId, id))), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: seers },
    schema: {
      operationId: 'listIncentiveRuns',
      tags,
      summary: 'List the last 50 runs of a book, the newest first',
      params: inBook,
      response: { 200: z.object({ items: z.array(runSchema) }).meta({ id: 'IncentiveRunList' }) },
    },
    handler: async request => {
      await bookOf(parts.db, request.params.bookId)
      const { bookId, recordedAt, id } = incentiveRun
      const mine = eq(bookId, request.params.bookId)
      const rows = await parts.db.select().from(incentiveRun).where(mine).orderBy(desc(recordedAt), desc(id)).limit(50)
      return { items: await Promise.all(rows.map(row => shownRun(parts, row))) }
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:runId`,
    config: { access: seers },
    schema: {
      operationId: 'getIncentiveRun',
      tags,
      summary: 'Read a run: how far it is, its totals, and its funds before and after',
      params: ofRun,
      response: { 200: runSchema, ...problems('incentive-run-not-found') },
    },
    handler: async request => {
      const { bookId, runId } = request.params
      await bookOf(parts.db, bookId)
      return shownRun(parts, await runRow(parts.db, bookId, runId))
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:runId/lines`,
    config: { access: readers },
    schema: {
      operationId: 'listIncentiveRunLines',
      tags,
      summary: 'Read a run’s lines: who gets what and why, who does not and why not',
      params: ofRun,
      querystring: z.strictObject({
        ...pageQuery,
        outcome: lineOutcomeSchema.optional(),
        saverId: idText.optional(),
      }),
      response: { 200: pageOf(lineSchema, 'IncentiveRunLinePage'), ...problems('incentive-run-not-found') },
    },
    handler: async request => {
      const { bookId, runId } = request.params
      const { after, limit, ...filter } = request.query
      await bookOf(parts.db, bookId)
      await runRow(parts.db, bookId, runId)
      return linesPage(parts, bookId, runId, filter, after, limit)
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:runId/approve`,
    config: { access: ['administrator'] },
    schema: {
      operationId: 'approveIncentiveRun',
      tags,
      summary: 'Approve a prepared run and post it',
      description: `By another client than the one that prepared it. What it pays is first set aside from its funds; when they have
not enough nothing is posted, and the refusal says by how much. Posting goes on in chunks, also after a restart. A run that
stopped goes on. What was recorded since it was prepared waits for the next run, and is told in \`later\`; but when less is owed by now
than a line is to pay or take back, the run is refused as outdated, naming the lines.`,
      params: ofRun,
      response: {
        200: approved,
        ...problems(
          ...([
            'incentive-run-not-found',
            'incentive-run-not-prepared',
            'second-actor-needed',
            'incentive-run-outdated',
            'fund-exceeded',
          ] as const),
          ...postingRefusals,
        ),
      },
    },
    handler: async request => {
      const { bookId, runId } = request.params
      const { later } = await approveRun(parts, bookId, runId, request.actor)
      await work.start(bookId, runId, waitMs)
      return { ...(await shownRun(parts, await runRow(parts.db, bookId, runId))), later }
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:runId/cancel`,
    config: { access: ['administrator'] },
    schema: {
      operationId: 'cancelIncentiveRun',
      tags,
      summary: 'Give up a run that was not approved, or end one that stopped',
      description:
        'Of a run that stopped, what was set aside and not paid goes back to the funds; whoever was not paid is looked at by the next run.',
      params: ofRun,
      response: {
        200: runSchema,
        ...problems('incentive-run-not-found', 'incentive-run-not-prepared', ...postingRefusals),
      },
    },
    handler: async request => {
      const { bookId, runId } = request.params
      return shownRun(parts, await cancelRun(parts, bookId, runId, request.actor))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/incentives/:transactionId',
    config: { access: readers },
    schema: {
      operationId: 'getIncentive',
      tags,
      summary: 'Why and how an incentive was paid: rule, inputs, arithmetic, caps, run, approver, transaction',
      params: inBook.extend({ transactionId: idText }),
      response: { 200: incentiveSchema, ...problems('incentive-not-found') },
    },
    handler: async request => incentiveByTransaction(parts, request.params.bookId, request.params.transactionId),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savers/:saverId/incentives',
    config: { access: ['agent', ...readers] },
    schema: {
      operationId: 'listIncentivesOfSaver',
      tags,
      summary: 'List what a saver was paid, oldest first',
      params: inBook.extend({ saverId: idText }),
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(incentiveSchema, 'IncentivePage'), ...problems('saver-not-found') },
    },
    handler: async request => {
      const { bookId, saverId } = request.params
      const { after, limit } = request.query
      return incentivesOfSaver(parts, bookId, saverId, after, limit)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/lock-endings',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'endIncentiveLocks',
      tags,
      summary: 'Release the locked incentives of contracts that are over',
      description: `The service does so by itself every hour. Of a contract that ended before its time they go back to the funds when the
rule says \`forfeit\`. Asking again ends what is left.`,
      params: inBook,
      body: locksBody,
      response: { 200: locksSchema, ...problems('date-in-future', 'overloaded') },
    },
    handler: async request => {
      await bookOf(parts.db, request.params.bookId)
      return endLocks(parts, request.params.bookId, request.body, request.actor.clientId)
    },
  })
}
