import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../../src/reconciliation/matching/decide.ts'
import type { Decision, Match } from '../../src/reconciliation/matching/items.ts'
import { defaultRules } from '../../src/reconciliation/matching/rules.ts'
import { faultKinds, judge, makeWorld, mostClaims, type World, type WorldGiven } from './synthetic-bank.ts'
import { chanceOf } from './synthetic-ledger.ts'

const usual = { lines: 600, days: 90, savers: 120, faultShare: 0.05 }

test('every fault of the bank and of our books is told as what it is, and nothing is matched wrongly', () => {
  const given: fc.Arbitrary<WorldGiven> = fc.record({
    seed: fc.integer(),
    lines: fc.integer({ min: 1, max: 600 }),
    days: fc.integer({ min: 20, max: 120 }),
    savers: fc.integer({ min: 20, max: 150 }),
    faultShare: fc.double({ min: 0, max: 0.2, noNaN: true }),
  })
  fc.assert(
    fc.property(given, one => {
      const world = makeWorld(one)
      const decision = decide(world.question)
      const { wrong, untold } = judge(world, decision)
      expect({ wrong, untold }).toEqual({ wrong: [], untold: [] })
      expect(mostClaims(decision)).toBeLessThanOrEqual(1)
      expect(decision.lines.size).toBe(world.question.lines.length)
      expect(decision.entries.size).toBe(world.question.entries.length)
    }),
    { numRuns: 60, seed: 2026 },
  )
})

test('of a bank that errs in one payment of a hundred, 98 in a hundred lines are matched without a person', () => {
  let [matched, all] = [0, 0]
  for (let seed = 1; seed <= 10; seed++) {
    const world = makeWorld({ ...usual, seed, lines: 3_000, savers: 600, faultShare: 0.01 })
    const { wrong, untold, matchedLines, trueLines } = judge(world, decide(world.question))
    expect({ seed, wrong, untold }).toEqual({ seed, wrong: [], untold: [] })
    matched += matchedLines
    all += trueLines
  }
  expect(matched / all).toBeGreaterThanOrEqual(0.98)
})

test('the synthetic bank makes every fault that it knows', () => {
  const made = new Set<string>()
  for (let seed = 1; seed <= 20; seed++)
    for (const { name } of makeWorld({ ...usual, seed, savers: 2_000, faultShare: 0.3 }).faults) made.add(name)
  expect([...made].sort()).toEqual(faultKinds.map(({ name }) => name).sort())
})

test('the order of lines, entries and groupings changes nothing', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (seed, other) => {
      const { question } = makeWorld({ ...usual, seed, lines: 200, faultShare: 0.2 })
      const { lines, entries, groupings } = question
      const shuffled = {
        lines: shuffle(lines, other),
        entries: shuffle(entries, other),
        groupings: shuffle(groupings, other),
      }
      expect(decide({ ...question, ...shuffled })).toEqual(decide(question))
    }),
    { numRuns: 30 },
  )
})

function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const chance = chanceOf(seed)
  const shuffled = [...items]
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = chance.below(at + 1)
    ;[shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!]
  }
  return shuffled
}

/** Matchers that err, each in one way. */
const planted: Record<string, (world: World) => Decision> = {
  'takes no notice of references that differ': ({ question }) =>
    decide(question, withAmount({ rivals: 0, despiteReferences: true, window: { before: 10, after: 10 } })),
  'exchanges two matches of one amount': world => changedMatches(world, exchanged),
  'leaves a line out of a match': world =>
    changedMatches(world, matches => matches.map(match => ({ ...match, lines: match.lines.slice(1) }))),
}

function withAmount(change: object): typeof defaultRules {
  return {
    ...defaultRules,
    rules: defaultRules.rules.map(rule => (rule.by === 'amount' ? { ...rule, ...change } : rule)),
  }
}

function changedMatches({ question }: World, change: (matches: readonly Match[]) => Match[]): Decision {
  const decision = decide(question)
  return { ...decision, matches: change(decision.matches) }
}

function exchanged([one, other, ...rest]: readonly Match[]): Match[] {
  return [{ ...one!, lines: other!.lines }, { ...other!, lines: one!.lines }, ...rest]
}

test.each(Object.entries(planted))('a matcher that %s is found out', (_, wrongly) => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed)
  const found = seeds.filter(seed => {
    const world = makeWorld({ ...usual, seed, faultShare: 0.2 })
    return judge(world, wrongly(world)).wrong.length > 0
  })
  expect(found.length).toBeGreaterThan(0)
})

test('a double or a lost line that is told as something else is found out', () => {
  const world = makeWorld({ ...usual, seed: 1, faultShare: 0.2 })
  const decision = decide(world.question)
  const lines = new Map(
    [...decision.lines].map(([id]) => [id, { standing: 'unmatched', reason: 'residue', beside: null } as const]),
  )
  const untold = new Set(judge(world, { ...decision, lines }).untold.map(text => text.split(':')[0]))
  expect(untold).toContain('doubled at the bank')
})
