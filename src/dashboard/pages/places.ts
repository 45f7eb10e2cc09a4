import { html } from 'ghtml'
import { hidden, type Table, total, type Value } from '../../statistics/table.ts'
import { type Language, say } from '../language.ts'
import { departmentsMap, type Shown } from '../map/map.ts'
import { figuresTable, type Tell, valueAt, valueText, withColumns } from '../parts/figures.ts'
import { inLanguage } from '../parts/layout.ts'
import { wording } from '../wording.ts'
import { files } from './files.ts'

const shown = {
  district: wording.place,
  registered: null,
  denominator: null,
  permanentActive: wording.numerator,
  empty: wording.empty,
  rate: wording.rate,
}

/** Departments as a map and as a table; each leads to its provinces and districts. */
export function placesMap(places: Table, names: ReadonlyMap<string, string>, language: Language): string {
  const departments = only(places, code => code.length === 2)
  const byCode = new Map(departments.rows.map(row => [String(valueAt(departments, row, 'district')), row]))
  const map = departmentsMap(say(wording.map, language), code =>
    shownOf(departments, code, byCode.get(code), names, language),
  )
  const legend = [0, 1, 2, 3, 4].map(
    shade => html`<li><span class="swatch shade-${shade}"></span>${shade * 20}–${shade * 20 + 20} %</li>`,
  )
  return html`<div class="places"><figure>!${map}
<figcaption>${say(wording.map, language)}<ul class="legend">!${legend}
<li><span class="swatch shade-hidden"></span>${say(wording.hidden, language)}</li></ul></figcaption></figure>
<div>!${placesTable(departments, say(wording.places, language), names, language)}!${files('places', language)}</div></div>`
}

/** One department: its provinces, and below each its districts. */
export function departmentPage(
  places: Table,
  code: string,
  names: ReadonlyMap<string, string>,
  language: Language,
): string {
  const table = only(places, place => place.startsWith(code))
  const name = names.get(code) ?? code
  return html`<p><a href="${inLanguage('/', language)}">${say(wording.home, language)}</a></p>
<h1>${name}: ${say(wording.headline, language)}</h1>
<p class="fine">${say(wording.hiddenWhy, language).replace('{k}', String(places.notes.suppression?.k ?? 0))}</p>
!${placesTable(table, say(wording.provincesOf, language), names, language)}
!${files('places', language)}`
}

function only(places: Table, isShown: (code: string) => boolean): Table {
  const rows = places.rows.filter(row => {
    const code = String(valueAt(places, row, 'district'))
    return code === total || isShown(code)
  })
  return { ...places, rows }
}

function placesTable(places: Table, caption: string, names: ReadonlyMap<string, string>, language: Language): string {
  const table = withColumns(places, shown)
  const tell: Tell = (row, column) => {
    if (column.kind !== 'code') return undefined
    const code = String(row[0])
    const name = names.get(code)
    if (name === undefined) return undefined
    const level = ['', 'department', 'province', 'district'][code.length / 2]
    const what =
      level === 'province' || level === 'district' ? html` <small>${say(wording[level], language)}</small>` : ''
    const text = html`<span class="${level}">${name}!${what}</span>`
    return level === 'department' ? html`<a href="${addressOf(code, language)}">!${text}</a>` : text
  }
  return figuresTable(table, caption, language, tell)
}

function shownOf(
  departments: Table,
  code: string,
  row: readonly Value[] | undefined,
  names: ReadonlyMap<string, string>,
  language: Language,
): Shown {
  const name = names.get(code) ?? code
  if (row === undefined) return { shade: 'none', label: `${name}: ${say(wording.noSavers, language)}`, address: null }
  const rate = valueAt(departments, row, 'rate')
  const column = departments.columns.find(one => one.name === 'rate')!
  const label = `${name}: ${valueText(rate, column, '', language)}`
  const address = addressOf(code, language)
  if (rate === hidden || rate === null) return { shade: 'hidden', label, address }
  return { shade: Math.min(4, Math.floor(Number(rate) * 5)) as 0 | 1 | 2 | 3 | 4, label, address }
}

function addressOf(code: string, language: Language): string {
  return inLanguage(`/places/${code}`, language)
}
