import { html } from 'ghtml'
import { onlyOf } from '../../statistics/questions/question.ts'
import { figureColumns } from '../../statistics/questions/savers-table.ts'
import { readContent } from '../../statistics/releases/content.ts'
import type { Cause, Difference } from '../../statistics/releases/differences.ts'
import type { ReleaseRow } from '../../statistics/releases/manifest.ts'
import type { ListedRelease } from '../../statistics/releases/release.ts'
import { type Column, type Table, total, type Wording } from '../../statistics/table.ts'
import { instantText, type Language, say } from '../language.ts'
import { figuresTable, type Tell, valueText } from '../parts/figures.ts'
import { inLanguage } from '../parts/layout.ts'
import { populationText } from '../parts/population.ts'
import { wording } from '../wording.ts'
import { filesAt } from './files.ts'

/** As many rows of a table as a page has; the rest is in the file. */
const rowsShown = 300

export function releasesPage(rows: readonly ListedRelease[], next: string | null, language: Language): string {
  const items = rows.map(
    row => html`<li><h2><a href="${inLanguage(`/releases/${row.id}`, language)}">${row.title}</a></h2>
<dl class="notes">
!${term(wording.code, row.code, language)}
!${term(wording.releasedAt, instantText(row.recordedAt.toISOString(), language), language)}
!${term(wording.definition, row.definition, language)}
!${term(wording.hash, row.sha256.toString('hex'), language)}
</dl></li>`,
  )
  const more =
    next === null
      ? ''
      : html`<p><a href="${inLanguage(`/releases?after=${next}`, language)}">${say(wording.more, language)}</a></p>`
  const list =
    rows.length === 0 ? html`<p>${say(wording.noReleases, language)}</p>` : html`<ul class="releases">!${items}</ul>`
  return html`<h1>${say(wording.releases, language)}</h1>
<p>${say(wording.releasesAbout, language)}</p>
!${list}
!${more}`
}

/** What the page says of codes and ids: names of places, and of whoever made the release. */
type Names = { names: ReadonlyMap<string, string>; madeBy: string | null }

export function releasePage(row: ReleaseRow, { names, madeBy }: Names, language: Language): string {
  const { tables, differences } = readContent(row.content)
  const asked = new Map(row.tables.map(table => [table.name, table]))
  const sections = tables.map(({ name, table }) => {
    const population = populationText(row.cutOff.books, onlyOf(asked.get(name)!), language)
    return tableSection(row.id, { name, table, population }, names, language)
  })
  return html`<p><a href="${inLanguage('/releases', language)}">${say(wording.releases, language)}</a></p>
<h1>${row.title}</h1>
!${about(row, madeBy, language)}
!${differences === null ? '' : differencesSection(differences, row.currency, names, language)}
!${sections}
<p class="fine">${say(wording.hiddenWhy, language).replace('{k}', String(row.k))}</p>`
}

function about(row: ReleaseRow, madeBy: string | null, language: Language): string {
  const { knownAt, books } = row.cutOff
  const software = row.codeCommit === null ? row.codeVersion : `${row.codeVersion} (${row.codeCommit})`
  const revises =
    row.revises === null
      ? ''
      : html`<dt>${say(wording.revises, language)}</dt>
<dd><a href="${inLanguage(`/releases/${row.revises}`, language)}">${row.revises}</a></dd>`
  return html`<dl class="notes">
!${term(wording.code, row.code, language)}
!${revises}
!${term(wording.releasedAt, instantText(row.recordedAt.toISOString(), language), language)}
!${term(wording.releasedBy, madeBy ?? row.actor, language)}
!${term(wording.definition, row.definition, language)}
!${term(wording.knownAt, instantText(knownAt, language), language)}
!${term(wording.books, books.map(({ code, sequence }) => `${code} ${sequence}`).join(', '), language)}
!${term(wording.suppression, `${say(wording[row.profile], language)}, k = ${row.k}`, language)}
!${term(wording.software, software, language)}
!${term(wording.hash, row.sha256.toString('hex'), language)}
<dt>${say(wording.signature, language)}</dt>
<dd>Ed25519, ${row.signingKey} <details><summary>${say(wording.showSignature, language)}</summary><p>${row.signature}</p></details></dd>
</dl>
<p class="files"><a href="/releases/${row.id}/content.json" download>${say(wording.content, language)}</a>
<a href="/.well-known/jwks.json">${say(wording.publicKeys, language)}</a></p>`
}

function term(title: Wording, text: string, language: Language): string {
  return html`<dt>${say(title, language)}</dt><dd>${text}</dd>`
}

type Shown = { name: string; table: Table; population: string }

function tableSection(
  id: string,
  { name, table, population }: Shown,
  names: Names['names'],
  language: Language,
): string {
  const caption = `${say(table.title, language)}: ${name}`
  return html`<section><h2>${name}</h2>
<p class="fine">${population}</p>
!${firstRows(table, caption, language, tellPlace(table, names))}
!${filesAt(`/releases/${id}/tables/${name}.csv`, language)}</section>`
}

const levels: readonly string[] = ['department', 'province', 'district']

/** A place by its name, with its code, by which files have it. */
function tellPlace({ columns }: Table, names: Names['names']): Tell {
  return (row, { name }) => {
    if (!levels.includes(name)) return undefined
    const code = String(row[columns.findIndex(column => column.name === name)])
    const place = names.get(code)
    return place === undefined ? undefined : html`${place} <small>${code}</small>`
  }
}

function firstRows(table: Table, caption: string, language: Language, tell?: Tell): string {
  const shown = { ...table, rows: table.rows.slice(0, rowsShown) }
  const [some, all] = [String(shown.rows.length), String(table.rows.length)]
  const note = say(wording.moreRows, language).replace('{shown}', some).replace('{all}', all)
  return figuresTable(shown, caption, language, tell) + (some === all ? '' : html`<p class="fine">${note}</p>`)
}

const causeNames: Record<Cause, Wording> = {
  definition: wording.definitionCause,
  register: wording.registerCause,
  'late-sync': wording.lateCause,
  reversal: wording.reversalCause,
  software: wording.softwareCause,
  unexplained: wording.unexplainedCause,
}

function differencesSection(
  differences: readonly Difference[],
  currency: string,
  names: Names['names'],
  language: Language,
): string {
  const title = say(wording.differences, language)
  const content =
    differences.length === 0
      ? html`<p>${say(wording.noDifferences, language)}</p>`
      : firstRows(asTable(differences, currency, names, language), title, language, tellDifference(language))
  return html`<section id="differences"><h2>${title}</h2>
!${content}</section>`
}

const column = (name: string, kind: Column['kind'], title: Wording): Column => ({ name, kind, title })

function asTable(
  differences: readonly Difference[],
  currency: string,
  names: Names['names'],
  language: Language,
): Table {
  const nameOf = (dimension: string, code: string) =>
    levels.includes(dimension) && names.has(code) ? `${names.get(code)} ${code}` : code
  const places = (place: Difference['place']) => {
    const codes = Object.entries(place).map(([dimension, code]) =>
      code === total ? say(wording.total, language) : nameOf(dimension, code),
    )
    return codes.join(' · ') || say(wording.total, language)
  }
  return {
    name: 'differences',
    title: wording.differences,
    columns: [
      column('table', 'code', wording.table),
      column('month', 'month', wording.month),
      column('place', 'code', wording.place),
      column('figure', 'code', wording.figure),
      column('was', 'count', wording.was),
      column('is', 'count', wording.is),
      column('causes', 'count', wording.causes),
    ],
    rows: differences.map(({ table, month, place, figure, was, is, causes }) => {
      const why = causes.map(cause => say(causeNames[cause], language)).join(', ')
      return [table, month, places(place), figure, was, is, why]
    }),
    notes: {
      ...{ definition: null, parameters: null, currency, asOf: '', knownAt: '', population: '', suppression: null },
    },
  }
}

/** What a figure is called, and its values as figures of its kind. */
function tellDifference(language: Language): Tell {
  const columns = new Map(figureColumns.map(one => [one.name, one]))
  return (row, { name }) => {
    const figure = columns.get(String(row[3]))
    if (name === 'causes') return html`${String(row[6])}`
    if (figure === undefined) return undefined
    if (name === 'figure') return html`${say(figure.title, language)}`
    if (name === 'was' || name === 'is') return html`${valueText(row[name === 'was' ? 4 : 5]!, figure, '', language)}`
    return undefined
  }
}
