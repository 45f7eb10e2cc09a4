import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { refuseFuture } from '../../savings/registering.ts'
import { inBook, readers } from '../intake/bank-account-routes.ts'
import { closeSpooled, spool } from '../intake/spool.ts'
import { fileAsBody, fileOfForm, type Upload } from '../intake/upload.ts'
import type { Balances } from './balances.ts'
import { mostLines, mostProblems } from './list-csv.ts'
import { bytesOfList, listRow, listRows, shownList } from './reading.ts'
import { largestList, type TakingList } from './take-list.ts'
import { decimalSchema, encodingSchema, listSchema, takenSchema } from './wire.ts'

export const ofList = inBook.extend({ listId: idText })
export const listsUrl = '/v1/books/:bookId/balance-lists'

const csvExample = `bankAccountNumber,balance,interest
110-01-2345678,213.85,1.35
110-01-2345679,80.00,0.82
`

const listBytes = z.string().meta({ id: 'BalanceListBytes', format: 'binary', examples: [csvExample] })
const formBody = z
  .strictObject({ file: z.string().meta({ format: 'binary', examples: [csvExample] }) })
  .meta({ id: 'BalanceListForm' })

/** Media types of a body that is the list itself. */
const rawTypes = ['text/csv', 'text/plain', 'application/octet-stream'] as const

const description = `CSV with the names of its columns in the first row: \`bankAccountNumber\` or \`cci\` (\`cuenta\`), \`balance\` (\`saldo\`), and as far as the bank tells them
\`currency\` (\`moneda\`), \`status\` (\`estado\`), \`interest\` (\`intereses\`) since the last list, \`fees\` (\`comisiones\`). Commas, semicolons or tabs divide cells, whatever the
first row has. The list is the body itself, or the one file of a form; ${largestList / 1_048_576} MiB and ${mostLines} lines at the most.

All of it is kept, or nothing: \`facts.problems\` then lists the first ${mostProblems} problems by \`row\`, \`field\` and \`message\`, \`facts.problemCount\` counts all, and \`facts.sha256\` says
which file it was. The same bytes of the same day again are answered as at first, under their first id.

Each line is compared with all that the saver has with us at the end of the day: own money, incentives and interest. What differs says what would make it up to the centavo:
interest and fees that the list tells, cash that an agent had not banked yet, what was booked a day or two later or earlier, incentives that the bank does not have. Interest and
fees without which nothing makes it up are proposals, which another person decides.`

/** Banks' lists of savers' accounts with their balances: taken, compared with ours, read back. */
export function balanceListRoutes(app: App, parts: Parts, tags: string[], balances: Balances): void {
  takeRoute(app, parts, tags, balances)

  app.route({
    method: 'GET',
    url: listsUrl,
    config: { access: readers },
    schema: {
      operationId: 'listBalanceLists',
      tags,
      summary: 'List the lists of balances that were taken, oldest first, each with its newest comparison',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(listSchema, 'BalanceListPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const book = await bookOf(parts.db, request.params.bookId)
      const { items, next } = recordedPage(await listRows(parts.db, book.id, after, limit + 1), limit, row => row)
      return { items: await Promise.all(items.map(row => shownList(parts.db, book, row))), next }
    },
  })

  app.route({
    method: 'GET',
    url: `${listsUrl}/:listId`,
    config: { access: readers },
    schema: {
      operationId: 'getBalanceList',
      tags,
      summary: 'Read a list of balances: counts and totals of both sides, by outcome, and what was proposed',
      params: ofList,
      response: { 200: listSchema, ...problems('balance-list-not-found') },
    },
    handler: async request => {
      const { bookId, listId } = request.params
      const book = await bookOf(parts.db, bookId)
      return shownList(parts.db, book, await listRow(parts.db, bookId, listId))
    },
  })

  app.route({
    method: 'GET',
    url: `${listsUrl}/:listId/bytes`,
    config: { access: readers, tellsIdentity: true },
    schema: {
      operationId: 'getBalanceListBytes',
      tags,
      summary: 'Get a list of balances back as it came',
      params: ofList,
      response: {
        200: { description: 'The list', content: { 'application/octet-stream': { schema: listBytes } } },
        ...problems('balance-list-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { bookId, listId } = request.params
      await bookOf(parts.db, bookId)
      const row = await listRow(parts.db, bookId, listId)
      reply.type('application/octet-stream').header('content-length', row.size)
      reply.header('content-disposition', `attachment; filename="${row.sha256.toString('hex')}"`)
      // Fastify sends a stream as it comes; its types know only what the schema says.
      return reply.send(Readable.from(bytesOfList(parts.db, row), { objectMode: false }) as never)
    },
  })
}

function takeRoute(app: App, parts: Parts, tags: string[], balances: Balances): void {
  async function take({ log, id: requestId }: Pick<FastifyRequest, 'log' | 'id'>, taking: TakingList) {
    try {
      const { id, replayed } = await balances.take(taking)
      const row = await listRow(parts.db, taking.book.id, id)
      return { ...(await shownList(parts.db, taking.book, row)), replayed }
    } catch (error) {
      if (error instanceof Refusal && error.code === 'file-refused') {
        const { sha256, size, problemCount } = error.facts
        log.warn({ requestId, sha256, size, problemCount }, 'a bank’s list of balances was refused')
      }
      throw error
    } finally {
      await closeSpooled(taking.file)
    }
  }

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
      url: listsUrl,
      config: { access: ['bank', 'administrator'], idempotent: true },
      schema: {
        operationId: 'takeBalanceList',
        tags,
        summary: 'Hand in the bank’s list of savers’ accounts with their balances, to be compared with ours',
        description,
        params: inBook,
        querystring: z.strictObject({
          id: idText.optional().describe('Chosen by you; or send `Idempotency-Key`'),
          asOf: calendarDate.describe('The day at whose end the balances are'),
          decimal: decimalSchema.default('point').describe('The mark before decimals'),
          encoding: encodingSchema.default('utf-8'),
          name: z.string().min(1).max(200).optional().describe('What the file is called, for people'),
        }),
        body: {
          content: {
            ...Object.fromEntries(rawTypes.map(type => [type, { schema: listBytes }])),
            'multipart/form-data': { schema: formBody },
          },
        },
        response: { ...made(takenSchema), ...problems('file-refused', 'id-reused', 'date-in-future') },
      },
      handler: async (request, reply) => {
        const upload = uploads.get(request as unknown as FastifyRequest)
        if (upload === undefined) {
          const fields = [{ path: 'body', message: 'is the list, and is needed' }]
          throw new Refusal('request-invalid', 'There is no list in the request.', { fields })
        }
        const { asOf, decimal, encoding, name: called } = request.query
        const id = requestId(request as unknown as FastifyRequest, request.query.id)
        const book = await bookOf(parts.db, request.params.bookId)
        refuseFuture(parts, { asOf })
        const file = await spool(upload.bytes)
        const name = called ?? upload.name?.slice(0, 200) ?? null
        const [actor, at, { mediaType }] = [request.actor.clientId, parts.clock.now(), upload]
        const taking = { book, id, asOf, decimal, encoding, file, name, mediaType, actor, at }
        return answerMade(reply, await take(request as unknown as FastifyRequest, taking))
      },
    })
  })
}
