import { type Document, printable, printed } from '../paper/printing.ts'
import type { Receipt } from './receipt.ts'
import { codeOf, fitsCode, runsOf } from './receipt-code.ts'
import { receiptText } from './receipt-text.ts'

/** A roll of 80 mm, in points; a letter of Courier is 0.6 of its size, and forty of them fill a line. */
const paper = { width: 226.8, margin: 12, size: 8.4, leading: 11 }
const codeWidth = paper.width - 2 * paper.margin

/** A receipt on a roll of paper, with its signature as a QR code below, if a code can hold it. */
export function receiptPdf(receipt: Receipt, jws: string): Promise<Buffer> {
  const lines = receiptText(receipt).trimEnd().split('\n')
  const textHeight = lines.length * paper.leading
  const hasCode = fitsCode(jws)
  const height = paper.margin + textHeight + (hasCode ? paper.leading + codeWidth : 0) + paper.margin
  const about = { title: `Recibo ${receipt.sequence}`, author: receipt.book, on: receipt.valueDate }
  return printed(about, [paper.width, height], document => {
    document.font('Courier').fontSize(paper.size)
    for (const [place, line] of lines.entries()) {
      const y = paper.margin + place * paper.leading
      document.text(printable(line), paper.margin, y, { lineBreak: false })
    }
    if (hasCode) drawCode(document, jws, paper.margin + textHeight + paper.leading)
  })
}

function drawCode(document: Document, jws: string, top: number): void {
  const code = codeOf(jws)
  const square = codeWidth / code.size
  for (const { x, y, length } of runsOf(code)) {
    document.rect(paper.margin + x * square, top + y * square, length * square, square)
  }
  document.fill('black')
}
