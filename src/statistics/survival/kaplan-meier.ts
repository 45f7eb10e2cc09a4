import { type LifeMonth, lifeTable, type Spell } from './life-table.ts'

/** Confidence of an interval, and the standard normal deviate that leaves as much on either side. */
const deviates = { '0.90': 1.6448536269514722, '0.95': 1.959963984540054, '0.99': 2.5758293035489004 } as const

export const confidences = ['0.90', '0.95', '0.99'] as const
export type Confidence = (typeof confidences)[number]

/**
 * The curve after a month. `standardError` is that of `survival`. Where the curve has come to zero there is neither that nor
 * an interval, as in R.
 */
export type CurveMonth = LifeMonth & {
  survival: number
  standardError: number | null
  lower: number | null
  upper: number | null
}

/** Months until half have left, with the interval's ends; null where the curve, or the interval's, stays above a half. */
export type Median = { months: number | null; lower: number | null; upper: number | null }

export type Curve = { persons: number; events: number; confidence: Confidence; months: CurveMonth[]; median: Median }

/**
 * Kaplan and Meier's estimate of the share to whom it has not happened yet (J. Am. Stat. Assoc. 53, 1958), with Greenwood's
 * variance and the interval that R's `survfit` gives unless asked for another: symmetric on the logarithm of the share, and
 * cut at one. Shares are no money: they are doubles here, and rounded once, by whoever writes them.
 *
 * With late entries few may be at risk in the first months; should it happen to all of them, the curve stays at zero.
 */
export function kaplanMeier(spells: readonly Spell[], confidence: Confidence = '0.95'): Curve {
  let survival = 1
  let variance = 0
  const months = lifeTable(spells).map(row => {
    survival *= (row.atRisk - row.events) / row.atRisk
    variance += row.events / (row.atRisk * (row.atRisk - row.events))
    return { ...row, survival, ...spread(survival, Math.sqrt(variance), deviates[confidence]) }
  })
  const persons = spells.reduce((all, spell) => all + (spell.persons ?? 1), 0)
  const events = months.reduce((all, month) => all + month.events, 0)
  return { persons, events, confidence, months, median: median(months) }
}

/** `error` is that of the share's logarithm. */
function spread(survival: number, error: number, deviate: number): Omit<CurveMonth, keyof LifeMonth | 'survival'> {
  if (survival === 0) return { standardError: null, lower: null, upper: null }
  return {
    standardError: survival * error,
    lower: survival * Math.exp(-deviate * error),
    upper: Math.min(1, survival * Math.exp(deviate * error)),
  }
}

function median(months: readonly CurveMonth[]): Median {
  return {
    months: crossing(months, month => month.survival),
    lower: crossing(months, month => month.lower),
    upper: crossing(months, month => month.upper),
  }
}

/** Products of doubles may miss a half by a hair. */
const tolerance = 2 ** -26

/** The first month at a half or below; where the curve stays at just a half for some time, the middle of that time. */
function crossing(months: readonly CurveMonth[], share: (month: CurveMonth) => number | null): number | null {
  const below = months.flatMap(month => {
    const told = share(month)
    return told === null || told >= 0.5 + tolerance ? [] : [{ month: month.month, share: told }]
  })
  const first = below[0]
  if (!first) return null
  const next = below.find(({ share }) => share < first.share)
  return next && Math.abs(first.share - 0.5) < tolerance ? (first.month + next.month) / 2 : first.month
}
