import { dayOrWarning, moneyOf, where } from './camt-parts.ts'
import { difference, isZero, sumOf } from './decimals.ts'
import { type Balance, FileFault, type StatementLine, type Warning, warn } from './statement.ts'
import { at, onlyAt, textAt, type XmlElement } from './xml.ts'

/** A balance with ISO 20022's code for it: what it is to the statement depends on the others. */
export type NamedBalance = Omit<Balance, 'kind'> & { code: string; line: number }

export function balanceNamed(element: XmlElement, warnings: Warning[]): NamedBalance {
  const type = at(onlyAt(element, 'Tp'), 'CdOrPrtry')
  const day = at(element, 'Dt')
  return {
    code: textAt(type, 'Cd') ?? textAt(type, 'Prtry') ?? '',
    line: element.line,
    money: moneyOf(element),
    date: dayOrWarning(element, textAt(day, 'Dt') ?? textAt(day, 'DtTm'), warnings),
  }
}

const available = ['OPAV', 'CLAV', 'ITAV']

/**
 * What each balance is to the statement. A page that does not begin with the opening balance begins with an interim one; a
 * statement without opening balance has the previous closing one for it.
 * @throws FileFault when two claim to be the opening or the closing balance of one currency
 */
export function kindsOf(balances: readonly NamedBalance[]): Balance[] {
  const has = (code: string) => balances.some(balance => balance.code === code)
  let needsOpening = !has('OPBD') && !has('PRCD')
  const taken = new Set<string>()
  return balances.map(({ code, line, money, date }) => {
    const kind = kindOf(code)
    if (kind === 'opening' || kind === 'closing') {
      if (taken.has(kind + money.currency))
        throw new FileFault(`line ${line}`, `there is another ${kind} balance already`)
      taken.add(kind + money.currency)
    }
    return { kind, money, date }
  })

  function kindOf(code: string): Balance['kind'] {
    if (code === 'OPBD' || (code === 'PRCD' && !has('OPBD'))) return 'opening'
    if (code === 'CLBD') return 'closing'
    if (code === 'FWAV') return 'forward'
    if (available.includes(code)) return 'available'
    if (code !== 'ITBD') return 'other'
    if (!needsOpening) return 'interim-closing'
    needsOpening = false
    return 'interim-opening'
  }
}

/** A summary that is not what the entries come to, neither all of them nor the booked ones, is told. */
export function compareTotals(
  summary: XmlElement | undefined,
  lines: readonly StatementLine[],
  warnings: Warning[],
): void {
  for (const [name, side] of [
    ['TtlNtries', null],
    ['TtlCdtNtries', 'credit'],
    ['TtlDbtNtries', 'debit'],
  ] as const) {
    const total = at(summary, name)
    if (total === undefined) continue
    const [count, sum] = [textAt(total, 'NbOfNtries'), textAt(total, 'Sum')]
    const all = lines.filter(({ money }) => side === null || money.side === side)
    const booked = all.filter(({ status }) => status === 'booked')
    if (![all, booked].some(counted => agrees(counted, count, sum)))
      warn(
        warnings,
        where(total),
        `${name} says ${count ?? '-'} of ${sum ?? '-'}, there are ${all.length} of ${amountOf(all)}`,
      )
  }
}

function agrees(lines: readonly StatementLine[], count: string | null, sum: string | null): boolean {
  if (count !== null && Number(count) !== lines.length) return false
  return sum === null || (/^\d+(\.\d+)?$/.test(sum) && isZero(difference(amountOf(lines), sum)))
}

function amountOf(lines: readonly StatementLine[]): string {
  return sumOf(lines.map(({ money }) => money.amount))
}
