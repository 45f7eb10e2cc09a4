import { expect, test } from 'vitest'
import { readMt940 } from '../../src/reconciliation/statements/mt940.ts'
import { sumsOf } from '../../src/reconciliation/statements/sums.ts'
import { allOf, bytesOf, faultOf, movements, sample } from './reading.ts'

/** A message of one account, with these lines between its balances. */
function message(lines: string[], opening = 'C251230PEN100,00', closing = 'C260102PEN100,00'): string {
  return [':20:M1', ':25:CAJA/191', ':28C:7/1', `:60F:${opening}`, ...lines, `:62F:${closing}`, '-', ''].join('\r\n')
}

async function only(text: string | Uint8Array) {
  const [statement, ...others] = await allOf(readMt940(bytesOf(text)))
  expect(others).toEqual([])
  return statement!
}

test('26 statements of one file are read, with 97 lines, and all balance', async () => {
  const statements = await allOf(readMt940(sample('mt940/sepa-26-statements.sta')))
  expect(statements.map(({ lines }) => lines.length).reduce((sum, count) => sum + count, 0)).toBe(97)
  expect(statements.map(statement => sumsOf(statement).isBalanced)).toEqual(Array(26).fill(true))
  expect(statements.flatMap(({ warnings }) => warnings)).toEqual([])
  expect(statements[0]!.lines[5]).toMatchObject({
    where: 'line 19',
    isReversal: true,
    money: { amount: '204.88', currency: 'EUR', side: 'debit' },
  })
})

test('a day that no calendar has is refused with its line', async () => {
  expect(await faultOf(readMt940(sample('mt940/february-30.sta')))).toEqual({
    where: 'line 6',
    message: 'the value date "160230" is no day of the calendar',
  })
})

test('a statement that does not balance is read, and says by how much', async () => {
  const [statement] = await allOf(readMt940(sample('mt940/unbalanced.sta')))
  expect(sumsOf(statement!)).toEqual({
    currency: 'EUR',
    opening: '766656.49',
    closing: '1125250.4',
    credits: '50990.05',
    debits: '0',
    booked: 1,
    inOtherCurrencies: [],
    residue: '307603.86',
    isBalanced: false,
  })
  expect(statement!.account).toBe('50880050/0194787400888')
  expect(statement!.warnings[0]).toEqual({ where: 'line 6', message: ':25: is given again, and was not taken' })
})

test('Latin-1 is read as such, and a closing balance of 31 November is told, for no money hangs on its day', async () => {
  const [statement] = await allOf(readMt940(sample('mt940/latin1.txt')))
  expect(statement!.lines[1]).toMatchObject({
    counterparty: 'MÜLLER',
    text: 'Gehalt OktoberFirmaMüstermannGmbH\nÜBERWEISUNG',
  })
  expect(statement!.balances[1]).toMatchObject({ kind: 'closing', date: null })
  expect(statement!.warnings.map(({ where }) => where)).toEqual(['line 15'])
  expect(sumsOf(statement!).isBalanced).toBe(true)
})

test('interim balances are kept as such, and a page balances from one to the next', async () => {
  const statements = await allOf(readMt940(sample('mt940/interim-balances.txt')))
  expect(statements.map(({ balances }) => balances.map(({ kind }) => kind))).toEqual([
    ['opening', 'closing'],
    ['opening', 'closing'],
    ['interim-opening', 'closing', 'available'],
  ])
  const page = message([':61:260102D1,00NMSCNONREF'], 'C260102PEN5,', 'C260102PEN4,').replaceAll(/(6[02])F/g, '$1M')
  expect(sumsOf(await only(page))).toMatchObject({ opening: '5', closing: '4', isBalanced: true })
})

test('an entry date has no year, and takes the nearest, before and after the turn of the year', async () => {
  const statement = await only(
    message([
      ':61:2512310102C1,00NTRFA//B',
      ':61:2601021231C2,00NTRFA//B',
      ':61:260102C3,00NTRFA//B',
      ':61:2402280229C4,00NTRFA//B',
    ]),
  )
  expect(movements(statement)).toEqual([
    'credit 1.00 PEN 2026-01-02/2025-12-31 booked',
    'credit 2.00 PEN 2025-12-31/2026-01-02 booked',
    'credit 3.00 PEN null/2026-01-02 booked',
    'credit 4.00 PEN 2024-02-29/2024-02-28 booked',
  ])
})

test('reversals turn the side, expected lines do not count, decimals are kept and funds codes passed over', async () => {
  const statement = await only(
    message([
      ':61:260102RC1,5NTRFNONREF',
      ':61:260102RDN0002,125NTRFNONREF',
      ':61:260102EC70,00NTRFNONREF',
      ':61:260102DR0,NTRFNONREF',
      ':61:260102CR00,625NTRFNONREF',
    ]),
  )
  expect(movements(statement)).toEqual([
    'debit 1.5 PEN null/2026-01-02 booked reversal',
    'credit 2.125 PEN null/2026-01-02 booked reversal',
    'credit 70.00 PEN null/2026-01-02 pending',
    'debit 0 PEN null/2026-01-02 booked',
    'credit 0.625 PEN null/2026-01-02 booked',
  ])
  expect(sumsOf(statement)).toMatchObject({
    credits: '2.750',
    debits: '1.5',
    booked: 4,
    residue: '-1.250',
    isBalanced: false,
  })
})

test('references and texts come of all three ways of writing them', async () => {
  const { lines } = await only(
    message([
      ':61:260102C1,00NTRFOUR/REF-1//BANK-1',
      'EXTRA',
      ':86:deposit of Juana',
      'Condori',
      ':61:260102C1,00N051NONREF',
      ':86:166?00GUTSCHRIFT?20EREF+E2E 1?21 tail?22SVWZ+Group?23 slip?31PE12?32JUANA ?33CONDORI',
      ':61:260102C1,00NTRFNONREF//BANK-3',
      ':86:/EREF/E2E-3/CNTP/NL01/ABNANL2A/Caja///REMI/USTD//slip 4/',
    ]),
  )
  expect(lines.map(({ number: _, where: __, money: ___, ...line }) => line)).toMatchObject([
    { reference: 'BANK-1', endToEndId: 'OUR/REF-1', code: 'NTRF', text: 'deposit of Juana\nCondori\nEXTRA' },
    {
      reference: null,
      endToEndId: 'E2E 1 tail',
      counterparty: 'JUANA CONDORI',
      counterpartyAccount: 'PE12',
      text: 'Group slip\nGUTSCHRIFT',
    },
    { reference: 'BANK-3', endToEndId: 'E2E-3', counterparty: 'Caja', counterpartyAccount: 'NL01', text: 'slip 4' },
  ])
})

test('blocks of an envelope are taken off, on lines of their own or on one', async () => {
  const body = message([]).replace('\r\n-\r\n', '')
  const enveloped = `{1:F01BANK}{2:I940BANKN}{4:\r\n${body}\r\n-}{5:{CHK:1}}{1:F01BANK}{2:I940BANKN}{4:${body}\n-}`
  expect((await allOf(readMt940(bytesOf(enveloped)))).map(({ id, number }) => [id, number])).toEqual([
    ['M1', '7/1'],
    ['M1', '7/1'],
  ])
})

test('an MT942 is a notice, and its totals are compared with its lines', async () => {
  const text = [
    ':20:N1',
    ':25:CAJA/191',
    ':28C:7/1',
    ':34F:PEND0,',
    ':13D:2601021530-0500',
    ':61:260102C1,50NTRFNONREF',
    ':90D:0PEN0,',
    ':90C:2PEN1,50',
    '-',
  ].join('\n')
  expect(await only(text)).toMatchObject({
    kind: 'notice',
    currency: 'PEN',
    createdAt: '2601021530-0500',
    balances: [],
    warnings: [{ where: 'line 8', message: 'the lines are 1 of 1.50, the total says 2 of 1.50' }],
  })
})

test.each([
  ['a file without its end', message([]).split(':62F')[0]!, 'line 1', 'no closing balance'],
  ['a file of another kind', 'Fecha;Importe\n', 'line 1', 'no field'],
  ['an empty file', '', 'line 1', 'no statement'],
  ['zero bytes', `:20:\0\n`, 'line 1', 'byte of zero'],
  ['a message without its account', message([]).replace(':25:', ':21:'), 'line 1', 'no account'],
  [
    'a line before any balance',
    message([]).replace(':60F:', ':61:260101C1,00NTRF\r\n:60F:'),
    'line 4',
    'before any balance',
  ],
  [
    'a line after the closing',
    message([]).replace('\r\n-', '\r\n:61:260102C1,00NTRF\r\n-'),
    'line 6',
    'after the closing',
  ],
  ['a second opening', message([':60F:C251230PEN1,00']), 'line 5', 'opening balance already'],
  ['two currencies', message([], 'C251230PEN1,00', 'C260102USD1,00'), 'line 5', 'closes in USD'],
  ['a decimal point', message([':61:260102C1.00NTRF']), 'line 5', 'no amount'],
  ['no side', message([':61:2601021,00NTRF']), 'line 5', 'no line of a statement'],
  ['no such entry date', message([':61:2601020230C1,00NTRF']), 'line 5', 'no entry date'],
  ['a line without end', `:20:M1${'x'.repeat(300_000)}`, 'line 1', 'longer than'],
])('%s is refused, with its line', async (_, text, where, message) => {
  const fault = await faultOf(readMt940(bytesOf(text, 4096)))
  expect(fault.where).toBe(where)
  expect(fault.message).toContain(message)
})
