import { z } from 'zod'
import type { CalendarDate } from '../dates.ts'
import { nameId } from '../ids.ts'
import type { AccountOpening, Evidence } from '../ledger/index.ts'

/**
 * The control accounts of every book. An account's code begins with its control account's; only accounts that hold
 * entries exist, and the trial balance adds them up under these names.
 */
export const controlAccounts = {
  '1010': 'Bank',
  '1020': 'Cash with agents',
  '1080': 'Unmatched payments',
  '1090': 'Clearing',
  '2010': 'Own money of savers',
  '2020': 'Incentives, locked',
  '2030': 'Incentives, released',
  '2040': 'Interest',
  '2080': 'Unmatched receipts',
  '2100': 'Funds',
  '2110': 'Incentives set aside',
} as const

/** Those whose money moves by verbs only, and never by hand: incentives, shares and runs hang on it, or what is open at the bank. */
export const reservedControls = [
  '1080',
  '2020',
  '2030',
  '2080',
  '2100',
  '2110',
] as const satisfies (keyof typeof controlAccounts)[]

/** The four kinds of money of a savings account: the name its id is computed from, its control account, its title. */
export const moneyKinds = [
  { name: 'own', control: '2010', title: 'Own money' },
  { name: 'incentive-locked', control: '2020', title: 'Incentives, locked' },
  { name: 'incentive-released', control: '2030', title: 'Incentives, released' },
  { name: 'interest', control: '2040', title: 'Interest' },
] as const

export type MoneyKind = (typeof moneyKinds)[number]['name']

export const moneyNames = moneyKinds.map(({ name }) => name)

export const moneyNameSchema = z.enum(moneyNames).meta({ id: 'MoneyKind' })

/**
 * The ledger account that holds one kind of a savings account's money. Ids of ledger accounts are computed and not
 * looked up, so that posting needs no query before it.
 */
export function moneyAccount(savingsAccountId: string, kind: MoneyKind): string {
  return nameId(kind, savingsAccountId)
}

/** What its holder saved herself. */
export function own(savingsAccountId: string): string {
  return moneyAccount(savingsAccountId, 'own')
}

export function interestMoney(savingsAccountId: string): string {
  return moneyAccount(savingsAccountId, 'interest')
}

/** The book's account at its institution. */
export function bank(bookId: string): string {
  return nameId('bank', bookId)
}

/** Where money rests on its way to or from another book. */
export function clearing(bookId: string): string {
  return nameId('clearing', bookId)
}

/** The cash an agent has taken in and not yet banked. */
export function agentCash(bookId: string, agentId: string): string {
  return nameId(`cash:${bookId.toLowerCase()}`, agentId)
}

export function fundMoney(fundId: string): string {
  return nameId('fund', fundId)
}

/** What an approved run has taken from a fund and not yet paid. */
export function setAside(runId: string, fundId: string): string {
  return nameId(`set-aside:${fundId}`, runId)
}

/** The accounts with which a book opens; that of the bank says of the book what the register has to vouch for. */
export function standingChart(bookId: string, openedOn: CalendarDate, evidence: Evidence): AccountOpening[] {
  return [
    { id: bank(bookId), code: '1010', name: controlAccounts['1010'], type: 'asset', floor: null, openedOn, evidence },
    { id: clearing(bookId), code: '1090', name: controlAccounts['1090'], type: 'asset', floor: null, openedOn },
  ]
}

/** The account of one agent's cash. The ledger keeps names for ever, so the agent's own stays out of it. */
export function agentCashOpening(
  bookId: string,
  agentId: string,
  openedOn: CalendarDate,
  evidence: Evidence,
): AccountOpening {
  const [id, name] = [agentCash(bookId, agentId), 'Cash with agent']
  return { id, code: `1020.${agentId}`, name, type: 'asset', floor: 0n, openedOn, evidence }
}

/** The four ledger accounts of a savings account; the first says of it what the register has to vouch for. */
export function moneyOpenings(savingsAccountId: string, openedOn: CalendarDate, evidence: Evidence): AccountOpening[] {
  return moneyKinds.map(({ name: kind, control, title }) => ({
    id: moneyAccount(savingsAccountId, kind),
    code: `${control}.${savingsAccountId}`,
    name: title,
    type: 'liability',
    floor: 0n,
    openedOn,
    ...(kind === 'own' && { evidence }),
  }))
}

export function fundOpening(fundId: string, name: string, openedOn: CalendarDate, evidence: Evidence): AccountOpening {
  return { id: fundMoney(fundId), code: `2100.${fundId}`, name, type: 'liability', floor: 0n, openedOn, evidence }
}

export function setAsideOpening(runId: string, fundId: string, openedOn: CalendarDate): AccountOpening {
  const [id, name] = [setAside(runId, fundId), controlAccounts['2110']]
  return { id, code: `2110.${id}`, name, type: 'liability', floor: 0n, openedOn }
}
