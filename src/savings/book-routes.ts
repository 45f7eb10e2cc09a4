import { z } from 'zod'
import { roles } from '../http/actor.ts'
import { answerMade, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { bookBody, bookPlace, bookSchema, listSavingsBooks, openSavingsBook, savingsBookById } from './books.ts'
import type { Parts } from './parts.ts'

const openedBook = bookSchema.extend({ replayed: z.boolean() }).meta({ id: 'OpenedBook' })

/** Books: opened by an administrator, each at one institution and in one currency. */
export function bookRoutes(app: App, parts: Parts): void {
  const tags = ['Books']

  app.route({
    method: 'POST',
    url: '/v1/books',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'openBook',
      tags,
      summary: 'Open a book at a partner institution',
      description: 'It opens with its accounts at the bank and for clearing. Nothing of a book changes later.',
      body: bookBody,
      response: {
        ...made(openedBook),
        ...problems('institution-not-found', 'book-code-taken', 'id-reused', 'date-in-future'),
      },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      return answerMade(reply, await openSavingsBook(parts, request.actor, { ...request.body, id }))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books',
    config: { access: roles },
    schema: {
      operationId: 'listBooks',
      tags,
      summary: 'List the books that your key reaches, by code',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(bookSchema, 'BookPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const books = await listSavingsBooks(parts.db, request.actor, after, limit + 1)
      return cutPage(books, limit, { cursor: bookPlace, placeOf: ({ code }) => ({ code }), itemOf: book => book })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId',
    config: { access: roles },
    schema: {
      operationId: 'getBook',
      tags,
      summary: 'Read a book',
      params: z.strictObject({ bookId: idText }),
      response: { 200: bookSchema },
    },
    handler: async request => savingsBookById(parts.db, request.params.bookId),
  })
}
