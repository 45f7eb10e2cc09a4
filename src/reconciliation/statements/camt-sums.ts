import { dayOrWarning, moneyOf, where } from './camt-parts.ts'
import { difference, isZero, sumOf } from './decimals.ts'
import { type Balance, FileFault, type Lines, type Warning, warn } from './statement.ts'
import { type Total, totalsOf } from './sums.ts'
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
export function compareTotals(summary: XmlElement | undefined, lines: Lines, warnings: Warning[]): void {
  if (summary === undefined) return
  const counted = [totalsOf(lines), totalsOf(lines, ({ status }) => status === 'booked')]
  for (const [name, side] of [
    ['TtlNtries', null],
    ['TtlCdtNtries', 'credit'],
    ['TtlDbtNtries', 'debit'],
  ] as const) {
    const total = at(summary, name)
    if (total === undefined) continue
    const [count, sum] = [textAt(total, 'NbOfNtries'), textAt(total, 'Sum')]
    const found = counted.map(of => (side === null ? both(of) : of[side]))
    if (!found.some(one => agrees(one, count, sum)))
      warn(
        warnings,
        where(total),
        `${name} says ${count ?? '-'} of ${sum ?? '-'}, there are ${found[0]!.count} of ${found[0]!.sum}`,
      )
  }
}

function both({ credit, debit }: ReturnType<typeof totalsOf>): Total {
  return { count: credit.count + debit.count, sum: sumOf([credit.sum, debit.sum]) }
}

function agrees(found: Total, count: string | null, sum: string | null): boolean {
  if (count !== null && Number(count) !== found.count) return false
  return sum === null || (/^\d+(\.\d+)?$/.test(sum) && isZero(difference(found.sum, sum)))
}
