import type { Db } from '../../db/client.ts'
import type { Book } from '../../ledger/index.ts'
import { Refusal, type RefusalCode, refusals } from '../../refusals.ts'
import { agentCash, fundMoney, moneyAccount, moneyKinds } from '../chart.ts'
import { numberKey } from '../wording.ts'
import type { Subjects, VerbBody } from './verb.ts'

const notFound: Record<keyof Subjects, RefusalCode> = {
  savingsAccountId: 'savings-account-not-found',
  fromSavingsAccountId: 'savings-account-not-found',
  toSavingsAccountId: 'savings-account-not-found',
  agentId: 'agent-not-found',
  fundId: 'fund-not-found',
}

/**
 * A refusal of the ledger, which speaks of accounts, in terms of whom the request named. Ids of accounts are computed
 * from theirs, so whose an account is can be told without a query.
 */
export function inTermsOf(named: Subjects, book: Book, refusal: Refusal): Refusal {
  const { accountId, ...facts } = refusal.facts
  if (typeof accountId !== 'string') return refusal
  for (const path of Object.keys(notFound) as (keyof Subjects)[]) {
    const id = named[path]
    const whose = id === undefined ? undefined : whoseAccount(path, id, book, accountId)
    if (whose === undefined) continue
    const code = refusal.code === 'account-not-found' ? notFound[path] : refusal.code
    const { title } = refusals[code]
    return new Refusal(code, `${path}: ${title}.`, {
      facts: { ...facts, ...whose, [path]: id },
      fields: [{ path, message: title }],
      cause: refusal,
    })
  }
  return refusal
}

/** Says which money of a savings account it is; undefined when the account is none of theirs. */
function whoseAccount(path: keyof Subjects, id: string, book: Book, accountId: string): object | undefined {
  if (path === 'agentId') return agentCash(book.id, id) === accountId ? {} : undefined
  if (path === 'fundId') return fundMoney(id) === accountId ? {} : undefined
  const kind = moneyKinds.find(({ name }) => moneyAccount(id, name) === accountId)
  return kind && { money: kind.name }
}

/**
 * The body with the id of the savings account that it names by number. A number is its account's for ever, so the draft
 * is the same whenever it is asked, and the same as by the id.
 * @throws Refusal `savings-account-not-found`
 */
export async function settled(db: Db, bookId: string, { bankAccountNumber, ...body }: Numbered): Promise<VerbBody> {
  const savingsAccountId = (await accountsByNumber(db, bookId, [bankAccountNumber])).get(bankAccountNumber)
  if (savingsAccountId === undefined) throw unknownNumber()
  return { ...body, savingsAccountId }
}

export function unknownNumber(): Refusal {
  const { title } = refusals['savings-account-not-found']
  return new Refusal('savings-account-not-found', `bankAccountNumber: ${title}.`, {
    fields: [{ path: 'bankAccountNumber', message: title }],
  })
}

/** The ids of the savings accounts that have one of these numbers, by the numbers as they are written here. */
export async function accountsByNumber(
  db: Db,
  bookId: string,
  numbers: readonly string[],
): Promise<Map<string, string>> {
  if (numbers.length === 0) return new Map()
  const { rows } = await db.$client.query<{ id: string; key: string }>(
    `select id, upper(replace(bank_account_number, '-', '')) as key from savings_account
     where book_id = $1 and upper(replace(bank_account_number, '-', '')) = any($2)`,
    [bookId, numbers.map(numberKey)],
  )
  const byKey = new Map(rows.map(({ id, key }) => [key, id]))
  const found = numbers.map(number => [number, byKey.get(numberKey(number))] as const)
  return new Map(found.filter((one): one is readonly [string, string] => one[1] !== undefined))
}

type Numbered = VerbBody & { bankAccountNumber: string }

export function isNumbered(body: VerbBody & { bankAccountNumber?: string | undefined }): body is Numbered {
  return body.bankAccountNumber !== undefined
}

/** @throws Refusal `saver-not-found` naming `path` */
export async function refuseUnknownSaver(db: Db, bookId: string, saverId: string, path: string): Promise<void> {
  const { rowCount } = await db.$client.query('select from saver where book_id = $1 and id = $2', [bookId, saverId])
  if (rowCount === 0) {
    const { title } = refusals['saver-not-found']
    throw new Refusal('saver-not-found', `${path}: ${title}.`, { fields: [{ path, message: title }] })
  }
}

/**
 * Money may change the account only within what one holder has.
 * @throws Refusal `savings-account-not-found`, `holders-differ`
 */
export async function refuseDifferentHolders(db: Db, bookId: string, from: string, to: string): Promise<void> {
  const { rows } = await db.$client.query<{ id: string; holder: string }>(
    `select id, coalesce(saver_id, group_id, organisation_id) as holder from savings_account
     where book_id = $1 and id = any($2)`,
    [bookId, [from, to]],
  )
  const holders = new Map(rows.map(row => [row.id, row.holder]))
  for (const [path, id] of [
    ['fromSavingsAccountId', from],
    ['toSavingsAccountId', to],
  ] as const) {
    if (holders.has(id)) continue
    const { title } = refusals['savings-account-not-found']
    throw new Refusal('savings-account-not-found', `${path}: ${title}.`, { fields: [{ path, message: title }] })
  }
  if (holders.get(from) !== holders.get(to)) {
    throw new Refusal('holders-differ', 'The two accounts are not of the same holder.', {
      fields: [{ path: 'toSavingsAccountId', message: 'is an account of another holder' }],
    })
  }
}
