import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BreakReason, breakReasons } from '../../src/reconciliation/breaks/reasons.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { openResolving, type Resolving, savers } from './resolving.ts'
import { mt940, type WrittenDay } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const day = '2026-03-02'

/** A statement of one day whose lines are these; behind an `@` is the account of the other side, behind a `%` the bank's text. */
const told = (closing: string, ...lines: string[]): WrittenDay => ({
  day: '260302',
  number: '1',
  opening: '0,00',
  closing,
  lines,
})

async function send(book: Resolving, ...days: WrittenDay[]): Promise<void> {
  const file = mt940(days)
    .replaceAll(/@(\S+)/g, '\r\n:86:166?00TRANSFERENCIA?31$1')
    .replaceAll(/%(\w+)/g, '\r\n:86:$1')
  expect((await book.send(file)).status).toBe(201)
}

/** The open breaks of a reason, by what they are of. */
type Found = { id: string; of: string; reason: BreakReason; amount: string | null; question: string | null }

/** What is open is of one reason, and no more than these. */
async function found(
  book: Resolving,
  reason: BreakReason,
  ...of: ('line' | 'entry' | 'statement')[]
): Promise<Found[]> {
  await book.match()
  const open: Found[] = await book.breaks()
  expect(open.map(one => `${one.reason} of ${one.of}`).sort()).toEqual(of.map(one => `${reason} of ${one}`).sort())
  return open
}

/**
 * One proposes, and the other approves: meanwhile nothing is done, and nobody approves what is her own. Answers what was posted
 * and claimed.
 */
async function resolve(book: Resolving, body: object) {
  const before = { breaks: await ids(book), trial: await trial(book) }
  const { status, body: proposed } = await book.propose(body)
  expect({ status, detail: proposed.detail }).toEqual({ status: 201, detail: undefined })
  expect((await book.decide(proposed.id, {}, book.administratorKey)).body.code).toBe('second-actor-needed')
  expect({ breaks: await ids(book), trial: await trial(book) }).toEqual(before)
  expect((await book.decide(proposed.id)).status).toBe(201)
  const { body: resolution } = await book.get(`${book.of}/resolutions/${proposed.id}`)
  expect(resolution.status).toBe('approved')
  expect(resolution.decision.by).not.toBe(resolution.proposedBy)
  return resolution
}

const ids = async (book: Resolving) => (await book.breaks()).map(({ id }: Found) => id)
const trial = async (book: Resolving) => (await book.get('/trial-balance', book.administratorKey)).body

/** Each has nothing open and is accepted by two people: it stays as it is, named. */
async function accept(book: Resolving, ...breaks: Found[]): Promise<void> {
  await resolve(book, { kind: 'accept', breaks: breaks.map(({ id }) => id) })
  expect((await book.breaks('&status=accepted')).map(({ id }: Found) => id).sort()).toEqual(
    breaks.map(({ id }) => id).sort(),
  )
}

const deposited = (account: string, amount: string, valueDate = day) => ({
  verb: 'deposit',
  body: { bankAccountNumber: account, amount, valueDate, channel: 'branch' },
})

/** What a saver has at her account. */
async function saved(book: Resolving, account: string): Promise<string> {
  const { body } = await book.get(`/savings-accounts/${book.accounts.get(account)}/balance`, book.administratorKey)
  return body.total.posted
}

/** What is proved of the last day: the ledger's balance, a break that names what is left over, or nothing. */
type End = { proved: string; ledger: string } | { broken: string } | { untold: string }

/** How each reason comes about, how two people resolve it, and what then is proved of the last day. */
const ways: Record<BreakReason, (book: Resolving) => Promise<End>> = {
  async 'missing-in-ledger'(book) {
    await send(book, told('12,50', 'C12,50OP-1'))
    const [line] = await found(book, 'missing-in-ledger', 'line')
    await resolve(book, { kind: 'post', breaks: [line!.id], postings: [deposited(savers[0], '12.50')] })
    expect(await saved(book, savers[0])).toBe('12.50')
    return { proved: day, ledger: '12.50' }
  },

  async 'in-transit'(book) {
    await book.deposit({ amount: '7.00', day, reference: 'OP-1' })
    await send(book, told('0,00'))
    await accept(book, ...(await found(book, 'in-transit', 'entry')))
    // The bank books it two days later, and that is the end of it.
    await send(book, { day: '260304', number: '2', opening: '0,00', closing: '7,00', lines: ['C7,00OP-1'] })
    await found(book, 'in-transit')
    expect(await book.breaks('&status=accepted')).toEqual([])
    return { proved: '2026-03-04', ledger: '7.00' }
  },

  async 'late-at-bank'(book) {
    await book.deposit({ amount: '7.00', day, reference: 'OP-1' })
    await send(book, told('0,00'), { day: '260320', number: '2', opening: '0,00', closing: '0,00' })
    const [entry] = await found(book, 'late-at-bank', 'entry')
    await resolve(book, { kind: 'reverse', breaks: [entry!.id], valueDate: '2026-03-20' })
    expect(await saved(book, savers[0])).toBe('0.00')
    return { proved: '2026-03-20', ledger: '0.00' }
  },

  async 'amount-differs'(book) {
    await book.deposit({ amount: '90.00', day, reference: 'OP-1' })
    await send(book, told('99,00', 'C99,00OP-1'))
    const open = await found(book, 'amount-differs', 'line', 'entry')
    await resolve(book, { kind: 'reverse', breaks: [open.find(({ of }) => of === 'entry')!.id], valueDate: day })
    const [line] = await found(book, 'missing-in-ledger', 'line')
    await resolve(book, { kind: 'post', breaks: [line!.id], postings: [deposited(savers[0], '99.00')] })
    expect(await saved(book, savers[0])).toBe('99.00')
    return { proved: day, ledger: '99.00' }
  },

  async 'date-out-of-window'(book) {
    await book.deposit({ amount: '15.00', day: '2026-01-20', reference: 'OP-1' })
    await send(book, told('15,00', 'C15,00OP-1'))
    const [{ question } = { question: null }] = await found(book, 'date-out-of-window', 'line', 'entry')
    const { matches, transactions } = await resolve(book, { kind: 'match', question })
    expect({ matches, transactions }).toMatchObject({ matches: [{ lines: [{}], entries: [{}] }], transactions: [] })
    return { proved: day, ledger: '15.00' }
  },

  async 'reference-differs'(book) {
    await book.deposit({ amount: '33.00', day, reference: 'OP-100457' })
    await send(book, told('33,00', 'C33,00OP-100475'))
    const [{ question } = { question: null }] = await found(book, 'reference-differs', 'line', 'entry')
    await resolve(book, { kind: 'match', question })
    return { proved: day, ledger: '33.00' }
  },

  async ambiguous(book) {
    for (const account of savers) await book.deposit({ amount: '10.00', day, account })
    await send(book, told('20,00', 'C10,00', 'C10,00'))
    const [{ question } = { question: null }] = await found(book, 'ambiguous', 'line', 'line', 'entry', 'entry')
    await resolve(book, { kind: 'match', question })
    return { proved: day, ledger: '20.00' }
  },

  async 'duplicate-at-bank'(book) {
    await book.deposit({ amount: '15.00', day, reference: 'OP-1' })
    await send(book, told('15,00', 'C15,00OP-1'))
    await found(book, 'duplicate-at-bank')
    await send(book, { day: '260303', number: '2', opening: '15,00', closing: '30,00', lines: ['C15,00OP-1'] })
    const [double] = await found(book, 'duplicate-at-bank', 'line')
    // The bank takes it back under a number of its own.
    await send(book, { day: '260310', number: '3', opening: '30,00', closing: '15,00', lines: ['D15,00REG-77001'] })
    await book.match()
    const [back] = await book.like({ reason: 'missing-in-ledger', amount: '-15.00' })
    await resolve(book, { kind: 'match', breaks: [double!.id, back] })
    return { proved: '2026-03-10', ledger: '15.00' }
  },

  async 'duplicate-in-ledger'(book) {
    await book.deposit({ amount: '9.00', day, reference: 'OP-2' })
    await send(book, told('9,00', 'C9,00OP-2'))
    await found(book, 'duplicate-in-ledger')
    await book.deposit({ amount: '9.00', day, reference: 'OP-2' })
    const [double] = await found(book, 'duplicate-in-ledger', 'entry')
    await resolve(book, { kind: 'reverse', breaks: [double!.id], valueDate: day })
    expect(await saved(book, savers[0])).toBe('9.00')
    return { proved: day, ledger: '9.00' }
  },

  async 'reversal-unmatched'(book) {
    const { id: transactionId } = await book.deposit({ amount: '15.00', day, reference: 'OP-1' })
    await send(book, told('15,00', 'C15,00OP-1'))
    await found(book, 'reversal-unmatched')
    await send(book, { day: '260304', number: '2', opening: '15,00', closing: '0,00', lines: ['RC15,00OP-1'] })
    const [line] = await found(book, 'reversal-unmatched', 'line')
    const breaks = [line!.id]
    expect(await resolve(book, { kind: 'reverse', breaks, transactionId, valueDate: '2026-03-04' })).toMatchObject({
      reverses: [transactionId],
    })
    expect(await saved(book, savers[0])).toBe('0.00')
    return { proved: '2026-03-04', ledger: '0.00' }
  },

  async 'wrong-account'(book) {
    // Recorded for one saver, and the bank says that it is the other's.
    await book.deposit({ amount: '40.00', day, reference: 'OP-1', account: savers[0] })
    await send(book, told('40,00', `C40,00OP-1@${savers[1]}`))
    const open = await found(book, 'wrong-account', 'line', 'entry')
    await resolve(book, { kind: 'reverse', breaks: [open.find(({ of }) => of === 'entry')!.id], valueDate: day })
    const [line] = await found(book, 'missing-in-ledger', 'line')
    await resolve(book, { kind: 'post', breaks: [line!.id], postings: [deposited(savers[1], '40.00')] })
    expect([await saved(book, savers[0]), await saved(book, savers[1])]).toEqual(['0.00', '40.00'])
    return { proved: day, ledger: '40.00' }
  },

  async 'unknown-beneficiary'(book) {
    // A withdrawal that the bank paid to an account that is nobody's here.
    await book.deposit({ amount: '50.00', day, reference: 'OP-1' })
    await send(book, told('50,00', 'C50,00OP-1'))
    await book.match()
    const taken = { savingsAccountId: book.accounts.get(savers[0]), amount: '20.00', valueDate: '2026-03-03' }
    const slip = { purpose: 'education', channel: 'branch', reference: 'OP-2' }
    expect((await book.post('/withdrawals', { id: uuid(), ...taken, ...slip })).status).toBe(201)
    await send(book, {
      day: '260303',
      number: '2',
      opening: '50,00',
      closing: '30,00',
      lines: ['D20,00OP-2@999-01-0000009'],
    })
    const open = await found(book, 'unknown-beneficiary', 'line', 'entry')
    const paid = open.find(({ of }) => of === 'line')!
    // The bank fetches it back, and pays her.
    await send(book, {
      day: '260305',
      number: '3',
      opening: '30,00',
      closing: '30,00',
      lines: ['C20,00DEV-88001', `D20,00PAG-88002@${savers[0]}`],
    })
    await book.match()
    const [back] = await book.like({ of: 'line', amount: '20.00' })
    await resolve(book, { kind: 'match', breaks: [paid.id, back] })
    const left = await book.breaks()
    expect(left.map(({ of, amount }: Found) => `${of} ${amount}`).sort()).toEqual(['entry 20.00', 'line -20.00'])
    await resolve(book, { kind: 'match', breaks: left.map(({ id }: Found) => id) })
    expect(await saved(book, savers[0])).toBe('30.00')
    return { proved: '2026-03-05', ledger: '30.00' }
  },

  async 'fee-or-interest'(book) {
    await send(book, told('-1,15', 'D2,50NONREF%COMISION', 'C1,35NONREF%INTERES'))
    const open = await found(book, 'fee-or-interest', 'line', 'line')
    const [fee, interest] = ['-2.50', '1.35'].map(amount => open.find(one => one.amount === amount)!)
    const charged = { verb: 'bank-fee', body: { accountId: book.fees, amount: '2.50', valueDate: day } }
    await resolve(book, { kind: 'post', breaks: [fee!.id], postings: [charged] })
    const earned = { verb: 'bank-income', body: { accountId: book.income, amount: '1.35', valueDate: day } }
    await resolve(book, { kind: 'post', breaks: [interest!.id], postings: [earned] })
    expect([await book.balance(book.fees), await book.balance(book.income)]).toEqual(['2.50', '1.35'])
    return { proved: day, ledger: '-1.15' }
  },

  async residue(book) {
    await book.deposit({ amount: '100.00', day, reference: 'OP-1' })
    await send(book, told('99,97', 'C99,97OP-1'))
    const [{ question } = { question: null }] = await found(book, 'residue', 'line', 'entry')
    const adjusted = await resolve(book, { kind: 'adjust', question, valueDate: day, accountId: book.fees })
    expect(adjusted).toMatchObject({ difference: '-0.03', transactions: [{ kind: 'adjustment' }] })
    expect(await book.balance(book.fees)).toBe('0.03')
    return { proved: day, ledger: '99.97' }
  },

  async 'statement-number-reused'(book) {
    await send(book, told('0,00'))
    await send(book, told('5,00', 'C5,00OP-1'))
    await accept(book, ...(await found(book, 'statement-number-reused', 'statement')))
    // Which of the two is right nobody knows: the first counts, the other is kept.
    return { proved: day, ledger: '0.00' }
  },

  async 'statement-gap'(book) {
    const third: WrittenDay = { day: '260304', number: '3', opening: '0,00', closing: '0,00' }
    await send(book, told('0,00'), third)
    await accept(book, ...(await found(book, 'statement-gap', 'statement')))
    // Accepted or not, it ends when what is missing comes.
    await send(book, { day: '260303', number: '2', opening: '0,00', closing: '0,00' })
    expect(await book.breaks('&status=accepted')).toEqual([])
    return { proved: '2026-03-04', ledger: '0.00' }
  },

  async 'statement-opening-differs'(book) {
    await send(book, told('0,00'), { day: '260303', number: '2', opening: '8,00', closing: '8,00' })
    const open = await found(book, 'statement-opening-differs', 'statement')
    expect(open).toMatchObject([{ amount: '8.00' }])
    await accept(book, ...open)
    return { broken: '2026-03-03' }
  },

  async 'statement-unbalanced'(book) {
    await book.deposit({ amount: '10.00', day, reference: 'OP-1' })
    await send(book, told('12,00', 'C10,00OP-1'))
    const open = await found(book, 'statement-unbalanced', 'statement')
    expect(open).toMatchObject([{ amount: '2.00' }])
    await accept(book, ...open)
    return { broken: day }
  },

  async 'statement-overlap-unclear'(book) {
    // Paid in and out again at once: an export that goes on from there may tell it again, or tell of others.
    await book.deposit({ amount: '5.00', day })
    const taken = { savingsAccountId: book.accounts.get(savers[0]), amount: '5.00', valueDate: day }
    const slip = { purpose: 'education', channel: 'branch' }
    expect((await book.post('/withdrawals', { id: uuid(), ...taken, ...slip })).status).toBe(201)
    await book.deposit({ amount: '7.00', day, reference: 'OP-1' })
    const both = ['C5,00NONREF', 'D5,00NONREF']
    await send(book, { ...told('0,00', ...both), number: '0' })
    await send(book, { ...told('7,00', ...both, 'C7,00OP-1'), number: '0' })
    const open = await found(book, 'statement-overlap-unclear', 'statement')
    expect(open).toMatchObject([{ amount: null }])
    await accept(book, ...open)
    return { proved: day, ledger: '7.00' }
  },

  async currency(book) {
    const dollars = mt940([told('10,00', 'C10,00OP-1')]).replaceAll('PEN', 'USD')
    expect((await book.send(dollars)).status).toBe(201)
    await accept(book, ...(await found(book, 'currency', 'statement')))
    // In the book's currency the bank tells no balance.
    return { untold: day }
  },
}

test.each(breakReasons)(
  '%s is found over HTTP, resolved by two people, and the day then is proved, or broken by that name',
  async reason => {
    const book = await openResolving(service)
    const end = await ways[reason](book)
    expect((await book.match()).told).toMatchObject({ matches: 0, breaksOpened: 0, breaksEnded: 0 })
    expect(await book.breaks()).toEqual([])
    const ended: Found[] = [...(await book.breaks('&status=ended')), ...(await book.breaks('&status=accepted'))]
    expect(ended.map(one => one.reason)).toContain(reason)
    if ('proved' in end) {
      expect(await book.proof(end.proved)).toMatchObject({ status: 'proved', ledger: end.ledger, residue: '0.00' })
    } else if ('untold' in end) {
      expect((await book.proof(end.untold)).status).toBe('not-covered')
    } else {
      const proof = await book.proof(end.broken)
      expect([proof.status, proof.because.map((one: { reason: string }) => one.reason)]).toEqual(['broken', [reason]])
    }
    const { ok, faults } = (await book.get('/verification', await service.key('auditor'))).body
    expect({ ok, faults }).toEqual({ ok: true, faults: [] })
  },
)
