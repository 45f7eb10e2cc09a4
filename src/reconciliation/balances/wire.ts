import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import { accountStatusSchema, actorShown, hashText, sequenceNumber } from '../../ledger/index.ts'
import { amountText, currencySchema, signedAmountText, totalText } from '../../money.ts'
import { causes, decimals, encodings, outcomes, strangers } from './outcomes.ts'
import { kindSchema, statusSchema } from './proposals/wire.ts'

export const decimalSchema = z.enum(decimals).meta({ id: 'DecimalMark' })
export const encodingSchema = z.enum(encodings).meta({ id: 'BalanceListEncoding' })
export const outcomeSchema = z.enum(outcomes).meta({ id: 'BalanceOutcome' })
const causeSchema = z.enum(causes).meta({ id: 'BalanceCause' })

const outcomeTotal = z
  .object({
    outcome: outcomeSchema,
    lines: z.int(),
    ours: signedAmountText,
    theirs: signedAmountText,
    difference: signedAmountText,
  })
  .meta({ id: 'BalanceOutcomeTotal' })

export const comparisonSchema = z
  .object({
    id: z.uuid(),
    listId: z.uuid(),
    asOf: calendarDate,
    sequence: sequenceNumber.describe(
      'The last transaction of the book that was known: compared by it, it is the same for ever',
    ),
    currency: currencySchema,
    ours: z
      .object({
        accounts: z.int().describe('Accounts of ours: those that were open that day, and those that the bank lists'),
        total: signedAmountText,
      })
      .meta({ id: 'BalancesOurs' }),
    theirs: z
      .object({
        lines: z.int().describe('Lines of the list; those of another currency have no part in the total'),
        total: signedAmountText,
      })
      .meta({ id: 'BalancesTheirs' }),
    difference: signedAmountText.describe('What the bank has more: the sum of all differences'),
    outcomes: z.array(outcomeTotal),
    recordedAt: instantText,
    actor: actorShown.describe('The client that had it compared'),
  })
  .meta({ id: 'BalanceComparison' })

const proposalCount = z
  .object({ kind: kindSchema, status: statusSchema, count: z.int(), total: totalText })
  .meta({ id: 'BalanceProposalCount' })

export const listSchema = z
  .object({
    id: z.uuid(),
    asOf: calendarDate.describe('At whose end the balances are'),
    sha256: hashText,
    size: z
      .int()
      .describe('Bytes')
      .meta({ examples: [18_204] }),
    name: z
      .string()
      .nullable()
      .meta({ examples: ['saldos-2026-03-31.csv'] }),
    mediaType: z.string().meta({ examples: ['text/csv'] }),
    decimal: decimalSchema,
    encoding: encodingSchema,
    lines: z.int(),
    recordedAt: instantText,
    actor: actorShown.describe('The client that sent it'),
    comparison: comparisonSchema.describe('The newest'),
    proposals: z.array(proposalCount),
  })
  .meta({ id: 'BalanceList' })

export const takenSchema = listSchema.extend({ replayed: z.boolean() }).meta({ id: 'TakenBalanceList' })

const nullAmount = signedAmountText.nullable()
const nothing = { examples: [null] }

const strangerSchema = z.enum(strangers).meta({ id: 'BalanceStranger' })

export const lineSchema = z
  .object({
    number: z.int().describe('Its place in the comparison, from 1: those of the list, then what only we have'),
    row: z.int().nullable().describe('Where it stands in the file'),
    outcome: outcomeSchema,
    stranger: strangerSchema.nullable().describe('Why it is of no account of ours').meta(nothing),
    savingsAccountId: z.uuid().nullable(),
    bankAccountNumber: z
      .string()
      .nullable()
      .describe('As the bank wrote it; of what only we have, ours')
      .meta({ examples: ['110-01-2345678'] }),
    cci: z.string().nullable().meta(nothing),
    ours: nullAmount.describe('Own money, incentives and interest together; on one line of each account'),
    theirs: nullAmount,
    difference: signedAmountText.describe('What the bank has more').meta({ examples: ['1.35'] }),
    told: z
      .string()
      .nullable()
      .describe('The balance as it was told, in `currency`')
      .meta({ examples: ['113.85'] }),
    currency: z
      .string()
      .nullable()
      .meta({ examples: ['PEN'] }),
    ourStatus: accountStatusSchema.nullable(),
    theirStatus: accountStatusSchema.nullable().meta(nothing),
    interest: amountText.nullable().describe('Since the last list, as the bank tells it'),
    fees: amountText.nullable().meta(nothing),
    explanations: z
      .array(z.array(causeSchema))
      .describe('Causes that together make up the difference to the centavo; several sets are several possibilities')
      .meta({ examples: [[['interest']]] }),
  })
  .meta({ id: 'BalanceComparisonLine' })
