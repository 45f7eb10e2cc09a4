import { addMonths, limaDate, type Month, monthOf } from '../dates.ts'
import type { Actor } from '../http/actor.ts'
import { fundSummary } from '../incentives/funding/fund-statement.ts'
import { accountStates } from '../reconciliation/state.ts'
import { listFunds } from '../savings/accounts/funds.ts'
import type { Parts } from '../savings/parts.ts'
import { listTerritories } from '../savings/reference/territories.ts'
import { type Asking, cohortRetention, permanentActiveSavers, savingsFigures } from '../statistics/questions/asking.ts'
import { booksAsked } from '../statistics/questions/knowledge.ts'
import type { Table, Value } from '../statistics/table.ts'
import { statesTable } from './reconciliation-tables.ts'

/** What the pages ask; each is a table, so that it can be had as a file as well. */
export type Figures = { asking: Asking; parts: Parts }

/** As many months as the line of the first page has. */
const monthsShown = 60

const question = { definition: 'PAS-v1', profile: 'internal' } as const

/** The months that are over, the last one at the end. */
function monthsUntilNow({ asking }: Figures): { from: Month; to: Month } {
  const to = addMonths(monthOf(limaDate(asking.clock.now())), -1)
  return { from: addMonths(to, 1 - monthsShown), to }
}

export function series(figures: Figures, actor: Actor): Promise<Table> {
  return permanentActiveSavers(figures.asking, actor, { ...question, ...monthsUntilNow(figures) })
}

/**
 * At the end of the last month, by department, province and district. One table, so that what is hidden in one of them
 * cannot be found in another.
 */
export function places({ asking }: Figures, actor: Actor): Promise<Table> {
  return permanentActiveSavers(asking, actor, { ...question, by: 'district' })
}

/** What cohorts did by month since they enrolled. */
export function retention({ asking }: Figures, actor: Actor): Promise<Table> {
  return cohortRetention(asking, actor, question)
}

/** Balances, deposits, withdrawals, incentives and empty accounts, month by month. */
export function savings(figures: Figures, actor: Actor): Promise<Table> {
  return savingsFigures(figures.asking, actor, { profile: question.profile, ...monthsUntilNow(figures) })
}

/** Every fund of the books that the key reaches: received, paid, come back, left. */
export async function funds({ parts }: Figures, actor: Actor): Promise<Table> {
  const { currency, books } = await booksAsked(parts.db, actor, {})
  const rows: Value[][] = []
  for (const book of books) {
    for (const fund of await listFunds(parts.db, book.id, undefined, mostFunds)) {
      const { received, paid, returned, left } = await fundSummary(parts, book.id, fund.id, undefined)
      rows.push([book.code, fund.code, fund.name, received, paid, returned, left])
    }
  }
  const now = parts.clock.now()
  return {
    name: 'funds',
    title: { es: 'Incentivos y sus fondos', en: 'Incentives and their funds' },
    columns: [
      { name: 'book', kind: 'code', title: { es: 'Libro', en: 'Book' } },
      { name: 'fund', kind: 'code', title: { es: 'Fondo', en: 'Fund' } },
      { name: 'name', kind: 'code', title: { es: 'Nombre', en: 'Name' } },
      { name: 'received', kind: 'amount', title: { es: 'Recibido', en: 'Received' } },
      { name: 'paid', kind: 'amount', title: { es: 'Pagado', en: 'Paid' } },
      { name: 'returned', kind: 'amount', title: { es: 'Devuelto', en: 'Come back' } },
      { name: 'left', kind: 'amount', title: { es: 'Queda', en: 'Left' } },
    ],
    rows,
    notes: {
      definition: null,
      parameters: null,
      currency,
      asOf: limaDate(now),
      knownAt: now.toISOString(),
      population: `Funds of the books ${books.map(({ code }) => code).join(', ') || 'none'}`,
      suppression: null,
    },
  }
}

const mostFunds = 10_000

/** Each account at a bank, how far it is proved and what is open. */
export async function reconciliation({ parts }: Figures, actor: Actor): Promise<Table> {
  const now = parts.clock.now()
  return statesTable(await accountStates(parts.db, actor), limaDate(now), now)
}

/** Names of departments, provinces and districts by their codes. */
export async function placeNames({ parts }: Figures): Promise<ReadonlyMap<string, string>> {
  const all = await listTerritories(parts.db, {}, undefined, 10_000)
  return new Map(all.map(({ code, name }) => [code, titled(name)]))
}

const small = /^(?:DE|DEL|LA|LAS|LOS|EL|Y)$/

/** `SAN JUAN DE BIGOTE` as one writes it: the register has capitals only. */
function titled(name: string): string {
  const words = name.split(' ').map((word, at) => (at > 0 && small.test(word) ? word.toLowerCase() : capitalised(word)))
  return words.join(' ')
}

function capitalised(word: string): string {
  return word.slice(0, 1) + word.slice(1).toLocaleLowerCase('es')
}
