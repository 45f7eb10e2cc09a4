import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ListFault, mostLines, readList, type Writing } from '../../src/reconciliation/balances/list-csv.ts'

const plain: Writing = { decimal: 'point', encoding: 'utf-8' }

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

function read(file: string | Buffer, writing: Partial<Writing> = {}, size = 7) {
  return readList(inPieces(Buffer.from(file as string), size), { ...plain, ...writing }, 'PEN')
}

async function faultOf(file: string | Buffer, writing: Partial<Writing> = {}): Promise<ListFault> {
  const found = await read(file, writing).catch(error => error)
  expect(found).toBeInstanceOf(ListFault)
  return found
}

const problemsOf = async (file: string | Buffer, writing: Partial<Writing> = {}) =>
  (await faultOf(file, writing)).problems.map(({ row, field, message }) => `${row} ${field}: ${message}`)

const line = (more: object) => ({
  ...{ row: 2, bankAccountNumber: '110-01-2345678', cci: null, told: '0', currency: 'PEN', theirs: 0n },
  ...{ status: null, interest: null, fees: null },
  ...more,
})

describe('a list of balances', () => {
  test('has the names of its columns first, in English or Spanish, whatever divides them', async () => {
    const found = line({ told: '1213.85', theirs: 121385n, status: 'open', interest: 135n, fees: 0n })
    const english =
      'bankAccountNumber,balance,currency,status,interest,fees\n110-01-2345678,1213.85,PEN,open,1.35,0.00\n'
    const spanish =
      '\ufeffN° Cuenta;Saldo;Moneda;Situación;Intereses;Comisión\r\n110-01-2345678;1.213,85;pen;Activa;1,35;0\r\n\r\n'
    expect(await read(english)).toEqual([found])
    expect(await read(spanish, { decimal: 'comma' })).toEqual([found])
    expect(await read(english.replaceAll(',', '\t'))).toEqual([found])
  })

  test('may name accounts by CCI, and be below zero', async () => {
    const list = 'cci;saldo\n011-366-000100032542-21;-5.00\n'
    expect(await read(list)).toEqual([
      line({ bankAccountNumber: null, cci: '01136600010003254221', told: '-5.00', theirs: -500n }),
    ])
  })

  test('tells amounts of another currency as they are, and adds them to nothing', async () => {
    expect(await read('account,balance,currency,interest\n110-01-2345678,12.345,USD,0.001\n')).toEqual([
      line({ told: '12.345', currency: 'USD', theirs: null }),
    ])
  })

  test('is refused whole, with every line that is wrong and why', async () => {
    const list = [
      'bankAccountNumber,balance,currency,status,interest,fees',
      ',1.00,,,,',
      '110,1.00,,,,',
      '1.1001E+12,1.00,,,,',
      '110-01-2345678,,,,,',
      '110-01-2345678,12.5O,soles,,-1.00,',
      '110-01-2345678,1.005,,ok,0.001,x',
      '110-01-2345678,1.00,,,,,more',
      '110-01-2345678,12345678901234.00,,,,',
      '110-01-2345679,1.00,,,,',
    ].join('\n')
    const fault = await faultOf(list)
    expect([fault.lines, fault.refusedLines, fault.problemCount]).toEqual([9, 8, 13])
    expect(await problemsOf(list)).toEqual([
      '2 bankAccountNumber: is needed',
      '3 bankAccountNumber: must be 4 to 60 letters, digits, blanks, dots, slashes or hyphens',
      '4 bankAccountNumber: was made a power of ten by a spreadsheet',
      '5 balance: is needed',
      '6 currency: must be three letters, as PEN',
      '6 balance: is no amount with a decimal point',
      '6 interest: must not be below zero',
      '7 status: is none of open, blocked, closed (activa, bloqueada, cancelada)',
      '7 balance: has more than the 2 decimals of PEN',
      '7 interest: has more than the 2 decimals of PEN',
      '7 fees: is no amount with a decimal point',
      '8 null: has more cells than the table has columns',
      '9 balance: has more than 13 digits',
    ])
  })

  test('that is wrong in every line tells a hundred problems, and counts them all', async () => {
    const fault = await faultOf(`account,balance\n${'110-01-2345678,x\n'.repeat(250)}`)
    expect([fault.problems.length, fault.problemCount, fault.refusedLines]).toEqual([100, 250, 250])
  })

  test.each([
    [
      'of which an amount might be a thousand times itself',
      'account,balance\n110-01-2345678,"1,000"\n',
      'is no amount',
    ],
    ['grouped wrong', 'account,balance\n110-01-2345678,"1,00,000.00"\n', 'is no amount'],
    ['with a decimal comma that was not told of', 'account;balance\n110-01-2345678;12,50\n', 'is no amount'],
    ['without lines', 'account,balance\n', '1 null: there is no line in it'],
    ['with nothing in it', '\n\n', '1 null: there is no line in it'],
    ['without balances', 'account,currency\n110-01-2345678,PEN\n', '1 null: there is no column balance'],
    ['without accounts', 'balance\n1.00\n', '1 null: there is no column bankAccountNumber'],
    ['with two of a column', 'cuenta,account,saldo\na,b,c\n', '1 null: two columns are bankAccountNumber'],
    ['with a column of no known name', 'account,balance,branch\na,b,c\n', '1 null: column 3 has none of the names'],
    ['whose quote does not end', 'account,balance\n"110-01-2345678,1.00\n', '2 null: this is no CSV'],
    ['that has a zero byte', 'account,balance\n110-01-2345678,1.00\0\n', '2 null: the line has a byte of zero'],
  ])('%s is refused', async (_, list, problem) => {
    expect((await problemsOf(list)).join()).toContain(problem)
  })

  test('in Latin-1 is read when that is told, and is else refused with its line', async () => {
    const list = Buffer.from('cuenta;saldo;situaci\xf3n\n110-01-2345678;1.00;activa\n', 'latin1')
    expect(await problemsOf(list)).toEqual(['1 null: the line is not UTF-8, as it was said to be'])
    expect(await read(list, { encoding: 'latin1' })).toEqual([line({ told: '1.00', theirs: 100n, status: 'open' })])
  })

  test('has so many lines and no more', async () => {
    const rows = (count: number) => Buffer.from(`cuenta;saldo\n${'110-01-2345678;1.00\n'.repeat(count)}`)
    expect((await read(rows(mostLines), {}, 65_536)).length).toBe(mostLines)
    const fault = await readList(inPieces(rows(mostLines + 1), 65_536), plain, 'PEN').catch(error => error)
    expect(fault.problems).toEqual([
      { row: mostLines + 2, field: null, message: `there are more than ${mostLines} lines` },
    ])
  })

  test('tells the same money however it is written and cut into pieces', async () => {
    const cents = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n })
    const marks = fc.constantFrom<[Writing['decimal'], string, string]>(['point', '.', ','], ['comma', ',', '.'])
    await fc.assert(
      fc.asyncProperty(
        cents,
        marks,
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (amount, mark, grouped, size) => {
          const [decimal, point, group] = mark
          const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0')
          const whole = digits.slice(0, -2)
          const shown = grouped ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, group) : whole
          const text = `${amount < 0n ? '-' : ''}${shown}${point}${digits.slice(-2)}`
          const [found] = await read(`cuenta;saldo\n110-01-2345678;${text}\n`, { decimal }, size)
          expect(found!.theirs).toBe(amount)
        },
      ),
      { numRuns: 200 },
    )
  })
})
