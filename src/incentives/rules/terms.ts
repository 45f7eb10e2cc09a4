import { z } from 'zod'
import { positiveAmountText } from '../../money.ts'
import { sourceCode } from '../../savings/verbs/verb.ts'
import { withdrawalPurpose } from '../../savings/verbs/withdrawals.ts'

/** What an incentive is computed from. */
export const bases = [
  'OPENING_DEPOSIT',
  'NET_GROWTH',
  'GROSS_DEPOSITS',
  'HIGH_WATER_MARK',
  'WITHDRAWAL',
  'RETAINED_TRANSFER',
] as const
export type Basis = (typeof bases)[number]

/** When it falls due: once a saver in the programme, for each withdrawal, or for each period of the calendar. */
export const cadences = ['once', 'per-event', 'monthly', 'two-monthly', 'quarterly'] as const
export type Cadence = (typeof cadences)[number]

export const capSpans = ['event', 'period', 'year', 'lifetime'] as const

export const periodStatuses = ['MET', 'FAILED', 'WAIVED'] as const
export type PeriodStatus = (typeof periodStatuses)[number]

/** Up to six decimals, for shares and rates. */
const ratePattern = /^(?:0|[1-9]\d?)(?:\.\d{1,6})?$/

export const rateText = z
  .string()
  .regex(ratePattern, 'must be a decimal string such as "0.25", at most 6 digits after the point')
  .refine(text => /[1-9]/.test(text), 'must be more than zero')
  .meta({ examples: ['0.25'] })

export const basisSchema = z.enum(bases).meta({ id: 'IncentiveBasis' })
const cadenceSchema = z.enum(cadences).meta({ id: 'IncentiveCadence' })
const unitSchema = z.enum(['saver', 'household']).meta({ id: 'IncentiveUnit' })
const earlyExitSchema = z.enum(['forfeit', 'keep']).meta({ id: 'EarlyExit' })
const evidenceSchema = z.enum(['none', 'reference', 'document']).meta({ id: 'IncentiveEvidence' })
export const periodStatusSchema = z.enum(periodStatuses).meta({ id: 'HouseholdPeriodStatus' })
const capSpanSchema = z.enum(capSpans).meta({ id: 'CapSpan' })
const capScopeSchema = z.enum(['rule', 'programme']).meta({ id: 'CapScope' })

export const capSchema = z
  .strictObject({
    amount: positiveAmountText,
    per: capSpanSchema.describe(
      'A calendar year for `year`, and as `period` and `baseCap` over all of her contracts in the programme; one contract for `lifetime`',
    ),
    over: capScopeSchema.default('rule').describe('What counts against it: this rule, or all of the programme’s'),
  })
  .meta({ id: 'IncentiveCap' })

/** The terms of a rule that pays money. What is absent does not apply. */
export const creditTerms = z
  .strictObject({
    award: z.literal('credit'),
    basis: basisSchema,
    rate: rateText
      .nullable()
      .describe('Of the basis; null: still to be set by agreement, and until then nothing is paid'),
    cadence: cadenceSchema,
    baseCap: positiveAmountText.optional().describe('The basis of a period counts up to this'),
    minimumBase: positiveAmountText.optional().describe('A smaller basis earns nothing'),
    minimumBalance: positiveAmountText.optional().describe('Of her own money at the end of the period'),
    openingCounts: z
      .boolean()
      .default(true)
      .describe(
        'Whether her first deposit counts as growth too; in a later contract of hers the first does, for she opens once',
      ),
    caps: z.array(capSchema).max(8).default([]),
    locked: z.boolean().default(false).describe('Held until the end of her contract'),
    earlyExit: earlyExitSchema
      .default('keep')
      .describe('What becomes of locked incentives when her contract ends before its time'),
    purposes: z.array(withdrawalPurpose).min(1).optional().describe('WITHDRAWAL: which purposes earn'),
    evidence: evidenceSchema
      .default('none')
      .describe('WITHDRAWAL: what must prove the purpose; `document` is a reference and the SHA-256 of the document'),
    transferSource: sourceCode.optional().describe('RETAINED_TRANSFER: whose transfers count'),
    periodStatuses: z
      .array(periodStatusSchema)
      .min(1)
      .optional()
      .describe('Which statuses of the household’s period earn; a period without one waits'),
    unit: unitSchema.default('saver').describe('Whether savers of one household count as one'),
  })
  .meta({ id: 'CreditTerms' })

/** The terms of a draw: a prize in kind, which is never a credit. */
export const drawTerms = z
  .strictObject({
    award: z.literal('draw'),
    cadence: z.literal('two-monthly'),
    winnersPerDistrict: z.int().min(1).max(1000),
    prizeValue: positiveAmountText.describe('What the prize is worth; recorded, not paid'),
  })
  .meta({ id: 'DrawTerms' })

export const termsSchema = z.discriminatedUnion('award', [creditTerms, drawTerms]).superRefine((terms, context) => {
  if (terms.award === 'draw') return
  for (const { path, message } of flawsOf(terms)) context.addIssue({ code: 'custom', path, message })
})

export type Terms = z.output<typeof termsSchema>
export type CreditTerms = z.output<typeof creditTerms>
export type DrawTerms = z.output<typeof drawTerms>
export type Cap = z.output<typeof capSchema>

type Flaw = { path: (string | number)[]; message: string }

const periodic: readonly Cadence[] = ['monthly', 'two-monthly', 'quarterly']

/** What contradicts itself in terms, or what they cannot do without. */
function flawsOf(terms: CreditTerms): Flaw[] {
  const { basis, cadence, caps, rate } = terms
  const flaws: Flaw[] = []
  const wanted: readonly Cadence[] =
    basis === 'OPENING_DEPOSIT' ? ['once'] : basis === 'WITHDRAWAL' ? ['per-event'] : periodic
  if (!wanted.includes(cadence))
    flaws.push({ path: ['cadence'], message: `must be ${wanted.join(', ')} with ${basis}` })
  if (needsCap(terms) && rate !== null && caps.length === 0) {
    flaws.push({ path: ['caps'], message: `must have one: ${basis} at ${rate} would pay without an end` })
  }
  caps.forEach(({ per }, place) => {
    const path = ['caps', place, 'per']
    if (per === 'period' && !periodic.includes(cadence)) flaws.push({ path, message: `means nothing with ${cadence}` })
    if (per === 'event' && periodic.includes(cadence)) flaws.push({ path, message: `means nothing with ${cadence}` })
  })
  const only = (field: 'purposes' | 'transferSource', of: Basis) => {
    if ((terms[field] !== undefined) !== (basis === of)) {
      flaws.push({ path: [field], message: basis === of ? `is needed with ${of}` : `goes with ${of} only` })
    }
  }
  only('purposes', 'WITHDRAWAL')
  only('transferSource', 'RETAINED_TRANSFER')
  if (terms.evidence !== 'none' && basis !== 'WITHDRAWAL') {
    flaws.push({ path: ['evidence'], message: 'goes with WITHDRAWAL only' })
  }
  if (terms.periodStatuses !== undefined && cadence !== 'two-monthly') {
    flaws.push({
      path: ['periodStatuses'],
      message: 'goes with two-monthly only, for that is what a household’s period is',
    })
  }
  if (!terms.locked && terms.earlyExit === 'forfeit') {
    flaws.push({ path: ['earlyExit'], message: 'goes with locked incentives only' })
  }
  return flaws
}

/** Without a cap, all of a first deposit would be doubled, or money taken out and put back would earn again and again. */
function needsCap({ basis, rate, baseCap }: CreditTerms): boolean {
  if (basis === 'GROSS_DEPOSITS') return baseCap === undefined
  return basis === 'OPENING_DEPOSIT' || basis === 'WITHDRAWAL' || (rate !== null && Number(rate) >= 1)
}
