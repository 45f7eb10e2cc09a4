import { html } from 'ghtml'
import { type Column, hidden, type Table, total, type Value } from '../../statistics/table.ts'
import { type Language, say } from '../language.ts'
import { figuresTable, type Tell, valueAt, valueText } from '../parts/figures.ts'
import { wording } from '../wording.ts'
import { files } from './files.ts'

/** Months since enrolment that the page has a column for; the file has them all. */
const monthsShown = [0, 1, 3, 6, 12, 18, 24, 36, 48]

/** As many cohorts as the page has rows for, the last ones; the file has them all. */
const mostCohorts = 12

const shareColumn: Pick<Column, 'kind'> = { kind: 'rate' }

/**
 * Cohorts as rows, months since enrolment as columns, each cell shaded by how many in a hundred saved in that month: chart and
 * table in one.
 */
export function retentionPart(retention: Table, language: Language): string {
  if (retention.rows.length === 0) return html`<p>${say(wording.noCohorts, language)}</p>`
  const shares = new Map(
    retention.rows.map(row => {
      const [cohort, since] = ['cohort', 'monthsSince'].map(name => String(valueAt(retention, row, name)))
      return [`${cohort} ${since}`, valueAt(retention, row, 'savedRate')] as const
    }),
  )
  const all = [...new Set(retention.rows.map(row => valueAt(retention, row, 'cohort')))]
  const cohorts = [total, ...all.filter(cohort => cohort !== total).slice(-mostCohorts)]
  const months = monthsShown.filter(month => cohorts.some(cohort => shares.has(`${String(cohort)} ${month}`)))
  const pivoted: Table = {
    ...retention,
    columns: [
      { name: 'cohort', kind: 'code', title: wording.cohort },
      ...months.map(
        (month): Column => ({
          ...{ name: String(month), kind: 'rate' },
          title: { es: `${wording.monthsSince.es} ${month}`, en: `${wording.monthsSince.en} ${month}` },
        }),
      ),
    ],
    rows: cohorts.map(cohort => [cohort, ...months.map(month => shares.get(`${String(cohort)} ${month}`) ?? null)]),
  }
  const tell: Tell = (row, column) =>
    column.kind === 'rate' ? shaded(shareAt(pivoted, row, column), language) : undefined
  return (
    figuresTable(ordered(pivoted), say(wording.retentionChart, language), language, tell) + files('retention', language)
  )
}

/** The total last, as one reads sums. */
function ordered(table: Table): Table {
  const isTotal = (row: readonly Value[]) => row[0] === total
  return { ...table, rows: [...table.rows.filter(row => !isTotal(row)), ...table.rows.filter(isTotal)] }
}

function shareAt(table: Table, row: readonly Value[], column: Column): Value {
  return valueAt(table, row, column.name)
}

function shaded(share: Value, language: Language): string {
  const text = valueText(share, shareColumn, '', language)
  if (share === null || share === hidden) return html`${text}`
  return html`<span class="heat heat-${Math.min(4, Math.floor(Number(share) * 5))}">${text}</span>`
}
