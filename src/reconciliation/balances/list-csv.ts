import type { AccountStatus } from '../../ledger/index.ts'
import type { Amount, Currency } from '../../money.ts'
import { linesOf, type TextLine } from '../statements/lines.ts'
import { type Row, recordsOf } from '../statements/profile-rows.ts'
import { FileFault } from '../statements/statement.ts'
import { amountOf, cciOf, currencyOf, decimalReader, numberOf, type Read, statusOf } from './cells.ts'
import type { DecimalMark, ListEncoding } from './outcomes.ts'

/** As many lines as a list may have, and as many problems of it as are told. */
export const mostLines = 200_000
export const mostProblems = 100

/** A line as the bank told it; amounts of another currency than the book's are in `told` alone. */
export type ToldLine = {
  row: number
  bankAccountNumber: string | null
  cci: string | null
  /** The balance as a decimal string. */
  told: string
  currency: string
  theirs: Amount | null
  status: AccountStatus | null
  interest: Amount | null
  fees: Amount | null
}

/** How a list is written. */
export type Writing = { decimal: DecimalMark; encoding: ListEncoding }

export type Problem = { row: number; field: string | null; message: string }

/** What is wrong with a list: the first problems, how many there are in all, and in how many lines. */
export class ListFault extends Error {
  readonly lines: number
  readonly refusedLines: number
  readonly problemCount: number
  readonly problems: readonly Problem[]

  constructor(found: Pick<ListFault, 'lines' | 'refusedLines' | 'problemCount' | 'problems'>) {
    super('the list cannot be read')
    this.lines = found.lines
    this.refusedLines = found.refusedLines
    this.problemCount = found.problemCount
    this.problems = found.problems
  }
}

/** Columns by our name, with what banks write in their place. */
const columnNames = {
  bankAccountNumber: ['bankaccountnumber', 'cuenta', 'numero de cuenta', 'nro cuenta', 'n° cuenta', 'account'],
  cci: ['cci', 'codigo de cuenta interbancario'],
  balance: ['balance', 'saldo', 'saldo contable'],
  currency: ['currency', 'moneda'],
  status: ['status', 'estado', 'situacion'],
  interest: ['interest', 'interes', 'intereses'],
  fees: ['fees', 'comision', 'comisiones'],
} as const
type ColumnName = keyof typeof columnNames

const nameOf = new Map(
  Object.entries(columnNames).flatMap(([name, written]) => written.map(one => [one as string, name as ColumnName])),
)

/**
 * Reads a bank's list of accounts: the names of the columns in the first row that is not blank, and a line each below. It is read
 * to its end whatever is wrong with it, so that all of it can be mended at once.
 * @throws ListFault with the rows and the reasons, when anything is wrong
 */
export async function readList(
  bytes: AsyncIterable<Uint8Array>,
  { decimal, encoding }: Writing,
  currency: Currency,
): Promise<ToldLine[]> {
  const lines: ToldLine[] = []
  const problems: Problem[] = []
  const columns: (ColumnName | undefined)[] = []
  let [problemCount, refused, count] = [0, 0, 0]
  function wrong(found: readonly Problem[]): void {
    problemCount += found.length
    refused += 1
    problems.push(...found.slice(0, mostProblems - problems.length))
  }
  const read = lineReader(decimalReader(decimal), currency)
  try {
    for await (const { line: row, cells } of rowsOf(bytes, encoding)) {
      if (columns.length === 0) {
        columns.push(...columnsOf(row, cells))
        continue
      }
      count += 1
      if (count > mostLines) throw new FileFault(`line ${row}`, `there are more than ${mostLines} lines`)
      const line = read(row, columns, cells)
      if (Array.isArray(line)) wrong(line)
      else lines.push(line)
    }
    if (count === 0) wrong([{ row: 1, field: null, message: 'there is no line in it' }])
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    wrong([{ row: Number(error.where.replace('line ', '')), field: null, message: error.message }])
  }
  if (problemCount > 0) throw new ListFault({ lines: count, refusedLines: refused, problemCount, problems })
  return lines
}

/** What divides cells is the first of the three that there is in the first row. */
async function* rowsOf(bytes: AsyncIterable<Uint8Array>, encoding: ListEncoding): AsyncGenerator<Row> {
  const lines = linesOf(bytes, encoding)
  const held: TextLine[] = []
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    held.push(next.value)
    if (next.value.text.trim() !== '') break
  }
  async function* all(): AsyncGenerator<TextLine> {
    yield* held
    yield* lines
  }
  yield* recordsOf(all(), /[,;\t]/.exec(held.at(-1)?.text ?? '')?.[0] ?? ',')
}

function columnsOf(row: number, cells: readonly string[]): (ColumnName | undefined)[] {
  const columns = cells.map(cell => nameOf.get(folded(cell)))
  const known = Object.keys(columnNames).join(', ')
  const [twice] = columns.filter((name, place) => name !== undefined && columns.indexOf(name) !== place)
  if (twice !== undefined) throw new FileFault(`line ${row}`, `two columns are ${twice}`)
  const unknown = columns.findIndex((name, place) => name === undefined && cells[place] !== '')
  if (unknown !== -1) throw new FileFault(`line ${row}`, `column ${unknown + 1} has none of the names ${known}`)
  if (!columns.includes('balance')) throw new FileFault(`line ${row}`, 'there is no column balance')
  if (!columns.includes('bankAccountNumber') && !columns.includes('cci'))
    throw new FileFault(`line ${row}`, 'there is no column bankAccountNumber, and none cci')
  return columns
}

function folded(name: string): string {
  const plain = name.normalize('NFD').replaceAll(/\p{M}/gu, '')
  return plain
    .toLowerCase()
    .replaceAll(/[\s._]+/g, ' ')
    .trim()
}

function lineReader(decimal: (text: string) => Read<string>, ofBook: Currency) {
  return (
    row: number,
    columns: readonly (ColumnName | undefined)[],
    cells: readonly string[],
  ): ToldLine | Problem[] => {
    const problems: Problem[] = []
    const extra = cells.findIndex((cell, place) => cell !== '' && columns[place] === undefined)
    if (extra !== -1) problems.push({ row, field: null, message: 'has more cells than the table has columns' })

    function read<Value>(field: ColumnName, reader: (text: string) => Read<Value>): Value | null {
      const place = columns.indexOf(field)
      const text = place === -1 ? '' : (cells[place] ?? '')
      if (text === '') return null
      const found = reader(text)
      if ('value' in found) return found.value
      problems.push({ row, field, message: found.fault })
      return null
    }
    function ofBookIn(text: string): Read<Amount> {
      const found = decimal(text)
      return 'fault' in found ? found : amountOf(found.value, ofBook)
    }
    function notNegative(text: string): Read<Amount> {
      const found = ofBookIn(text)
      return 'value' in found && found.value < 0n ? { fault: 'must not be below zero' } : found
    }

    const before = problems.length
    const bankAccountNumber = read('bankAccountNumber', numberOf)
    const cci = read('cci', cciOf)
    if (bankAccountNumber === null && cci === null && problems.length === before)
      problems.push({ row, field: 'bankAccountNumber', message: 'is needed' })
    const currency = read('currency', currencyOf) ?? ofBook
    const status = read('status', statusOf)
    const isOurs = currency === ofBook
    const given = problems.length
    const told = read('balance', decimal)
    if (told === null && problems.length === given) problems.push({ row, field: 'balance', message: 'is needed' })
    const theirs = told === null || !isOurs ? null : read('balance', ofBookIn)
    const interest = isOurs ? read('interest', notNegative) : null
    const fees = isOurs ? read('fees', notNegative) : null
    if (problems.length > 0) return problems
    return { row, bankAccountNumber, cci, told: told!, currency, theirs, status, interest, fees }
  }
}
