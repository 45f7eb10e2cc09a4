import { Readable } from 'node:stream'
import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { inBook, ofBankAccount, readers } from './bank-account-routes.ts'
import { bankAccountById } from './bank-accounts.ts'
import { bytesOf, fileById, filesOf, linesPage, shownFile, statementById, statementsPage } from './reading.ts'
import { fileBytes, fileSchema, lineSchema, statementSchema } from './wire.ts'

const ofFile = inBook.extend({ fileId: idText })
const ofStatement = inBook.extend({ statementId: idText })
const url = '/v1/books/:bookId/bank-files'

/** Files of statements, read back with what they hold. */
export function fileRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listBankFiles',
      tags,
      summary: 'List the files of statements that were taken, oldest first',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(fileSchema, 'BankFilePage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      return recordedPage(await filesOf(parts, request.params.bookId, after, limit + 1), limit, shownFile)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:fileId`,
    config: { access: readers },
    schema: {
      operationId: 'getBankFile',
      tags,
      summary: 'Read what a file of statements is',
      params: ofFile,
      response: { 200: fileSchema, ...problems('bank-file-not-found') },
    },
    handler: async request => shownFile(await fileById(parts, request.params.bookId, request.params.fileId)),
  })

  app.route({
    method: 'GET',
    url: `${url}/:fileId/bytes`,
    config: { access: readers, tellsIdentity: true },
    schema: {
      operationId: 'getBankFileBytes',
      tags,
      summary: 'Get a file of statements back as it came',
      params: ofFile,
      response: {
        200: { description: 'The file', content: { 'application/octet-stream': { schema: fileBytes } } },
        ...problems('bank-file-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { bookId, fileId } = request.params
      const { file } = await fileById(parts, bookId, fileId)
      reply.type('application/octet-stream').header('content-length', file.size)
      reply.header('content-disposition', `attachment; filename="${file.sha256.toString('hex')}"`)
      // Fastify sends a stream as it comes; its types know only what the schema says.
      return reply.send(Readable.from(bytesOf(parts, bookId, fileId, file.pieces), { objectMode: false }) as never)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:fileId/statements`,
    config: { access: readers },
    schema: {
      operationId: 'listStatementsOfBankFile',
      tags,
      summary: 'List the statements of a file in their order, with what is wrong with each',
      params: ofFile,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(statementSchema, 'BankStatementPage'), ...problems('bank-file-not-found') },
    },
    handler: async request => {
      const { bookId, fileId } = request.params
      const { after, limit } = request.query
      await fileById(parts, bookId, fileId)
      return statementsPage(parts, bookId, { fileId }, after, limit)
    },
  })

  statementRoutes(app, parts, tags)
}

function statementRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-accounts/:bankAccountId/statements',
    config: { access: readers },
    schema: {
      operationId: 'listBankStatements',
      tags,
      summary: 'List the statements of an account at the bank, the latest day first',
      params: ofBankAccount,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(statementSchema, 'BankStatementPage'), ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { after, limit } = request.query
      await bankAccountById(parts, bookId, bankAccountId)
      return statementsPage(parts, bookId, { bankAccountId }, after, limit)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-statements/:statementId',
    config: { access: readers },
    schema: {
      operationId: 'getBankStatement',
      tags,
      summary: 'Read a statement without its lines',
      params: ofStatement,
      response: { 200: statementSchema, ...problems('bank-statement-not-found') },
    },
    handler: async request => statementById(parts, request.params.bookId, request.params.statementId),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-statements/:statementId/lines',
    config: { access: readers },
    schema: {
      operationId: 'listBankLines',
      tags,
      summary: 'List the lines of a statement in their order',
      params: ofStatement,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(lineSchema, 'BankLinePage'), ...problems('bank-statement-not-found') },
    },
    handler: async request => {
      const { bookId, statementId } = request.params
      const { after, limit } = request.query
      await statementById(parts, bookId, statementId)
      return linesPage(parts, bookId, statementId, after, limit)
    },
  })
}
