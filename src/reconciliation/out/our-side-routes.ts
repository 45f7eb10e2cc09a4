import { Readable } from 'node:stream'
import { z } from 'zod'
import { separators } from '../../csv.ts'
import { calendarDate, instantText } from '../../dates.ts'
import { formWanted } from '../../http/form.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { bookOf, headOf, sequenceKnownAt } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import { camt053 } from './camt053.ts'
import { type Asked, endsOf, entriesOf, ourStatement } from './our-side.ts'
import { csvColumns, ourSideCsv } from './our-side-csv.ts'

const camtFile = z.string().meta({
  id: 'OurSideAsCamt053',
  examples: [
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>…</BkToCstmrStmt></Document>',
  ],
})

const csvFile = z.string().meta({
  id: 'OurSideAsCsv',
  examples: [
    `${csvColumns.join(',')}\r\n2026-03-01,opening-balance,,,,,,,0.00\r\n2026-03-31,closing-balance,,,,,,,0.00\r\n`,
  ],
})

/** What the ledger has of an account at the bank, in the form of the bank's own statements, for whoever compares them with programs of their own. */
export function ourSideRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-accounts/:bankAccountId/our-side',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'tellOurSide',
      tags,
      summary: 'Read our side of an account at the bank as camt.053 (version 8), or as CSV',
      description: `By value dates, as the bank would write it: what comes in is a credit. What stands in suspense is the bank's own already, and is left out. CSV
(\`Accept: text/csv\`) has a row an entry between an opening and a closing one; \`separator=semicolon\` is for spreadsheets set to Peru’s Spanish. Both come as they are
read, however long; the last row, or the last element, says that all of it came. Asked again with the same \`knownAt\` it is the same to the letter.`,
      params: ofBankAccount,
      querystring: z.strictObject({
        from: calendarDate,
        to: calendarDate,
        knownAt: instantText.optional().describe('As known at this instant; by default all that is recorded'),
        separator: z
          .enum(separators)
          .meta({ id: 'CsvSeparator' })
          .default('comma')
          .describe('Of CSV: what divides its cells'),
      }),
      response: {
        200: {
          description: 'Our side',
          content: { 'application/xml': { schema: camtFile }, 'text/csv': { schema: csvFile } },
        },
        ...problems(
          ...([
            'bank-account-not-found',
            'period-not-in-order',
            'media-type-not-acceptable',
            'instant-in-future',
          ] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, bankAccountId } = request.params
      const { from, to, knownAt, separator } = request.query
      const form = formWanted(request, reply, ['application/xml', 'text/csv'])
      const book = await bookOf(parts.db, bookId)
      const account = await bankAccountById(parts, bookId, bankAccountId)
      if (to < from) throw new Refusal('period-not-in-order', 'The last day lies before the first.')
      const asked = { from, to, ...(await recordedUntil(parts, bookId, knownAt)) }
      const ends = await endsOf(parts.db, account, asked)
      const entries = entriesOf(parts.db, account, asked)
      const statement = ourStatement(book, account, asked, ends, entries)
      const isXml = form === 'application/xml'
      const pieces = isXml
        ? camt053([statement], { messageId: statement.id!, createdAt: asked.knownAt })
        : ourSideCsv(entries, book, { from, to, ...ends }, separator)
      const name = `${book.code}-${from}-${to}.${isXml ? 'xml' : 'csv'}`
      reply.header('content-disposition', `attachment; filename="${name}"`)
      reply.type(isXml ? 'application/xml; charset=utf-8' : 'text/csv; charset=utf-8; header=present')
      // Fastify sends a stream as it comes; its types know only what the schema says.
      return reply.send(Readable.from(pieces) as unknown as string)
    },
  })
}

/** An instant that is told is settled; without one, what the book had recorded last. */
async function recordedUntil(
  { db, clock }: Parts,
  bookId: string,
  knownAt: string | undefined,
): Promise<Pick<Asked, 'knownAt' | 'sequence'>> {
  if (knownAt === undefined) {
    const { sequence, recordedAt } = await headOf(db, bookId)
    return { sequence, knownAt: recordedAt }
  }
  const instant = new Date(knownAt)
  return { knownAt: instant, sequence: await sequenceKnownAt(db, bookId, instant, clock) }
}
