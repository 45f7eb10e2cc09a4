import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { answerMade, clientId, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText, nameId } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Parts } from '../../savings/parts.ts'
import { householdReference } from '../../savings/registry/savers.ts'
import { mostProblems } from '../file-refused.ts'
import {
  fileOf,
  fileSchema,
  fileSummary,
  fileSummarySchema,
  lastFiles,
  periodSchema,
  periodsOfHousehold,
} from './reading.ts'
import { takePeriods } from './take.ts'
import { mostLines, type ToldFile, toldByCsv } from './told.ts'

/** Some 60 bytes a line, for as many lines as a file may have. */
const bodyLimit = 33_554_432

/** Longer lists come as CSV. */
const mostInJson = 10_000

const cell = (example: string) =>
  z
    .string()
    .max(100)
    .default('')
    .meta({ examples: [example] })

/** Checked as the cells of a file are, so that both are told the same of the same. */
const lineInJson = z
  .strictObject({
    household: cell('H-080101-0417').describe('The household’s number, as savers are registered with it'),
    bimester: cell('2026-B1').describe('`2026-B1` is January and February'),
    status: cell('MET').describe('MET, FAILED or WAIVED'),
    amount: cell('200.00').describe('What it was paid for the bimester; 0 when nothing'),
    firstChildhood: cell('100.00').describe(
      'Paid beside the amount. Left out: what was told before, and nothing when nothing was',
    ),
    secondarySchool: cell('0.00').describe(
      'Paid beside the amount. Left out: what was told before, and nothing when nothing was',
    ),
  })
  .meta({ id: 'HouseholdPeriodTold' })

const periodsBody = z.strictObject({ id: clientId, periods: z.array(lineInJson).max(mostInJson) }).meta({
  id: 'HouseholdPeriodList',
  examples: [
    {
      id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
      periods: [{ household: 'H-080101-0417', bimester: '2026-B1', status: 'MET', amount: '200.00' }],
    },
  ],
})

const periodsFile = z
  .string()
  .describe('Households’ periods as CSV: a head, then a line for each')
  .meta({
    id: 'HouseholdPeriodsAsCsv',
    examples: [
      `household,bimester,status,amount,firstChildhood,secondarySchool
H-080101-0417,2026-B1,MET,200.00,100.00,
H-080101-0418,2026-B1,FAILED,0,,
H-080101-0419,2026-B1,WAIVED,200.00,,160.00
`,
    ],
  })

const takenSchema = fileSchema.extend({ replayed: z.boolean() }).meta({ id: 'HouseholdPeriodFileTaken' })
const inBook = z.strictObject({ bookId: idText })
const url = '/v1/books/:bookId/household-period-files'
const readers = ['analyst', 'auditor', 'administrator'] as const

const description = `As \`text/csv\`, up to ${mostLines} lines, or as JSON, up to ${mostInJson}. A bimester is written \`2026-B1\` (January and February), must
have begun, and is of 2005, when JUNTOS began, or later. Amounts are in the book's currency. A period is the household's, whatever programme asks for it; when the transfer for it
was credited is another matter, told by the state transfer itself.

All lines are taken or none. When any is refused, \`facts.problems\` lists ${mostProblems} problems at most by \`row\` (of a file, its head being row 1; of a
list, its place), \`field\` and \`message\`, and a household that no saver lives in once, with how many \`lines\` are of it, after what is wrong with
one line alone; \`facts.problemCount\` counts all, \`facts.notListed\` the rest. A line that tells what is known changes nothing. One that tells it
otherwise is refused unless \`corrects=true\`, and then is the next revision. A programme's list has households of which no member saves here:
with \`unknownHouseholds=leave-out\` it is taken without their lines, and \`leftOut\` counts them. Without an id it is made of the content, so that the same file
again is a replay, and undoes no correction that came since: to tell that again, give it an id of its own.`

/** What a request told, and the hash of what it was told by. */
type ToldBy = { file: ToldFile; sha256: string }

/** Households' periods: taken in as files, and read by household and by file. */
export function periodRoutes(app: App, parts: Parts): void {
  const tags = ['JUNTOS']

  app.register(async scope => {
    const files = new WeakMap<FastifyRequest, ToldBy>()
    scope.addContentTypeParser<Buffer>(
      'text/csv',
      { parseAs: 'buffer', bodyLimit },
      async (request: FastifyRequest, bytes: Buffer) => {
        files.set(request, { file: await toldByCsv(bytes), sha256: hash('sha256', bytes) })
        // So many lines are not checked as a body: what is wrong with them is told by row.
        return { periods: [] }
      },
    )
    ;(scope as unknown as App).route({
      method: 'POST',
      url,
      bodyLimit,
      config: { access: ['administrator'], idempotent: true },
      schema: {
        operationId: 'takeHouseholdPeriods',
        tags,
        summary: 'Take in a file of households’ periods',
        description,
        params: inBook,
        querystring: z.strictObject({
          corrects: z
            .enum(['true', 'false'])
            .default('false')
            .describe('Whether it may tell otherwise what was told before'),
          unknownHouseholds: z
            .enum(['refuse', 'leave-out'])
            .default('refuse')
            .describe(
              'Lines of households in which no saver of the book lives: refuse the file, or take it without them',
            )
            .meta({ id: 'UnknownHouseholds' }),
        }),
        body: periodsBody,
        alsoAs: { 'text/csv': periodsFile },
        response: { ...made(takenSchema), ...problems('id-reused', 'file-refused') },
      },
      handler: async (request, reply) => {
        const { bookId } = request.params
        await bookOf(parts.db, bookId)
        const corrects = request.query.corrects === 'true'
        const leavesOut = request.query.unknownHouseholds === 'leave-out'
        const { file, sha256 } = files.get(request as unknown as FastifyRequest) ?? toldByList(request.body.periods)
        const isNamed = request.body.id !== undefined || request.headers['idempotency-key'] !== undefined
        const id = isNamed
          ? requestId(request as unknown as FastifyRequest, request.body.id)
          : nameId(`household-periods:${sha256}:${corrects}${leavesOut ? ':leave-out' : ''}`, bookId)
        const taking = { id, sha256, corrects, leavesOut, file }
        const { row, replayed } = await takePeriods(parts, bookId, request.actor, taking)
        return answerMade(reply, { ...fileOf(row), replayed })
      },
    })
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listHouseholdPeriodFiles',
      tags,
      summary: 'List the last 50 files of households’ periods, the newest first',
      params: inBook,
      response: { 200: z.object({ items: z.array(fileSchema) }).meta({ id: 'HouseholdPeriodFileList' }) },
    },
    handler: async request => ({ items: await lastFiles(parts, request.params.bookId, 50) }),
  })

  app.route({
    method: 'GET',
    url: `${url}/:fileId`,
    config: { access: readers },
    schema: {
      operationId: 'getHouseholdPeriodFile',
      tags,
      summary: 'Read a file of households’ periods: what it told, summed by bimester and status',
      params: inBook.extend({ fileId: idText }),
      response: { 200: fileSummarySchema, ...problems('period-file-not-found') },
    },
    handler: async request => fileSummary(parts, request.params.bookId, request.params.fileId),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/household-periods',
    config: { access: readers },
    schema: {
      operationId: 'listHouseholdPeriods',
      tags,
      summary: 'List the periods of a household, corrections after what they correct',
      params: inBook,
      querystring: z.strictObject({ household: householdReference, ...pageQuery }),
      response: { 200: pageOf(periodSchema, 'HouseholdPeriodPage') },
    },
    handler: async request => {
      const { household, after, limit } = request.query
      return periodsOfHousehold(parts, request.params.bookId, household, after, limit)
    },
  })
}

function toldByList(periods: z.output<typeof lineInJson>[]): ToldBy {
  const lines = periods.map((line, place) => ({ ...line, row: place + 1 }))
  return { file: { lines, problems: [] }, sha256: hash('sha256', canonicalize(periods)!) }
}
