import { expect, test } from 'vitest'
import { readByProfile } from '../../src/reconciliation/statements/profile.ts'
import { type Profile, profileSchema } from '../../src/reconciliation/statements/profile-shape.ts'
import { exampleProfiles } from '../../src/reconciliation/statements/profiles.ts'
import { sumsOf } from '../../src/reconciliation/statements/sums.ts'
import { allOf, bytesOf, faultOf, movements } from './reading.ts'

const [peruvian, newestFirst, fixed] = exampleProfiles.map(profile => profileSchema.parse(profile)) as [
  Profile,
  Profile,
  Profile,
]

const peruvianFile = [
  'Estado de cuenta;;;;;;',
  'Cuenta;191-1234567-0-55;;Moneda;PEN',
  'Saldo inicial;1.000,00',
  'Saldo final;S/ 1.249,50',
  '',
  'Fecha;Fecha valor;Descripción;N° operación;Cargo;Abono;Saldo',
  '05/01/2026;05/01/2026;"Depósito ""Las Flores""; cuota 1";000123;;250,00;1.250,00',
  '05/01/2026;06/01/2026;Comisión;000124;0,50;;1.249,50',
  '06/01/2026;;Prueba;000125;;0,00;1.249,50',
  ';;TOTAL;;0,50;250,00;',
  'Gracias por su preferencia',
].join('\r\n')

const newestFile = [
  'Date,Description,Note,Name,Reference,Amount,Balance',
  '2026-01-07 10:00,Withdrawal,,ROSA,R2,"-1,000.25",-250.00',
  '2026-01-06 09:30,Deposit,"slip 4\nof two rows",JUANA,R1,750.25,750.25',
].join('\n')

const fixedFile = [
  `${'19100001'.padEnd(20)}PEN000042${'10000'.padStart(15, '0')}${'8750'.padStart(15, '0')}`,
  `2026010520260105${'250'.padStart(15, '0')}C${'OP1'.padEnd(10)}Depósito`,
  `2026010620260106${'1500'.padStart(15, '0')}D${'OP2'.padEnd(10)}Retiro`,
  'TOTAL',
].join('\n')

async function only(file: string | Uint8Array, profile: Profile) {
  const [statement] = await allOf(readByProfile(bytesOf(file), profile))
  return statement!
}

test('a Peruvian CSV with columns of charges and credits is read by data alone', async () => {
  const statement = await only(peruvianFile, peruvian)
  expect(movements(statement)).toEqual([
    'credit 250.00 PEN 2026-01-05/2026-01-05 booked',
    'debit 0.50 PEN 2026-01-05/2026-01-06 booked',
    'credit 0.00 PEN 2026-01-06/null booked',
  ])
  expect(statement).toMatchObject({
    account: '191-1234567-0-55',
    currency: 'PEN',
    from: '2026-01-05',
    to: '2026-01-06',
    warnings: [],
  })
  expect(statement.lines[0]).toMatchObject({ reference: '000123', text: 'Depósito "Las Flores"; cuota 1' })
  expect(sumsOf(statement)).toMatchObject({ opening: '1000.00', closing: '1249.50', residue: '0.00', isBalanced: true })
})

test('the same file in Latin-1 is the same statement', async () => {
  expect(await only(Buffer.from(peruvianFile, 'latin1'), peruvian)).toEqual(
    await only(`\ufeff${peruvianFile}`, peruvian),
  )
})

test('of a file with the newest first, opening and closing are computed of the balances beside its lines', async () => {
  const statement = await only(newestFile, newestFirst)
  expect(movements(statement)).toEqual([
    'debit 1000.25 PEN 2026-01-07/null booked',
    'credit 750.25 PEN 2026-01-06/null booked',
  ])
  expect(statement.lines[1]!.text).toBe('Deposit\nslip 4\nof two rows')
  expect(sumsOf(statement)).toMatchObject({ opening: '0.00', closing: '-250.00', isBalanced: true })
})

test('fixed width has centavos without a point, marks of credit and debit, and says in its first row what it is', async () => {
  const statement = await only(Buffer.from(fixedFile, 'latin1'), fixed)
  expect(movements(statement)).toEqual([
    'credit 2.50 PEN 2026-01-05/2026-01-05 booked',
    'debit 15.00 PEN 2026-01-06/2026-01-06 booked',
  ])
  expect(statement).toMatchObject({ account: '19100001', number: '000042' })
  expect(statement.lines[0]).toMatchObject({ reference: 'OP1', text: 'Depósito' })
  expect(sumsOf(statement)).toMatchObject({ opening: '100.00', closing: '87.50', isBalanced: true })
})

test('rows that are pending do not count', async () => {
  const profile: Profile = { ...newestFirst, pending: { column: { name: 'Note' }, values: ['pending'] } }
  const statement = await only(
    newestFile.replace('Withdrawal,,', 'Withdrawal,pending,').replace(',-250.00', ','),
    profile,
  )
  expect(sumsOf(statement)).toMatchObject({ opening: '0.00', closing: '750.25', booked: 1, isBalanced: true })
})

test('a balance beside a line that does not go on from the last is told with its column', async () => {
  const statement = await only(peruvianFile.replace(';;250,00;1.250,00', ';;250,00;1.240,00'), peruvian)
  expect(statement.warnings).toEqual([
    { where: 'line 8, column 7 (Saldo)', message: 'the balance beside the line is 1249.50, the lines come to 1239.50' },
  ])
})

const changed = (from: string, to: string) => peruvianFile.replace(from, to)
test.each([
  ['an amount with a point for decimals', changed(';;250,00;', ';;250.00;'), 'line 7, column 6 (Abono)', 'no amount'],
  ['thousands in groups of two', changed('1.000,00', '10.00,00'), 'line 3, column 2', 'no amount'],
  ['another number of decimals', changed(';;250,00;', ';;250,5;'), 'line 7, column 6 (Abono)', '1 decimals, not 2'],
  ['both sides', changed(';;250,00;', ';1,00;250,00;'), 'line 7, column 5 (Cargo)', 'both sides'],
  ['a minus in a column of its own', changed(';0,50;;', ';-0,50;;'), 'line 8, column 5 (Cargo)', 'sign'],
  ['no amount', changed(';;250,00;', ';;;'), 'line 7, column 6 (Abono)', 'no amount'],
  ['30 February', changed('05/01/2026;05', '30/02/2026;05'), 'line 7, column 1 (Fecha)', 'no day'],
  ['no date', changed('05/01/2026;05', ';05'), 'line 7, column 1 (Fecha)', 'no date'],
  ['another total', changed('TOTAL;;0,50', 'TOTAL;;0,60'), 'line 10, column 5 (Cargo)', 'the lines come to 0.50'],
  ['no total', changed(';;TOTAL;;0,50;250,00;\r\nGracias por su preferencia', ''), 'line 9', 'not whole'],
  ['a line after the totals', changed('Gracias', '07/01/2026;'), 'line 11, column 1 (Fecha)', 'after the totals'],
  ['a column that is missing', changed('Abono', 'Importe'), 'line 6', 'no column "Abono"'],
  ['a column that is twice there', changed('Cargo;Abono', 'Abono;Abono'), 'line 6', 'several columns "Abono"'],
  ['no currency', changed('Moneda;PEN', 'Moneda;soles'), 'line 2, column 5', 'no currency'],
  ['a quote without end', changed('cuota 1"', 'cuota 1'), 'line 7', 'no CSV'],
  ['an empty file', '', 'line 1', 'before its lines begin'],
])('%s is refused, with line and column', async (_, file, where, message) => {
  const fault = await faultOf(readByProfile(bytesOf(file), peruvian))
  expect(fault.message).toContain(message)
  expect(fault.where).toBe(where)
})

test('bytes that are not in the encoding of the profile are refused, with their line', async () => {
  const profile: Profile = { ...peruvian, encoding: 'utf-8' }
  expect(await faultOf(readByProfile(bytesOf(Buffer.from(peruvianFile, 'latin1')), profile))).toMatchObject({
    where: 'line 6',
  })
})

test.each([
  [{ decimal: { point: ',', grouping: ',' } }, 'the point cannot group'],
  [{ decimal: { point: null, decimals: null } }, 'the number of decimals'],
  [{ dateFormat: 'dd/mm' }, 'must have dd, mm and yyyy'],
  [{ dateFormat: 'dd/mm/yyyy hh' }, 'must have dd, mm and yyyy'],
  [{ opening: 'computed', columns: { bookingDate: { name: 'Fecha' } } }, 'running balance'],
  [{ layout: { kind: 'fixed' } }, 'the layout does not have'],
  [{ colour: 'red' }, 'Unrecognized key'],
])('a profile that makes no sense is refused: %j', (change, message) => {
  expect(() => profileSchema.parse({ ...exampleProfiles[0], ...change })).toThrow(message)
})
