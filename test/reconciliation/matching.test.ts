import { expect, test } from 'vitest'
import { decide } from '../../src/reconciliation/matching/decide.ts'
import type { Decision, Entry, Line, Outcome, Question } from '../../src/reconciliation/matching/items.ts'
import { lineOf } from '../../src/reconciliation/matching/line-of.ts'
import { defaultRules, matchingRules } from '../../src/reconciliation/matching/rules.ts'
import type { StatementLine } from '../../src/reconciliation/statements/statement.ts'

const ten = { flow: 'in', amount: 1000n } as const

function line(id: string, given: Partial<Line> = {}): Line {
  const common = { references: [], text: '', code: null, counterpartAccount: null, isReversal: false, parts: [] }
  return { id, ...ten, day: '2026-03-10', ...common, ...given }
}

let sequence = 0n

function entry(id: string, given: Partial<Entry> = {}): Entry {
  sequence += 1n
  const common = { references: [], kind: 'deposit', groupings: [], counterpartAccount: null, reverses: null }
  return { id, sequence, ...ten, valueDate: '2026-03-10', ...common, ...given }
}

function asked(lines: Line[], entries: Entry[], given: Partial<Question> = {}): Decision {
  const accounts = new Set(['ana', 'berta', 'carmen'])
  const claimed = { lines: [], entries: [] }
  return decide({ lines, entries, groupings: [], claimed, accounts, through: '2026-03-31', ...given })
}

/** What is decided, as it reads: matches by their rule, and the rest by its reason. */
function read({ matches, lines, entries }: Decision): string[] {
  const left = ([id, outcome]: [string, Outcome]) =>
    outcome.standing === 'matched'
      ? []
      : [`${id}: ${outcome.standing === 'unmatched' ? '' : `${outcome.standing}, `}${outcome.reason}`]
  return [
    ...matches.map(match => `${match.rule}: ${match.lines.join(' ')} = ${match.entries.join(' ')}`),
    ...[...lines].flatMap(left),
    ...[...entries].flatMap(left),
  ]
}

test('a reference in common tells that a line is an entry, however the bank prints it', () => {
  const printed = [{ references: ['OP-004711'] }, { references: ['op 004711'] }, { text: 'ABONO OP-004711 AG 12' }]
  for (const given of printed)
    expect(read(asked([line('l', given)], [entry('e', { references: ['OP-004711'] }), entry('f')]))).toEqual([
      'reference: l = e',
      'f: late-at-bank',
    ])
})

test('fifty deposits of one day and amount are told apart by their references, or are ambiguous', () => {
  const fifty = Array.from({ length: 50 }, (_, place) => `${1000 + place}`)
  const referred = asked(
    fifty.map(number => line(`l${number}`, { references: [number] })),
    fifty.map(number => entry(`e${number}`, { references: [number] })),
  )
  expect(referred.matches).toHaveLength(50)
  const nameless = asked(
    fifty.map(number => line(`l${number}`)),
    fifty.map(number => entry(`e${number}`)),
  )
  expect(nameless.matches).toEqual([])
  expect(nameless.ambiguities.map(({ lines, entries }) => [lines.length, entries.length])).toEqual([[50, 50]])
  const half = asked(
    fifty.map((number, place) => line(`l${number}`, place % 2 === 0 ? { references: [number] } : {})),
    fifty.map(number => entry(`e${number}`, { references: [number] })),
  )
  expect(half.matches).toHaveLength(25)
  expect(half.ambiguities.map(({ lines, entries }) => [lines.length, entries.length])).toEqual([[25, 25]])
})

test('an amount and a day tell it where the candidate is the only one both ways, and nothing else is left over', () => {
  expect(read(asked([line('l', { day: '2026-03-12' })], [entry('e')]))).toEqual(['amount-and-day: l = e'])
  expect(read(asked([line('l')], [entry('e'), entry('f')]))).toEqual([
    'l: ambiguous, ambiguous',
    'e: ambiguous, ambiguous',
    'f: ambiguous, ambiguous',
  ])
  expect(read(asked([line('l')], [entry('e'), entry('f', { valueDate: '2026-02-20' })]))).toEqual([
    'l: ambiguous, ambiguous',
    'e: ambiguous, ambiguous',
    'f: late-at-bank',
  ])
})

test('an amount and a day tell nothing where both have references and share none', () => {
  const [theirs, ours] = [line('l', { references: ['X1'] }), entry('e', { references: ['Y2'] })]
  expect(read(asked([theirs], [ours]))).toEqual(['l: missing-in-ledger', 'e: late-at-bank'])
})

test('an account tells deposits of one amount apart', () => {
  const names = ['ana', 'berta']
  const decision = asked(
    names.map(name => line(`l ${name}`, { counterpartAccount: name })),
    names.map(name => entry(`e ${name}`, { counterpartAccount: name })),
  )
  expect(read(decision)).toEqual(['account-amount-and-day: l ana = e ana', 'account-amount-and-day: l berta = e berta'])
})

test('one line may be several entries, and several lines one entry, when they come to the same', () => {
  const slip = { references: ['S-100'] }
  const two = [entry('e', { ...slip, amount: 1000n }), entry('f', { ...slip, amount: 2500n })]
  expect(read(asked([line('l', { ...slip, amount: 3500n })], two))).toEqual(['reference: l = e f'])
  expect(read(asked([line('l', { ...slip, amount: 3600n })], two))).toEqual([
    'l: suggested, amount-differs',
    'e: suggested, amount-differs',
    'f: suggested, amount-differs',
  ])
  const parts = [line('l', { ...slip, amount: 400n }), line('m', { ...slip, amount: 600n })]
  expect(read(asked(parts, [entry('e', slip)]))).toEqual(['reference: l m = e'])
})

test('a grouping is one line by its reference, or by its sum', () => {
  const members = [entry('e', { groupings: ['sheet'] }), entry('f', { groupings: ['sheet'], amount: 515n })]
  for (const references of [[], ['HC-7']]) {
    const groupings = [{ id: 'sheet', kind: 'collection-sheet', references } as const]
    const decision = asked([line('l', { amount: 1515n, references })], members, { groupings })
    expect(read(decision)).toEqual([
      `${references.length === 0 ? 'sum-of-grouping' : 'reference-of-grouping'}: l = e f`,
    ])
  }
})

test('a batch whose payments the bank tells is matched payment by payment, or what is lacking is told', () => {
  const part = (amount: bigint, counterpartAccount: string) => ({ amount, references: [], counterpartAccount })
  const batch = line('l', { amount: 2200n, parts: [part(1000n, 'ana'), part(1200n, 'berta')] })
  const ana = entry('e', { counterpartAccount: 'ana' })
  const berta = entry('f', { counterpartAccount: 'berta', amount: 1200n })
  expect(read(asked([batch], [ana, berta]))).toEqual(['parts-of-a-batch: l = e f'])
  const { suggestions } = asked([batch], [ana])
  expect(suggestions.map(({ reason, adjustment }) => [reason, adjustment])).toEqual([['residue', 1200n]])
})

test('a difference within the tolerance is suggested with what would be adjusted, and never matched', () => {
  const referred = { references: ['OP-1'] }
  const { matches, suggestions } = asked([line('l', { ...referred, amount: 997n })], [entry('e', referred)])
  expect(matches).toEqual([])
  expect(suggestions.map(({ reason, adjustment }) => [reason, adjustment])).toEqual([['residue', -3n]])
})

test('a reversal goes with our reversal, or takes back what is no entry, or stands alone beside what it takes back', () => {
  const referred = { references: ['OP-1'] }
  const lines = [line('l', referred), line('m', { ...referred, flow: 'out', isReversal: true, day: '2026-03-11' })]
  const ours = [entry('e', referred), entry('f', { ...referred, flow: 'out', reverses: 'e' })]
  expect(read(asked(lines, ours))).toEqual(['reference: l = e', 'reference: m = f'])
  expect(read(asked(lines, []))).toEqual(['taken-back-by-the-bank: l m = '])
  const alone = asked(lines, ours.slice(0, 1))
  expect(read(alone)).toEqual(['reference: l = e', 'm: reversal-unmatched'])
  expect(alone.lines.get('m')).toMatchObject({ beside: 'l' })
  expect(read(asked([], ours))).toEqual(['reversed-in-our-books:  = e f'])
})

test('each line and entry that stands alone has one reason', () => {
  const referred = { references: ['OP-1'], counterpartAccount: 'ana' }
  const reasons = (lines: Line[], entries: Entry[], given: Partial<Question> = {}) => read(asked(lines, entries, given))
  expect(reasons([line('l')], [])).toEqual(['l: missing-in-ledger'])
  expect(reasons([], [entry('e', { valueDate: '2026-03-26' })])).toEqual(['e: in-transit'])
  expect(reasons([], [entry('e', { valueDate: '2026-03-25' })])).toEqual(['e: late-at-bank'])
  expect(reasons([line('l', { flow: 'out', text: 'COMISIÓN MES' })], [entry('e', { flow: 'out' })])).toEqual([
    'l: fee-or-interest',
    'e: late-at-bank',
  ])
  expect(reasons([line('l', { ...referred, counterpartAccount: 'berta' })], [entry('e', referred)])).toEqual([
    'l: suggested, wrong-account',
    'e: suggested, wrong-account',
  ])
  expect(reasons([line('l', { flow: 'out', counterpartAccount: 'nobody' })], [])).toEqual(['l: unknown-beneficiary'])
  expect(reasons([line('l', { ...referred, day: '2026-03-25' })], [entry('e', referred)])).toEqual([
    'l: suggested, date-out-of-window',
    'e: suggested, date-out-of-window',
  ])
  expect(reasons([line('l', { references: ['OP-4171'] })], [entry('e', { references: ['OP-4711'] })])).toEqual([
    'l: suggested, reference-differs',
    'e: suggested, reference-differs',
  ])
  expect(reasons([line('l', referred), line('m', referred)], [entry('e', referred)])).toEqual([
    'l: suggested, duplicate-at-bank',
    'm: suggested, duplicate-at-bank',
    'e: suggested, duplicate-at-bank',
  ])
  expect(reasons([line('l', referred)], [entry('e', referred), entry('f', referred)])).toEqual([
    'l: suggested, duplicate-in-ledger',
    'e: suggested, duplicate-in-ledger',
    'f: suggested, duplicate-in-ledger',
  ])
  const claimed = { lines: [line('k', referred)], entries: [entry('d', referred)] }
  expect(reasons([line('l', referred)], [], { claimed })).toEqual(['l: duplicate-at-bank'])
  expect(reasons([], [entry('e', referred)], { claimed })).toEqual(['e: duplicate-in-ledger'])
})

test('rules are data: they are checked, they say their order, and what they lack is not done', () => {
  expect(matchingRules.parse(defaultRules)).toEqual(defaultRules)
  const twice = { ...defaultRules, rules: [defaultRules.rules[0], defaultRules.rules[0]] }
  expect(matchingRules.safeParse(twice).success).toBe(false)
  const question = {
    lines: [line('l')],
    entries: [entry('e')],
    groupings: [],
    claimed: { lines: [], entries: [] },
    accounts: new Set<string>(),
    through: '2026-03-31',
  }
  const onlyReferences = { ...defaultRules, rules: defaultRules.rules.filter(({ by }) => by === 'reference') }
  expect(decide(question, onlyReferences).matches).toEqual([])
  expect(decide(question).matches).toHaveLength(1)
})

test('a line of a statement is matched by minor units, and what is not booked or of zero is not', () => {
  const statementLine: StatementLine = {
    ...{ number: 1, where: 'line 7', status: 'booked', isReversal: false, code: 'NTRF', text: 'a text' },
    money: { amount: '12.50', currency: 'PEN', side: 'debit' },
    ...{ bookingDate: '2026-03-10', valueDate: null, reference: 'NONREF', endToEndId: 'OP-1', counterparty: 'Ana' },
    counterpartyAccount: 'ana',
    details: [],
  }
  expect(lineOf('id', statementLine, 'PEN', '2026-03-31')).toEqual(
    line('id', {
      flow: 'out',
      amount: 1250n,
      references: ['OP-1'],
      text: 'a text',
      code: 'NTRF',
      counterpartAccount: 'ana',
    }),
  )
  expect(lineOf('id', { ...statementLine, status: 'pending' }, 'PEN', '2026-03-31')).toBeNull()
  expect(
    lineOf('id', { ...statementLine, money: { ...statementLine.money, amount: '0.00' } }, 'PEN', '2026-03-31'),
  ).toBeNull()
})

test('an amount alone, weeks apart, makes no interest of a deposit, and may make a deposit of one', () => {
  const slip = line('l', { references: ['OP-00257933'], text: 'DEP EFECTIVO', day: '2026-03-29' })
  const interest = entry('e', { kind: 'interest' })
  expect(read(asked([slip], [interest]))).toEqual(['l: missing-in-ledger', 'e: late-at-bank'])
  expect(read(asked([slip], [entry('f')]))).toEqual([
    'l: suggested, date-out-of-window',
    'f: suggested, date-out-of-window',
  ])
  const told = line('m', { text: 'INTERESES', day: '2026-03-29' })
  expect(read(asked([told], [interest]))).toEqual([
    'm: suggested, date-out-of-window',
    'e: suggested, date-out-of-window',
  ])
})
