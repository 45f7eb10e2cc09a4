import { Readable } from 'node:stream'
import { z } from 'zod'
import { instantText } from '../dates.ts'
import type { App } from '../http/openapi.ts'
import { numberInQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { Refusal } from '../refusals.ts'
import { bookOf } from './books.ts'
import { journalOf } from './journal.ts'
import type { Ledger } from './post.ts'
import type { Verification } from './verify.ts'
import { type Fault, type FaultRule, faultRules } from './verify-faults.ts'
import { bookParams, hashText, sequenceNumber } from './wire.ts'

const faultSchema = z
  .object({
    rule: z.enum(Object.keys(faultRules) as [FaultRule, ...FaultRule[]]).meta({ id: 'FaultRule' }),
    meaning: z.string().meta({ examples: [faultRules['sequence-gap']] }),
    sequence: sequenceNumber.optional().describe('The transaction that is wrong'),
    eventNumber: z.int().optional().describe('The event of the register that is wrong'),
    accountId: z.uuid().optional(),
    holdId: z.uuid().optional(),
    table: z
      .string()
      .optional()
      .describe('Where the record is that is wrong')
      .meta({ examples: ['savings_account'] }),
    recordId: z
      .string()
      .optional()
      .describe('Its key there: mostly an id')
      .meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15'] }),
    field: z
      .string()
      .optional()
      .meta({ examples: ['sequence'] }),
    expected: z
      .string()
      .describe('What follows from everything else; amounts in minor units')
      .meta({ examples: ['2'] }),
    found: z
      .string()
      .describe('What is stored')
      .meta({ examples: ['3'] }),
  })
  .meta({ id: 'Fault' })

const verificationSchema = z
  .object({
    ok: z.boolean().describe('Whether every field that was compared is what it has to be'),
    bookId: z.uuid(),
    bookCode: z.string().meta({ examples: ['CUSCO-PEN'] }),
    at: instantText,
    milliseconds: z.int(),
    counts: z
      .object({
        transactions: z.int(),
        entries: z.int(),
        accounts: z.int(),
        days: z.int(),
        holds: z.int(),
        events: z.int(),
        records: z.int().describe('Rows that other parts keep beside the ledger'),
      })
      .meta({ id: 'RowsVerified' })
      .describe('Rows that were recomputed and compared'),
    sequence: sequenceNumber,
    hash: hashText.describe('Of the last transaction. Keep it: a later verification has to pass through it'),
    eventNumber: z.int(),
    eventHash: hashText.describe('Of the last event of the register'),
    faultCount: z.int(),
    faults: z.array(faultSchema).describe('The first of them: wrong transactions first, the earliest before all'),
  })
  .meta({ id: 'Verification' })

const journalSchema = z.string().meta({
  id: 'Journal',
  examples: [
    `commodity 1000.00 PEN

account assets:1010  ; type:A, id:0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e18
account liabilities:2010  ; type:L, id:0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e19

2026-03-14 (1) deposit  ; id:0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11, recorded:2026-03-14T15:04:05.678Z
    assets:1010  22.50 PEN
    liabilities:2010  -22.50 PEN

2026-03-14 balances  ; what each account has come to
    assets:1010  0.00 PEN = 22.50 PEN
    liabilities:2010  0.00 PEN = -22.50 PEN
`,
  ],
})

/** Verifies a book with all that others keep beside it, telling so many faults at most. */
type Verifies = (asked: { bookId: string; most: number; now: Date }) => Promise<Verification>

/** Journals that may be under way at a time. */
const mostExports = 3

const readers = ['auditor', 'administrator'] as const

/** For those who check the books: recomputing one, and taking it away to be read by another program. */
export function auditRoutes(app: App, { db, clock }: Ledger, { verify }: { verify: Verifies }): void {
  let before: Promise<unknown> = Promise.resolve()

  /** One after the other: each is much work, and one is as good as two at once. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = before.then(work)
    before = turn.catch(() => {})
    return turn
  }

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/verification',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'verifyBook',
      tags: ['Audit'],
      summary: 'Recompute a book and compare every stored field of it',
      description:
        'Recomputes hashes, chains, sums, balances, floors, holds and reversals from the entries and the register, at this moment; and compares the records by which other parts tie what they keep to them. Takes a second for some ten thousand transactions.',
      params: bookParams,
      querystring: z.strictObject({
        faults: numberInQuery(1, 100).default(10).describe('How many faults to tell at most'),
      }),
      response: { 200: verificationSchema },
    },
    handler: async request => {
      const { bookId } = request.params
      return await inTurn(async () => {
        const at = clock.now()
        const started = performance.now()
        const verification = await verify({ bookId, most: request.query.faults, now: at })
        return verificationAnswer(verification, at, performance.now() - started)
      })
    },
  })

  let exports = 0

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/journal',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'exportJournal',
      tags: ['Audit'],
      summary: 'Export a book as an hledger journal',
      description:
        'Every account and every transaction in the order of recording, with an assertion of every balance at the end: `hledger check --strict` recomputes them. No names, reasons or evidence. It is whole when its last line says so.',
      params: bookParams,
      response: {
        200: { description: 'The journal', content: { 'text/plain': { schema: journalSchema } } },
        ...problems('overloaded'),
      },
    },
    handler: async (request, reply) => {
      const { id } = await bookOf(db, request.params.bookId)
      // Each keeps a connection to the database for as long as its client takes to read.
      if (exports >= mostExports) throw new Refusal('overloaded', `${mostExports} journals are being read already.`)
      exports += 1
      const journal = Readable.from(journalOf(db, id))
      journal.once('close', () => {
        exports -= 1
      })
      reply.type('text/plain; charset=utf-8')
      // Fastify sends a stream as it comes; its types know only what the schema says.
      return reply.send(journal as unknown as string)
    },
  })
}

function verificationAnswer(
  { book, sequence, eventNumber, faults, ...rest }: Verification,
  at: Date,
  milliseconds: number,
): z.infer<typeof verificationSchema> {
  return {
    ...rest,
    bookId: book.id,
    bookCode: book.code,
    at: at.toISOString(),
    milliseconds: Math.round(milliseconds),
    sequence: Number(sequence),
    eventNumber: Number(eventNumber),
    faults: faults.map(faultAnswer),
  }
}

function faultAnswer({ sequence, event, ...rest }: Fault): z.infer<typeof faultSchema> {
  return {
    ...rest,
    meaning: faultRules[rest.rule],
    ...(sequence === undefined ? {} : { sequence: Number(sequence) }),
    ...(event === undefined ? {} : { eventNumber: Number(event) }),
  }
}
