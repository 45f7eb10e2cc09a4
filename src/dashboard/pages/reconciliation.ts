import { html } from 'ghtml'
import { type Month, monthOf } from '../../dates.ts'
import type { Proof } from '../../reconciliation/proofs/proof.ts'
import type { AccountState } from '../../reconciliation/state.ts'
import type { Table, Value } from '../../statistics/table.ts'
import { amountText, dayText, type Language, monthText, say } from '../language.ts'
import { figuresTable, type Tell, valueAt, withColumns } from '../parts/figures.ts'
import { inLanguage } from '../parts/layout.ts'
import { wording } from '../wording.ts'
import { filesAt } from './files.ts'

const shown = {
  ...{ book: null, number: null, lastDay: null, status: null },
  ...{ openBreaks: null, oldestDays: null },
}

/** Each account with where it stands; `leads` when who looks may see the page of each. */
export function statesPart(states: Table, leads: boolean, language: Language): string {
  const addresses = new Map(
    states.rows.map(row => {
      const [bookId, id] = [String(valueAt(states, row, 'bookId')), String(valueAt(states, row, 'id'))]
      return [nameOf(row[0]!, row[1]!), inLanguage(`/reconciliation/${bookId}/${id}`, language)]
    }),
  )
  const tell: Tell = (row, { name, kind }) => {
    if (name === 'status') return html`${statusText(String(row[3]), language)}`
    if (kind === 'day' && row[2] !== null) return html`${dayText(String(row[2]), language)}`
    if (name !== 'number' || !leads) return undefined
    return html`<a href="${addresses.get(nameOf(row[0]!, row[1]!))!}">${String(row[1])}</a>`
  }
  return figuresTable(withColumns(states, shown), say(wording.reconciliation, language), language, tell)
}

function nameOf(book: Value, number: Value): string {
  return `${String(book)} ${String(number)}`
}

export function accountsPage({ states, balances }: { states: Table; balances: Table }, language: Language): string {
  const content =
    states.rows.length === 0
      ? html`<p>${say(wording.noBankAccounts, language)}</p>`
      : statesPart(states, true, language)
  return html`<h1>${say(wording.reconciliation, language)}</h1>
<p>${say(wording.reconciliationAbout, language)}</p>
!${content}
!${balances.rows.length === 0 ? '' : balancesPart(balances, language)}`
}

/** Banks' newest lists of savers' balances; each row has the currency of its book. */
function balancesPart(balances: Table, language: Language): string {
  const tell: Tell = (row, { name, kind }) => {
    if (kind === 'day') return html`${dayText(String(row[1]), language)}`
    return kind === 'amount' ? html`${amountText(String(valueAt(balances, row, name)), String(row[2]))}` : undefined
  }
  return html`<section id="balances"><h2>${say(wording.balances, language)}</h2>
<p>${say(wording.balancesAbout, language)}</p>
!${figuresTable(balances, say(wording.balances, language), language, tell)}
!${filesAt('/reconciliation/balances.csv', language)}</section>`
}

/** One account: its last months as a calendar of proofs, and its open breaks by reason and age. */
export function accountPage(
  account: AccountState,
  days: readonly Proof[],
  { ages, list }: { ages: Table; list: Table },
  language: Language,
): string {
  const address = `/reconciliation/${account.bookId}/${account.id}`
  const tell: Tell = (row, { name, kind }) => {
    if (kind === 'day') return html`${dayText(String(row[3]), language)}`
    return name === 'of' ? html`${say(sides[String(row[1]) as keyof typeof sides], language)}` : undefined
  }
  const open =
    ages.rows.length === 0
      ? html`<p>${say(wording.noBreaks, language)}</p>`
      : figuresTable(ages, say(wording.breaks, language), language, tell)
  return html`<p><a href="${inLanguage('/reconciliation', language)}">${say(wording.reconciliation, language)}</a></p>
<h1>${account.bookCode} ${account.number}</h1>
<section id="proofs"><h2>${say(wording.proofs, language)}</h2>
!${calendar(days, language)}
!${filesAt(`${address}/proofs.csv`, language)}</section>
<section id="breaks"><h2>${say(wording.breaks, language)}</h2>
!${open}
!${filesAt(`${address}/breaks.csv`, language)}</section>
!${list.rows.length === 0 ? '' : listPart(list, address, language)}`
}

/** Breaks one by one, with who sees to them; what is open of further ones is in the table by reason. */
function listPart(list: Table, address: string, language: Language): string {
  const tell: Tell = (row, { name, kind }) => {
    if (kind === 'day') return html`${dayText(String(row[0]), language)}`
    if (name === 'of') return html`${say(sides[String(row[2]) as keyof typeof sides], language)}`
    return name === 'status'
      ? html`${say(breakStatuses[String(row[3]) as keyof typeof breakStatuses], language)}`
      : undefined
  }
  return html`<section id="list"><h2>${say(wording.breakList, language)}</h2>
!${figuresTable(list, say(wording.breakList, language), language, tell)}
!${filesAt(`${address}/list.csv`, language)}</section>`
}

const breakStatuses = {
  open: wording.breakOpen,
  proposed: wording.breakProposed,
  accepted: wording.breakAccepted,
} as const

const sides = { statement: wording.ofStatement, line: wording.ofLine, entry: wording.ofEntry } as const

const signs = { proved: '✓', broken: '✗', 'not-covered': '·' } as const

function statusText(status: string, language: Language): string {
  const texts = { proved: wording.proved, broken: wording.broken, 'not-covered': wording.notCovered }
  return say(texts[status as keyof typeof texts], language)
}

/** A row a month, the last one first, and a column a day. */
function calendar(days: readonly Proof[], language: Language): string {
  const caption = say(wording.proofs, language)
  const places = Array.from({ length: 31 }, (_, nth) => nth + 1)
  const months = [...Map.groupBy(days, ({ day }) => monthOf(day))].toReversed()
  const rows = months.map(([month, proofs]) => monthRow(month, proofs, places, language))
  const legend = Object.entries(signs).map(
    ([status, sign]) => html`<li class="${status}">${sign} ${statusText(status, language)}</li>`,
  )
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table class="calendar"><caption>${caption}</caption>
<thead><tr><th scope="col">${say(wording.month, language)}</th>!${places.map(place => html`<th scope="col">${place}</th>`)}</tr></thead>
<tbody>
!${rows.join('\n')}
</tbody></table></div>
<ul class="legend signs">!${legend}</ul>`
}

function monthRow(month: Month, proofs: readonly Proof[], places: readonly number[], language: Language): string {
  const byPlace = new Map(proofs.map(proof => [Number(proof.day.slice(8)), proof]))
  const cells = places.map(place => {
    const proof = byPlace.get(place)
    if (proof === undefined) return '<td></td>'
    const told = `${dayText(proof.day, language)}: ${statusText(proof.status, language)}`
    return html`<td class="${proof.status}" title="${told}"><span aria-hidden="true">${signs[proof.status]}</span><span class="unseen">${statusText(proof.status, language)}</span></td>`
  })
  return html`<tr><th scope="row">${monthText(month, language)}</th>!${cells}</tr>`
}
