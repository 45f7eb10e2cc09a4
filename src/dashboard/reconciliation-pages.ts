import type { FastifyRequest } from 'fastify'
import { addMonths, firstDay, limaDate, monthOf } from '../dates.ts'
import type { Actor } from '../http/actor.ts'
import type { App } from '../http/openapi.ts'
import { newestLists } from '../reconciliation/balances/newest.ts'
import type { Proof } from '../reconciliation/proofs/proof.ts'
import { proveDays } from '../reconciliation/proofs/proving.ts'
import { type AccountState, accountStates, breakAges, listedBreaks } from '../reconciliation/state.ts'
import type { Parts } from '../savings/parts.ts'
import { answerTable } from '../statistics/exports/answers.ts'
import type { Table } from '../statistics/table.ts'
import { fileFormat, languageOf, notFound, sendPage } from './answering.ts'
import { say } from './language.ts'
import { accountPage, accountsPage } from './pages/reconciliation.ts'
import { inLanguage } from './parts/layout.ts'
import { agesTable, balancesTable, listTable, proofsTable, statesTable } from './reconciliation-tables.ts'
import { wording } from './wording.ts'

/** The calendar has this month and as many before it. */
const monthsBefore = 2

/** Where bank and ledger agree, for people: every account at a bank, and of each the calendar of proofs and the ages of breaks. */
export function reconciliationPages(
  pages: App,
  { db, clock }: Parts,
  actorOf: (request: FastifyRequest) => Promise<Actor | null>,
): void {
  const hidden = { schema: { hide: true } }
  const today = () => limaDate(clock.now())

  async function accountAsked(request: FastifyRequest, actor: Actor): Promise<AccountState | undefined> {
    const { bookId, id } = request.params as { bookId: string; id: string }
    const states = await accountStates(db, actor)
    return states.find(one => one.bookId === bookId && one.id === id)
  }

  async function balances(actor: Actor): Promise<Table> {
    return balancesTable(await newestLists(db, actor), today(), clock.now())
  }

  function provedDays(account: AccountState): Promise<Proof[]> {
    const to = today()
    return proveDays(db, account, account.currency, { from: firstDay(addMonths(monthOf(to), -monthsBefore)), to })
  }

  const tables = new Map<string, (account: AccountState) => Promise<Table>>([
    ['proofs', async account => proofsTable(account, await provedDays(account))],
    ['breaks', async account => agesTable(account, await breakAges(db, account), today())],
    ['list', async account => listTable(account, await listedBreaks(db, account), today())],
  ])

  pages.get('/reconciliation', hidden, async (request, reply) => {
    const language = languageOf(request)
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', language), 303)
    const states = statesTable(await accountStates(db, actor), today(), clock.now())
    const page = accountsPage({ states, balances: await balances(actor) }, language)
    return sendPage(request, reply, actor, say(wording.reconciliation, language), page)
  })

  pages.get('/reconciliation/balances.csv', hidden, async (request, reply) => {
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', languageOf(request)), 303)
    return answerTable(reply, await balances(actor), fileFormat(request))
  })

  pages.get('/reconciliation/:bookId/:id', hidden, async (request, reply) => {
    const language = languageOf(request)
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', language), 303)
    const account = await accountAsked(request, actor)
    if (account === undefined) return notFound(request, reply, actor)
    const days = await provedDays(account)
    const ages = agesTable(account, await breakAges(db, account), today())
    const list = listTable(account, await listedBreaks(db, account), today())
    const title = `${account.bookCode} ${account.number} · ${say(wording.reconciliation, language)}`
    return sendPage(request, reply, actor, title, accountPage(account, days, { ages, list }, language))
  })

  pages.get('/reconciliation/:bookId/:id/:name.csv', hidden, async (request, reply) => {
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', languageOf(request)), 303)
    const { name } = request.params as { name: string }
    const account = await accountAsked(request, actor)
    const table = account === undefined ? undefined : await tables.get(name)?.(account)
    if (table === undefined) return notFound(request, reply, actor)
    return answerTable(reply, table, fileFormat(request))
  })
}
