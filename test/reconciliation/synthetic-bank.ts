import { addDays, daysBetween } from '../../src/dates.ts'
import type { BreakReason, Decision, Entry, Line, Outcome, Question } from '../../src/reconciliation/matching/items.ts'
import { nearKeys, referenceKeys } from '../../src/reconciliation/matching/references.ts'
import { defaultRules } from '../../src/reconciliation/matching/rules.ts'
import {
  entryOf,
  firstDay,
  lineOf,
  type Making,
  makePayments,
  making as makingOf,
  nextReference,
  type Payment,
  type PaymentKind,
} from './synthetic-ledger.ts'

/** What went wrong, with what has to be told of each line and entry that it touches. */
export type Fault = { name: string; lines: Line[]; entries: Entry[]; expected: readonly Expected[] }

type Expected = BreakReason | 'matched'

export type World = {
  question: Question
  /** What is the same money, as only the maker knows: payments without a fault, and what is left of the others. */
  truths: Payment[]
  faultless: Payment[]
  faults: Fault[]
}

export type WorldGiven = {
  seed: number
  lines: number
  days: number
  savers: number
  faultShare: number
  /** All that there are, if not told otherwise. */
  kinds?: readonly PaymentKind[]
}

/**
 * A ledger's entries, and what a bank tells of them: the truth first, and then with faults of every kind, each known. A fault
 * of what is told by its amount or account alone is made only where no other fault is of that amount: a deposit that the bank
 * lost and one of the same saver, amount and days that we never recorded are one deposit to whoever looks.
 */
export function makeWorld({ seed, lines, days, savers, faultShare, kinds }: WorldGiven): World {
  const making = makingOf(seed, days, savers)
  makePayments(making, lines, kinds)
  const world: World = { question: emptyQuestion(making), truths: [], faultless: [], faults: [] }
  const places = placesOfFaults()
  for (const payment of making.payments) {
    const kind = making.chance.hits(faultShare) ? making.chance.of(faultKinds) : undefined
    const faulted = kind?.make(making, payment)
    if (faulted === undefined || !places.take(payment, faulted)) {
      world.faultless.push(payment)
      world.truths.push(...onesOf(payment))
      continue
    }
    world.truths.push(...faulted.truths.flatMap(onesOf))
    world.faults.push(...faulted.faults.map(fault => ({ name: kind!.name, ...fault })))
  }
  world.question = questionOf(making, world)
  return world
}

/** A roll line by line: each is an entry of its own. */
function onesOf(payment: Payment): Payment[] {
  const { lines, entries } = payment
  if (lines.length !== entries.length) return [payment]
  return lines.map((line, place) => ({ ...payment, lines: [line], entries: [entries[place]!] }))
}

/** What becomes of a payment: what is still the same money of it, and what is told of the rest. */
type Faulted = { truths: Payment[]; faults: Omit<Fault, 'name'>[] }

type FaultKind = { name: string; make(making: Making, payment: Payment): Faulted | undefined }

function emptyQuestion(making: Making): Question {
  const through = addDays(firstDay, making.days + 60)
  return {
    lines: [],
    entries: [],
    groupings: [],
    claimed: { lines: [], entries: [] },
    accounts: new Set(making.accounts),
    through,
  }
}

function questionOf(making: Making, { truths, faults }: World): Question {
  const whole = [...truths, ...faults]
  const distinct = <Item extends { id: string }>(items: Item[]) => [
    ...new Map(items.map(item => [item.id, item])).values(),
  ]
  return {
    ...emptyQuestion(making),
    lines: distinct(whole.flatMap(({ lines }) => lines)),
    entries: distinct(whole.flatMap(({ entries }) => entries)),
    groupings: making.payments.flatMap(({ groupings }) => groupings),
  }
}

/**
 * Two faults that together look like another, or like none, are not both made: a number that is nearly another's, whatever they
 * are told by; and of what is told by account or amount alone, the same amount, its digits, or the same account.
 */
function placesOfFaults() {
  const taken = new Map<string, { day: string; isTold: boolean }[]>()
  const isNear = (one: { day: string }, other: { day: string }) => Math.abs(daysBetween(one.day, other.day)) <= 110
  return {
    take({ told }: Payment, { truths, faults }: Faulted): boolean {
      const isTold = told === 'reference' && [...truths, ...faults].every(one => one.entries.every(isReferred))
      const items = [...truths, ...faults].flatMap(({ lines, entries }) => [
        ...lines.flatMap(line => marksOf(line, line.day)),
        ...entries.flatMap(entry => marksOf(entry, entry.valueDate)),
        ...entries.slice(0, 1).flatMap(entry => marksOf({ ...entry, amount: sumOf(entries) }, entry.valueDate)),
        ...lines.slice(0, 1).flatMap(line => marksOf({ ...line, amount: sumOf(lines) }, line.day)),
      ])
      const clash = items.some(item =>
        taken.get(item.mark)?.some(other => (item.isStrict || !isTold || !other.isTold) && isNear(item, other)),
      )
      if (clash) return false
      for (const { mark, day } of items) taken.set(mark, [...(taken.get(mark) ?? []), { day, isTold }])
      return true
    },
  }
}

function sumOf(items: readonly { amount: bigint }[]): bigint {
  return items.reduce((sum, { amount }) => sum + amount, 0n)
}

function marksOf({ amount, references, counterpartAccount }: Line | Entry, day: string) {
  const keys = referenceKeys(references)
  const strict = [...keys.map(key => `reference ${key}`), ...keys.flatMap(nearKeys).map(key => `${amount} near ${key}`)]
  const loose = [
    `amount ${amount}`,
    `digits ${[...amount.toString()].sort().join('')}`,
    `account ${counterpartAccount}`,
  ]
  return [
    ...strict.map(mark => ({ mark, day, isStrict: true })),
    ...loose.filter(mark => mark !== 'account null').map(mark => ({ mark, day, isStrict: false })),
  ]
}

const single = ({ lines, entries }: Payment) =>
  lines.length === 1 && entries.length === 1 ? ([lines[0]!, entries[0]!] as const) : undefined
const late = ['late-at-bank', 'in-transit'] as const
/** What is told by its amount alone may be left to a person. */
const orAmbiguous = ({ told }: Payment, ...expected: Expected[]): Expected[] =>
  told === 'reference' ? expected : [...expected, 'ambiguous']

/** A payment whose only line is another by a fault. */
function changed(payment: Payment, change: Partial<Line>, ...expected: Expected[]): Faulted | undefined {
  const pair = single(payment)
  if (pair === undefined) return undefined
  const lines = [{ ...pair[0], ...change }]
  const { entries } = payment
  return { truths: [{ ...payment, lines }], faults: [{ lines, entries, expected }] }
}

export const faultKinds: readonly FaultKind[] = [
  {
    name: 'lost at the bank',
    make: (_, payment) => ({
      truths: [],
      // Its line is not there, but another that bears neither reference nor account might be it.
      faults: [{ lines: [], entries: payment.entries, expected: [...late, 'ambiguous'] }],
    }),
  },
  {
    name: 'never recorded',
    make: (_, payment) => ({
      truths: [],
      // It bears no account, so it might be any deposit of that amount that nothing else tells.
      faults: [{ lines: payment.lines, entries: [], expected: ['missing-in-ledger', 'fee-or-interest', 'ambiguous'] }],
    }),
  },
  {
    name: 'doubled at the bank',
    make(making, payment) {
      const pair = single(payment)
      if (pair === undefined) return undefined
      const { day } = pair[0]
      const twin = lineOf(making, {
        ...pair[0],
        id: `line ${making.lines + 1}`,
        day: addDays(day, making.chance.below(2)),
      })
      return {
        truths: [payment],
        faults: [{ lines: [twin], entries: [], expected: orAmbiguous(payment, 'duplicate-at-bank') }],
      }
    },
  },
  {
    name: 'recorded twice',
    make(making, payment) {
      const pair = single(payment)
      if (pair === undefined) return undefined
      const id = { id: `entry ${making.entries + 1}`, sequence: BigInt(making.entries + 1) }
      const twin = entryOf(making, { ...pair[1], ...id })
      return {
        truths: [payment],
        faults: [{ lines: [], entries: [twin], expected: orAmbiguous(payment, 'duplicate-in-ledger') }],
      }
    },
  },
  {
    name: 'late',
    make: (making, payment) =>
      changed(
        payment,
        { day: addDays(payment.lines[0]!.day, 12 + making.chance.below(20)) },
        ...orAmbiguous(payment, 'date-out-of-window'),
      ),
  },
  {
    name: 'mistyped amount',
    make(making, payment) {
      const difference = BigInt(1 + making.chance.below(9)) * making.chance.of([1n, 100n, 1_000n])
      const amount = payment.lines[0]!.amount + difference
      const reason = difference <= BigInt(defaultRules.tolerance) ? 'residue' : 'amount-differs'
      // By its amount nothing tells any more what it is.
      const lost: Expected[] = payment.told === 'amount' ? ['missing-in-ledger', ...late, 'ambiguous'] : []
      return changed(payment, { amount }, reason, ...lost)
    },
  },
  {
    name: 'swapped digits in an amount',
    make(_, payment) {
      const digits = payment.lines[0]!.amount.toString()
      const at = [...digits].findIndex((digit, place) => place > 0 && digit !== digits[place - 1] && digit !== '0')
      if (at === -1) return undefined
      const amount = BigInt(digits.slice(0, at - 1) + digits[at] + digits[at - 1] + digits.slice(at + 1))
      return changed(payment, { amount }, 'amount-differs')
    },
  },
  {
    name: 'swapped digits in a reference',
    make(making, payment) {
      if (payment.told !== 'reference' || single(payment) === undefined) return undefined
      const [reference] = payment.entries[0]!.references
      const at = reference!.length - 2
      const swapped = reference!.slice(0, at) + reference![at + 1] + reference![at]
      if (swapped === reference) return undefined
      // It may be the number of another slip, which then seems to be there twice, or to be of two amounts.
      const others: Expected[] = [
        'duplicate-at-bank',
        'amount-differs',
        'missing-in-ledger',
        ...late,
        'date-out-of-window',
        'ambiguous',
      ]
      const isOthers = making.payments.some(({ entries }) =>
        entries.some(({ references }) => references.includes(swapped)),
      )
      return changed(payment, { references: [swapped], text: '' }, 'reference-differs', ...(isOthers ? others : []))
    },
  },
  {
    name: 'another account',
    make(making, payment) {
      const pair = single(payment)
      if (pair?.[0].counterpartAccount == null) return undefined
      const account = making.chance.of(making.accounts)
      return account === pair[0].counterpartAccount
        ? undefined
        : changed(payment, { counterpartAccount: account }, ...orAmbiguous(payment, 'wrong-account', ...late))
    },
  },
  {
    name: 'paid to nobody we know',
    make(_, payment) {
      const pair = single(payment)
      if (pair?.[0].counterpartAccount == null || pair[0].flow === 'in') return undefined
      return changed(payment, { counterpartAccount: '999-000000001' }, 'unknown-beneficiary', ...late)
    },
  },
  {
    name: 'fee',
    make(making, payment) {
      const fee = lineOf(making, {
        flow: 'out',
        amount: 350n,
        day: payment.lines[0]!.day,
        text: 'Comisión por servicio',
        references: payment.lines[0]!.references,
      })
      return { truths: [payment], faults: [{ lines: [fee], entries: [], expected: ['fee-or-interest'] }] }
    },
  },
  {
    name: 'taken back by the bank alone',
    make(making, payment) {
      const back = reversalOf(making, payment)
      return back && { truths: [payment], faults: [{ lines: [back], entries: [], expected: ['reversal-unmatched'] }] }
    },
  },
  {
    name: 'taken back by both',
    make(making, payment) {
      const back = reversalOf(making, payment)
      if (back === undefined || payment.told !== 'reference') return undefined
      const of = payment.entries[0]!
      const entry = entryOf(making, {
        ...of,
        flow: back.flow,
        valueDate: back.day,
        id: `entry ${making.entries + 1}`,
        sequence: BigInt(making.entries + 1),
        reverses: of.id,
      })
      const taken = { ...payment, lines: [back], entries: [entry] }
      return { truths: [payment, taken], faults: [{ lines: [back], entries: [entry], expected: ['matched'] }] }
    },
  },
  {
    name: 'an error of the bank, set right',
    make(making, payment) {
      const references = [nextReference(making, 'ERR')]
      const error = lineOf(making, {
        amount: 7_000_000_000n + BigInt(making.lines),
        day: payment.lines[0]!.day,
        references,
      })
      const back = lineOf(making, {
        ...error,
        id: `line ${making.lines + 1}`,
        flow: 'out',
        isReversal: true,
        day: addDays(error.day, 1),
      })
      const both = { lines: [error, back], entries: [], groupings: [], told: payment.told }
      return { truths: [payment, both], faults: [{ ...both, expected: ['matched'] }] }
    },
  },
  {
    name: 'recorded and reversed in our books alone',
    make(making, payment) {
      const entry = entryOf(making, {
        valueDate: payment.entries[0]!.valueDate,
        references: [nextReference(making, 'OP-')],
        amount: 8_000_000_000n + BigInt(making.entries),
      })
      const back = entryOf(making, {
        ...entry,
        id: `entry ${making.entries + 1}`,
        sequence: BigInt(making.entries + 1),
        flow: 'out',
        reverses: entry.id,
      })
      const both = { lines: [], entries: [entry, back], groupings: [], told: payment.told }
      return { truths: [payment, both], faults: [{ ...both, expected: ['matched'] }] }
    },
  },
  {
    name: 'merged with another of its slip',
    make(making, payment) {
      const pair = single(payment)
      if (pair === undefined || payment.told !== 'reference') return undefined
      const other = entryOf(making, {
        ...pair[1],
        id: `entry ${making.entries + 1}`,
        sequence: BigInt(making.entries + 1),
        amount: 1_700n,
      })
      const entries = [pair[1], other]
      const lines = [{ ...pair[0], amount: pair[0].amount + other.amount }]
      return { truths: [{ ...payment, lines, entries }], faults: [{ lines, entries, expected: ['matched'] }] }
    },
  },
]

function reversalOf(making: Making, payment: Payment): Line | undefined {
  const [line] = payment.lines
  if (single(payment) === undefined) return undefined
  const id = `line ${making.lines + 1}`
  return lineOf(making, {
    ...line!,
    id,
    flow: line!.flow === 'in' ? 'out' : 'in',
    isReversal: true,
    day: addDays(line!.day, 1),
    text: `EXTORNO ${line!.text}`,
  })
}

export type Verdict = {
  /** Matches that join what is not the same money, or part of it. */
  wrong: string[]
  /** Faults that were not told as what they are. */
  untold: string[]
  matchedLines: number
  trueLines: number
}

/** Holds a decision against what is true. */
export function judge({ truths, faultless, faults }: World, decision: Decision): Verdict {
  const truthOf = new Map<string, Payment>()
  for (const truth of truths) for (const { id } of [...truth.lines, ...truth.entries]) truthOf.set(id, truth)
  const wrong = decision.matches.filter(({ lines, entries }) => {
    const claimed = new Set([...lines, ...entries])
    const theirs = new Set([...claimed].map(id => truthOf.get(id)))
    return [...theirs].some(
      truth => truth === undefined || ![...truth.lines, ...truth.entries].every(({ id }) => claimed.has(id)),
    )
  })
  const told = (outcome: Outcome) => (outcome.standing === 'matched' ? 'matched' : outcome.reason)
  const untold = faults.flatMap(({ name, lines, entries, expected }) =>
    [
      ...lines.map(({ id }) => told(decision.lines.get(id)!)),
      ...entries.map(({ id }) => told(decision.entries.get(id)!)),
    ]
      .filter(reason => !expected.includes(reason))
      .map(reason => `${name}: told as ${reason}`),
  )
  const trueLines = faultless.flatMap(({ lines }) => lines)
  return {
    wrong: wrong.map(match => JSON.stringify(match)),
    untold,
    matchedLines: trueLines.filter(({ id }) => decision.lines.get(id)!.standing === 'matched').length,
    trueLines: trueLines.length,
  }
}

/** How often a line or an entry was claimed, at the most. */
export function mostClaims({ matches }: Decision): number {
  const claims = new Map<string, number>()
  for (const { lines, entries } of matches)
    for (const id of [...lines, ...entries]) claims.set(id, (claims.get(id) ?? 0) + 1)
  return [...claims.values()].reduce((most, count) => Math.max(most, count), 0)
}

/** Of a disbursement, only the request has a number, and none of its entries. */
function isReferred({ references }: Entry): boolean {
  return references.length > 0
}
