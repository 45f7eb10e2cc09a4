import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import { answerMade, clientId, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery, placeNumber } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf, sequenceNumber } from '../../ledger/index.ts'
import { formatAmount, signedAmountText } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import type { Matching } from './matching.ts'
import { matchingRules } from './rules.ts'
import { toldSchema } from './told.ts'

const runBody = z
  .strictObject({
    id: clientId,
    rules: matchingRules.optional().describe('By default the rules that ship'),
    dryRun: z.boolean().default(false).describe('Tells what would come of it, and changes nothing'),
  })
  .meta({ id: 'MatchingAsked', examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', dryRun: true }] })

const runSchema = z
  .object({
    id: z.uuid(),
    bankAccountId: z.uuid(),
    through: calendarDate.describe('The last day that statements cover'),
    told: toldSchema,
    dryRun: z.boolean(),
    recordedAt: instantText,
    replayed: z.boolean(),
  })
  .meta({ id: 'MatchingRun' })

const claimedLine = z
  .object({ statementId: z.uuid(), line: z.int(), amount: signedAmountText })
  .meta({ id: 'ClaimedLine' })
const claimedEntry = z
  .object({ sequence: sequenceNumber, position: z.int(), amount: signedAmountText })
  .meta({ id: 'ClaimedEntry' })

const matchSchema = z
  .object({
    id: z.uuid(),
    runId: z
      .uuid()
      .nullable()
      .describe('Null of what people decided')
      .meta({ examples: [null] }),
    resolutionId: z
      .uuid()
      .nullable()
      .describe('Null of what a run matched')
      .meta({ examples: [null] }),
    rule: z.string().meta({ examples: ['reference'] }),
    reasons: z.array(z.string()).meta({ examples: [['same reference', 'same amount']] }),
    lines: z.array(claimedLine),
    entries: z.array(claimedEntry),
  })
  .meta({ id: 'BankMatch' })

const matchPlace = cursor(z.strictObject({ by: z.uuid(), number: placeNumber }))

type MatchRow = {
  id: string
  runId: string | null
  resolutionId: string | null
  number: number
  rule: string
  reasons: string[]
  claims: {
    statementId: string | null
    line: number | null
    sequence: string | null
    position: number | null
    moves: string
  }[]
}

const madeBy = sql`coalesce(m.run_id, m.resolution_id)`

/** Which lines of statements are which entries: decided by rules, and read with the reasons. */
export function matchingRoutes(app: App, parts: Parts, tags: string[], matching: Matching): void {
  const url = '/v1/books/:bookId/bank-accounts/:bankAccountId'

  app.route({
    method: 'POST',
    url: `${url}/matchings`,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'matchBankAccount',
      tags,
      summary: 'Match what is open of a bank account, or only try it',
      description: `Lines of its statements and entries of its ledger account are each claimed once, where nothing else could be meant. What differs is
suggested, what may be several is ambiguous: these, and whatever stands alone, are breaks with one reason each. What is unmatched then
stands in two accounts of suspense, and leaves them when it is matched: that is all that is posted. Done again it claims only what is new.`,
      params: ofBankAccount,
      body: runBody,
      response: {
        ...made(runSchema),
        ...problems(
          ...(['bank-account-not-found', 'bank-statement-missing', 'id-reused'] as const),
          ...(['account-blocked', 'account-closed', 'account-total-too-large'] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, bankAccountId } = request.params
      const id = requestId(request, request.body.id)
      const { rules, dryRun } = request.body
      const [actor, at] = [request.actor.clientId, parts.clock.now()]
      const asked = { bookId, bankAccountId, actor, at, id, rules, dryRun }
      const { through, told, recordedAt, replayed } = await matching.match(asked)
      const answer = { id, bankAccountId, through, told, dryRun, recordedAt: recordedAt.toISOString(), replayed }
      // What was only tried made nothing.
      if (dryRun) {
        reply.code(200)
        return answer
      }
      return answerMade(reply, answer)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/matches`,
    config: { access: readers },
    schema: {
      operationId: 'listBankMatches',
      tags,
      summary: 'List what was matched of a bank account, by runs and by people',
      params: ofBankAccount,
      querystring: z.strictObject({ ...pageQuery, runId: idText.optional() }),
      response: { 200: pageOf(matchSchema, 'BankMatchPage'), ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { after, limit, runId } = request.query
      const { currency } = await bookOf(parts.db, bookId)
      await bankAccountById(parts, bookId, bankAccountId)
      const place = matchPlace.read(after)
      const { rows } = await parts.db.execute<MatchRow>(sql`
        select m.id, m.run_id as "runId", m.resolution_id as "resolutionId", m.number, m.rule, m.reasons,
          (select json_agg(json_build_object('statementId', c.statement_id, 'line', c.line, 'sequence', c.sequence::text,
              'position', c.position, 'moves', c.moves::text) order by c.number)
            from bank_claim c where c.book_id = m.book_id and c.match_id = m.id) as claims
        from bank_match m
        where m.book_id = ${bookId} and m.bank_account_id = ${bankAccountId}
          and (${runId ?? null}::uuid is null or m.run_id = ${runId ?? null}::uuid)
          ${place === null ? sql`` : sql`and (${madeBy}, m.number) > (${place.by}::uuid, ${place.number})`}
        order by ${madeBy}, m.number limit ${limit + 1}`)
      return cutPage(rows, limit, {
        cursor: matchPlace,
        placeOf: row => ({ by: (row.runId ?? row.resolutionId)!, number: row.number }),
        itemOf: ({ id, runId: run, resolutionId, rule, reasons, claims }) => ({
          ...{ id, runId: run, resolutionId, rule, reasons },
          lines: claims.flatMap(({ statementId, line, moves }) =>
            statementId === null ? [] : [{ statementId, line: line!, amount: formatAmount(BigInt(moves), currency) }],
          ),
          entries: claims.flatMap(({ sequence, position, moves }) =>
            sequence === null
              ? []
              : [{ sequence: Number(sequence), position: position!, amount: formatAmount(BigInt(moves), currency) }],
          ),
        }),
      })
    },
  })
}
