import { byteOrderMark, csvRow, type Separator, safeText } from '../../csv.ts'
import type { DisbursementRequest } from './wire.ts'

/** Columns have the names they have in JSON; what is the request's stands in each row, so that a row says all by itself. */
export const csvColumns = [
  ...['number', 'status', 'requestedOn', 'month', 'valueDate', 'programme', 'programmeName', 'rule', 'basis'],
  ...['fundingSource', 'fund', 'budgetCode', 'institution', 'institutionName', 'currency', 'line', 'groupCode'],
  ...['groupName', 'savers', 'transactions', 'amount', 'authorisation', 'authorisationReference'],
] as const

type Cell = string | number | null

/**
 * A request as CSV, a row a line: by RFC 4180; or, with semicolons, as spreadsheets set to Peru's Spanish read it, with decimal
 * commas and the mark that tells them UTF-8.
 */
export function requestCsv(request: DisbursementRequest, separator: Separator): string {
  const semicolons = separator === 'semicolon'
  const rows = [[...csvColumns], ...request.lines.map(line => rowOf(request, line, semicolons))]
  const text = rows.map(row => csvRow(row.map(written), semicolons ? ';' : ',')).join('')
  return `${semicolons ? byteOrderMark : ''}${text}`
}

function rowOf(request: DisbursementRequest, line: DisbursementRequest['lines'][number], semicolons: boolean): Cell[] {
  const { number, status, requestedOn, month, valueDate, programme, programmeName, rule, basis } = request
  const { fundingSource, fund, budgetCode, institution, institutionName, currency } = request
  const amount = semicolons ? line.amount.replace('.', ',') : line.amount
  return [
    ...[number, status, requestedOn, month, valueDate, programme, programmeName, rule, basis, fundingSource, fund],
    ...[budgetCode, institution, institutionName, currency, line.number, line.groupCode, line.groupName, line.savers],
    ...[line.transactions, amount, line.authorisation?.number ?? null, line.authorisation?.reference ?? null],
  ]
}

function written(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'string' ? safeText(cell) : String(cell)
}
