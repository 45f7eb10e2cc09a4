/**
 * A text as a cell that no spreadsheet takes for a formula: `'` goes before it. Texts that would look like one that was so
 * marked get one more, so that whoever takes one away has the text again.
 */
export function safeText(text: string): string {
  return /^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(text) ? `'${text}` : text
}

/** Cells as a row by RFC 4180, its line end included; quoted where a reader with this or another separator needs it. */
export function csvRow(cells: readonly string[], separator: ',' | ';' = ','): string {
  return `${cells.map(quoted).join(separator)}\r\n`
}

function quoted(cell: string): string {
  return /[",;\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** What tells a spreadsheet that a file is UTF-8. */
export const byteOrderMark = '\ufeff'

/** What divides the cells of a file: by RFC 4180, or as spreadsheets set to Peru's Spanish read it, with decimal commas. */
export const separators = ['comma', 'semicolon'] as const
export type Separator = (typeof separators)[number]
