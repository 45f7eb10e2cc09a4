import fc from 'fast-check'
import type { AccountOpening, Draft, DraftEntry, Evidence, HoldPlacing } from '../../src/ledger/index.ts'
import type { OracleBook } from './oracle.ts'

/**
 * What may be asked of a book, as generated: numbers that pick among what there is when the step is taken, so that a
 * sequence still makes sense after fast-check has taken steps out of it.
 */
export type DraftSeed = {
  source: 'fresh' | 'again' | 'at once' | 'altered' | 'reversal' | 'capture' | 'malformed'
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

const draftSeed: fc.Arbitrary<DraftSeed> = record({
  source: fc.oneof(
    { weight: 12, arbitrary: fc.constant('fresh' as const) },
    { weight: 3, arbitrary: fc.constant('again' as const) },
    { weight: 5, arbitrary: fc.constant('at once' as const) },
    { weight: 2, arbitrary: fc.constant('altered' as const) },
    { weight: 4, arbitrary: fc.constant('reversal' as const) },
    { weight: 4, arbitrary: fc.constant('capture' as const) },
    { weight: 1, arbitrary: fc.constant('malformed' as const) },
  ),
  pick,
  legs: fc.array(record({ from: pick, to: pick, amount, split: fc.boolean() }), { minLength: 1, maxLength: 3 }),
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
    weight: 4,
    arbitrary: record({
      step: fc.constant('place' as const),
      pick,
      amount: fc.bigInt(1n, 60n),
      expiry: fc.option(fc.integer({ min: -10, max: 4000 }), { nil: null }),
      again: pick,
      alter: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: record({ step: fc.constant('release' as const), pick }) },
  { weight: 1, arbitrary: record({ step: fc.constant('close' as const), month: fc.nat(5) }) },
  { weight: 1, arbitrary: record({ step: fc.constant('expire' as const) }) },
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

/** The n-th id of a run: the same in every run of a seed, which makes a counterexample the same as well. */
export function idOf(kind: 'account' | 'draft' | 'hold', n: number): string {
  const part = { account: 'a', draft: 'd', hold: 'b' }[kind]
  return `0198c5f2-6f1e-7a53-9d0c-${part}${n.toString(16).padStart(11, '0')}`
}

/** What has been asked of a book so far, to be asked again. */
export type Asked = {
  drafts: Draft[]
  openings: AccountOpening[]
  placings: HoldPlacing[]
  now: number
  today: string
}

export const among = <T>(items: readonly T[], n: number): T | undefined => items[n % items.length]

/** An account there is, or now and then one there is not. */
export function accountAmong(book: OracleBook, n: number): string {
  return (n % 41 === 40 ? undefined : among([...book.accounts.keys()], n)) ?? idOf('account', 999)
}

export function dayFrom(today: string, offset: number): string {
  return new Date(Date.parse(today) + offset * 86_400_000).toISOString().slice(0, 10)
}

/** Turns a seed into a draft, which from then on may be asked again. */
export function draftFrom(seed: DraftSeed, book: OracleBook, asked: Asked): Draft {
  const draft = draftOfSeed(seed, book, asked)
  if (!asked.drafts.includes(draft)) asked.drafts.push(draft)
  return draft
}

function draftOfSeed(seed: DraftSeed, book: OracleBook, asked: Asked): Draft {
  const old = among(asked.drafts, seed.pick)
  const original = among(
    book.journal.filter(({ draft }) => draft.kind !== 'reversal'),
    seed.pick,
  )
  const fresh: Draft = {
    id: idOf('draft', asked.drafts.length),
    kind: seed.kind,
    valueDate: dayFrom(asked.today, seed.day),
    entries: entriesOf(seed, book),
    ...(seed.reason === undefined ? {} : { reason: seed.reason }),
    ...(seed.evidence === undefined ? {} : { evidence: seed.evidence }),
  }
  if (seed.source === 'again' && old) return old
  if (seed.source === 'at once' && old) return among(asked.drafts.slice(-4), seed.pick)!
  if (seed.source === 'altered' && old) return altered(old, fresh, seed.flaw)
  if (seed.source === 'malformed') return malformed(fresh, seed.flaw)
  if (seed.source === 'reversal' && original) return mirror(fresh, original)
  if (seed.source === 'capture') return capture(fresh, seed, book)
  return fresh
}

function entriesOf({ legs }: DraftSeed, book: OracleBook): DraftEntry[] {
  const debits: DraftEntry[] = []
  const credits: DraftEntry[] = []
  for (const { from, to, amount, split } of legs) {
    const parts = split && amount > 1n ? [amount / 2n, amount - amount / 2n] : [amount]
    debits.push({ accountId: accountAmong(book, from), direction: 'debit', amount })
    for (const part of parts) credits.push({ accountId: accountAmong(book, to), direction: 'credit', amount: part })
  }
  return [...debits, ...credits]
}

/** The same id with another content, in one way or another. */
function altered(old: Draft, fresh: Draft, flaw: number): Draft {
  const ways: Draft[] = [
    { ...old, valueDate: fresh.valueDate },
    { ...old, reason: `${old.reason ?? ''}.` },
    { ...old, evidence: { ...old.evidence, other: true } },
    // A reversal stays one: its entries are made by the ledger, and nobody else can give that kind.
    ...(old.reverses ? [] : alteredWhole(old, fresh)),
  ]
  return among(ways, flaw)!
}

function alteredWhole(old: Draft, fresh: Draft): Draft[] {
  return [
    { ...old, kind: fresh.kind },
    { ...old, entries: fresh.entries },
    { ...old, entries: old.entries.toReversed() },
  ]
}

function malformed(fresh: Draft, flaw: number): Draft {
  const [first, ...rest] = fresh.entries
  const ways: Draft[] = [
    { ...fresh, entries: [{ ...first!, amount: first!.amount + 1n }, ...rest] },
    { ...fresh, entries: [first!] },
    { ...fresh, entries: [] },
    { ...fresh, kind: 'Not a kind' },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: 0n })) },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: -entry.amount })) },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: 1_000_000_000_000_000n })) },
  ]
  return among(ways, flaw)!
}

function mirror(fresh: Draft, original: OracleBook['journal'][number]): Draft {
  return {
    ...fresh,
    kind: 'reversal',
    reverses: { id: original.draft.id, sequence: BigInt(original.sequence) },
    entries: original.draft.entries.map(entry => ({
      ...entry,
      direction: entry.direction === 'debit' ? 'credit' : 'debit',
    })),
  }
}

/** Takes from the account of a hold, mostly within what is held; or from another account; or by a hold there is not. */
function capture(fresh: Draft, { pick, flaw, legs }: DraftSeed, book: OracleBook): Draft {
  const hold = among([...book.holds.values()], pick)
  if (hold === undefined || flaw % 19 === 0) return { ...fresh, holdId: idOf('hold', 999) }
  if (flaw % 11 === 0) return { ...fresh, holdId: hold.id }
  const amount = flaw % 7 === 0 ? hold.amount + 1n : flaw % 3 === 0 ? hold.amount : 1n + (legs[0]!.amount % hold.amount)
  const normal = book.accounts.get(hold.accountId)?.normal ?? 'credit'
  return {
    ...fresh,
    holdId: hold.id,
    entries: [
      { accountId: hold.accountId, direction: normal === 'credit' ? 'debit' : 'credit', amount },
      { accountId: accountAmong(book, legs[0]!.to), direction: normal, amount },
    ],
  }
}
