import { z } from 'zod'
import { calendarDate, instantText } from '../dates.ts'
import { kindShown, sequenceNumber } from '../ledger/index.ts'

/** What is told beside the money: each has a row of its own, written in the database transaction of what it tells. */
export const toldKinds = ['proof-ready', 'break-opened', 'break-closed', 'break-resolved'] as const
export type ToldKind = (typeof toldKinds)[number]

/** What happens in a book. That a transaction was posted has no row of its own: the transaction is one. */
export const feedKinds = ['transaction-posted', ...toldKinds] as const
export type FeedKind = (typeof feedKinds)[number]

export const feedKindSchema = z.enum(feedKinds).meta({ id: 'FeedEventKind' })

const transactionPosted = z
  .object({ transactionId: z.uuid(), transactionKind: kindShown, valueDate: calendarDate })
  .meta({ id: 'TransactionPostedFacts' })

const proofReady = z
  .object({
    bankAccountId: z.uuid(),
    matchingId: z.uuid(),
    day: calendarDate.describe('The last day that statements covered: of it, and of each day before, there is a proof'),
  })
  .meta({ id: 'ProofReadyFacts' })

const ofBreak = z
  .object({
    bankAccountId: z.uuid(),
    breakId: z.uuid(),
    firstBreakId: z
      .uuid()
      .describe('The first break of the same matter: itself, unless it came in the place of another'),
    reason: z.string().meta({ examples: ['missing-in-ledger'] }),
    day: calendarDate,
  })
  .meta({ id: 'BreakFacts' })

const breakResolved = z
  .object({ bankAccountId: z.uuid(), resolutionId: z.uuid(), resolutionKind: z.string().meta({ examples: ['post'] }) })
  .meta({ id: 'BreakResolvedFacts' })

function eventOf<Kind extends FeedKind, Facts extends z.ZodType>(kind: Kind, facts: Facts, id: string) {
  return z
    .object({
      id: z.uuid().describe('The same for ever, also in webhooks'),
      kind: z.literal(kind),
      recordedAt: instantText,
      sequence: sequenceNumber.describe('The last transaction of the book then; of `transaction-posted` its own place'),
      address: z
        .string()
        .describe('Where to read what it tells of, as it is by now')
        .meta({ examples: ['/v1/books/0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11/transactions/…'] }),
      facts,
    })
    .meta({ id })
}

/** Ids, kinds and days: no amounts and no names, so that an event may travel further than what it tells of. */
export const feedEventSchema = z
  .discriminatedUnion('kind', [
    eventOf('transaction-posted', transactionPosted, 'TransactionPosted'),
    eventOf('proof-ready', proofReady, 'ProofReady'),
    eventOf('break-opened', ofBreak, 'BreakOpened'),
    eventOf('break-closed', ofBreak, 'BreakClosed'),
    eventOf('break-resolved', breakResolved, 'BreakResolved'),
  ])
  .meta({ id: 'FeedEvent' })

export type FeedEvent = z.output<typeof feedEventSchema>
export type FactsOf<Kind extends FeedKind> = Extract<FeedEvent, { kind: Kind }>['facts']

/** Something to be told, and what it is about: of each thing each kind is told once. */
export type Telling = { [Kind in ToldKind]: { kind: Kind; subject: string; facts: FactsOf<Kind> } }[ToldKind]
