import type { CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { Refusal, type RefusalCode, refusals } from '../../refusals.ts'
import { groupOn } from '../registry/groups.ts'
import type { Line, Sheet } from './sheet.ts'

/** What a sheet has to be compared with. */
export type Known = {
  coordinatorId: string | null
  memberIds: ReadonlySet<string>
  accounts: readonly { id: string; saverId: string | null; groupId: string | null }[]
  saverIds: ReadonlySet<string>
}

/**
 * Reads what a sheet's ids stand for.
 * @throws Refusal `group-not-found`
 */
export async function knownOf(db: Db, bookId: string, sheet: Sheet, date: CalendarDate): Promise<Known> {
  const ids = sheet.lines.map(line => line.savingsAccountId).filter(id => id !== null)
  const depositors = sheet.lines.map(line => line.depositorId).filter(id => id !== null)
  const [group, accounts, savers] = await Promise.all([
    groupOn(db, bookId, sheet.groupId, date),
    db.$client.query<Known['accounts'][number]>(
      `select id, saver_id as "saverId", group_id as "groupId" from savings_account where book_id = $1 and id = any($2)`,
      [bookId, ids],
    ),
    db.$client.query<{ id: string }>('select id from saver where book_id = $1 and id = any($2)', [bookId, depositors]),
  ])
  return { ...group, accounts: accounts.rows, saverIds: new Set(savers.rows.map(row => row.id)) }
}

/** Says what speaks against each line before the ledger is asked. Pure: what is known was read before. */
export function checkLines(sheet: Sheet, known: Known): Line[] {
  const seen = new Set<string>()
  return sheet.lines.map(line => {
    if (line.savingsAccountId === null) return line
    const account = known.accounts.find(({ id }) => id === line.savingsAccountId)
    if (account === undefined) return { ...line, refusal: refusalOf('savings-account-not-found') }
    if (seen.has(account.id)) return { ...line, refusal: refusalOf('line-repeated') }
    seen.add(account.id)
    const isOfGroup =
      account.groupId === sheet.groupId || (account.saverId !== null && known.memberIds.has(account.saverId))
    if (!isOfGroup) return { ...line, refusal: refusalOf('not-a-member') }
    if (line.depositorId !== null && !known.saverIds.has(line.depositorId)) {
      return { ...line, refusal: refusalOf('saver-not-found') }
    }
    return line
  })
}

function refusalOf(code: RefusalCode): Refusal {
  return new Refusal(code, `${refusals[code].title}.`)
}
