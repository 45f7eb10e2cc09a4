import { isCalendarDate } from '../../dates.ts'
import { decimalOf, isZero } from './decimals.ts'
import type { Cell, Header, Row } from './profile-rows.ts'
import { cellOf } from './profile-rows.ts'
import type { Profile } from './profile-shape.ts'
import { FileFault, type Side } from './statement.ts'

/**
 * Reads amounts as a profile writes them. Thousands are grouped right or not at all, and the decimals are as many as it says:
 * so that an amount of another way of writing is refused, and not read as a thousand times itself.
 */
export function amountReader(decimal: Profile['decimal']): (cell: Cell) => { amount: string; isNegative: boolean } {
  const { point, grouping, decimals, marks } = decimal
  const group = grouping === null ? null : escaped(grouping)
  const whole = group === null ? String.raw`\d+` : String.raw`\d{1,3}(?:${group}\d{3})+|\d+`
  const fraction = point === null ? '' : String.raw`(?:${escaped(point)}(\d+))?`
  const shape = new RegExp(`^(${whole})${fraction}$`)

  return cell => {
    const { isNegative, digits } = withoutSign(marks.reduce((text, mark) => text.replace(mark, ''), cell.text).trim())
    const [, found, given = ''] = shape.exec(digits) ?? []
    if (found === undefined)
      throw new FileFault(cell.where, `${shown(cell.text)} is no amount as the profile writes them`)
    const figures = grouping === null ? found : found.replaceAll(grouping, '')
    const amount = point === null ? pointed(figures, decimals ?? 0) : decimalOf(figures, given)
    if (amount === null) throw new FileFault(cell.where, `${shown(cell.text)} has more digits than an amount`)
    if (point !== null && decimals !== null && given.length !== decimals)
      throw new FileFault(cell.where, `${shown(cell.text)} has ${given.length} decimals, not ${decimals}`)
    return { amount, isNegative: isNegative && !isZero(amount) }
  }
}

/** A minus before, a minus behind, or brackets. */
function withoutSign(text: string): { isNegative: boolean; digits: string } {
  const [, bracketed] = /^\((.*)\)$/.exec(text) ?? []
  if (bracketed !== undefined) return { isNegative: true, digits: bracketed.trim() }
  const [, before = '', digits = '', behind = ''] = /^([+-]?)\s*(.*?)\s*(-?)$/.exec(text) ?? []
  // Two minuses are none of ours: what is left of them is no amount.
  if (before !== '' && behind !== '') return { isNegative: false, digits: text }
  return { isNegative: before === '-' || behind === '-', digits }
}

/** Minor units without a point, as files of fixed width have them. */
function pointed(figures: string, decimals: number): string | null {
  const padded = figures.padStart(decimals + 1, '0')
  return decimals === 0 ? decimalOf(padded, '') : decimalOf(padded.slice(0, -decimals), padded.slice(-decimals))
}

/** Reads days as a profile writes them; a blank one is none. */
export function dayReader(format: string): (cell: Cell) => string | null {
  const pattern = escaped(format.replace(/\*$/, ''))
    .replace('dd', String.raw`(?<day>\d\d)`)
    .replace('mm', String.raw`(?<month>\d\d)`)
    .replace('yyyy', String.raw`(?<year>\d{4})`)
    .replace('yy', String.raw`(?<year>\d\d)`)
  const shape = new RegExp(`^${pattern}${format.endsWith('*') ? '(?!\\d).*' : ''}$`)
  return cell => {
    if (cell.text === '') return null
    const { day, month, year = '' } = shape.exec(cell.text)?.groups ?? {}
    const date = `${year.length === 2 ? `20${year}` : year}-${month}-${day}`
    if (!isCalendarDate(date)) throw new FileFault(cell.where, `${shown(cell.text)} is no day written ${format}`)
    return date
  }
}

/**
 * What a row moves, and to which side; null when it has no amount at all.
 * @throws FileFault when it is of both sides, of none, or has a sign where none belongs
 */
export function movementReader(
  profile: Profile,
): (row: Row, header: Header) => { amount: string; side: Side; where: string } {
  const { sign } = profile
  const read = amountReader(profile.decimal)
  if (sign.kind === 'signed') {
    const positive = sign.negative === 'debit' ? 'credit' : 'debit'
    return (row, header) => {
      const cell = cellOf(row, sign.amount, header)
      const { amount, isNegative } = read(cell)
      return { amount, side: isNegative ? sign.negative : positive, where: cell.where }
    }
  }
  if (sign.kind === 'marked') {
    const marks = new Map<string, Side>([
      ...sign.credit.map(mark => [mark.toLowerCase(), 'credit'] as const),
      ...sign.debit.map(mark => [mark.toLowerCase(), 'debit'] as const),
    ])
    return (row, header) => {
      const cell = cellOf(row, sign.amount, header)
      const mark = cellOf(row, sign.mark, header)
      const side = marks.get(mark.text.toLowerCase())
      if (side === undefined) throw new FileFault(mark.where, `${shown(mark.text)} is no mark of credit or debit`)
      return { amount: unsigned(cell, read(cell)), side, where: cell.where }
    }
  }
  return (row, header) => {
    const [credit, debit] = [cellOf(row, sign.credit, header), cellOf(row, sign.debit, header)]
    const [came, went] = [credit, debit].map(cell => (cell.text === '' ? null : read(cell)))
    const [hasCame, hasGone] = [came, went].map(told => told != null && !isZero(told.amount))
    if (hasCame && hasGone) throw new FileFault(debit.where, 'the row is of both sides')
    if (went != null && (hasGone || came == null)) {
      if (hasGone && went.isNegative !== sign.debitHasMinus)
        throw new FileFault(debit.where, `the sign of ${shown(debit.text)} is not the profile's`)
      return { amount: went.amount, side: 'debit', where: debit.where }
    }
    if (came == null) throw new FileFault(credit.where, 'the row has no amount')
    return { amount: unsigned(credit, came), side: 'credit', where: credit.where }
  }
}

function unsigned(cell: Cell, told: { amount: string; isNegative: boolean }): string {
  if (told.isNegative) throw new FileFault(cell.where, `${shown(cell.text)} has a minus, where the profile has none`)
  return told.amount
}

export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
