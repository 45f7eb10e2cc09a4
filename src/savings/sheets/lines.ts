import type { CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { Refusal, type RefusalCode, refusals } from '../../refusals.ts'
import { groupOn } from '../registry/groups.ts'
import type { Line, Sheet } from './sheet.ts'

/** What a sheet has to be compared with. */
export type Known = {
  coordinatorId: string | null
  memberIds: ReadonlySet<string>
  accounts: readonly { id: string; bankAccountNumber: string | null; saverId: string | null; groupId: string | null }[]
  saverIds: ReadonlySet<string>
}

/** A line with its account, if it was found, and what speaks against it before the ledger is asked. */
export type CheckedLine = Line & { refusal: Refusal | null }

/**
 * Looks up whatever a sheet names.
 * @throws Refusal `group-not-found`
 */
export async function knownOf(db: Db, bookId: string, sheet: Sheet, date: CalendarDate): Promise<Known> {
  const ids = sheet.lines.map(line => line.savingsAccountId).filter(id => id !== null)
  const numbers = sheet.lines.map(line => line.bankAccountNumber).filter(number => number !== null)
  const depositors = sheet.lines.map(line => line.depositorId).filter(id => id !== null)
  const [group, accounts, savers] = await Promise.all([
    groupOn(db, bookId, sheet.groupId, date),
    db.$client.query<Known['accounts'][number]>(
      `select id, bank_account_number as "bankAccountNumber", saver_id as "saverId", group_id as "groupId"
       from savings_account where book_id = $1 and (id = any($2) or bank_account_number = any($3))`,
      [bookId, ids, numbers],
    ),
    db.$client.query<{ id: string }>('select id from saver where book_id = $1 and id = any($2)', [bookId, depositors]),
  ])
  return { ...group, accounts: accounts.rows, saverIds: new Set(savers.rows.map(row => row.id)) }
}

/** Finds each line's account and says what speaks against the line. Pure: what is known was read before. */
export function checkLines(sheet: Sheet, known: Known): CheckedLine[] {
  const seen = new Set<string>()
  return sheet.lines.map(line => {
    const account = known.accounts.find(account =>
      line.savingsAccountId === null
        ? account.bankAccountNumber === line.bankAccountNumber
        : account.id === line.savingsAccountId,
    )
    if (account === undefined) return { ...line, refusal: refusalOf('savings-account-not-found') }
    const found = { ...line, savingsAccountId: account.id }
    if (seen.has(account.id)) return { ...found, refusal: refusalOf('line-repeated') }
    seen.add(account.id)
    const isOfGroup =
      account.groupId === sheet.groupId || (account.saverId !== null && known.memberIds.has(account.saverId))
    if (!isOfGroup) return { ...found, refusal: refusalOf('not-a-member') }
    if (line.depositorId !== null && !known.saverIds.has(line.depositorId)) {
      return { ...found, refusal: refusalOf('saver-not-found') }
    }
    return { ...found, refusal: null }
  })
}

function refusalOf(code: RefusalCode): Refusal {
  return new Refusal(code, `${refusals[code].title}.`)
}
