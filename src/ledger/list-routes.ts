import { z } from 'zod'
import { apart, FlawedItem } from '../http/items-apart.ts'
import type { App } from '../http/openapi.ts'
import { invalidFields, problemOf, problemSchema, problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import type { Currency } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { bookOf } from './books.ts'

import { type Draft, entriesOf, mostDrafts, mostEntriesTogether } from './draft.ts'
import { draftFields, draftOf, exampleDraft, notByHand, type Others } from './draft-body.ts'
import { type Ledger, listModes } from './post.ts'

import { bookParams, postedAnswer, postedSchema } from './wire.ts'

const listMode = z.enum(listModes).meta({ id: 'ListMode' })

const listedDraft = z.strictObject({ id: idText, ...draftFields }).meta({ id: 'ListedDraft' })

const listBody = z
  .strictObject({
    mode: listMode.describe('atomic: all or none; independent: each for itself'),
    drafts: z
      .array(apart(listedDraft))
      .min(1)
      .max(mostDrafts)
      .describe(`With at most ${mostEntriesTogether} entries together`),
  })
  .meta({ id: 'DraftList', examples: [{ mode: 'atomic', drafts: [exampleDraft] }] })

const outcomeSchema = z
  .object({
    mode: listMode,
    posted: z.int().describe('How many of the list this request posted'),
    replayed: z.int().describe('How many an earlier request had posted'),
    refused: z.int(),
    outcomes: z
      .array(
        z
          .object({
            id: z
              .string()
              .nullable()
              .describe('As it was given; null when it was not')
              .meta({ examples: [exampleDraft.id] }),
            transaction: postedSchema.optional(),
            problem: problemSchema.optional(),
          })
          .meta({ id: 'ListedOutcome' }),
      )
      .describe('In the order of the drafts: each has its transaction or its problem'),
  })
  .meta({ id: 'DraftListOutcome' })

type Listed = z.output<typeof listBody>['drafts'][number]

/** Lists of transactions, decided together. */
export function listRoutes(app: App, ledger: Ledger, others: Others): void {
  const { db } = ledger

  /** What is asked for, or why it cannot be asked for so. */
  function read(listed: Listed, currency: Currency): Draft | Refusal {
    if (listed instanceof FlawedItem) return invalidFields(listed.fields, 'draft')
    try {
      return draftOf(listed.id, listed, currency, others)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  /** The same, but for drafts that nobody may write by hand. */
  async function byHand(bookId: string, asked: readonly (Draft | Refusal)[]): Promise<(Draft | Refusal)[]> {
    const drafts = asked.map(one => (one instanceof Refusal ? { entries: [] } : one))
    const refusals = await notByHand(ledger, bookId, drafts, others)
    return asked.map((one, place) => refusals[place] ?? one)
  }

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/transaction-lists',
    config: { access: ['administrator'], itemsApart: 'drafts' },
    schema: {
      operationId: 'postTransactionList',
      tags: ['Ledger'],
      summary: `Post a list of up to ${mostDrafts} transactions`,
      description:
        'Answers 200 when the list was decided, with an outcome for each draft. An atomic list with one refusal posts nothing: the others answer `list-refused`; one that is not well formed, or touches an account that is not moved by hand, refuses an atomic list with 400, and an independent list in its own outcome only. Sending the list again is safe: what was posted is a replay, and what was refused is decided anew, so of an independent list it may be posted then.',
      params: bookParams,
      body: listBody,
      response: { 200: outcomeSchema, ...problems('list-refused', 'overloaded') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { mode, drafts: listed } = request.body
      const { currency } = await bookOf(db, bookId)
      const readable = listed.map(one => read(one, currency))
      requireFew(readable.filter(isDraft))
      const asked = await byHand(bookId, readable)
      if (mode === 'atomic') requireWhole(asked)
      const drafts = asked.filter(isDraft)
      const decided = drafts.length === 0 ? [] : await ledger.postList(bookId, drafts, mode, request.actor.clientId)
      const next = decided.values()
      const outcomes = asked.map(one => (one instanceof Refusal ? { refusal: one } : next.next().value!))
      const answered = outcomes.map((outcome, index) => {
        const draft = asked[index]!
        return 'posted' in outcome
          ? { id: outcome.posted.id, transaction: postedAnswer(draft as Draft, outcome.posted) }
          : { id: givenId(listed[index]!), problem: problemOf(outcome.refusal, request.id) }
      })
      const there = outcomes.flatMap(outcome => ('posted' in outcome ? [outcome.posted] : []))
      const replayed = there.filter(posted => posted.replayed).length
      const [posted, refused] = [there.length - replayed, outcomes.length - there.length]
      return { mode, posted, replayed, refused, outcomes: answered }
    },
  })
}

function isDraft(asked: Draft | Refusal): asked is Draft {
  return !(asked instanceof Refusal)
}

/** @throws Refusal `request-invalid` for an atomic list, with each place that is at fault */
function requireWhole(asked: readonly (Draft | Refusal)[]): void {
  const fields = asked.flatMap((one, index) => {
    if (!(one instanceof Refusal)) return []
    const places = one.fields.length > 0 ? one.fields : [{ path: '', message: one.detail }]
    return places.map(({ path, message }) => ({ path: `drafts.${index}${path && `.${path}`}`, message }))
  })
  if (fields.length > 0) throw invalidFields(fields)
}

/** @throws Refusal `request-invalid`: a list holds its book for as long as it takes to post it */
function requireFew(drafts: readonly Draft[]): void {
  const entries = entriesOf(drafts)
  if (entries <= mostEntriesTogether) return
  const message = `have ${entries} entries together, and may have ${mostEntriesTogether}`
  throw invalidFields([{ path: 'drafts', message }])
}

function givenId(listed: Listed): string | null {
  const { id } = ((listed instanceof FlawedItem ? listed.given : listed) ?? {}) as { id?: unknown }
  return typeof id === 'string' ? id : null
}
