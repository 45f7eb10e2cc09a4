import type { CalendarDate, Month } from '../../dates.ts'
import type { Amount, Rounding } from '../../money.ts'
import type { CreditTerms } from '../rules/terms.ts'

/** One version of a rule that pays money. Validity is by the last day of a period, or by the day of an event. */
export type CreditRule = {
  id: string
  code: string
  validFrom: CalendarDate
  validTo: CalendarDate | null
  terms: CreditTerms
  /** Half-even for every rule of ours; another only to see whether it explains an institution's figure. */
  rounding?: Rounding
}

export const movementKinds = ['deposit', 'withdrawal', 'state-transfer', 'other'] as const

/** Something that changed her own money, and was not reversed. */
export type Movement = {
  transactionId: string
  date: CalendarDate
  kind: (typeof movementKinds)[number]
  /** What it did to her own money, in minor units: a withdrawal's is negative. */
  effect: Amount
  source?: string | undefined
  /** The months that a state transfer is for, whenever it was credited. */
  months?: { from: Month; to: Month } | undefined
  purpose?: string | undefined
  reference?: string | undefined
  document?: string | undefined
}

/** Whose time and money it is that counts: one saver's, or of the savers of one household together. */
export type Lived = {
  /** The first and the last day of her contract, cut short when it ended before its time. */
  contract: { from: CalendarDate; to: CalendarDate }
  /** By date, and on a day as they were recorded. */
  movements: readonly Movement[]
  /** The day of her first deposit, if it was in an earlier contract: she opens once, and what she puts in first now is growth. */
  openedOn?: CalendarDate | undefined
}
