import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, addMonths } from '../../src/dates.ts'
import { changesOf } from '../../src/reconciliation/suspense/suspended.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { openBanking } from './banking.ts'
import { mt940 } from './written.ts'

const clock = testClock('2026-03-31T15:00:00Z')
let service: TestApp

beforeAll(async () => {
  service = await testApp({ clock })
})

afterAll(() => service.close())

async function savings() {
  const banking = await openBanking(service, 'PEN')
  const bankAccountId = await banking.account('191-2345678-0-12')
  const [saverId, savingsAccountId] = [uuid(), uuid()]
  const of = `/bank-accounts/${bankAccountId}`
  async function said(address: string, body: object) {
    const answer = await banking.post(address, body)
    if (answer.status > 201) throw new Error(`${address}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  await said('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
  await said('/savings-accounts', { id: savingsAccountId, saverId, openedOn: '2026-01-05' })
  const { items } = (await banking.get('/accounts?control=1010')).body
  let number = 0
  let balance = 0
  const euro = (cents: number) => (cents / 100).toFixed(2)
  return {
    ...banking,
    ...{ bankAccountId, said, bank: items[0].id as string },
    async moves(path: 'deposits' | 'withdrawals', day: string, cents: number, reference?: string) {
      const body = { id: uuid(), savingsAccountId, amount: euro(cents), valueDate: day, channel: 'branch', reference }
      return banking.post(`/${path}`, path === 'deposits' ? body : { ...body, purpose: 'household' })
    },
    /** The bank's statement of a day; a line is its cents and a reference. */
    async tells(day: string, lines: readonly [cents: number, reference: string][] = []) {
      const comma = (cents: number) => euro(cents).replace('.', ',')
      const opening = balance
      for (const [cents] of lines) balance += cents
      number += 1
      const told = lines.map(([cents, reference]) => `${cents < 0 ? 'D' : 'C'}${comma(Math.abs(cents))}${reference}`)
      const short = day.replaceAll('-', '').slice(2)
      const given = { day: short, number: `${number}`, opening: comma(opening), closing: comma(balance), lines: told }
      const answer = await banking.send(mt940([given]))
      expect(answer.status).toBe(201)
    },
    match: async () => (await said(`${of}/matchings`, { id: uuid() })).told,
    suspense: async () => (await banking.get(`${of}/suspense`)).body,
    breaks: async () => (await banking.get(`${of}/breaks?limit=200`)).body.items,
    proof: async (day: string) => (await banking.get(`${of}/proofs?from=${day}&to=${day}`)).body.items[0],
    bankBalance: () => balance,
    async ledgerBalance(asOf?: string) {
      const query = asOf === undefined ? '' : `?asOf=${asOf}`
      return (await banking.get(`/accounts/${items[0].id}/balance${query}`)).body.posted as string
    },
  }
}

const figures = ({ receipts, payments }: { receipts: { balance: string }; payments: { balance: string } }) => [
  receipts.balance,
  payments.balance,
]

test('what the bank has and nobody recorded stands in suspense until it is recorded', async () => {
  const book = await savings()
  await book.tells('2026-03-02', [
    [12_00, 'OP-1'],
    [-3_00, 'COM'],
  ])
  expect(figures(await book.suspense())).toEqual(['0.00', '0.00'])
  await book.match()
  const suspense = await book.suspense()
  expect(figures(suspense)).toEqual(['12.00', '3.00'])
  expect(suspense.items.map((one: object) => Object.values(one).join(' '))).toEqual([
    'missing-in-ledger line false 2 2026-03-02 12.00 3.00',
  ])
  expect(await book.ledgerBalance()).toBe('9.00')
  expect(await book.proof('2026-03-02')).toMatchObject({
    ...{ status: 'proved', ledger: '9.00', suspense: '9.00', bank: '9.00', residue: '0.00' },
  })
  const before = (await book.get('/transactions?limit=200')).body.items.length
  await book.match()
  expect((await book.get('/transactions?limit=200')).body.items).toHaveLength(before)

  await book.moves('deposits', '2026-03-02', 12_00, 'OP-1')
  expect(await book.ledgerBalance()).toBe('21.00')
  await book.match()
  expect(figures(await book.suspense())).toEqual(['0.00', '3.00'])
  expect([await book.ledgerBalance(), await book.ledgerBalance('2026-03-02')]).toEqual(['9.00', '9.00'])
  expect(await book.proof('2026-03-02')).toMatchObject({ status: 'proved', suspense: '-3.00', residue: '0.00' })
})

test('what the bank has not is in suspense when it is late, and not while it is on its way', async () => {
  const book = await savings()
  await book.moves('deposits', '2026-03-02', 40_00)
  await book.tells('2026-03-03')
  await book.match()
  expect(figures(await book.suspense())).toEqual(['0.00', '0.00'])
  await book.tells('2026-03-25')
  await book.match()
  const { payments, items } = await book.suspense()
  expect([payments.balance, items[0]]).toEqual([
    '40.00',
    {
      reason: 'late-at-bank',
      of: 'entry',
      accepted: false,
      count: 1,
      oldest: '2026-03-02',
      receipts: '0.00',
      payments: '40.00',
    },
  ])
  expect(await book.ledgerBalance()).toBe('0.00')
})

test('what was open in a month that is closed now leaves suspense on the first day that is open', async () => {
  const book = await savings()
  await book.tells('2026-01-20', [[12_00, 'OP-1']])
  await book.match()
  await book.moves('deposits', '2026-01-20', 12_00, 'OP-1')
  for (let month = '2007-01'; month < '2026-03'; month = addMonths(month, 1)) await book.said('/closings', { month })
  await book.match()
  expect(figures(await book.suspense())).toEqual(['0.00', '0.00'])
  expect([await book.ledgerBalance('2026-02-28'), await book.ledgerBalance('2026-03-01')]).toEqual(['24.00', '12.00'])
  expect(await book.proof('2026-01-20')).toMatchObject({
    ...{ status: 'proved', ledger: '24.00', suspense: '12.00', bank: '12.00', residue: '0.00' },
  })
})

test('nobody moves what is in suspense by hand', async () => {
  const book = await savings()
  await book.tells('2026-03-02', [[12_00, 'OP-1']])
  await book.match()
  const { receipts } = await book.suspense()
  const entries = [
    { accountId: receipts.accountId, direction: 'debit', amount: '12.00' },
    { accountId: book.bank, direction: 'credit', amount: '12.00' },
  ]
  const draft = { valueDate: '2026-03-02', entries }
  for (const given of [
    { ...draft, kind: 'adjustment', reason: 'away with it' },
    { ...draft, kind: 'suspense' },
  ]) {
    const answer = await book.post('/transactions', { id: uuid(), ...given })
    expect(answer.status).toBe(given.kind === 'suspense' ? 422 : 409)
  }
  const { items } = (await book.get('/transactions?limit=200')).body
  const suspense = items.find(({ kind }: { kind: string }) => kind === 'suspense')
  const reversal = { id: uuid(), valueDate: '2026-03-02', reason: 'away with it' }
  const answer = await book.post(`/transactions/${suspense.id}/reversal`, reversal)
  expect(answer.body.code).toBe('reversal-not-reversible')
})

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number) {
  let state = seed
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

test.each([1, 2, 3, 4])(
  'whatever comes in whatever order, the ledger is the bank but for what is on its way (%i)',
  async seed => {
    const roll = dice(seed)
    const book = await savings()
    let today = '2026-01-10'
    let reference = 0
    const late: (() => Promise<unknown>)[] = []
    for (let turn = 0; turn < 14; turn++) {
      const lines: [number, string][] = []
      for (let nth = roll(4); nth >= 0; nth--) {
        const [cents, called, day] = [1_00 + roll(50_00), `OP-${reference++}`, today]
        const record = () => book.moves('deposits', day, cents, called)
        const what = roll(5)
        if (what <= 2) await record()
        if (what === 3) late.push(record)
        // Of the fifth sort the bank never hears.
        if (what === 4) await record()
        else lines.push([cents, called])
      }
      if (roll(3) === 0) lines.push([-(1 + roll(3_00)), `COM-${reference++}`])
      await book.tells(today, lines)
      if (roll(2) === 0) await late.shift()?.()
      await book.match()
      const breaks = (await book.breaks()) as { of: string; reason: string; amount: string }[]
      const open = breaks.filter(({ of, reason }) => of !== 'statement' && reason !== 'in-transit')
      const sumOf = (sign: number) =>
        open.reduce((sum, { amount }) => sum + Math.max(0, sign * Math.round(Number(amount) * 100)), 0)
      expect(figures(await book.suspense())).toEqual([sumOf(1), sumOf(-1)].map(cents => (cents / 100).toFixed(2)))
      const onWay = breaks
        .filter(({ reason }) => reason === 'in-transit')
        .reduce((sum, { amount }) => sum - Math.round(Number(amount) * 100), 0)
      expect(await book.ledgerBalance()).toBe(((book.bankBalance() + onWay) / 100).toFixed(2))
      expect(await book.proof(today)).toMatchObject({ status: 'proved', residue: '0.00' })
      today = addDays(today, 1 + roll(6))
    }
    const { body } = await book.get('/verification', await service.key('auditor'))
    expect(body.ok).toBe(true)
  },
)

test('what changes in a closed month, before the account or ahead of today is told on a day that can be posted to', () => {
  const day = (receipts: bigint, on: string) => ({ day: on, receipts, payments: 0n })
  const days = { first: '2026-01-05', last: '2026-03-31', closedThrough: '2026-01-31' }
  expect(changesOf([day(5n, '2026-01-10')], [day(7n, '2026-01-10'), day(1n, '2026-04-01')], days)).toEqual([
    day(2n, '2026-02-01'),
    day(1n, '2026-03-31'),
  ])
  expect(changesOf([day(5n, '2026-01-10')], [day(5n, '2026-01-20')], days)).toEqual([])
  expect(changesOf([], [day(1n, '2025-12-01')], { ...days, closedThrough: null })).toEqual([day(1n, '2026-01-05')])
})
