import type { CalendarDate } from '../../dates.ts'

export type Document = PDFKit.PDFDocument

/** How sums of a currency begin on paper. */
export const symbols: Record<string, string> = { PEN: 'S/', USD: 'US$' }

type About = { title: string; author: string; on: CalendarDate }

/**
 * A document as PDF, in Spanish. What is drawn alike gives the same bytes, for it is dated by a day of its own. The library is
 * loaded when the first is asked for.
 */
export async function printed(
  { title, author, on }: About,
  size: string | [number, number],
  draw: (document: Document) => Promise<void> | void,
): Promise<Buffer> {
  const { default: PDFDocument } = await import('pdfkit')
  const document = new PDFDocument({
    ...{ size, margin: 0, bufferPages: true, lang: 'es-PE', displayTitle: true },
    info: {
      ...{ Title: title, Author: printable(author), Creator: 'Qullqi', Producer: 'Qullqi' },
      CreationDate: new Date(`${on}T12:00:00Z`),
    },
  })
  const pieces: Buffer[] = []
  document.on('data', (piece: Buffer) => pieces.push(piece))
  const ended = new Promise(resolve => document.on('end', resolve))
  await draw(document)
  document.end()
  await ended
  return Buffer.concat(pieces)
}

export function written(date: CalendarDate): string {
  return date.split('-').reverse().join('/')
}

export function money(amount: string, currency: string): string {
  return `${symbols[currency] ?? currency} ${grouped(amount)}`
}

export function grouped(amount: string): string {
  return amount.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')
}

/** Beyond Latin-1, what the fonts that every reader has can print. */
const alsoPrinted = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'

/** A text as those fonts can print it: a letter that they lack goes without its mark, or is a question mark. */
export function printable(text: string): string {
  const prints = (letter: string) => /^[ -~\u00a0-\u00ff]$/.test(letter) || alsoPrinted.includes(letter)
  return [...text.normalize('NFC')]
    .map(letter => {
      if (prints(letter)) return letter
      const bare = letter.normalize('NFD')[0]!
      return prints(bare) ? bare : '?'
    })
    .join('')
}
