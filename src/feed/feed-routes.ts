import { z } from 'zod'
import type { App } from '../http/openapi.ts'
import { cursor, pageQuery } from '../http/pages.ts'
import { idText } from '../ids.ts'
import type { Parts } from '../savings/parts.ts'
import { beginning, feedAfter } from './feed.ts'
import { feedEventSchema, feedKindSchema } from './kinds.ts'

const digits = z.string().regex(/^\d{1,18}$/)
const place = cursor(z.strictObject({ sequence: digits, position: digits }))

const pageSchema = z
  .object({
    items: z.array(feedEventSchema),
    more: z.boolean().describe('Whether there are more of them already'),
    next: z
      .string()
      .describe('Pass it as `after` to read on: at once when there are `more`, else after a while. Never null')
      .meta({ examples: ['eyJzZXF1ZW5jZSI6IjEwNDIiLCJwb3NpdGlvbiI6IjMifQ'] }),
  })
  .meta({ id: 'FeedPage' })

/** Whoever may open what the events lead to. */
const readers = ['bank', 'auditor', 'administrator'] as const

/** What happens in a book, for programs that follow it. */
export function feedRoutes(app: App, { db }: Pick<Parts, 'db'>): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/events',
    config: { access: readers },
    schema: {
      operationId: 'listEvents',
      tags: ['Events'],
      summary: 'Follow what happens in a book, the oldest first, without missing anything',
      description: `Transactions, proofs and breaks in the order in which they became so; asked again with the same \`after\`, the same events for ever, and later ones behind them.
Keep \`next\` when you have dealt with the page; begin without \`after\`. An event tells by ids that something happened; read at its \`address\` what there is to it.`,
      params: z.strictObject({ bookId: idText }),
      querystring: z.strictObject({ ...pageQuery, kind: feedKindSchema.optional() }),
      response: { 200: pageSchema },
    },
    handler: async request => {
      const { after, limit, kind = null } = request.query
      const read = place.read(after)
      const from = read === null ? beginning : { sequence: BigInt(read.sequence), position: BigInt(read.position) }
      const { events, more, next } = await feedAfter(db, request.params.bookId, from, { kind, limit })
      return { items: events, more, next: place.write({ sequence: `${next.sequence}`, position: `${next.position}` }) }
    },
  })
}
