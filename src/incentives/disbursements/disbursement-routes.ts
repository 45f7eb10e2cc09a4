import { z } from 'zod'
import { separators } from '../../csv.ts'
import { formWanted } from '../../http/form.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { numberInQuery, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Parts } from '../../savings/parts.ts'
import { demandsOfRun, itemsPage, requestById, requestsPage } from './reading.ts'
import { requestBody, requestDisbursement } from './request.ts'
import { csvColumns, requestCsv } from './request-csv.ts'
import { requestPdf } from './request-pdf.ts'
import { type Step, stepBody, takeStep } from './steps.ts'
import { demandList, itemSchema, madeRequest, requestSchema, requestSummary, statusSchema } from './wire.ts'

const inBook = z.strictObject({ bookId: idText })
const ofRequest = inBook.extend({ requestId: idText })
const url = '/v1/books/:bookId/disbursement-requests'
const readers = ['bank', 'analyst', 'auditor', 'administrator'] as const

const csvFile = z.string().meta({
  id: 'DisbursementRequestFile',
  examples: [
    `${csvColumns.join(',')}\r
2026-0007,authorised,2026-04-06,2026-03,2026-04-05,SIERRA-SUR-II,Sierra Sur II,1-APERTURA,OPENING_DEPOSIT,FIDA,FIDA-1,2.5.31.12,CAJA-CUSCO,Caja Cusco,PEN,1,GR-017,Sumaq Warmi,20,20,480.00,2026-0031,RD-045-2026/1\r
`,
  ],
})

const printed = z
  .string()
  .meta({ id: 'PrintedDisbursementRequest', contentMediaType: 'application/pdf', examples: ['%PDF-1.3 …'] })

const steps: { status: Step; noun: string; operationId: string; summary: string; description: string }[] = [
  {
    status: 'authorised',
    noun: 'authorisation',
    operationId: 'authoriseDisbursement',
    summary: 'Authorise a request, and the transfer of each of its lines',
    description: 'By another client than the one that made it. Each line is given a numbered transfer authorisation.',
  },
  {
    status: 'paid',
    noun: 'payment',
    operationId: 'payDisbursement',
    summary: 'Say that the institution was paid, by the bank’s reference',
    description: `Only when the run is posted and the ledger has every transaction behind the request: count, sum, first and last are
recomputed from the ledger’s entries and kept. Otherwise it says of which lines how many are missing.`,
  },
  {
    status: 'cancelled',
    noun: 'cancellation',
    operationId: 'cancelDisbursement',
    summary: 'Give up a request that is not paid',
    description: 'Its number stays its own. The same may be requested anew, under another number.',
  },
]

/** Paying out: what is asked of whom for a run, authorised, and paid; on paper, too. */
export function disbursementRoutes(app: App, parts: Parts): void {
  const tags = ['Disbursements']

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/incentive-runs/:runId/disbursements',
    config: { access: readers },
    schema: {
      operationId: 'listDisbursementsOfRun',
      tags,
      summary: 'List what an approved run pays, by rule and fund, and which requests ask for it',
      params: inBook.extend({ runId: idText }),
      response: { 200: demandList, ...problems('incentive-run-not-found', 'incentive-run-not-approved') },
    },
    handler: async request => demandsOfRun(parts, request.params.bookId, request.params.runId),
  })

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'requestDisbursement',
      tags,
      summary: 'Request that a fund’s part of what an approved run pays by a rule be disbursed',
      description: `With a number that has no gap in the book’s year, and a line for each savings group of the savers on the run’s value
date; savers of no group have the last line. Payments alone: what the run takes back stays with the funds.`,
      params: inBook,
      body: requestBody,
      response: {
        ...made(madeRequest),
        ...problems(
          ...(['id-reused', 'incentive-run-not-found', 'incentive-run-not-approved', 'nothing-to-disburse'] as const),
          'disbursement-requested-already',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      await bookOf(parts.db, bookId)
      const id = requestId(request, request.body.id)
      const { replayed } = await requestDisbursement(parts, bookId, request.actor, { ...request.body, id })
      return answerMade(reply, { ...(await requestById(parts, bookId, id)), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listDisbursementRequests',
      tags,
      summary: 'List disbursement requests in the order of their numbers',
      params: inBook,
      querystring: z.strictObject({ ...pageQuery, runId: idText.optional(), status: statusSchema.optional() }),
      response: { 200: pageOf(requestSummary, 'DisbursementRequestPage') },
    },
    handler: async request => {
      const { after, limit, ...filter } = request.query
      return requestsPage(parts, request.params.bookId, filter, after, limit)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:requestId`,
    config: { access: readers },
    schema: {
      operationId: 'getDisbursementRequest',
      tags,
      summary: 'Read a disbursement request, as JSON, as CSV, or as a PDF to print and sign',
      description: `Ask with \`Accept: text/csv\` or \`Accept: application/pdf\`. CSV is by RFC 4180; \`separator=semicolon\` is for spreadsheets set
to Peru’s Spanish: decimal commas, and a byte order mark. A text that a spreadsheet would take for a formula begins with \`'\`.`,
      params: ofRequest,
      querystring: z.strictObject({
        separator: z
          .enum(separators)
          .meta({ id: 'CsvSeparator' })
          .default('comma')
          .describe('Of CSV: what divides its cells'),
      }),
      response: {
        200: {
          description: 'Found',
          content: {
            'application/json': { schema: requestSchema },
            'text/csv': { schema: csvFile },
            'application/pdf': { schema: printed },
          },
        },
        ...problems('disbursement-request-not-found', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const form = formWanted(request, reply, ['application/json', 'text/csv', 'application/pdf'])
      const found = await requestById(parts, request.params.bookId, request.params.requestId)
      const named = (ending: string) => `attachment; filename="solicitud-${found.number}.${ending}"`
      if (form === 'text/csv') {
        reply.header('content-disposition', named('csv')).type('text/csv; charset=utf-8; header=present')
        return reply.send(requestCsv(found, request.query.separator))
      }
      if (form === 'application/pdf') {
        reply.header('content-disposition', named('pdf')).type('application/pdf')
        // Bytes are sent as they are; Fastify's types know only what the schema says.
        return reply.send((await requestPdf(found)) as unknown as string)
      }
      return reply.type('application/json; charset=utf-8').send(found)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:requestId/items`,
    config: { access: readers },
    schema: {
      operationId: 'listDisbursementItems',
      tags,
      summary: 'List the transactions behind the lines of a request',
      params: ofRequest,
      querystring: z.strictObject({ ...pageQuery, line: numberInQuery(1, 2_147_483_647).optional() }),
      response: { 200: pageOf(itemSchema, 'DisbursementItemPage'), ...problems('disbursement-request-not-found') },
    },
    handler: async request => {
      const { bookId, requestId } = request.params
      const { after, limit, line } = request.query
      return itemsPage(parts, bookId, requestId, line, after, limit)
    },
  })

  for (const { status, noun, operationId, summary, description } of steps) {
    app.route({
      method: 'POST',
      url: `${url}/:requestId/${noun}`,
      config: { access: ['administrator'], idempotent: true },
      schema: {
        ...{ operationId, tags, summary, description, params: ofRequest, body: stepBody },
        response: {
          ...made(madeRequest),
          ...problems(
            ...(['id-reused', 'disbursement-request-not-found', 'disbursement-status-conflict'] as const),
            ...(['date-in-future', 'date-too-early'] as const),
            ...(status === 'authorised' ? (['second-actor-needed'] as const) : []),
            ...(status === 'paid' ? (['incentive-run-not-posted', 'disbursement-not-in-ledger'] as const) : []),
          ),
        },
      },
      handler: async (request, reply) => {
        const { bookId, requestId: requested } = request.params
        await bookOf(parts.db, bookId)
        const id = requestId(request, request.body.id)
        const { replayed } = await takeStep(parts, bookId, requested, status, request.actor, { ...request.body, id })
        return answerMade(reply, { ...(await requestById(parts, bookId, requested)), replayed })
      },
    })
  }
}
