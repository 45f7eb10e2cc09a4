import assert from 'node:assert/strict'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type Draft, mostDrafts } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, parseAmount, positiveAmountText, totalText } from '../../money.ts'
import { Refusal, refusals } from '../../refusals.ts'
import { fingerprint } from '../registering.ts'
import type { RegistryVerb } from '../registry/verb.ts'
import { interest, period, periodInOrder, periodOrder } from './bank-credits.ts'
import { linesRefused, reasonIn } from './lines-refused.ts'
import { accountsByNumber, unknownNumber } from './subjects.ts'
import { account, movement, oneAccount, reference } from './verb.ts'

export const interestListBody = z
  .strictObject({
    id: clientId,
    valueDate: movement.valueDate,
    periodFrom: period.periodFrom.optional(),
    periodTo: period.periodTo.optional(),
    reference: reference.optional(),
    lines: z
      .array(
        z
          .strictObject({ ...account, amount: positiveAmountText })
          .refine(...oneAccount)
          .meta({ id: 'InterestLine' }),
      )
      .min(1)
      .max(mostDrafts),
  })
  .refine(periodInOrder, periodOrder)
  .meta({
    id: 'InterestListTold',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f68',
        valueDate: '2026-03-31',
        periodFrom: '2026-01',
        periodTo: '2026-03',
        lines: [
          { savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', amount: '1.35' },
          { bankAccountNumber: '110-01-2345678', amount: '0.82' },
        ],
      },
    ],
  })

export const interestListSchema = z
  .object({
    id: z.uuid(),
    valueDate: calendarDate,
    currency: currencySchema,
    total: totalText,
    lines: z.array(
      z
        .object({
          savingsAccountId: z.uuid(),
          amount: amountText,
          transactionId: z.uuid(),
          sequence: z.int(),
        })
        .meta({ id: 'InterestRecorded' }),
    ),
    replayed: z.boolean(),
  })
  .meta({ id: 'InterestListRecorded' })

/**
 * Records the interest that the bank tells of many accounts: one transaction an account, all or none. The list is kept
 * nowhere but in them: each carries the list's id and fingerprint, so that another list under its id is refused.
 */
export const interestList: RegistryVerb<z.output<typeof interestListBody>, z.output<typeof interestListSchema>> = {
  type: 'interest-list',
  path: 'interest-lists',
  tag: 'Movements',
  operationId: 'recordInterestList',
  summary: 'Record the interest that the bank credited to many accounts',
  description: 'All or none; `facts.lines` says every reason. Each account gets a transaction of its own.',
  access: interest.access,
  body: interestListBody,
  answer: interestListSchema,
  identified: true,
  refusals: ['id-reused', 'lines-refused', 'line-repeated', 'amount-precision', 'value-date-in-future', 'overloaded'],
  async run({ ledger }, bookId, actor, { id, lines: given, ...common }) {
    const book = await bookOf(ledger.db, bookId)
    const amount = (text: string) => formatAmount(parseAmount(text, book.currency), book.currency)
    const lines = await settledLines(ledger.db, book.id, id, given)
    const bodies = lines.map(line => ({
      ...common,
      savingsAccountId: line.savingsAccountId,
      amount: amount(line.amount),
    }))
    const origin = { interestListId: id, interestListHash: fingerprint({ lines: bodies }).toString('hex') }
    const drafts: Draft[] = bodies.map(body => {
      const draft = interest.draft(book, nameId(body.savingsAccountId, id), body)
      return { ...draft, evidence: { ...draft.evidence, ...origin } }
    })
    const outcomes = await ledger.postList(book.id, drafts, 'atomic', actor.clientId)
    const decided = outcomes.map((outcome, place) => ({
      line: place + 1,
      refusal: lines[place]!.refusal ?? ('posted' in outcome ? null : reasonIn(outcome.refusal, bodies[place]!, book)),
    }))
    if (decided.some(line => line.refusal !== null)) throw linesRefused(decided)
    const posted = outcomes.map(outcome => {
      assert('posted' in outcome, 'a list without a reason against it is posted')
      return outcome.posted
    })
    const total = drafts.reduce((sum, draft) => sum + draft.entries[0]!.amount, 0n)
    return {
      id,
      valueDate: common.valueDate,
      currency: book.currency,
      total: formatAmount(total, book.currency),
      lines: bodies.map(({ savingsAccountId, amount }, place) => ({
        savingsAccountId,
        amount,
        transactionId: posted[place]!.id,
        sequence: Number(posted[place]!.sequence),
      })),
      replayed: posted.every(({ replayed }) => replayed),
    }
  },
}

type GivenLine = z.output<typeof interestListBody>['lines'][number]

type SettledLine = { savingsAccountId: string; amount: string; refusal: Refusal | null }

/**
 * The lines with the ids of their accounts. A line that tells no account, or one that is on another line already, is given
 * nobody's: so the ledger refuses the list, and says what it has against each of the others.
 */
async function settledLines(
  db: Db,
  bookId: string,
  listId: string,
  lines: readonly GivenLine[],
): Promise<SettledLine[]> {
  const numbers = lines.map(line => line.bankAccountNumber).filter(number => number !== undefined)
  const byNumber = await accountsByNumber(db, bookId, numbers)
  const seen = new Set<string>()
  return lines.map(({ bankAccountNumber, savingsAccountId, amount }, place) => {
    const told = savingsAccountId ?? byNumber.get(bankAccountNumber!)
    const refusal = told === undefined ? unknownNumber() : seen.has(told) ? repeated() : null
    if (told !== undefined) seen.add(told)
    const nobody = nameId(`nobody ${place}`, listId)
    return { savingsAccountId: refusal === null ? told! : nobody, amount, refusal }
  })
}

function repeated(): Refusal {
  return new Refusal('line-repeated', `${refusals['line-repeated'].title}.`)
}
