import fc from 'fast-check'
import type { Evidence } from '../../src/ledger/index.ts'

/**
 * What may be asked of a book, as generated: numbers that pick among what there is when the step is taken, so that a
 * sequence still makes sense after fast-check has taken steps out of it.
 */
export type DraftSeed = {
  source: 'fresh' | 'again' | 'at once' | 'altered' | 'reversal' | 'capture' | 'brink' | 'malformed'
  pick: number
  legs: { from: number; to: number; amount: bigint; split: boolean }[]
  day: number
  kind: string
  reason: string | undefined
  evidence: Evidence | undefined
  flaw: number
}
export type JobSeed = { mode: 'single' | 'atomic' | 'independent'; drafts: DraftSeed[]; actor: string }
export type Step =
  | { step: 'post'; jobs: JobSeed[] }
  | { step: 'reverse'; pick: number; day: number; again: boolean }
  | {
      step: 'open'
      pick: number
      type: number
      normal: number
      floor: bigint | null
      day: number
      again: boolean
      code: number
    }
  | { step: 'change'; picks: number[]; status: number; floor: bigint | null | undefined; day: number; rename: boolean }
  | { step: 'place'; pick: number; amount: bigint; expiry: number | null; again: number; alter: boolean }
  | { step: 'release'; pick: number }
  | { step: 'close'; month: number }
  | { step: 'expire' }
  | { step: 'know'; ago: number }
export type Turn = Step | { step: 'pass'; milliseconds: number } | { step: 'race'; steps: Step[] }

/** Plain objects: those without a prototype, which fast-check makes too, never come out of JSON. */
const record = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record(model, { noNullPrototype: true })

const pick = fc.nat(1000)
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt(1n, 40n) },
  { weight: 2, arbitrary: fc.constantFrom(100n, 500n, 501n, 1000n) },
  { weight: 1, arbitrary: fc.constant(999_999_999_999_999n) },
)
/** Days from today: mostly near, some around what is closed, some tomorrow. */
const day = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -120, max: -21 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
)
const goodTexts = ['slip 7', 'ñandú', '\\u0000 in six letters', '👛']
/** Some of them, rarely, cannot be kept. */
const texts = [...Array(6).fill(goodTexts).flat(), '', 'half \ud83d', `zero ${String.fromCharCode(0)}`]
const evidence: fc.Arbitrary<Evidence | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: record({ text: fc.constantFrom(...texts) }) },
  {
    weight: 1,
    arbitrary: record({
      'b–2': fc.boolean(),
      a: fc.constantFrom(0, -1, 1.5, 1e21, null),
      z: record({ list: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }) }),
    }),
  },
)

/** From one account to another, or now and then to itself: that leaves entries and no balance. */
const leg = fc.oneof(
  { weight: 5, arbitrary: record({ from: pick, to: pick, amount, split: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: record({ from: pick, amount, split: fc.boolean() }).map(leg => ({ ...leg, to: leg.from })),
  },
)

const draftSeed: fc.Arbitrary<DraftSeed> = record({
  source: fc.oneof(
    { weight: 12, arbitrary: fc.constant('fresh' as const) },
    { weight: 3, arbitrary: fc.constant('again' as const) },
    { weight: 5, arbitrary: fc.constant('at once' as const) },
    { weight: 2, arbitrary: fc.constant('altered' as const) },
    { weight: 4, arbitrary: fc.constant('reversal' as const) },
    { weight: 6, arbitrary: fc.constant('capture' as const) },
    { weight: 5, arbitrary: fc.constant('brink' as const) },
    { weight: 1, arbitrary: fc.constant('malformed' as const) },
  ),
  pick,
  legs: fc.array(leg, { minLength: 1, maxLength: 3 }),
  day,
  kind: fc.constantFrom('move', 'deposit', 'withdrawal', 'deposit', 'withdrawal', 'adjustment'),
  reason: fc.option(fc.constantFrom(...texts), { nil: undefined, freq: 2 }),
  evidence,
  flaw: pick,
})

const jobSeed: fc.Arbitrary<JobSeed> = record({
  mode: fc.constantFrom('single', 'atomic', 'independent'),
  drafts: fc.array(draftSeed, { minLength: 1, maxLength: 6 }),
  actor: fc.constantFrom('tester', 'another', '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'),
})

/** Milliseconds until a hold expires: often just when the clock comes to stand there. */
const expiry = fc.oneof(fc.constantFrom(0, 1, 900, 901, 3000, 3900), fc.integer({ min: -10, max: 4000 }))

const floor = fc.constantFrom(null, 0n, 0n, -100n, 25n)

export const posts: fc.Arbitrary<Step> = record({
  step: fc.constant('post' as const),
  jobs: fc.array(jobSeed, { minLength: 1, maxLength: 5 }),
})

export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: posts },
  { weight: 2, arbitrary: record({ step: fc.constant('reverse' as const), pick, day, again: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: record({
      step: fc.constant('open' as const),
      pick,
      type: pick,
      normal: pick,
      floor,
      day,
      again: fc.boolean(),
      code: pick,
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      step: fc.constant('change' as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 2 }),
      status: pick,
      floor: fc.option(floor, { nil: undefined }),
      day,
      rename: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: record({
      step: fc.constant('place' as const),
      pick,
      amount: fc.bigInt(1n, 60n),
      expiry: fc.option(expiry, { nil: null }),
      again: pick,
      alter: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: record({ step: fc.constant('release' as const), pick }) },
  { weight: 1, arbitrary: record({ step: fc.constant('close' as const), month: fc.nat(5) }) },
  { weight: 1, arbitrary: record({ step: fc.constant('expire' as const) }) },
  {
    weight: 2,
    arbitrary: record({ step: fc.constant('know' as const), ago: fc.constantFrom(-300, 0, 0, 1, 900, 3000) }),
  },
)

/** A sequence of turns: steps, steps at the same moment by several services, and time passing, now and then backwards. */
export const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: steps },
    {
      weight: 3,
      arbitrary: record({
        step: fc.constant('race' as const),
        steps: fc.array(steps, { minLength: 2, maxLength: 3 }),
      }),
    },
    {
      weight: 3,
      arbitrary: record({
        step: fc.constant('pass' as const),
        milliseconds: fc.constantFrom(0, 1, 900, 3000, 86_400_000, 864_000_000, -1500),
      }),
    },
  ),
  { minLength: 8, maxLength: 30 },
)
