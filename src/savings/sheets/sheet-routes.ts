import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { invalidRequest, problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { identityRoles } from '../acting.ts'
import { recordedPage } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { inFile, type SheetInFile, sheetOfCsv, textOfFile } from './csv.ts'
import { postCollectionSheet, postSheet } from './post.ts'
import { listSheets, postedSheetSchema, sheetById, sheetSchema, sheetSummaryOf, sheetSummarySchema } from './reading.ts'
import { sheetBody } from './sheet.ts'

/** A hundred lines are some twenty kilobytes; nothing larger is a sheet. */
const bodyLimit = 262_144

const sheetFile = z
  .string()
  .describe('A collection sheet as CSV: a field and its value a row, then a table; names as in JSON')
  .meta({
    id: 'CollectionSheetFile',
    examples: [
      `id,0198c5f2-7b00-7c41-8f5e-1b2c3d4e5f60
groupCode,GR-017
agentCode,PR-07
meetingDate,2026-03-14
cashCount,17.50
signedBy.coordinatorDni,10117410
signedBy.agentCode,PR-07

line,bankAccountNumber,deposit,withdrawal,purpose
1,110-01-2345678,22.50,,
2,110-01-2345679,,5.00,education
`,
    ],
  })

const sheetDescription = `As JSON, or as \`text/csv\`: a field and its value a row, then a table; names as in JSON.

Whatever has an id may be named by it (\`groupId\`, \`agentId\`, \`signedBy.coordinator\`, \`savingsAccountId\`, \`depositorId\`), or as
people do: by code, by a group's name, by bank account number, by DNI; each in one way. Semicolons or tabs with decimal
commas are taken as well, in UTF-8, UTF-16 or Windows-1252, and problems are told by the row of the file, from 1. The cash counted must be the deposits less the withdrawals. When a line is
refused nothing is posted and \`facts.lines\` says every reason, unless \`onRefusal\` asks to post the others. When a line cannot be
read nothing is posted either way, for the cash that was counted is also its; what speaks against the others is told with it.`

/** Collection sheets: handed in as JSON or CSV, and read back with what became of each line. */
export function sheetRoutes(app: App, parts: Parts): void {
  const tags = ['Collection sheets']
  const inBook = z.strictObject({ bookId: idText })

  app.register(async scope => {
    const files = new WeakMap<FastifyRequest, SheetInFile>()
    scope.addContentTypeParser<Buffer>(
      'text/csv',
      { parseAs: 'buffer', bodyLimit },
      async (request: FastifyRequest, bytes: Buffer) => {
        const file = sheetOfCsv(textOfFile(bytes))
        files.set(request, file)
        const checked = sheetBody.safeParse(file.sheet)
        if (!checked.success) throw inFile(invalidRequest(checked.error), file)
        return file.sheet
      },
    )
    ;(scope as unknown as App).route({
      method: 'POST',
      url: '/v1/books/:bookId/collection-sheets',
      bodyLimit,
      config: { access: postCollectionSheet.access, idempotent: true },
      schema: {
        operationId: postCollectionSheet.operationId,
        tags,
        summary: postCollectionSheet.summary,
        description: sheetDescription,
        params: inBook,
        body: sheetBody,
        alsoAs: { 'text/csv': sheetFile },
        response: { ...made(postedSheetSchema), ...problems(...postCollectionSheet.refusals) },
      },
      handler: async (request, reply) => {
        const id = requestId(request, request.body.id)
        const body = { ...request.body, id }
        const file = files.get(request as unknown as FastifyRequest)
        try {
          return answerMade(reply, await postSheet(parts, request.params.bookId, request.actor, body))
        } catch (error) {
          throw file !== undefined && error instanceof Refusal ? inFile(error, file) : error
        }
      },
    })
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/collection-sheets',
    config: { access: identityRoles },
    schema: {
      operationId: 'listCollectionSheets',
      tags,
      summary: 'List collection sheets, oldest first',
      params: inBook,
      querystring: z.strictObject({ ...pageQuery, groupId: idText.optional(), agentId: idText.optional() }),
      response: { 200: pageOf(sheetSummarySchema, 'CollectionSheetPage') },
    },
    handler: async request => {
      const { after, limit, ...filter } = request.query
      const { currency } = await bookOf(parts.db, request.params.bookId)
      const rows = await listSheets(parts.db, request.params.bookId, filter, after, limit + 1)
      return recordedPage(rows, limit, row => sheetSummaryOf(row, currency))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/collection-sheets/:sheetId',
    config: { access: identityRoles },
    schema: {
      operationId: 'getCollectionSheet',
      tags,
      summary: 'Read a collection sheet with what became of each line',
      params: inBook.extend({ sheetId: idText }),
      response: { 200: sheetSchema, ...problems('collection-sheet-not-found') },
    },
    handler: async request => {
      const book = await bookOf(parts.db, request.params.bookId)
      return sheetById(parts.db, book, request.params.sheetId)
    },
  })
}
