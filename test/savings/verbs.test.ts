import { v7 as uuid } from 'uuid'
import { describe, expect, it } from 'vitest'
import { checkDraft } from '../../src/ledger/draft.ts'
import type { Book } from '../../src/ledger/index.ts'
import { verbs } from '../../src/savings/verbs/verbs.ts'
import { books, journal } from './journal.ts'

const book: Book = { id: uuid(), code: 'b', name: 'Book', currency: 'PEN' }
const [id, ana, anaSecond, rosa, juana, lrac] = [uuid(), uuid(), uuid(), uuid(), uuid(), uuid()]
const inBooks = journal({
  book: book.id,
  savers: { Ana: ana, 'Ana (2)': anaSecond },
  agents: { Rosa: rosa },
  funds: { LRAC: lrac },
})
const act = { reference: 'ACTA-7', date: '2026-03-01' }
const on = { amount: '12.5', valueDate: '2026-03-14' }

/** Each verb once in each of its ways: what came in, what stands in the books, and the evidence. */
const cases: { kind: string; body: Record<string, unknown>; text: string; evidence: Record<string, unknown> }[] = [
  {
    kind: 'deposit',
    body: { savingsAccountId: ana, channel: 'agent-cash', agentId: rosa, ...on },
    text: `
      2026-03-14 deposit
        cash with Rosa                12.50
           Ana: own                      12.50`,
    evidence: { savingsAccountId: ana, channel: 'agent-cash', agentId: rosa },
  },
  {
    kind: 'deposit',
    body: { savingsAccountId: ana, channel: 'branch', depositorId: juana, reference: 'OP-1', ...on },
    text: `
      2026-03-14 deposit
        bank                          12.50
           Ana: own                      12.50`,
    evidence: { savingsAccountId: ana, channel: 'branch', depositorId: juana, reference: 'OP-1' },
  },
  {
    kind: 'withdrawal',
    body: { savingsAccountId: ana, purpose: 'education', channel: 'branch', ...on },
    text: `
      2026-03-14 withdrawal
        Ana: own                      12.50
           bank                          12.50`,
    evidence: { savingsAccountId: ana, money: 'own', purpose: 'education', channel: 'branch' },
  },
  {
    kind: 'withdrawal',
    body: {
      savingsAccountId: ana,
      money: 'incentive-released',
      purpose: 'business',
      channel: 'agent-cash',
      agentId: rosa,
      ...on,
    },
    text: `
      2026-03-14 withdrawal
        Ana: incentive-released       12.50
           cash with Rosa                12.50`,
    evidence: {
      savingsAccountId: ana,
      money: 'incentive-released',
      purpose: 'business',
      channel: 'agent-cash',
      agentId: rosa,
    },
  },
  {
    kind: 'transfer',
    body: { fromSavingsAccountId: ana, toSavingsAccountId: anaSecond, ...on },
    text: `
      2026-03-14 transfer
        Ana: own                      12.50
           Ana (2): own                  12.50`,
    evidence: { fromSavingsAccountId: ana, toSavingsAccountId: anaSecond, money: 'own' },
  },
  {
    kind: 'banking',
    body: { agentId: rosa, reference: 'OP-2', ...on },
    text: `
      2026-03-14 banking
        bank                          12.50
           cash with Rosa                12.50`,
    evidence: { agentId: rosa, reference: 'OP-2' },
  },
  {
    kind: 'state-transfer',
    body: { savingsAccountId: ana, source: 'JUNTOS', periodFrom: '2026-01', periodTo: '2026-02', ...on },
    text: `
      2026-03-14 state-transfer
        bank                          12.50
           Ana: own                      12.50`,
    evidence: { savingsAccountId: ana, source: 'JUNTOS', periodFrom: '2026-01', periodTo: '2026-02' },
  },
  {
    kind: 'interest',
    body: { savingsAccountId: ana, ...on },
    text: `
      2026-03-14 interest
        bank                          12.50
           Ana: interest                 12.50`,
    evidence: { savingsAccountId: ana },
  },
  {
    kind: 'fund-receipt',
    body: { fundId: lrac, reference: 'SIAF-1', ...on },
    text: `
      2026-03-14 fund-receipt
        bank                          12.50
           fund LRAC                     12.50`,
    evidence: { fundId: lrac, reference: 'SIAF-1' },
  },
  ...['lrac-transfer', 'competition-prize', 'talent-payment'].map(kind => ({
    kind,
    body: { savingsAccountId: ana, fundId: lrac, act, ...on },
    text: `
      2026-03-14 ${kind}
        fund LRAC                     12.50
           Ana: own                      12.50`,
    evidence: { savingsAccountId: ana, fundId: lrac, actReference: 'ACTA-7', actDate: '2026-03-01' },
  })),
]

function draftOf(kind: string, body: Record<string, unknown>) {
  const verb = verbs.find(verb => verb.kind === kind)!
  return verb.draft(book, id, verb.body.parse(body))
}

describe('a verb', () => {
  it.each(cases)(
    '$kind $body.channel makes one balanced draft, which reads as books',
    ({ kind, body, text, evidence }) => {
      const draft = draftOf(kind, body)
      expect(inBooks(draft)).toBe(books(text))
      expect(draft).toMatchObject({ id, kind, evidence })
      expect(Object.keys(draft.evidence!)).toEqual(Object.keys(evidence))
      checkDraft(draft)
    },
  )

  it('is covered here with each of its kinds', () => {
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(verbs.map(({ kind }) => kind)))
  })

  it('makes the same draft of ids in capitals and of an amount without its zero', () => {
    const body = { savingsAccountId: ana, channel: 'agent-cash', agentId: rosa, valueDate: '2026-03-14' }
    const shouted = { ...body, savingsAccountId: ana.toUpperCase(), agentId: rosa.toUpperCase() }
    expect(draftOf('deposit', { ...shouted, amount: '12.5' })).toEqual(draftOf('deposit', { ...body, amount: '12.50' }))
  })
})

describe('an amount', () => {
  it('has no more decimals than the book’s currency, though zeros do not count', () => {
    const inPesos = (amount: string) => {
      const verb = verbs.find(verb => verb.kind === 'deposit')!
      const body = verb.body.parse({ savingsAccountId: ana, channel: 'branch', ...on, amount })
      return verb.draft({ ...book, currency: 'CLP' }, id, body).entries[0]!.amount
    }
    expect(inPesos('1250.00')).toBe(1250n)
    expect(() => inPesos('1250.50')).toThrow('amount-precision')
  })
})

const wrong: [string, string, Record<string, unknown>, string][] = [
  ['cash without an agent', 'deposit', { savingsAccountId: ana, channel: 'agent-cash', ...on }, 'agentId'],
  ['an agent without cash', 'deposit', { savingsAccountId: ana, channel: 'branch', agentId: rosa, ...on }, 'agentId'],
  ['a negative amount', 'deposit', { savingsAccountId: ana, channel: 'branch', ...on, amount: '-1.00' }, 'amount'],
  ['nothing', 'deposit', { savingsAccountId: ana, channel: 'branch', ...on, amount: '0.00' }, 'amount'],
  ['a number for an amount', 'deposit', { savingsAccountId: ana, channel: 'branch', ...on, amount: 12.5 }, 'amount'],
  ['no day', 'deposit', { savingsAccountId: ana, channel: 'branch', ...on, valueDate: '2026-02-30' }, 'valueDate'],
  ['no purpose', 'withdrawal', { savingsAccountId: ana, channel: 'branch', ...on }, 'purpose'],
  [
    'locked money',
    'withdrawal',
    { savingsAccountId: ana, money: 'incentive-locked', channel: 'branch', ...on },
    'money',
  ],
  ['one account', 'transfer', { fromSavingsAccountId: ana, toSavingsAccountId: ana, ...on }, 'toSavingsAccountId'],
  ['no slip', 'banking', { agentId: rosa, ...on }, 'reference'],
  ['a name for a reference', 'banking', { agentId: rosa, reference: 'Rosa Quispe', ...on }, 'reference'],
  [
    'a period that ends before it begins',
    'state-transfer',
    { savingsAccountId: ana, source: 'JUNTOS', periodFrom: '2026-03', periodTo: '2026-02', ...on },
    'periodTo',
  ],
  [
    'an act of a later day',
    'lrac-transfer',
    { savingsAccountId: ana, fundId: lrac, act: { reference: 'A', date: '2026-03-15' }, ...on },
    'act.date',
  ],
]

describe('a verb’s body', () => {
  it.each(wrong)('refuses %s (%s)', (_, kind, body, path) => {
    const result = verbs.find(verb => verb.kind === kind)!.body.safeParse(body)
    expect(result.error?.issues.map(issue => issue.path.join('.'))).toContain(path)
  })
})
