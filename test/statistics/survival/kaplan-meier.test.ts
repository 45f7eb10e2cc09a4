import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kaplanMeier } from '../../../src/statistics/survival/kaplan-meier.ts'
import type { Spell } from '../../../src/statistics/survival/life-table.ts'

/** Months as they are printed in papers: `13+` was last seen then. */
function spellsOf(printed: string): Spell[] {
  return printed.split(' ').map(text => ({ leaves: Number.parseInt(text, 10), event: !text.endsWith('+') }))
}

/** `aml` of R's package `survival`: remission of leukaemia in weeks (Miller, Survival Analysis, Wiley, 1981). */
const maintained = spellsOf('9 13 13+ 18 23 28+ 31 34 45+ 48 161+')
const nonmaintained = spellsOf('5 5 8 8 12 16+ 23 27 30 33 43 45')

type Printed = [month: number, atRisk: number, events: number, share: string, error: string, low: string, high: string]

/**
 * What R prints for `summary(survfit(Surv(aml$time, aml$status) ~ aml$x))`, from the expected output that the package itself
 * is tested by, `tests/doaml.Rout.save` (survival 3.8-11).
 */
const printedMaintained: Printed[] = [
  [9, 11, 1, '0.909', '0.0867', '0.7541', '1.000'],
  [13, 10, 1, '0.818', '0.1163', '0.6192', '1.000'],
  [18, 8, 1, '0.716', '0.1397', '0.4884', '1.000'],
  [23, 7, 1, '0.614', '0.1526', '0.3769', '0.999'],
  [31, 5, 1, '0.491', '0.1642', '0.2549', '0.946'],
  [34, 4, 1, '0.368', '0.1627', '0.1549', '0.875'],
  [48, 2, 1, '0.184', '0.1535', '0.0359', '0.944'],
]
const printedNonmaintained: Printed[] = [
  [5, 12, 2, '0.8333', '0.1076', '0.6470', '1.000'],
  [8, 10, 2, '0.6667', '0.1361', '0.4468', '0.995'],
  [12, 8, 1, '0.5833', '0.1423', '0.3616', '0.941'],
  [23, 6, 1, '0.4861', '0.1481', '0.2675', '0.883'],
  [27, 5, 1, '0.3889', '0.1470', '0.1854', '0.816'],
  [30, 4, 1, '0.2917', '0.1387', '0.1148', '0.741'],
  [33, 3, 1, '0.1944', '0.1219', '0.0569', '0.664'],
  [43, 2, 1, '0.0972', '0.0919', '0.0153', '0.620'],
  [45, 1, 1, '0.0000', 'NaN', 'NA', 'NA'],
]

/** A figure with as many decimals as R printed. */
function as(printed: string, value: number | null, absent = 'NA'): string {
  return value === null ? absent : value.toFixed(printed.split('.')[1]?.length ?? 0)
}

test.each([
  ['maintained', maintained, printedMaintained],
  ['not maintained', nonmaintained, printedNonmaintained],
])('the curve of R is found for those %s', (_, spells, printed) => {
  const months = kaplanMeier(spells).months.filter(month => month.events > 0)
  const ours = months.map((month, at): Printed => {
    const [, , , share, error, low, high] = printed[at]!
    return [
      ...([month.month, month.atRisk, month.events, as(share, month.survival)] as const),
      ...([as(error, month.standardError, 'NaN'), as(low, month.lower), as(high, month.upper)] as const),
    ]
  })
  expect(ours).toEqual(printed)
})

test('medians and their intervals are those that R prints', () => {
  expect(kaplanMeier(maintained)).toMatchObject({
    persons: 11,
    events: 7,
    median: { months: 31, lower: 18, upper: null },
  })
  expect(kaplanMeier(nonmaintained)).toMatchObject({
    persons: 12,
    events: 11,
    median: { months: 23, lower: 8, upper: null },
  })
})

/** `test2` of the same package, `tests/survtest.R`, which tests just these figures. */
const lateEntries: Spell[] = [
  ...[
    { enters: 1, leaves: 2 },
    { enters: 2, leaves: 3 },
    { enters: 5, leaves: 6 },
    { enters: 2, leaves: 7 },
  ],
  ...[
    { enters: 1, leaves: 8 },
    { enters: 7, leaves: 9 },
    { enters: 3, leaves: 9 },
  ],
].map(spell => ({ ...spell, event: true }))
const lateEntriesLastSeen: Spell[] = [
  { enters: 4, leaves: 9, event: false },
  { enters: 8, leaves: 14, event: false },
  { enters: 8, leaves: 17, event: false },
]

test('whoever is watched late is at risk from then, as R has it', () => {
  const { months } = kaplanMeier([...lateEntries, ...lateEntriesLastSeen])
  expect(months.map(month => month.month)).toEqual([2, 3, 6, 7, 8, 9, 14, 17])
  expect(months.map(month => month.atRisk)).toEqual([2, 3, 5, 4, 4, 5, 2, 1])
  expect(months.map(month => month.events)).toEqual([1, 1, 1, 1, 1, 2, 0, 0])
  const shares = [1 / 2, 1 / 3, 4 / 15, 1 / 5, 3 / 20, 9 / 100]
  months.slice(0, 6).forEach((month, at) => void expect(month.survival).toBeCloseTo(shares[at]!, 12))
  let variance = 0
  for (const { atRisk, events, survival, standardError } of months) {
    variance += events / (atRisk * (atRisk - events))
    expect(standardError).toBeCloseTo(survival * Math.sqrt(variance), 12)
  }
})

test('a curve that rests at a half has its median in the middle of the rest', () => {
  expect(kaplanMeier(spellsOf('2 4 6 8')).median.months).toBe(5)
  expect(kaplanMeier(spellsOf('2 4 6+ 8+')).median.months).toBe(4)
  expect(kaplanMeier(spellsOf('2 4+ 6+ 8+')).median.months).toBeNull()
  expect(kaplanMeier([]).median).toEqual({ months: null, lower: null, upper: null })
})

const spells = fc.array(
  fc
    .record({ from: fc.integer({ min: -1, max: 20 }), length: fc.integer({ min: 1, max: 40 }), event: fc.boolean() })
    .map(({ from, length, event }): Spell => ({ enters: from, leaves: from + length, event })),
  { maxLength: 60 },
)

test('a curve never rises, lies within its interval, and all of it between nothing and all', () => {
  fc.assert(
    fc.property(spells, fc.constantFrom('0.90' as const, '0.95' as const, '0.99' as const), (some, confidence) => {
      let before = 1
      for (const { survival, lower, upper, standardError, atRisk, events, censored } of kaplanMeier(some, confidence)
        .months) {
        expect(survival).toBeLessThanOrEqual(before)
        expect(survival).toBeGreaterThanOrEqual(0)
        expect(atRisk).toBeGreaterThanOrEqual(events + censored)
        if (survival === 0) expect([standardError, lower, upper]).toEqual([null, null, null])
        else {
          expect(lower).toBeGreaterThanOrEqual(0)
          expect(lower).toBeLessThanOrEqual(survival)
          expect(upper).toBeGreaterThanOrEqual(survival)
          expect(upper).toBeLessThanOrEqual(1)
        }
        before = survival
      }
    }),
  )
})

test('where nobody was lost from sight, the curve is the share of those that are left', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 200 }), leaves => {
      for (const { month, survival, standardError } of kaplanMeier(leaves.map(at => ({ leaves: at, event: true })))
        .months) {
        const left = leaves.filter(at => at > month).length / leaves.length
        expect(survival).toBeCloseTo(left, 10)
        if (left > 0) expect(standardError).toBeCloseTo(Math.sqrt((left * (1 - left)) / leaves.length), 10)
      }
    }),
  )
})

test('persons told together or one by one, in any order, give the same curve', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(spells, fc.integer({ min: 0, max: 5 })), { maxLength: 5 }), groups => {
      const together = groups.flatMap(([some, persons]) => some.map(spell => ({ ...spell, persons })))
      const apart = groups.flatMap(([some, persons]) =>
        some.flatMap(spell => Array.from({ length: persons }, () => spell)),
      )
      expect(kaplanMeier(together)).toEqual(kaplanMeier(apart.reverse()))
    }),
  )
})

test('what cannot be a spell is a fault, not a figure', () => {
  for (const spell of [{ leaves: 1.5 }, { leaves: -1 }, { enters: 3, leaves: 3 }, { leaves: 2, persons: -1 }]) {
    expect(() => kaplanMeier([{ ...spell, event: true }])).toThrow()
  }
})
