import { html } from 'ghtml'
import { lastDay, type Month } from '../../dates.ts'
import { hidden, type Table, type Value } from '../../statistics/table.ts'
import { dayText, instantText, type Language, say } from '../language.ts'
import { figuresTable, valueAt, valueText, withColumns } from '../parts/figures.ts'
import { type Line, lineChart } from '../parts/line-chart.ts'
import { populationText } from '../parts/population.ts'
import { wording } from '../wording.ts'
import { files } from './files.ts'
import { placesMap } from './places.ts'
import { statesPart } from './reconciliation.ts'
import { retentionPart } from './retention.ts'

/** What the first page shows. */
type HomeTable = 'series' | 'places' | 'retention' | 'savings' | 'funds' | 'reconciliation'
export type HomeTables = Record<HomeTable, Table>
type Books = readonly { code: string }[]

export function homePage(
  tables: HomeTables,
  books: Books,
  names: ReadonlyMap<string, string>,
  leadsToAccounts: boolean,
  language: Language,
): string {
  const { series, places, retention, savings, funds, reconciliation } = tables
  const agreement = statesPart(reconciliation, leadsToAccounts, language) + files('reconciliation', language)
  return html`<h1>${say(wording.headline, language)}</h1>
!${headline(series, language)}
!${notes(series, books, language)}
!${section('series', wording.series, monthly(series, language), language)}
!${section('places', wording.places, placesMap(places, names, language), language)}
!${section('retention', wording.retention, retentionPart(retention, language), language)}
!${section('empty', wording.emptyTitle, empty(savings, language), language)}
!${section('funds', wording.incentives, fundsPart(funds, language), language)}
!${reconciliation.rows.length === 0 ? '' : section('reconciliation', wording.reconciliation, agreement, language)}`
}

function section(id: string, title: { es: string; en: string }, content: string, language: Language): string {
  return html`<section id="${id}">
<h2>${say(title, language)}</h2>
!${content}
</section>`
}

/** The last month’s count, of how many, and the rate. */
function headline(series: Table, language: Language): string {
  const last = series.rows.at(-1)!
  const [numerator, denominator, rate] = ['permanentActive', 'denominator', 'rate'].map(name => {
    const column = series.columns.find(one => one.name === name)!
    return valueText(valueAt(series, last, name), column, series.notes.currency, language)
  })
  return html`<p class="headline"><strong>${numerator}</strong> ${say(wording.of, language)} <strong>${denominator}</strong>
${say(wording.inDenominator, language)}: <strong>${rate}</strong></p>`
}

/** What has to be known of the figures to count them again. */
function notes(series: Table, books: Books, language: Language): string {
  const { definition, parameters, knownAt, suppression } = series.notes
  const last = valueAt(series, series.rows.at(-1)!, 'month') as Month
  const terms = Object.entries(parameters ?? {}).map(
    ([name, value]) =>
      html`<dt>${name}</dt><dd>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>`,
  )
  return html`<dl class="notes">
<dt>${say(wording.definition, language)}</dt>
<dd>${definition} <details><summary>${say(wording.parameters, language)}</summary><dl>!${terms}</dl></details></dd>
<dt>${say(wording.asOf, language)}</dt><dd>${dayText(lastDay(last), language)}</dd>
<dt>${say(wording.knownAt, language)}</dt><dd><time datetime="${knownAt}">${instantText(knownAt, language)}</time></dd>
<dt>${say(wording.population, language)}</dt><dd>${populationText(books, [], language)}</dd>
</dl>
<p class="fine">${say(wording.hiddenWhy, language).replace('{k}', String(suppression?.k ?? 0))}</p>`
}

function monthly(series: Table, language: Language): string {
  const months = monthsOf(series)
  const lines: Line[] = [
    { name: say(wording.denominator, language), kind: 'faint', values: numbersOf(series, 'denominator') },
    { name: say(wording.numerator, language), kind: 'strong', values: numbersOf(series, 'permanentActive') },
  ]
  const chart = lineChart(say(wording.seriesChart, language), months, lines, language)
  const table = withColumns(series, {
    ...{ month: null, registered: null, denominator: null },
    ...{ permanentActive: wording.numerator, rate: wording.rate },
  })
  return chart + asTable({ ...table, rows: table.rows.toReversed() }, wording.seriesChart, 'series', language)
}

function empty(savings: Table, language: Language): string {
  const lines: Line[] = [
    { name: say(wording.holders, language), kind: 'faint', values: numbersOf(savings, 'holders') },
    { name: say(wording.empty, language), kind: 'strong', values: numbersOf(savings, 'empty') },
  ]
  const chart = lineChart(say(wording.emptyChart, language), monthsOf(savings), lines, language)
  const table = withColumns(savings, {
    ...{ month: null, holders: wording.holders, empty: wording.empty, emptyShare: wording.rate, balanceMedian: null },
  })
  return chart + asTable({ ...table, rows: table.rows.toReversed() }, wording.emptyChart, 'savings', language)
}

function fundsPart(funds: Table, language: Language): string {
  if (funds.rows.length === 0) return html`<p>${say(wording.noFunds, language)}</p>`
  return figuresTable(funds, say(wording.incentives, language), language) + files('funds', language)
}

/** A chart's figures as a table that is opened at will, and as files. */
function asTable(table: Table, caption: { es: string; en: string }, name: string, language: Language): string {
  return html`<details class="table"><summary>${say(wording.asTable, language)}</summary>
!${figuresTable(table, say(caption, language), language)}</details>
!${files(name, language)}`
}

function monthsOf(series: Table): Month[] {
  return series.rows.map(row => valueAt(series, row, 'month') as Month)
}

function numbersOf(series: Table, name: string): (number | null)[] {
  return series.rows.map(row => numberOf(valueAt(series, row, name)))
}

function numberOf(value: Value): number | null {
  return value === hidden || value === null ? null : Number(value)
}
