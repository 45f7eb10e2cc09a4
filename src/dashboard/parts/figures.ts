import { html } from 'ghtml'
import { type Column, hidden, type Table, total, type Value, type Wording } from '../../statistics/table.ts'
import { amountText, countText, type Language, monthText, percentText, say } from '../language.ts'
import { wording } from '../wording.ts'

/** A value as it is read on a page. */
export function valueText(value: Value, { kind }: Pick<Column, 'kind'>, currency: string, language: Language): string {
  if (value === hidden) return say(wording.hidden, language)
  if (value === null) return say(wording.none, language)
  if (value === total) return say(wording.total, language)
  if (kind === 'count') return countText(Number(value), language)
  if (kind === 'rate') return percentText(String(value))
  if (kind === 'amount') return amountText(String(value), currency)
  return kind === 'month' ? monthText(String(value), language) : String(value)
}

/** Whether a column says which figure it is, and is no figure itself. */
function isPlace({ kind }: Pick<Column, 'kind'>): boolean {
  return kind === 'code' || kind === 'month' || kind === 'day'
}

/** A cell may be told otherwise than its value is: a code by a name, or a link. What is told is HTML already. */
export type Tell = (row: readonly Value[], column: Column) => string | undefined

/** A table of figures. Scrolls by itself on a narrow screen, also by keyboard. */
export function figuresTable(table: Table, caption: string, language: Language, tell: Tell = () => undefined): string {
  const { columns, rows, notes } = table
  const head = columns.map(
    column => html`<th scope="col"!${isPlace(column) ? '' : ' class="figure"'}>${say(column.title, language)}</th>`,
  )
  const body = rows.map(row => {
    const cells = columns.map((column, at) => {
      const text = tell(row, column) ?? html`${valueText(row[at]!, column, notes.currency, language)}`
      if (isPlace(column)) return html`<th scope="row">!${text}</th>`
      return row[at] === hidden ? html`<td class="hidden">!${text}</td>` : html`<td>!${text}</td>`
    })
    return html`<tr>!${cells}</tr>`
  })
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table><caption>${caption}</caption>
<thead><tr>!${head}</tr></thead>
<tbody>
!${body.join('\n')}
</tbody></table></div>`
}

/** A table of only these columns, in this order; one may be called otherwise than in the table. */
export function withColumns(table: Table, names: Readonly<Record<string, Wording | null>>): Table {
  const chosen = Object.entries(names).map(([name, title]) => {
    const place = table.columns.findIndex(column => column.name === name)
    const column = table.columns[place]!
    return { place, column: title === null ? column : { ...column, title } }
  })
  return {
    ...table,
    columns: chosen.map(({ column }) => column),
    rows: table.rows.map(row => chosen.map(({ place }) => row[place]!)),
  }
}

/** What is in a column of a row. */
export function valueAt(table: Table, row: readonly Value[], name: string): Value {
  return row[table.columns.findIndex(column => column.name === name)] ?? null
}
