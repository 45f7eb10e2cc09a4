import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { textOfFile } from '../../savings/sheets/csv.ts'
import { code } from '../../savings/wording.ts'
import { mostProblems } from '../file-refused.ts'
import { runRow } from '../runs/run.ts'
import { calculationBody, calculationRow, checkedFile, type HandedIn, handInCalculation } from './calculation.ts'
import { calculationOfCsv } from './csv.ts'
import { decide, decisionBody, decisionSchema, shownDecision } from './decision.ts'
import {
  calculationSchema,
  calculationsOfRun,
  comparedLineSchema,
  comparedLinesPage,
  comparisonSchema,
  decisionsOnCalculation,
  readingAsked,
  shownCalculation,
} from './reading.ts'

/** A hundred thousand lines by account number are some six megabytes; by ids, and as JSON, three times that. */
const bodyLimit = 20_971_520

const calculationFile = z
  .string()
  .describe('An institution’s calculation as CSV: names of columns as in JSON')
  .meta({
    id: 'IncentiveCalculationFile',
    examples: [
      `id,0198c5f2-6c40-7b1d-8e2f-0a1b2c3d4e5f

bankAccountNumber,rule,period,amount
110-01-2345678,GROWTH,2026-03,7.50
110-01-2345679,GROWTH,2026-03,2.25
`,
    ],
  })

const readers = ['bank', 'auditor', 'administrator'] as const
const inBook = z.strictObject({ bookId: idText })
const ofRun = inBook.extend({ runId: idText })
const ofCalculation = inBook.extend({ calculationId: idText })
const runUrl = '/v1/books/:bookId/incentive-runs/:runId/calculations'
const url = '/v1/books/:bookId/incentive-calculations/:calculationId'

/** The institution's own calculation beside ours, and the decision which of the two a run pays from. */
export function calculationRoutes(app: App, parts: Parts): void {
  const tags = ['Incentives']
  handInRoute(app, parts, tags)
  decisionRoutes(app, parts, tags)

  app.route({
    method: 'GET',
    url: runUrl,
    config: { access: ['analyst', ...readers] },
    schema: {
      operationId: 'listIncentiveCalculations',
      tags,
      summary: 'List the calculations that an institution handed in for a run, oldest first',
      params: ofRun,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(calculationSchema, 'IncentiveCalculationPage'), ...problems('incentive-run-not-found') },
    },
    handler: async request => {
      const { bookId, runId } = request.params
      const { after, limit } = request.query
      const book = await bookOf(parts.db, bookId)
      await runRow(parts.db, bookId, runId)
      const rows = await calculationsOfRun(parts, bookId, runId, after, limit)
      const { items, next } = recordedPage(rows, limit, row => row)
      return { items: await Promise.all(items.map(row => shownCalculation(parts, book, row))), next }
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: ['analyst', ...readers] },
    schema: {
      operationId: 'getIncentiveCalculation',
      tags,
      summary: 'Read what came of comparing a calculation: totals, and what explains the differences',
      params: ofCalculation,
      response: { 200: calculationSchema, ...problems('incentive-calculation-not-found') },
    },
    handler: async request => {
      const { bookId, calculationId } = request.params
      const book = await bookOf(parts.db, bookId)
      return shownCalculation(parts, book, await calculationRow(parts.db, bookId, calculationId))
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/lines`,
    config: { access: readers },
    schema: {
      operationId: 'listIncentiveComparedLines',
      tags,
      summary: 'Read the comparison line by line',
      description: `As it was when the calculation was handed in. Both figures are of all that is owed for the period; what the run itself
pays of ours is in its line.`,
      params: ofCalculation,
      querystring: z.strictObject({
        ...pageQuery,
        comparison: comparisonSchema.optional(),
        rule: code.optional(),
        saverId: idText.optional(),
        reading: readingAsked.optional().describe('Only what this reading explains, by itself or with another'),
      }),
      response: {
        200: pageOf(comparedLineSchema, 'IncentiveComparedLinePage'),
        ...problems('incentive-calculation-not-found'),
      },
    },
    handler: async request => {
      const { bookId, calculationId } = request.params
      const { after, limit, ...filter } = request.query
      return comparedLinesPage(parts, bookId, calculationId, filter, after, limit)
    },
  })
}

function handInRoute(app: App, parts: Parts, tags: string[]): void {
  const handedIn = calculationSchema.extend({ replayed: z.boolean() }).meta({ id: 'HandedInIncentiveCalculation' })
  app.register(async scope => {
    const files = new WeakMap<FastifyRequest, HandedIn[]>()
    scope.addContentTypeParser<Buffer>(
      'text/csv',
      { parseAs: 'buffer', bodyLimit },
      async (request: FastifyRequest, bytes: Buffer) => {
        const file = calculationOfCsv(textOfFile(bytes))
        files.set(request, checkedFile(file))
        // Lines of a file are not checked as a body: what is wrong with them is told by row.
        return { ...file.above, lines: [] }
      },
    )
    ;(scope as unknown as App).route({
      method: 'POST',
      url: runUrl,
      bodyLimit,
      config: { access: ['bank', 'administrator'], idempotent: true },
      schema: {
        operationId: 'handInIncentiveCalculation',
        tags,
        summary: 'Hand in the institution’s own calculation for a prepared run, to be compared with ours',
        description: `As JSON, or as \`text/csv\`: a table, names of columns as in JSON, and above it a row with the id if it is not in the header
\`Idempotency-Key\`. All of it is taken, or nothing: \`facts.problems\` then lists the first ${mostProblems} problems by \`row\` (of a
file, its first being row 1; of a list, its place), \`field\` and \`message\`; \`facts.problemCount\` counts all. It is kept as it was told.
A figure that differs is tried against other readings of the rule: gross, net, without caps, otherwise rounded and the like.`,
        params: ofRun,
        body: calculationBody,
        alsoAs: { 'text/csv': calculationFile },
        response: {
          ...made(handedIn),
          ...problems(
            ...(['incentive-run-not-found', 'incentive-run-not-prepared', 'id-reused', 'file-refused'] as const),
          ),
        },
      },
      handler: async (request, reply) => {
        const { bookId, runId } = request.params
        const id = requestId(request, request.body.id)
        const book = await bookOf(parts.db, bookId)
        const given =
          files.get(request as unknown as FastifyRequest) ??
          request.body.lines.map((line, place): HandedIn => ({ row: place + 1, line }))
        const { replayed } = await handInCalculation(parts, bookId, runId, request.actor, id, given)
        const row = await calculationRow(parts.db, bookId, id)
        return answerMade(reply, { ...(await shownCalculation(parts, book, row)), replayed })
      },
    })
  })
}

function decisionRoutes(app: App, parts: Parts, tags: string[]): void {
  const taken = decisionSchema.extend({ replayed: z.boolean() }).meta({ id: 'TakenIncentiveDecision' })

  app.route({
    method: 'POST',
    url: `${url}/decisions`,
    bodyLimit: 1_048_576,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'decideIncentiveCalculation',
      tags,
      summary: 'Decide whether a prepared run pays our figures or the institution’s',
      description: `For \`all\` lines that differ, or for some. The run's lines change at once; what is only ours stays as it is unless its line
is named, for then their figure is nothing. Nothing is paid above the caps of the rule, nor what only they have: \`facts.lines\` says which, and
nothing is decided. Later runs owe what was decided as long as the rule gives what it gave then. Whoever decides may not approve the run.`,
      params: ofCalculation,
      body: decisionBody,
      response: {
        ...made(taken),
        ...problems(
          ...(['incentive-calculation-not-found', 'incentive-run-not-prepared', 'id-reused'] as const),
          ...(['lines-refused', 'incentive-not-payable', 'cap-exceeded'] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, calculationId } = request.params
      const id = requestId(request, request.body.id)
      return answerMade(reply, await decide(parts, bookId, calculationId, request.actor, { ...request.body, id }))
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/decisions`,
    config: { access: ['analyst', ...readers] },
    schema: {
      operationId: 'listIncentiveDecisions',
      tags,
      summary: 'List the decisions on a calculation, oldest first',
      params: ofCalculation,
      querystring: z.strictObject(pageQuery),
      response: {
        200: pageOf(decisionSchema, 'IncentiveDecisionPage'),
        ...problems('incentive-calculation-not-found'),
      },
    },
    handler: async request => {
      const { bookId, calculationId } = request.params
      const { after, limit } = request.query
      await bookOf(parts.db, bookId)
      await calculationRow(parts.db, bookId, calculationId)
      return recordedPage(
        await decisionsOnCalculation(parts, bookId, calculationId, after, limit),
        limit,
        shownDecision,
      )
    },
  })
}
