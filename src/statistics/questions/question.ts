import { z } from 'zod'
import {
  addMonths,
  type CalendarDate,
  calendarDate,
  instantText,
  isCalendarDate,
  lastDay,
  limaDate,
  type Month,
  monthOf,
  monthText,
} from '../../dates.ts'
import { idText } from '../../ids.ts'
import { type Currency, currencySchema } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { type DimensionName, dimensionNames } from '../counting/dimensions.ts'

const names = dimensionNames.join('|')

/** As many months as a series has at most. */
export const mostMonths = 240

/** Windows look back from the first month, so there has to be time before it. */
export const firstMonth: Month = '1950-01'

const month = monthText.refine(text => text >= firstMonth, `must be ${firstMonth} or later`)

const place = z.string().regex(/^[^\p{C}]{1,100}$/u, 'must be a code')

/** By each dimension: its codes are those of answers. */
const filters = {
  department: place.regex(/^\d{2}$/, 'must be two digits').meta({ examples: ['08'] }),
  province: place.regex(/^\d{4}$/, 'must be four digits').meta({ examples: ['0801'] }),
  district: place.regex(/^\d{6}$/, 'must be six digits').meta({ examples: ['080101'] }),
  programme: place.describe('Those enrolled in it, in others too or not').meta({ examples: ['CORREDOR-2026'] }),
  cohort: place.meta({ examples: ['2026-1'] }),
  institution: place.meta({ examples: ['CAJA-CUSCO'] }),
  group: place.describe('Code of the book, `/`, code of the group').meta({ examples: ['CUSCO-PEN/GR-017'] }),
  age: place.meta({ examples: ['30-44'] }),
  sex: place.meta({ examples: ['female'] }),
  motherTongue: place.describe('As consented; `not-told` for whose is not kept').meta({ examples: ['que'] }),
  juntos: place.describe('A transfer by JUNTOS in the twelve months').meta({ examples: ['yes'] }),
} satisfies Record<DimensionName, z.ZodString>

/** Each of them may be left out. */
export const filterFields = Object.fromEntries(
  Object.entries(filters).map(([name, filter]) => [name, filter.optional()]),
) as {
  [Name in DimensionName]: z.ZodOptional<z.ZodString>
}

/** Whose savers are asked about, and what of them was known when: the same for every question. */
export const scopeFields = {
  bookId: idText.optional().describe('One book alone; by default all that the key reaches'),
  currency: currencySchema.optional().describe('By default the book’s, or PEN; currencies are never added'),
  knownAt: instantText.optional().describe('As it was known at this instant, whatever was recorded since'),
}

export const monthFields = {
  from: month.optional().describe('The first month of a series'),
  to: month.optional().describe('Its last month; both or neither'),
  asOf: calendarDate
    .refine(
      day => isCalendarDate(day) && day === lastDay(monthOf(day)) && day >= '1950-01-31',
      'must be the last day of a month, 1950 or later',
    )
    .optional()
    .describe('The end of one month, in place of a series; by default of the last month that is over'),
}

export const profileSchema = z
  .enum(['internal', 'public'])
  .meta({ id: 'SuppressionProfile' })
  .default('internal')
  .describe('How large a count has to be to be shown: `public` hides more')

export type Profile = z.output<typeof profileSchema>

/** What may be asked of every table that counts or adds up savers by month. */
export const questionFields = {
  ...scopeFields,
  ...monthFields,
  by: z
    .string()
    .regex(new RegExp(`^(?:${names})(?:,(?:${names}))?$`), `must be one or two of ${dimensionNames.join(', ')}`)
    .optional()
    .describe(`Broken down by one or two of ${dimensionNames.join(', ')}, separated by a comma`)
    .meta({ examples: ['department'] }),
  ...filterFields,
  profile: profileSchema,
}

const questionShape = z.strictObject(questionFields)
export type QuestionText = z.output<typeof questionShape>

/** Filters of a question, in the order of dimensions. */
export function onlyOf(question: Pick<QuestionText, DimensionName>): { dimension: DimensionName; code: string }[] {
  return dimensionNames.flatMap(dimension => {
    const code = question[dimension]
    return code === undefined ? [] : [{ dimension, code }]
  })
}

const levels: readonly DimensionName[] = ['department', 'province', 'district']

/** @throws Refusal `request-invalid` for a dimension twice, or two levels of territory, of which the lower has the higher in it */
export function byOf({ by }: Pick<QuestionText, 'by'>): DimensionName[] {
  const [first, second] = (by ?? '').split(',') as [DimensionName | '', DimensionName?]
  if (first === '') return []
  if (second === undefined) return [first]
  if (first === second) throw invalid('by', 'names a dimension twice')
  if (levels.includes(first) && levels.includes(second)) {
    throw invalid('by', 'names two levels of territory: the lower has the higher in it')
  }
  return [first, second]
}

export type MonthSpan = { first: Month; last: Month; length: number /** As notes tell it. */; told: string }

/**
 * The months that are asked for; without any the last that is over in Lima.
 * @throws Refusal `request-invalid`, `month-not-over`
 */
export function monthsOf({ from, to, asOf }: Pick<QuestionText, 'from' | 'to' | 'asOf'>, now: Date): MonthSpan {
  if ((from === undefined) !== (to === undefined))
    throw invalid(from === undefined ? 'from' : 'to', 'is needed as well')
  if (from !== undefined && asOf !== undefined) throw invalid('asOf', 'is for one month, in place of a series')
  const today = limaDate(now)
  const day = asOf ?? lastDay(addMonths(monthOf(today), -1))
  const [first, last] = from === undefined ? [monthOf(day), monthOf(day)] : [from, to!]
  const length = monthsBetween(first, last) + 1
  if (length < 1) throw invalid('to', 'lies before `from`')
  if (length > mostMonths) throw invalid('to', `is more than ${mostMonths} months from \`from\``)
  refuseUnfinished(last, today)
  return { first, last, length, told: from === undefined ? day : `${first}/${last}` }
}

/** Months from one to another. */
export function monthsBetween(from: Month, to: Month): number {
  const months = (month: Month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5))
  return months(to) - months(from)
}

function refuseUnfinished(month: Month, today: CalendarDate): void {
  if (lastDay(month) < today) return
  throw new Refusal('month-not-over', `${month} ends on ${lastDay(month)}.`, { facts: { endsOn: lastDay(month) } })
}

export function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path} ${message}`, { fields: [{ path, message }] })
}

export const usualCurrency: Currency = 'PEN'
