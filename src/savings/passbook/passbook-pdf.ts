import { setImmediate as breathe } from 'node:timers/promises'
import { written as dated, grouped, printable, printed, symbols, money as written } from '../paper/printing.ts'
import { across, type Column, factsOf, feetOf, page, tableOf, width } from '../paper/table.ts'
import { kinds, moneys } from '../receipts/receipt-text.ts'
import type { Passbook } from './passbook.ts'

function columnsOf(currency: string): Column[] {
  const symbol = symbols[currency] ?? currency
  return [
    { title: 'Fecha', width: 60, align: 'left' },
    { title: 'N.º', width: 55, align: 'right' },
    { title: 'Movimiento', width: 125, align: 'left' },
    { title: 'Dinero', width: 75.28, align: 'left' },
    { title: `Sale (${symbol})`, width: 58, align: 'right' },
    { title: `Entra (${symbol})`, width: 58, align: 'right' },
    { title: `Saldo (${symbol})`, width: 64, align: 'right' },
  ]
}

/** A passbook on A4, in Spanish; what is said of days that are over, as known at an instant, gives the same bytes. */
export function passbookPdf(passbook: Passbook): Promise<Buffer> {
  const { book, holder, account, currency, from, to, money, opening, closing, sequence } = passbook
  const title = money === null ? 'Libreta de ahorro' : `Estado de cuenta: ${moneys[money]}`
  return printed({ title: `${title} ${account}`, author: book, on: to }, 'A4', async document => {
    document.font('Helvetica-Bold').fontSize(15).text(title.toUpperCase(), page.left, page.top)
    document
      .font('Helvetica')
      .fontSize(9)
      .fillColor('#555555')
      .text(printable(book), page.left, page.top + 20)
    document.fillColor('black')
    across(document, page.top + 36, 1)
    const facts = [
      ['Titular', holder],
      ['Cuenta', account],
      ['Del', `${dated(from)} al ${dated(to)}`],
      ['Saldo anterior', written(opening, currency)],
      ['Saldo final', written(closing, currency)],
    ] as const
    let y = factsOf(document, facts, page.top + 46) + 10
    const table = tableOf(document, columnsOf(currency))
    y = table.head(y)
    y = table.row([dated(from), '', 'Saldo anterior', '', '', '', grouped(opening)], y, 'Helvetica-Bold')
    for (const [place, line] of passbook.lines.entries()) {
      if (place % 100 === 99) await breathe()
      y = table.row(cellsOf(line), y)
    }
    y = table.row([dated(to), '', 'Saldo final', '', '', '', grouped(closing)], y, 'Helvetica-Bold')
    document.font('Helvetica').fontSize(8).fillColor('#555555')
    const known = `Según el libro hasta el asiento ${sequence}. Cada asiento tiene su recibo firmado.`
    if (y + 20 > page.bottom) document.addPage()
    document.text(known, page.left, y + 20 > page.bottom ? page.top : y + 8, { width })
    feetOf(document, `${title} ${account}`)
  })
}

function cellsOf({
  valueDate,
  sequence,
  kind,
  money,
  direction,
  amount,
  balance,
  reversed,
}: Passbook['lines'][number]) {
  const name = kinds[kind] ?? printable(kind)
  return [
    dated(valueDate),
    String(sequence),
    reversed ? `${name} (anulado)` : name,
    moneys[money],
    direction === 'debit' ? grouped(amount) : '',
    direction === 'credit' ? grouped(amount) : '',
    grouped(balance),
  ]
}
