import { type Document, printable } from './printing.ts'

/** The pages of an A4 document, in points, and where on them things stand. */
export const page = { left: 50, right: 545.28, top: 50, bottom: 791.89, foot: 806 }
export const width = page.right - page.left

/** A column of a table; the widths of all make up the page's. */
export type Column = { title: string; width: number; align: 'left' | 'right' }

const gap = 8

export type Table = {
  /** The grey line of titles; gives where the first row begins. */
  head(y: number): number
  /** Writes a row, on the next page, below the head again, when it does not fit on this one; gives where the next begins. */
  row(cells: readonly string[], y: number, font?: 'Helvetica' | 'Helvetica-Bold'): number
}

export function tableOf(document: Document, columns: readonly Column[]): Table {
  function write(cells: readonly string[], y: number, font: string): void {
    document.font(font).fontSize(9)
    let x = page.left
    cells.forEach((cell, place) => {
      const { width, align } = columns[place]!
      if (cell !== '') document.text(cell, x + gap / 2, y, { width: width - gap, align })
      x += width
    })
  }

  function head(y: number): number {
    document.rect(page.left, y, width, 18).fill('#e8e8e8').fillColor('black')
    const titles = columns.map(({ title }) => title)
    write(titles, y + 5, 'Helvetica-Bold')
    return y + 20
  }

  return {
    head,
    row(cells, y, font = 'Helvetica') {
      document.font(font).fontSize(9)
      const heights = cells.map((cell, place) =>
        document.heightOfString(cell || ' ', { width: columns[place]!.width - gap }),
      )
      const height = Math.max(...heights) + 7
      let top = y
      if (top + height > page.bottom) {
        document.addPage()
        top = head(page.top)
      }
      write(cells, top + 4, font)
      document.moveTo(page.left, top + height).lineTo(page.right, top + height)
      document.lineWidth(0.3).strokeColor('#bbbbbb').stroke().strokeColor('black')
      return top + height
    },
  }
}

/** Names to the left in grey, what they are in bold beside them; gives where they end. */
export function factsOf(document: Document, facts: readonly (readonly [string, string])[], start: number): number {
  let y = start
  for (const [name, value] of facts) {
    document.font('Helvetica').fontSize(9).fillColor('#555555').text(name, page.left, y, { width: 130 })
    const text = printable(value)
    const place = { width: width - 135 }
    document.font('Helvetica-Bold').fillColor('black')
    document.text(text, page.left + 135, y, place)
    y += document.heightOfString(text, place) + 4
  }
  return y
}

/** What stands at the foot of every page, when all are drawn: what the paper is, and which page of how many. */
export function feetOf(document: Document, title: string): void {
  const { start, count } = document.bufferedPageRange()
  for (let place = 0; place < count; place++) {
    document.switchToPage(start + place)
    document.font('Helvetica').fontSize(8).fillColor('#555555')
    document.text(printable(title), page.left, page.foot)
    document.text(`Página ${place + 1} de ${count}`, page.left, page.foot, { width, align: 'right' })
  }
}

export function across(document: Document, y: number, thickness: number): void {
  document.moveTo(page.left, y).lineTo(page.right, y).lineWidth(thickness).stroke()
}
