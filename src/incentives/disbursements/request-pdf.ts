import { setImmediate as breathe } from 'node:timers/promises'
import { type Document, grouped, money, printable, printed, symbols, written } from '../../savings/paper/printing.ts'
import { across, type Column, factsOf, feetOf, page, tableOf, width } from '../../savings/paper/table.ts'
import type { Basis } from '../rules/terms.ts'
import type { RequestStatus } from './schema.ts'
import type { DisbursementRequest } from './wire.ts'

const statuses: Record<RequestStatus, string> = {
  requested: 'Solicitado',
  authorised: 'Autorizado',
  paid: 'Pagado',
  cancelled: 'Anulado',
}

const bases: Record<Basis, string> = {
  OPENING_DEPOSIT: 'depósito de apertura',
  NET_GROWTH: 'crecimiento neto del ahorro',
  GROSS_DEPOSITS: 'depósitos',
  HIGH_WATER_MARK: 'saldo más alto',
  WITHDRAWAL: 'retiro',
  RETAINED_TRANSFER: 'transferencia retenida',
}

function columnsOf(currency: string): Column[] {
  return [
    { title: 'N.º', width: 30, align: 'right' },
    { title: 'Código', width: 80, align: 'left' },
    { title: 'Grupo de ahorro', width: 165.28, align: 'left' },
    { title: 'Ahorristas', width: 60, align: 'right' },
    { title: `Importe (${symbols[currency] ?? currency})`, width: 85, align: 'right' },
    { title: 'Autorización', width: 75, align: 'right' },
  ]
}

/**
 * A request as it is printed and signed: A4, Spanish, no name of a saver. The same request gives the same bytes, for it is
 * dated by its own day.
 */
export function requestPdf(request: DisbursementRequest): Promise<Buffer> {
  const title = `Solicitud de desembolso ${request.number}`
  return printed({ title, author: request.institutionName, on: request.requestedOn }, 'A4', async document => {
    let y = heading(document, request)
    y = await table(document, request, y)
    y = events(document, request, y + 18)
    signatures(document, y)
    feetOf(document, `Solicitud de desembolso N.º ${request.number}`)
  })
}

function heading(document: Document, request: DisbursementRequest): number {
  const { institutionName, institution, programmeName, programme, rule, basis, fund, fundingSource, budgetCode } =
    request
  document.font('Helvetica-Bold').fontSize(15)
  document.text('SOLICITUD DE DESEMBOLSO', page.left, page.top)
  document.text(`N.º ${request.number}`, page.left, page.top, { width, align: 'right' })
  document.font('Helvetica').fontSize(9).fillColor('#555555')
  document.text('Incentivos al ahorro', page.left, page.top + 20)
  document.font('Helvetica-Bold').fillColor('black')
  document.text(statuses[request.status].toUpperCase(), page.left, page.top + 20, { width, align: 'right' })
  across(document, page.top + 36, 1)
  const facts: [string, string][] = [
    ['Programa', `${programmeName} (${programme})`],
    ['Regla de incentivo', `${rule}: ${bases[basis]}`],
    ['Fuente de financiamiento', `${fundingSource} (fondo ${fund})`],
    ['Código presupuestal', budgetCode],
    ['Institución financiera', `${institutionName} (${institution})`],
    [
      'Período y fecha valor',
      `${request.month.split('-').reverse().join('/')}; abono el ${written(request.valueDate)}`,
    ],
    ['Fecha de solicitud', written(request.requestedOn)],
    ['Importe solicitado', money(request.amount, request.currency)],
  ]
  return factsOf(document, facts, page.top + 46) + 10
}

/** A line takes some half a millisecond: whoever else asks is heard every hundred. */
async function table(document: Document, request: DisbursementRequest, start: number): Promise<number> {
  const { head, row } = tableOf(document, columnsOf(request.currency))
  let y = head(start)
  for (const line of request.lines) {
    if (line.number % 100 === 0) await breathe()
    const name = line.groupId === null ? 'Ahorristas sin grupo' : printable(line.groupName!)
    const { number, groupCode, savers, amount, authorisation } = line
    const cells = [
      String(number),
      groupCode ?? '–',
      name,
      String(savers),
      grouped(amount),
      authorisation?.number ?? '–',
    ]
    y = row(cells, y)
  }
  across(document, y, 0.8)
  const totals = ['', '', 'Total', grouped(String(request.savers)), money(request.amount, request.currency), '']
  return row(totals, y + 1, 'Helvetica-Bold')
}

/** What happened to it so far: when it was authorised and paid, by which papers. */
function events(document: Document, request: DisbursementRequest, start: number): number {
  const steps = request.history.filter(({ status }) => status !== 'requested')
  const texts = steps.map(
    ({ status, on, reference }) => `${statuses[status]} el ${written(on)}, documento ${reference}.`,
  )
  if (request.ledger !== null) {
    const { transactions, firstSequence, lastSequence, amount } = request.ledger
    const span = `asientos ${firstSequence} a ${lastSequence} del libro`
    texts.push(
      `Conforme con el libro: ${grouped(String(transactions))} abonos por ${money(amount, request.currency)}, ${span}.`,
    )
  }
  let y = start
  for (const text of texts) {
    y = fitting(document, y, 14)
    document.font('Helvetica').fontSize(9).text(text, page.left, y, { width })
    y += 14
  }
  return y
}

const signers = ['Solicitado por', 'Autorizado por', 'Recibido por la institución financiera']

function signatures(document: Document, start: number): void {
  const top = fitting(document, start + 20, 110)
  const each = width / signers.length
  signers.forEach((signer, place) => {
    const x = page.left + place * each + 8
    document
      .moveTo(x, top + 50)
      .lineTo(x + each - 16, top + 50)
      .lineWidth(0.6)
      .stroke()
    const centred = { width: each - 16, align: 'center' as const }
    document
      .font('Helvetica-Bold')
      .fontSize(8)
      .text(signer, x, top + 55, centred)
    document.font('Helvetica').fontSize(8)
    document.text('Nombre:', x, top + 72, { width: each - 16 })
    document.text('Fecha:', x, top + 86, { width: each - 16 })
  })
}

function fitting(document: Document, y: number, height: number): number {
  if (y + height <= page.bottom) return y
  document.addPage()
  return page.top
}
