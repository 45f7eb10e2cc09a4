import { z } from 'zod'
import { calendarDate, instantText, monthText } from '../../dates.ts'
import { amountText, currencySchema, totalText } from '../../money.ts'
import { reference, sourceCode } from '../../savings/verbs/verb.ts'
import { code, title } from '../../savings/wording.ts'
import { basisSchema } from '../rules/terms.ts'
import { actorText } from '../runs/run.ts'
import { paperNumber } from './numbers.ts'
import { requestStatuses } from './schema.ts'

export const statusSchema = z
  .enum(requestStatuses)
  .meta({ id: 'DisbursementStatus' })
  .describe('requested → (by a second actor) authorised → paid; or cancelled before it is paid')

const counts = {
  savers: z.int().describe('Each once'),
  transactions: z.int().describe('Payments of the run behind it'),
  amount: amountText,
}

const authorisationSchema = z
  .object({
    number: paperNumber,
    reference: z
      .string()
      .describe('The reference of the request’s authorisation, with the line')
      .meta({ examples: ['RD-045-2026/1'] }),
  })
  .meta({ id: 'TransferAuthorisation' })

const lineSchema = z
  .object({
    number: z.int(),
    groupId: z.uuid().nullable().describe('Null: savers of no group on the run’s value date'),
    groupCode: code.nullable(),
    groupName: title.nullable(),
    ...counts,
    authorisation: authorisationSchema.nullable().describe('Made when the request is authorised'),
  })
  .meta({ id: 'DisbursementLine' })

const stepSchema = z
  .object({
    status: statusSchema,
    on: calendarDate.describe('The day on its paper'),
    reference: reference.nullable(),
    by: actorText,
    recordedAt: instantText,
  })
  .meta({ id: 'DisbursementStep' })

const tieSchema = z
  .object({
    transactions: z.int(),
    amount: amountText,
    firstSequence: z.int(),
    lastSequence: z.int(),
  })
  .meta({ id: 'DisbursementInLedger' })

/** A request without its lines, as lists have it. */
export const requestSummary = z
  .object({
    id: z.uuid(),
    number: paperNumber.describe('Its year and its place in it, without a gap in a book'),
    status: statusSchema,
    requestedOn: calendarDate,
    runId: z.uuid(),
    month: monthText.describe('Of the run'),
    valueDate: calendarDate.describe('On which the run credits the savers'),
    programmeId: z.uuid(),
    programme: code,
    programmeName: title,
    rule: code,
    basis: basisSchema,
    fundId: z.uuid(),
    fund: code,
    fundingSource: sourceCode,
    budgetCode: reference,
    institution: code,
    institutionName: title,
    currency: currencySchema,
    ...counts,
    replaces: z.uuid().nullable().describe('The cancelled request in whose place it came'),
    requestedBy: actorText,
    recordedAt: instantText,
  })
  .meta({ id: 'DisbursementRequestSummary' })

export const requestSchema = requestSummary
  .extend({
    lines: z.array(lineSchema).describe('One a savings group, by its code; savers of no group in the last'),
    history: z.array(stepSchema),
    ledger: tieSchema
      .nullable()
      .describe('When it is paid: what the ledger’s entries of these transactions were found to add up to'),
  })
  .meta({ id: 'DisbursementRequest' })

export const madeRequest = requestSchema.extend({ replayed: z.boolean() }).meta({ id: 'MadeDisbursementRequest' })

export const itemSchema = z
  .object({
    line: z.int(),
    runLine: z.int().describe('The line of the run'),
    saverId: z.uuid(),
    incentive: amountText.describe('What she is paid by all funds together'),
    amount: amountText.describe('This fund’s part of it'),
    transactionId: z.uuid().nullable().describe('Null as long as the run has not posted it'),
    sequence: z.int().nullable(),
  })
  .meta({ id: 'DisbursementItem' })

export const demandSchema = z
  .object({
    rule: code,
    fundId: z.uuid(),
    budgetCode: reference,
    transactions: z.int(),
    amount: amountText,
    requestId: z.uuid().nullable().describe('The request in force; null: to be requested'),
    number: paperNumber.nullable(),
    status: statusSchema.nullable(),
  })
  .meta({ id: 'DisbursementDemand' })

export const demandList = z
  .object({
    currency: currencySchema,
    total: totalText.describe('What the run pays'),
    requested: amountText.describe('Of it, what requests in force ask for'),
    items: z.array(demandSchema),
  })
  .meta({ id: 'DisbursementDemandList' })

export type DisbursementRequest = z.output<typeof requestSchema>
