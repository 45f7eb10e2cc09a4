import { z } from 'zod'
import { type CalendarDate, calendarDate, instantText, limaDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import {
  type AccountStatus,
  accountStatusSchema,
  type Balance,
  balancesOf,
  bookOf,
  heldMeaning,
  sequenceKnownAt,
} from '../../ledger/index.ts'
import { type Currency, currencySchema, formatAmount, signedAmountText, totalText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { moneyAccount, moneyKinds } from '../chart.ts'
import type { Parts } from '../parts.ts'
import { numberKey } from '../wording.ts'
import { dormantBefore, isDormant } from './dormancy.ts'
import { moneys, savingsAccountOf, savingsAccountShape, type WireName, wireNames } from './savings-accounts.ts'
import type { savingsAccount } from './schema.ts'

const moneySchema = z
  .object({
    posted: signedAmountText.describe('The sum of its entries'),
    held: totalText.describe(heldMeaning),
    available: signedAmountText.describe('Posted less held'),
  })
  .meta({ id: 'Money' })

const balancesShape = z.object({
  currency: currencySchema,
  balances: z.object(moneys(moneySchema)).meta({ id: 'SavingsMoneys' }),
  total: moneySchema.describe('The four together'),
})

export const savingsBalanceSchema = z
  .object({
    savingsAccountId: z.uuid(),
    status: accountStatusSchema,
    ...balancesShape.shape,
    asOf: calendarDate.nullable(),
    knownAt: instantText.nullable(),
    sequence: z.int().describe('The last transaction of the book that was looked at'),
  })
  .meta({ id: 'SavingsBalance' })

export const savingsAccountSchema = z
  .object({
    ...savingsAccountShape,
    status: accountStatusSchema,
    closedOn: calendarDate.nullable(),
    lastDepositOn: calendarDate.nullable().describe('Value date of its holder’s last deposit that was not reversed'),
    dormant: z.boolean().describe('Computed: no deposit of its holder for as many days as the question says'),
    ...balancesShape.shape,
  })
  .meta({ id: 'SavingsAccount' })

export const savingsAccountViewSchema = savingsAccountSchema
  .extend({ asOf: calendarDate.nullable(), knownAt: instantText.nullable() })
  .meta({ id: 'SavingsAccountView' })

type Row = Omit<typeof savingsAccount.$inferSelect, 'actor' | 'contentHash' | 'holderKind'> & {
  status: AccountStatus
  closedOn: CalendarDate | null
  lastDepositOn: CalendarDate | null
}

/**
 * Rows of savings accounts with their status and the value date of the holder's last deposit. Parameters: $1 the book,
 * $2 the day and $3 the sequence up to which deposits count (null: all).
 */
const rows = `
  select a.id, a.saver_id as "saverId", a.group_id as "groupId", a.organisation_id as "organisationId",
    a.bank_account_number as "bankAccountNumber", a.cci, a.cci_valid as "cciValid", a.opened_on as "openedOn",
    a.agent_id as "agentId", a.own_account_id as "ownAccountId", a.incentive_locked_account_id as "incentiveLockedAccountId",
    a.incentive_released_account_id as "incentiveReleasedAccountId", a.interest_account_id as "interestAccountId",
    a.recorded_at as "recordedAt", l.status, l.closed_on as "closedOn", d.value_date as "lastDepositOn"
  from savings_account a
  join account l on l.book_id = $1 and l.id = a.own_account_id
  left join lateral (
    select e.value_date from entry e
    join transaction t on t.book_id = $1 and t.sequence = e.sequence and t.kind = 'deposit'
    where e.book_id = $1 and e.account_id = a.own_account_id and e.direction = 'credit' and e.value_date <= $2
      and ($3::bigint is null or e.sequence <= $3)
      and not exists (
        select from transaction r
        where r.book_id = $1 and r.reverses = e.sequence and ($3::bigint is null or r.sequence <= $3))
    order by e.value_date desc, e.sequence desc, e.position desc limit 1
  ) d on true
  where a.book_id = $1`

export type View = { asOf?: CalendarDate | undefined; knownAt?: string | undefined; dormantAfterDays: number }

/**
 * A savings account with its balances, now or as of a day, as known now or at an instant.
 * @throws Refusal `savings-account-not-found`, `instant-in-future`
 */
export async function viewSavingsAccount(parts: Parts, bookId: string, savingsAccountId: string, view: View) {
  const { db, clock } = parts
  const knownAt = view.knownAt === undefined ? undefined : new Date(view.knownAt)
  const day = view.asOf ?? limaDate(knownAt ?? clock.now())
  const { currency } = await bookOf(db, bookId)
  const upTo = knownAt === undefined ? null : await sequenceKnownAt(db, bookId, knownAt, clock)
  const accountIds = moneyKinds.map(({ name }) => moneyAccount(savingsAccountId, name))
  const [found, { balances }] = await Promise.all([
    db.$client.query<Row>(`${rows} and a.id = $4`, [bookId, day, upTo?.toString() ?? null, savingsAccountId]),
    balancesOf(db, bookId, accountIds, clock, { asOf: view.asOf, knownAt }),
  ])
  const [row] = found.rows
  const byAccount = new Map(balances.map(balance => [balance.accountId, balance]))
  const status = byAccount.get(accountIds[0]!)?.status
  // One that was not known at that instant has no balances then.
  if (row === undefined || status === undefined) {
    throw new Refusal('savings-account-not-found', 'This book has no such savings account.')
  }
  const then = { ...row, status, closedOn: status === 'closed' ? row.closedOn : null }
  return {
    ...itemOf(then, byAccount, currency, view.dormantAfterDays, day),
    asOf: view.asOf ?? null,
    knownAt: view.knownAt ?? null,
  }
}

/**
 * The balances of a savings account and nothing else, in one query: what is asked most.
 * @throws Refusal `savings-account-not-found`, `instant-in-future`
 */
export async function balanceOfSavings(
  { db, clock }: Parts,
  bookId: string,
  savingsAccountId: string,
  { asOf, knownAt }: { asOf?: CalendarDate | undefined; knownAt?: string | undefined },
): Promise<z.output<typeof savingsBalanceSchema>> {
  const { currency } = await bookOf(db, bookId)
  const accounts = accountsOfSavings(savingsAccountId)
  const viewpoint = { asOf, knownAt: knownAt === undefined ? undefined : new Date(knownAt) }
  const { balances, sequence } = await balancesOf(db, bookId, Object.values(accounts), clock, viewpoint)
  const byAccount = new Map(balances.map(balance => [balance.accountId, balance]))
  const held = byAccount.get(accounts.own)
  if (held === undefined) throw new Refusal('savings-account-not-found', 'This book has no such savings account.')
  return {
    savingsAccountId,
    status: held.status,
    ...moneysWritten(accounts, byAccount, currency),
    asOf: asOf ?? null,
    knownAt: knownAt ?? null,
    sequence: Number(sequence),
  }
}

/** The ledger accounts of a savings account's four kinds of money, computed. */
function accountsOfSavings(savingsAccountId: string): { [name in WireName]: string } {
  return Object.fromEntries(moneyKinds.map(({ name }) => [wireNames[name], moneyAccount(savingsAccountId, name)])) as {
    [name in WireName]: string
  }
}

export type Filter = {
  saverId?: string | undefined
  groupId?: string | undefined
  organisationId?: string | undefined
  memberOf?: string | undefined
  status?: AccountStatus | undefined
  dormant?: boolean | undefined
  bankAccountNumber?: string | undefined
}

/** Savings accounts in the order of recording, after a place. `limit` is how many rows are read. */
export async function listSavingsAccounts(
  parts: Parts,
  bookId: string,
  filter: Filter,
  { place, limit, days }: { place: { recordedAt: string; id: string } | null; limit: number; days: number },
) {
  const { db, clock } = parts
  const today = limaDate(clock.now())
  const { currency } = await bookOf(db, bookId)
  const found = await db.$client.query<Row>(
    `${rows}
      and ($4::timestamptz is null or (a.recorded_at, a.id) > ($4, $5::uuid))
      and ($6::uuid is null or a.saver_id = $6)
      and ($7::uuid is null or a.group_id = $7)
      and ($8::uuid is null or a.organisation_id = $8)
      and ($9::uuid is null or a.saver_id in (
        select m.saver_id from membership m
        where m.book_id = $1 and m.group_id = $9 and m.starts_on <= $2 and (m.ends_on is null or m.ends_on >= $2)))
      and ($10::text is null or l.status::text = $10)
      and ($11::boolean is null or (l.status <> 'closed' and coalesce(d.value_date, a.opened_on) < $12) = $11)
      and ($13::text is null or upper(replace(a.bank_account_number, '-', '')) = $13)
    order by a.recorded_at, a.id limit $14`,
    [
      bookId,
      today,
      null,
      place?.recordedAt ?? null,
      place?.id ?? null,
      filter.saverId ?? null,
      filter.groupId ?? null,
      filter.organisationId ?? null,
      filter.memberOf ?? null,
      filter.status ?? null,
      filter.dormant ?? null,
      dormantBefore(days, today),
      filter.bankAccountNumber === undefined ? null : numberKey(filter.bankAccountNumber),
      limit,
    ],
  )
  const byAccount = await balancesByAccount(db, bookId, found.rows, parts)
  return found.rows.map(row => ({ ...itemOf(row, byAccount, currency, days, today), recordedAt: row.recordedAt }))
}

async function balancesByAccount(db: Db, bookId: string, found: readonly Row[], { clock }: Parts) {
  const accountIds = found.flatMap(row => Object.values(savingsAccountOf(row).accounts))
  const { balances } = await balancesOf(db, bookId, accountIds, clock)
  return new Map(balances.map(balance => [balance.accountId, balance]))
}

function itemOf(
  row: Row,
  byAccount: ReadonlyMap<string, Balance>,
  currency: Currency,
  days: number,
  day: CalendarDate,
): z.output<typeof savingsAccountSchema> {
  const account = savingsAccountOf(row)
  const { status, closedOn, lastDepositOn } = row
  const dormant = isDormant(row, days, day)
  return {
    ...account,
    status,
    closedOn,
    lastDepositOn,
    dormant,
    ...moneysWritten(account.accounts, byAccount, currency),
  }
}

/** The four balances and their total, as they travel. */
function moneysWritten(
  accounts: { [name in WireName]: string },
  byAccount: ReadonlyMap<string, Balance>,
  currency: Currency,
): z.output<typeof balancesShape> {
  const total = { posted: 0n, held: 0n, available: 0n }
  const balances = Object.fromEntries(
    Object.values(wireNames).map(name => {
      const { posted, held, available } = byAccount.get(accounts[name])!
      total.posted += posted
      total.held += held
      total.available += available
      return [name, written({ posted, held, available }, currency)]
    }),
  ) as z.output<typeof balancesShape>['balances']
  return { currency, balances, total: written(total, currency) }
}

function written({ posted, held, available }: { posted: bigint; held: bigint; available: bigint }, currency: Currency) {
  const text = (amount: bigint) => formatAmount(amount, currency)
  return { posted: text(posted), held: text(held), available: text(available) }
}
