import { expect, test } from 'vitest'
import { holdLines } from '../../src/reconciliation/statements/held-lines.ts'
import { readMt940 } from '../../src/reconciliation/statements/mt940.ts'
import type { StatementLine } from '../../src/reconciliation/statements/statement.ts'
import { bytesOf, faultOf } from './reading.ts'

function lineAt(number: number): StatementLine {
  return {
    number,
    where: `line ${number}`,
    money: { amount: `${number}.10`, currency: 'PEN', side: number % 2 === 0 ? 'credit' : 'debit' },
    status: 'booked',
    isReversal: false,
    bookingDate: '2026-03-02',
    valueDate: null,
    reference: `OP-${number}`,
    endToEndId: null,
    code: null,
    counterparty: 'Ñusta "la mayor"\n',
    counterpartyAccount: '\ud800',
    text: 'DEPOSITO EN EFECTIVO',
    details: [],
  }
}

test('lines that are held are the same each time, however many', () => {
  for (const count of [0, 1, 499, 500, 501, 1_700]) {
    const [lines, held] = [Array.from({ length: count }, (_, place) => lineAt(place + 1)), holdLines()]
    for (const line of lines) held.push(line)
    expect([held.length, [...held], [...held]]).toEqual([count, lines, lines])
  }
})

test('what would never end is refused: rows of a field, balances of a statement', async () => {
  const head = ':20:X\n:25:1\n:60F:C260302PEN0,00\n'
  const rows = `${head}:61:260302C1,00NTRFX\n:86:${'text\n'.repeat(2_000)}`
  expect((await faultOf(readMt940(bytesOf(rows, 4096)))).message).toMatch(/more rows than any field/)
  const balances = head + ':65:C260302PEN0,00\n'.repeat(1_500)
  expect((await faultOf(readMt940(bytesOf(balances, 4096)))).message).toMatch(/more balances than any statement/)
})
