import { z } from 'zod'
import { groupingKinds } from './items.ts'

const days = z.int().min(0).max(400)

/** How many days before or after an entry's value date its line may be. */
const window = z
  .strictObject({ before: days, after: days })
  .meta({ id: 'MatchingWindow', examples: [{ before: 2, after: 4 }] })
  .describe('Days by which the bank’s day may lie before or after our value date')

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be small letters, digits and hyphens')

const ruleSchema = z.discriminatedUnion('by', [
  z
    .strictObject({
      by: z.literal('parts'),
      name,
      window,
    })
    .meta({ id: 'RuleByParts' }),
  z
    .strictObject({
      by: z.literal('reference'),
      name,
      window,
      of: z
        .enum(['entries', 'groupings'])
        .meta({ id: 'ReferencesOf' })
        .describe('Whose references are looked for: of entries, or of what they belong to'),
      apart: days.describe('A reference that comes again after so many days is another one'),
    })
    .meta({ id: 'RuleByReference' }),
  z
    .strictObject({
      by: z.literal('reversal'),
      name,
      within: days.describe('Days after which a reversal no longer takes back what came before'),
    })
    .meta({ id: 'RuleByReversal' }),
  z
    .strictObject({
      by: z.literal('grouping'),
      name,
      window,
      kinds: z.array(z.enum(groupingKinds).meta({ id: 'GroupingKind' })).min(1),
      rivals: days,
    })
    .meta({ id: 'RuleByGrouping' }),
  z
    .strictObject({
      by: z.literal('amount'),
      name,
      window,
      rivals: days.describe('Days within which nothing of the same amount may be left over, which it might be instead'),
      sameAccount: z
        .boolean()
        .default(false)
        .describe(
          'Only where both bear the same account of the other side, and whatever bears another or none is left aside',
        ),
      despiteReferences: z
        .boolean()
        .default(false)
        .describe('Also where both have references and share none: for banks whose references are only their own'),
    })
    .meta({ id: 'RuleByAmount' }),
  z
    .strictObject({
      by: z.literal('cancelled'),
      name,
    })
    .meta({ id: 'RuleByCancelling' }),
])

export type Rule = z.output<typeof ruleSchema>
export type RuleBy<By extends Rule['by']> = Extract<Rule, { by: By }>

const words = z.array(z.string().min(2).max(40)).max(100)

/** How lines and entries are told to be the same money. Rules are asked in their order; what one has claimed, none after it is asked about. */
export const matchingRules = z
  .strictObject({
    rules: z
      .array(ruleSchema)
      .min(1)
      .max(20)
      .refine(
        rules => new Set(rules.map(rule => rule.name)).size === rules.length,
        'must each have a name of their own',
      ),
    inTransitDays: days.describe('For so many days an entry may be on its way to the bank; after them it is late'),
    leastReferenceInText: z.int().min(4).max(40).describe('A text’s word of fewer letters is no reference'),
    tolerance: z
      .string()
      .regex(/^\d{1,12}$/, 'must be minor units')
      .describe('A difference of up to so many minor units is called a residue; a person adjusts it'),
    fees: z.strictObject({ codes: words, words }).meta({ id: 'FeeWords' }),
    interest: z
      .strictObject({
        codes: words,
        words,
        kinds: words.describe('Kinds of our transactions that are interest'),
      })
      .meta({ id: 'InterestWords' }),
  })
  .meta({ id: 'MatchingRules' })

export type MatchingRules = z.output<typeof matchingRules>

const usual = { before: 2, after: 4 }

export const defaultRules: MatchingRules = matchingRules.parse({
  rules: [
    { by: 'parts', name: 'parts-of-a-batch', window: { before: 5, after: 10 } },
    { by: 'reference', name: 'reference', of: 'entries', window: { before: 5, after: 10 }, apart: 20 },
    { by: 'reference', name: 'reference-of-grouping', of: 'groupings', window: { before: 5, after: 10 }, apart: 20 },
    { by: 'amount', name: 'account-amount-and-day', window: usual, rivals: 40, sameAccount: true },
    { by: 'grouping', name: 'sum-of-grouping', window: usual, kinds: [...groupingKinds], rivals: 40 },
    { by: 'amount', name: 'amount-and-day', window: usual, rivals: 40 },
    { by: 'reversal', name: 'taken-back-by-the-bank', within: 60 },
    { by: 'cancelled', name: 'reversed-in-our-books' },
  ],
  inTransitDays: 5,
  leastReferenceInText: 6,
  tolerance: '5',
  fees: {
    codes: ['CHRG', 'COMM', 'FEES', 'CHG', 'COM', 'NCHG', 'NCOM'],
    words: [
      'comision',
      'comisiones',
      'mantenimiento',
      'portes',
      'itf',
      'fee',
      'fees',
      'charge',
      'charges',
      'commission',
    ],
  },
  interest: {
    codes: ['INTR', 'NINT', 'INT'],
    words: ['interes', 'intereses', 'interest'],
    kinds: ['interest'],
  },
})
