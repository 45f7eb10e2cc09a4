import type { MoneyKind } from '../chart.ts'
import { symbols, written } from '../paper/printing.ts'
import type { Receipt } from './receipt.ts'

/** What the small printers of the field take. */
const width = 40

/** What kinds of movements are called on paper. */
export const kinds: Record<string, string> = {
  deposit: 'Depósito',
  withdrawal: 'Retiro',
  transfer: 'Traslado entre sus cuentas',
  'state-transfer': 'Transferencia del Estado',
  interest: 'Interés',
  'lrac-transfer': 'Transferencia del CLAR',
  'competition-prize': 'Premio de concurso',
  'talent-payment': 'Pago a talento local',
  reversal: 'Anulación',
  incentive: 'Incentivo',
  'incentive-clawback': 'Incentivo que se recupera',
  'incentive-release': 'Incentivo que se libera',
  'incentive-forfeiture': 'Incentivo que se pierde',
  adjustment: 'Ajuste',
  'opening-balance': 'Saldo de apertura',
}

export const moneys: Record<MoneyKind, string> = {
  own: 'ahorro',
  'incentive-locked': 'incentivo reservado',
  'incentive-released': 'incentivo disponible',
  interest: 'interés',
}

/** A receipt as it is printed: Spanish, forty columns. */
export function receiptText(receipt: Receipt): string {
  const money = (amount: string) => `${symbols[receipt.currency] ?? receipt.currency} ${amount}`
  const lines = receipt.lines.flatMap(line => [
    pair('Titular', line.holder),
    pair('Cuenta', line.account),
    pair(line.direction === 'credit' ? 'Entra' : 'Sale', money(line.amount)),
    pair(`Saldo de ${moneys[line.money]}`, money(line.balanceAfter)),
    rule,
  ])
  return [
    centred('RECIBO'),
    centred(receipt.book),
    rule,
    pair(kinds[receipt.kind] ?? receipt.kind, written(receipt.valueDate)),
    ...(receipt.reversedBy === null ? [] : [centred('*** ANULADO ***')]),
    rule,
    ...lines,
    pair('N.º en el libro', String(receipt.sequence)),
    receipt.hash.slice(0, 32),
    receipt.hash.slice(32),
    '',
  ].join('\n')
}

const rule = '-'.repeat(width)

/** Name to the left, value to the right; a value that is too long is cut, never the line. */
function pair(name: string, value: string): string {
  const shown = cut(value, width - name.length - 1)
  return name + ' '.repeat(width - name.length - [...shown].length) + shown
}

function centred(text: string): string {
  const shown = cut(text, width)
  return ' '.repeat(Math.floor((width - [...shown].length) / 2)) + shown
}

function cut(text: string, most: number): string {
  const letters = [...text]
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`
}
