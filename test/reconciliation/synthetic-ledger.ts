import { addDays } from '../../src/dates.ts'
import type { Entry, Flow, Grouping, Line } from '../../src/reconciliation/matching/items.ts'

/** What happened once: our entries of it, and the lines by which the bank tells it. */
export type Payment = {
  entries: Entry[]
  lines: Line[]
  groupings: Grouping[]
  /** How the bank tells which payment it is. */
  told: 'reference' | 'account' | 'amount'
}

export type Chance = {
  below(bound: number): number
  of<Item>(items: readonly Item[]): Item
  hits(share: number): boolean
}

/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return { below, of: items => items[below(items.length)]!, hits: share => next() < share }
}

export const firstDay = '2026-01-05'

/** Payments of a book as its verbs record them, and as a bank without faults tells them. */
export type Making = {
  chance: Chance
  days: number
  accounts: readonly string[]
  payments: Payment[]
  entries: number
  lines: number
  references: number
}

export function making(seed: number, days: number, savers: number): Making {
  const accounts = Array.from(
    { length: savers },
    (_, saver) => `110-${String(saver * 7919 + 1_000_003).padStart(9, '0')}`,
  )
  return { chance: chanceOf(seed), days, accounts, payments: [], entries: 0, lines: 0, references: 0 }
}

export function makePayments(making: Making, lines: number, kinds: readonly PaymentKind[] = paymentKinds): void {
  let most = 0
  for (const { share } of kinds) most += share
  while (making.lines < lines) {
    const at = making.chance.below(most)
    const kind = kinds.find((_, place) => at < kinds.slice(0, place + 1).reduce((sum, { share }) => sum + share, 0))!
    making.payments.push(kind.make(making))
  }
}

/** Numbers of slips follow one another with gaps, so that one wrong digit may make another slip's. */
export function nextReference(making: Making, prefix: string): string {
  making.references += 1 + making.chance.below(4)
  return `${prefix}${String(100_000 + making.references).padStart(8, '0')}`
}

export function entryOf(making: Making, given: Partial<Entry>): Entry {
  making.entries += 1
  return {
    id: `entry ${making.entries}`,
    sequence: BigInt(making.entries),
    flow: 'in',
    amount: 1000n,
    valueDate: firstDay,
    references: [],
    kind: 'deposit',
    groupings: [],
    counterpartAccount: null,
    reverses: null,
    ...given,
  }
}

export function lineOf(making: Making, given: Partial<Line>): Line {
  making.lines += 1
  return {
    id: `line ${making.lines}`,
    flow: 'in',
    amount: 1000n,
    day: firstDay,
    references: [],
    text: 'DEP EFECTIVO',
    code: null,
    counterpartAccount: null,
    isReversal: false,
    parts: [],
    ...given,
  }
}

function anyDay({ chance, days }: Making): string {
  return addDays(firstDay, chance.below(days))
}

/** What savers put in: round, and the same again and again. */
function roundAmount({ chance }: Making): bigint {
  return BigInt(chance.of([5, 10, 10, 10, 20, 20, 30, 50, 100])) * 100n
}

function oddAmount({ chance }: Making): bigint {
  return BigInt(1_000 + chance.below(40_000_000))
}

function booked({ chance }: Making, day: string): string {
  return addDays(day, chance.of([0, 0, 0, 0, 0, 0, 1, 1, 2]))
}

/** One entry with the number of its slip, which the bank prints in its own way, or within a text. */
function slip(making: Making, flow: Flow, kind: string, amount: bigint): Payment {
  const [valueDate, reference] = [anyDay(making), nextReference(making, 'OP-')]
  const entry = entryOf(making, {
    flow,
    kind,
    amount,
    valueDate,
    references: [reference],
    counterpartAccount: making.chance.of(making.accounts),
  })
  const digits = reference.slice(3)
  const shown = making.chance.of<Partial<Line>>([
    { references: [reference] },
    { references: [digits.padStart(12, '0'), 'op-'.concat(digits)] },
    { text: `ABONO ${reference} AG 021` },
  ])
  const line = lineOf(making, { flow, amount, day: booked(making, valueDate), ...shown })
  return { entries: [entry], lines: [line], groupings: [], told: 'reference' }
}

function transfer(making: Making, flow: Flow): Payment {
  const [valueDate, amount] = [anyDay(making), making.chance.hits(0.5) ? oddAmount(making) : roundAmount(making)]
  const counterpartAccount = making.chance.of(making.accounts)
  const entry = entryOf(making, {
    flow,
    amount,
    valueDate,
    counterpartAccount,
    kind: flow === 'in' ? 'deposit' : 'withdrawal',
  })
  const references = [nextReference(making, 'TRF')]
  const line = lineOf(making, { flow, amount, day: booked(making, valueDate), counterpartAccount, references })
  return { entries: [entry], lines: [line], groupings: [], told: 'account' }
}

function nameless(making: Making): Payment {
  const [valueDate, amount] = [anyDay(making), oddAmount(making)]
  const entry = entryOf(making, { amount, valueDate, counterpartAccount: making.chance.of(making.accounts) })
  const line = lineOf(making, { amount, day: booked(making, valueDate) })
  return { entries: [entry], lines: [line], groupings: [], told: 'amount' }
}

/** Some savers, none twice. */
function some(making: Making, least: number, most: number): string[] {
  const count = Math.min(least + making.chance.below(most - least), making.accounts.length)
  const first = making.chance.below(making.accounts.length)
  return Array.from({ length: count }, (_, place) => making.accounts[(first + place) % making.accounts.length]!)
}

/** A roll of the state: one reference and one amount for many, each with her account, or one line for all. */
function roll(making: Making, isOne: boolean): Payment {
  const [valueDate, reference] = [anyDay(making), nextReference(making, 'PLANILLA-')]
  const day = booked(making, valueDate)
  const common = { kind: 'state-transfer', amount: 20_000n, valueDate, references: [reference] }
  const entries = some(making, 4, 25).map(counterpartAccount => entryOf(making, { ...common, counterpartAccount }))
  const references = [reference]
  const lines = isOne
    ? [lineOf(making, { amount: sum(entries), day, references })]
    : entries.map(({ counterpartAccount, amount }) => lineOf(making, { amount, day, references, counterpartAccount }))
  return { entries, lines, groupings: [], told: 'reference' }
}

function sum(entries: readonly Entry[]): bigint {
  return entries.reduce((total, { amount }) => total + amount, 0n)
}

/** What belongs together without any number, in one line: a group's deposits of a day, or the interest of many accounts. */
function grouping(making: Making, kind: 'savings-group' | 'interest-list'): Payment {
  const valueDate = anyDay(making)
  const id = `${kind} ${making.entries}`
  const isInterest = kind === 'interest-list'
  const entries = some(making, 5, 20).map(counterpartAccount =>
    entryOf(making, {
      ...{ valueDate, counterpartAccount, groupings: [id], kind: isInterest ? 'interest' : 'deposit' },
      amount: isInterest ? BigInt(20 + making.chance.below(3_000)) : oddAmount(making) / 100n,
    }),
  )
  const text = isInterest ? 'INTERESES DEL MES' : 'DEP GRUPO'
  const line = lineOf(making, { amount: sum(entries), day: booked(making, valueDate), text })
  return { entries, lines: [line], groupings: [{ id, kind, references: [] }], told: 'amount' }
}

/** A request for a disbursement, by whose number the bank pays once for all. */
function disbursement(making: Making): Payment {
  const [valueDate, number] = [anyDay(making), nextReference(making, 'SOL-')]
  const id = `request ${making.entries}`
  const entries = some(making, 2, 12).map(counterpartAccount =>
    entryOf(making, {
      flow: 'out',
      kind: 'withdrawal',
      valueDate,
      counterpartAccount,
      groupings: [id],
      amount: roundAmount(making),
    }),
  )
  const line = lineOf(making, {
    flow: 'out',
    amount: sum(entries),
    day: booked(making, valueDate),
    references: [number],
    text: 'PAGO',
  })
  return { entries, lines: [line], groupings: [{ id, kind: 'disbursement', references: [number] }], told: 'reference' }
}

/** One line whose payments the bank tells one by one. */
function batch(making: Making): Payment {
  const valueDate = anyDay(making)
  const entries = some(making, 2, 12).map(counterpartAccount =>
    entryOf(making, {
      valueDate,
      counterpartAccount,
      amount: roundAmount(making),
      references: [nextReference(making, 'E2E')],
    }),
  )
  const parts = entries.map(({ amount, references, counterpartAccount }) => ({
    amount,
    references,
    counterpartAccount,
  }))
  const line = lineOf(making, {
    amount: sum(entries),
    day: booked(making, valueDate),
    references: [nextReference(making, 'BCH')],
    parts,
  })
  return { entries, lines: [line], groupings: [], told: 'reference' }
}

/** Cash that an agent banked, which the counter took in two parts. */
function split(making: Making): Payment {
  const { entries, lines } = slip(making, 'in', 'banking', 10_000n + oddAmount(making))
  const [whole] = lines
  const part = BigInt(1 + making.chance.below(Number(whole!.amount) - 1))
  const parts = [
    { ...whole!, amount: part },
    lineOf(making, { ...whole!, id: `line ${making.lines + 1}`, amount: whole!.amount - part }),
  ]
  return { entries, lines: parts, groupings: [], told: 'reference' }
}

export type PaymentKind = { share: number; make: (making: Making) => Payment; isOfBundles?: true }

const paymentKinds: readonly PaymentKind[] = [
  { share: 560, make: making => slip(making, 'in', 'deposit', roundAmount(making)) },
  { share: 120, make: making => slip(making, 'out', 'withdrawal', roundAmount(making)) },
  { share: 60, make: making => slip(making, 'in', 'banking', oddAmount(making)) },
  { share: 70, make: making => transfer(making, 'in') },
  { share: 40, make: making => transfer(making, 'out') },
  { share: 10, make: nameless },
  { share: 12, make: making => roll(making, false) },
  { share: 8, make: making => roll(making, true) },
  { share: 15, make: making => grouping(making, 'savings-group'), isOfBundles: true },
  { share: 5, make: making => grouping(making, 'interest-list') },
  { share: 15, make: disbursement, isOfBundles: true },
  { share: 15, make: batch },
  { share: 15, make: split },
]

/** Those that entries of the ledger tell by themselves: of bundles only lists of interest are told by entries. */
export const plainKinds = paymentKinds.filter(({ isOfBundles }) => !isOfBundles)
