import { difference, isZero, negated, signed, sumOf } from './decimals.ts'
import { type HeldLines, holdLines } from './held-lines.ts'
import { amountReader, dayReader, movementReader, shown } from './profile-cells.ts'
import { type Cell, cellOf, type Header, headerOf, type Row, rowsOf } from './profile-rows.ts'
import { type Column, columnsOf, type Profile, type Source } from './profile-shape.ts'
import {
  type Balance,
  FileFault,
  type Money,
  type Statement,
  type StatementLine,
  type Warning,
  warn,
} from './statement.ts'
import { totalsOf } from './sums.ts'

type Running = { balance: string; moved: string }

/** A file while it is read. */
type Reading = {
  profile: Profile
  /** Rows above the lines, the header's included. */
  above: Row[]
  header: Header
  lines: HeldLines
  /** The first and the last day of them. */
  days: { first: string; last: string } | null
  /** The running balance beside the first line and the last that have one, and what the line moved; credit above zero. */
  first: Running | null
  last: Running | null
  /** How many of the booked lines have none. */
  without: number
  currency: string | null
  warnings: Warning[]
  isEnded: boolean
}

/**
 * Reads a statement written as a profile says: one a file.
 * @throws FileFault at the line and column of what makes no sense
 */
export async function* readByProfile(bytes: AsyncIterable<Uint8Array>, profile: Profile): AsyncGenerator<Statement> {
  const hasHeader = profile.layout.kind === 'delimited' && profile.layout.hasHeader
  const rowsAbove = profile.skipRows + (hasHeader ? 1 : 0)
  const reading: Reading = {
    profile,
    above: [],
    header: new Map(),
    lines: holdLines(),
    days: null,
    first: null,
    last: null,
    without: 0,
    currency: null,
    warnings: [],
    isEnded: false,
  }
  const take = rowReader(reading)
  let lastLine = 1
  for await (const row of rowsOf(bytes, profile)) {
    lastLine = row.line
    if (reading.above.length >= rowsAbove) {
      take(row)
      continue
    }
    reading.above.push(row)
    if (hasHeader && reading.above.length === rowsAbove) reading.header = headerOf(row, columnsOf(profile))
  }
  if (reading.above.length < rowsAbove) throw new FileFault(`line ${lastLine}`, 'the file ends before its lines begin')
  yield statementOf(reading, lastLine)
}

/** Reads the rows below the header, one by one, into the reading. */
function rowReader(reading: Reading): (row: Row) => void {
  const { profile, lines } = reading
  const { columns, pending, totals } = profile
  const movementOf = movementReader(profile)
  const dayOf = dayReader(profile.dateFormat)
  const readAmount = amountReader(profile.decimal)

  return row => {
    const { header } = reading
    const told = (column: Column | undefined) =>
      column === undefined ? null : cellOf(row, column, header).text || null
    const dayCell = cellOf(row, columns.bookingDate, header)
    if (reading.isEnded) return afterEnd(dayCell)
    if (totals !== undefined && cellOf(row, totals.column, header).text.startsWith(totals.label)) {
      reading.isEnded = true
      return compareTotals(reading, row)
    }
    const bookingDate = dayOf(dayCell)
    if (bookingDate === null) throw new FileFault(dayCell.where, 'the row has no date')
    const { where, ...movement } = movementOf(row, header)
    reading.currency ??= currencyOf(reading)
    const isPending = pending?.values.includes(told(pending.column) ?? '') === true
    const line: StatementLine = {
      number: lines.length + 1,
      where,
      money: { ...movement, currency: told(columns.currency)?.toUpperCase() ?? reading.currency },
      status: isPending ? 'pending' : 'booked',
      isReversal: false,
      bookingDate,
      valueDate: columns.valueDate === undefined ? null : dayOf(cellOf(row, columns.valueDate, header)),
      reference: told(columns.reference),
      endToEndId: told(columns.endToEndId),
      code: told(columns.code),
      counterparty: told(columns.counterparty),
      counterpartyAccount: told(columns.counterpartyAccount),
      text: columns.text.map(told).filter(Boolean).join('\n'),
      details: [],
    }
    lines.push(line)
    reading.days = spanOf(reading.days, bookingDate)
    if (columns.balance !== undefined) takeBalance(reading, line, cellOf(row, columns.balance, header), readAmount)
  }

  /** Below the totals a bank may write what it likes, but no more lines. */
  function afterEnd(dayCell: Cell): void {
    let day: string | null = null
    try {
      day = dayOf(dayCell)
    } catch {
      return
    }
    if (day !== null) throw new FileFault(dayCell.where, 'there is a line after the totals')
  }
}

function spanOf(before: Reading['days'], day: string): NonNullable<Reading['days']> {
  const { first, last } = before ?? { first: day, last: day }
  return { first: day < first ? day : first, last: day > last ? day : last }
}

type AmountReader = ReturnType<typeof amountReader>

/** A running balance that does not go on from the one before tells that a line is missing or was changed. */
function takeBalance(reading: Reading, line: StatementLine, cell: Cell, read: AmountReader): void {
  if (line.status !== 'booked') return
  if (cell.text === '') {
    reading.without += 1
    return
  }
  const { amount, isNegative } = read(cell)
  const balance = isNegative ? negated(amount) : amount
  const before = reading.last
  const moved = signed(line.money)
  const isNewestFirst = reading.profile.order === 'newest-first'
  const expected = before && (isNewestFirst ? difference(before.balance, before.moved) : sumOf([before.balance, moved]))
  if (expected !== null && !isZero(difference(expected, balance)))
    warn(reading.warnings, cell.where, `the balance beside the line is ${balance}, the lines come to ${expected}`)
  reading.last = { balance, moved }
  reading.first ??= reading.last
}

/**
 * Holds the totals of the file's last row against the lines before it. Of amounts with marks there is no telling what
 * their sum means.
 * @throws FileFault when they differ: often nothing else ties such a file together
 */
function compareTotals({ profile, header, lines }: Reading, row: Row): void {
  const { sign } = profile
  const read = amountReader(profile.decimal)
  const { credit, debit } = totalsOf(lines)
  const compare = (column: Column, lineSum: string) => {
    const cell = cellOf(row, column, header)
    if (cell.text === '') return
    const { amount, isNegative } = read(cell)
    if (!isZero(difference(lineSum, isNegative ? negated(amount) : amount)))
      throw new FileFault(cell.where, `the total is ${shown(cell.text)}, the lines come to ${lineSum}`)
  }
  if (sign.kind === 'two-columns') {
    compare(sign.credit, credit.sum)
    compare(sign.debit, sign.debitHasMinus ? negated(debit.sum) : debit.sum)
  }
  if (sign.kind === 'signed') {
    const net = difference(credit.sum, debit.sum)
    compare(sign.amount, sign.negative === 'debit' ? net : negated(net))
  }
}

function statementOf(reading: Reading, lastLine: number): Statement {
  const { profile, lines, warnings, isEnded } = reading
  if (profile.totals !== undefined && !isEnded)
    throw new FileFault(
      `line ${lastLine}`,
      `the row of totals (${profile.totals.label}) is missing: the file is not whole`,
    )
  const account = said(reading, profile.account)
  if (account === null || account.text === '')
    throw new FileFault(account?.where ?? 'line 1', 'the file does not say of which account it is')
  const currency = reading.currency ?? currencyOf(reading)
  const dayOf = dayReader(profile.dateFormat)
  const day = (source: Source | undefined) => {
    const cell = source === undefined ? null : said(reading, source)
    return cell === null ? null : dayOf(cell)
  }
  const from = day(profile.from) ?? reading.days?.first ?? null
  const to = day(profile.to) ?? reading.days?.last ?? null
  const number = profile.number === undefined ? null : (said(reading, profile.number)?.text ?? null)
  return {
    kind: 'statement',
    id: number,
    number,
    account: account.text,
    currency,
    from,
    to,
    createdAt: null,
    balances: balancesOf(reading, currency, { from, to }),
    lines,
    warnings,
  }
}

function balancesOf(reading: Reading, currency: string, dates: { from: string | null; to: string | null }): Balance[] {
  const { profile, without } = reading
  const read = amountReader(profile.decimal)
  const ends = profile.order === 'newest-first' ? [reading.last, reading.first] : [reading.first, reading.last]
  const [first, last] = without > 0 ? [] : ends

  return [
    ...balance('opening', dates.from, () => (first ? difference(first.balance, first.moved) : undefined)),
    ...balance('closing', dates.to, () => last?.balance),
  ]

  function balance(kind: 'opening' | 'closing', date: string | null, compute: () => string | undefined): Balance[] {
    const source = profile[kind]
    if (source === undefined) return []
    const amount = source === 'computed' ? compute() : told(source)
    return amount === undefined ? [] : [{ kind, money: moneyOf(amount, currency), date }]
  }

  function told(source: Source): string {
    const cell = said(reading, source)
    if (cell === null)
      throw new FileFault('line 1', `there is no cell after ${shown('after' in source ? source.after : '')}`)
    const { amount, isNegative } = read(cell)
    return isNegative ? negated(amount) : amount
  }
}

function moneyOf(amount: string, currency: string): Money {
  const isNegative = amount.startsWith('-')
  return { amount: isNegative ? negated(amount) : amount, currency, side: isNegative ? 'debit' : 'credit' }
}

function currencyOf(reading: Reading): string {
  const cell = said(reading, reading.profile.currency)
  const text = cell?.text.toUpperCase() ?? ''
  if (!/^[A-Z]{3}$/.test(text))
    throw new FileFault(cell?.where ?? 'line 1', `${shown(text)} is no currency of three letters`)
  return text
}

/** What a source says; null when its label is nowhere above the lines. */
function said({ above, header }: Reading, source: Source): Cell | null {
  if ('constant' in source) return { text: source.constant, where: 'the profile' }
  if ('row' in source) {
    const row = above[source.row - 1]
    return row === undefined ? null : cellOf(row, source.column, header)
  }
  for (const row of above) {
    const place = row.cells.indexOf(source.after)
    if (place !== -1) return cellOf(row, { place: place + 2 }, header)
  }
  return null
}
