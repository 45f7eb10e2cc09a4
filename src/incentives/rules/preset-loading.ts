import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { currencySchema, positiveAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { type Origin, presets } from './presets.ts'
import { type IncentiveRule, registerRuleIn } from './rules.ts'
import { capSchema, rateText, type Terms, termsSchema } from './terms.ts'

/** What an agreement sets: the rate, and every term that is an amount of money. */
const agreedTerms = z
  .strictObject({
    rate: rateText.optional(),
    caps: z.array(capSchema).max(8).optional(),
    baseCap: positiveAmountText.optional(),
    minimumBase: positiveAmountText.optional(),
    minimumBalance: positiveAmountText.optional(),
    prizeValue: positiveAmountText.optional(),
  })
  .meta({ id: 'AgreedTerms' })

const amountTerms = ['caps', 'baseCap', 'minimumBase', 'minimumBalance', 'prizeValue'] as const

export const presetBody = z
  .strictObject({
    preset: z.enum(presets.map(({ name }) => name) as [string, ...string[]]).meta({ id: 'IncentivePresetName' }),
    validFrom: calendarDate,
    currency: currencySchema
      .optional()
      .describe(
        'By default the preset’s. In another, `agreed` has to have every amount, for the preset’s are in its own',
      ),
    agreed: z
      .record(z.string(), agreedTerms)
      .default({})
      .describe(
        'By rule code: what was agreed, in place of the preset’s. What is not stays marked as to be set by agreement',
      ),
  })
  .meta({
    id: 'PresetLoading',
    examples: [
      {
        preset: 'CORREDOR-2003',
        validFrom: '2026-01-01',
        agreed: { OPENING: { caps: [{ amount: '15.00', per: 'event' }] } },
      },
    ],
  })

/**
 * Registers the rules of a preset, all or none. Their ids are made of the programme and the preset, so that loading twice
 * is a replay.
 * @throws Refusal what registering a rule refuses; `request-invalid` for agreed terms that do not fit
 */
export async function loadPreset(
  parts: Parts,
  actor: Actor,
  programmeId: string,
  body: z.output<typeof presetBody>,
  idOf: (code: string) => string,
): Promise<{ items: IncentiveRule[]; replayed: boolean }> {
  const preset = presets.find(({ name }) => name === body.preset)!
  const unknown = Object.keys(body.agreed).find(code => !preset.rules.some(rule => rule.code === code))
  if (unknown !== undefined) throw invalid(['agreed', unknown], `is no rule of ${preset.name}`)
  const currency = body.currency ?? preset.currency
  const bodies = preset.rules.map(rule => {
    const agreed = body.agreed[rule.code]
    if (currency !== preset.currency) {
      const foreign = amountTerms.find(term => term in rule.terms && agreed?.[term] === undefined)
      if (foreign !== undefined) {
        throw invalid(['agreed', rule.code, foreign], `is needed in ${currency}: the preset’s is in ${preset.currency}`)
      }
    }
    const checked = termsSchema.safeParse({ ...rule.terms, ...agreed })
    if (!checked.success)
      throw invalid(['agreed', rule.code, ...checked.error.issues[0]!.path], checked.error.issues[0]!.message)
    const { code, title } = rule
    const ruleOrigins: Origin[] = agreed === undefined ? rule.origins : withAgreed(rule.origins, Object.keys(agreed))
    return {
      id: idOf(code),
      code,
      title,
      currency,
      validFrom: body.validFrom,
      terms: checked.data as Terms,
      origins: ruleOrigins,
    }
  })
  return transact(parts.db, async tx => {
    const made: (IncentiveRule & { replayed: boolean })[] = []
    for (const one of bodies) made.push(await registerRuleIn(tx, parts, actor, programmeId, one))
    return { items: made.map(({ replayed, ...rule }) => rule), replayed: made.every(({ replayed }) => replayed) }
  })
}

function withAgreed(given: readonly Origin[], terms: string[]): Origin[] {
  const kept = given.map(origin => ({ ...origin, terms: origin.terms.filter(name => !terms.includes(name)) }))
  const note = 'Set when the preset was loaded'
  return [...kept.filter(({ terms }) => terms.length > 0), { terms, origin: 'agreed', note }]
}

function invalid(path: PropertyKey[], message: string): Refusal {
  const where = path.map(String).join('.')
  return new Refusal('request-invalid', `${where} ${message}`, { fields: [{ path: where, message }] })
}
