import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { answerMade, made } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { code } from '../../savings/wording.ts'
import { inBook, ofBankAccount, readers } from './bank-account-routes.ts'
import { bankAccountById } from './bank-accounts.ts'
import type { Intake } from './intake.ts'
import { type HeldProfile, profileByCode } from './profiles.ts'
import { openProgress } from './progress.ts'
import { bytesOf, fileById, filesOf, linesPage, shownFile, statementById, statementsPage } from './reading.ts'
import { largestFile, removeSpooled, spool } from './spool.ts'
import { fileAsBody, fileOfForm, type Upload } from './upload.ts'
import { fileSchema, lineSchema, statementSchema } from './wire.ts'

const ofFile = inBook.extend({ fileId: idText })
const ofStatement = inBook.extend({ statementId: idText })
const url = '/v1/books/:bookId/bank-files'

const takenSchema = fileSchema.extend({ replayed: z.boolean() }).meta({ id: 'TakenBankFile' })

const rawBody = z
  .string()
  .meta({ id: 'BankFileBytes', format: 'binary', examples: [':20:STARTUMSE\r\n:25:87052000/123456789\r\n…'] })
const formBody = z
  .strictObject({ file: z.string().meta({ format: 'binary', examples: ['…'] }) })
  .meta({ id: 'BankFileForm' })

/** Media types of a body that is the file itself. */
const rawTypes = ['application/octet-stream', 'application/xml', 'text/xml', 'text/plain', 'text/csv'] as const

const description = `The file is the body itself, or the one file of a form; ${largestFile / 1_048_576} MiB at the most. camt.053 (versions 2 to 13)
and MT940 are told by how they begin, camt.052, camt.054 and MT942 are kept as notices that prove nothing; CSV and fixed width are read by the
profile that is named, or by that of the bank account that is named.

All of it is kept, or nothing: a file that makes no sense is refused with the place in it and the reason, and \`facts.sha256\` says which file it was.
What does not tie up is kept, for it is evidence, and told as breaks of its statements: a number that came before with other content, a
gap, an opening balance that is not the closing one before it, lines that do not come to the closing balance.

The same bytes again are answered as at first. Lines that are had already are skipped one by one, where exports overlap; payments that are the
same to the letter are told apart by counting them.`

/** Files of statements: taken, kept and read back with what they hold. */
export function fileRoutes(app: App, parts: Parts, tags: string[], intake: Intake): void {
  takeRoute(app, parts, tags, intake)

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
    config: { access: readers },
    schema: {
      operationId: 'getBankFileBytes',
      tags,
      summary: 'Get a file of statements back as it came',
      params: ofFile,
      response: {
        200: { description: 'The file', content: { 'application/octet-stream': { schema: rawBody } } },
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

function takeRoute(app: App, parts: Parts, tags: string[], intake: Intake): void {
  app.register(async scope => {
    const uploads = new WeakMap<FastifyRequest, Upload>()
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([...rawTypes], async (request: FastifyRequest, payload: Readable) => {
      uploads.set(request, await fileAsBody(request.raw, payload))
      return ''
    })
    scope.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, payload: Readable) => {
      uploads.set(request, await fileOfForm(request.raw, payload))
      return { file: '' }
    })
    ;(scope as unknown as App).route({
      method: 'POST',
      url,
      config: { access: ['bank', 'administrator'] },
      schema: {
        operationId: 'takeBankFile',
        tags,
        summary: 'Hand in a file of a bank’s statements',
        description,
        params: inBook,
        querystring: z.strictObject({
          profile: code.optional().describe('Of the institution: by which a CSV or fixed-width file is read'),
          bankAccountId: idText.optional().describe('Whose profile is meant, where none is named'),
          name: z.string().min(1).max(200).optional().describe('What the file is called, for people'),
        }),
        body: {
          content: {
            ...Object.fromEntries(rawTypes.map(type => [type, { schema: rawBody }])),
            'multipart/form-data': { schema: formBody },
          },
        },
        response: {
          ...made(takenSchema),
          ...problems(
            ...([
              'file-refused',
              'bank-account-unknown',
              'bank-account-not-found',
              'statement-profile-not-found',
            ] as const),
          ),
        },
      },
      handler: async (request, reply) => {
        const { bookId } = request.params
        const upload = uploads.get(request as unknown as FastifyRequest)
        if (upload === undefined) {
          const fields = [{ path: 'body', message: 'is the file, and is needed' }]
          throw new Refusal('request-invalid', 'There is no file in the request.', { fields })
        }
        try {
          const book = await bookOf(parts.db, bookId)
          const profile = await profileMeant(parts, bookId, request.query)
          const file = await spool(upload.bytes)
          try {
            const name = request.query.name ?? upload.name?.slice(0, 200) ?? null
            const { mediaType } = upload
            const [actor, at] = [request.actor.clientId, parts.clock.now()]
            const progress = openProgress()
            const taking = { book, actor, at, file, name, mediaType, profile, progress }
            const { id, replayed } = await intake.take(taking)
            return answerMade(reply, { ...shownFile(await fileById(parts, bookId, id)), replayed })
          } catch (error) {
            if (error instanceof Refusal && error.code === 'file-refused')
              request.log.warn({ requestId: request.id, ...error.facts }, 'a bank’s file was refused')
            throw error
          } finally {
            await removeSpooled(file)
          }
        } finally {
          upload.dismiss()
        }
      },
    })
  })
}

async function profileMeant(
  parts: Parts,
  bookId: string,
  { profile, bankAccountId }: { profile?: string | undefined; bankAccountId?: string | undefined },
): Promise<HeldProfile | null> {
  if (profile !== undefined) return profileByCode(parts, bookId, profile)
  if (bankAccountId === undefined) return null
  const { profileCode } = await bankAccountById(parts, bookId, bankAccountId)
  return profileCode === null ? null : profileByCode(parts, bookId, profileCode)
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
