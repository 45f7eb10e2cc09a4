import { expect, test } from 'vitest'
import { camt053 } from '../../src/reconciliation/out/camt053.ts'
import { readCamt } from '../../src/reconciliation/statements/camt.ts'
import { readMt940 } from '../../src/reconciliation/statements/mt940.ts'
import type { Statement, StatementLine } from '../../src/reconciliation/statements/statement.ts'
import { sumsOf } from '../../src/reconciliation/statements/sums.ts'
import { allOf, bytesOf, sample } from './reading.ts'

const heading = { messageId: 'M-1', createdAt: new Date('2026-01-03T05:00:00Z') }

const line: StatementLine = {
  number: 1,
  where: '',
  money: { amount: '12.50', currency: 'PEN', side: 'credit' },
  status: 'booked',
  isReversal: false,
  bookingDate: '2026-01-02',
  valueDate: '2026-01-02',
  reference: 'R<1>',
  endToEndId: 'E&1',
  code: 'PMNT/RCDT/OTHR',
  counterparty: 'Juana Condori Huamán',
  counterpartyAccount: '191-123',
  text: 'cuota 1\nde enero',
  details: [],
}

const statement: Statement = {
  kind: 'statement',
  id: 'S-1',
  number: '7',
  account: '191-1',
  currency: 'PEN',
  from: '2026-01-02',
  to: '2026-01-02',
  createdAt: '2026-01-03T00:00:00-05:00',
  balances: [
    { kind: 'opening', money: { amount: '0.00', currency: 'PEN', side: 'credit' }, date: '2026-01-02' },
    { kind: 'closing', money: { amount: '1.00', currency: 'PEN', side: 'debit' }, date: '2026-01-02' },
  ],
  lines: [
    line,
    { ...line, number: 2, money: { ...line.money, side: 'debit' }, isReversal: true, code: 'FEE', valueDate: null },
    { ...line, number: 3, status: 'pending', code: null, counterpartyAccount: 'NL14SNSB0012345678', text: '' },
    {
      ...line,
      number: 4,
      money: { amount: '1.00', currency: 'PEN', side: 'debit' },
      counterparty: null,
      counterpartyAccount: null,
      text: 'sheet 12',
      details: ['0.25', '0.75'].map(amount => ({
        money: { amount, currency: 'PEN', side: 'debit' },
        reference: `D-${amount}`,
        endToEndId: null,
        counterparty: 'Rosa',
        counterpartyAccount: null,
        text: 'retiro',
      })),
    },
  ],
  warnings: [],
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

function withoutPlaces(statements: readonly Statement[]) {
  return statements.map(({ lines, ...rest }) => ({ ...rest, lines: [...lines].map(({ where: _, ...other }) => other) }))
}

test('what is written is read again as the same statement, without a warning', async () => {
  const xml = await textOf(camt053([statement, { ...statement, id: 'S-2', number: '8/2' }], heading))
  const read = await allOf(readCamt(bytesOf(xml, 500)))
  expect(withoutPlaces(read)).toEqual(withoutPlaces([statement, { ...statement, id: 'S-2', number: '8/2' }]))
  expect(sumsOf(read[0]!)).toMatchObject({ closing: '-1.00', isBalanced: true })
})

test('statements of banks are written with the sums that they were read with', async () => {
  const statements = [
    ...(await allOf(readMt940(sample('mt940/interim-balances.txt')))).map(found => ({ ...found, number: null })),
    ...(await allOf(readCamt(sample('camt/two-statements.camt053.v2.xml')))),
  ]
  const read = await allOf(readCamt(bytesOf(await textOf(camt053(statements, heading)), 5_000)))
  expect(read.map(sumsOf)).toEqual(statements.map(sumsOf))
  expect(read.flatMap(({ warnings }) => warnings)).toEqual([])
})

test('a text that is too long for one field is cut in several, and what XML cannot hold is marked', async () => {
  const long = { ...statement, lines: [{ ...line, text: `${'ñ'.repeat(200)}\u0007` }] }
  const [read] = await allOf(readCamt(bytesOf(await textOf(camt053([long], heading)), 500)))
  expect(read!.lines[0]!.text).toBe(`${'ñ'.repeat(140)}\n${'ñ'.repeat(60)}?`)
})

test('a reference that is too long is never cut', async () => {
  const long = { ...statement, lines: [{ ...line, reference: 'x'.repeat(36) }] }
  await expect(textOf(camt053([long], heading))).rejects.toThrow('no reference of 1 to 35 letters')
})
