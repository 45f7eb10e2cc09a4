import type { Db } from '../../db/client.ts'
import { Refusal, type RefusalCode, refusals } from '../../refusals.ts'
import { accountsByNumber } from '../verbs/subjects.ts'
import { type Line, otherAgent, type Person, type Sheet, type WrittenLine, type WrittenSheet } from './sheet.ts'

/** The saver whom a DNI tells, with her accounts that are not closed. */
type Known = { saverId: string; accountIds: readonly string[] }

/**
 * The agent of a sheet. A code is its agent's for ever.
 * @throws Refusal `agent-not-found`; `request-invalid` when another one signed
 */
export async function agentOfSheet(db: Db, bookId: string, { agentId, agentCode, signedBy }: Agents): Promise<string> {
  const codes = [agentCode, signedBy.agentCode].filter(code => code !== undefined)
  const byCode = codes.length === 0 ? new Map<string, string>() : await agentsByCode(db, bookId, codes)
  const found = (path: string, id: string | undefined, code: string | undefined): string => {
    const agent = id ?? byCode.get(code!)
    if (agent === undefined) throw refused('agent-not-found', path)
    return agent
  }
  const agent = found('agentCode', agentId, agentCode)
  if (found('signedBy.agentCode', signedBy.agent, signedBy.agentCode) === agent) return agent
  const path = signedBy.agent === undefined ? 'signedBy.agentCode' : 'signedBy.agent'
  throw new Refusal('request-invalid', `${path}: ${otherAgent}`, { fields: [{ path, message: otherAgent }] })
}

type Agents = Pick<WrittenSheet, 'agentId' | 'agentCode'> & {
  signedBy: Pick<WrittenSheet['signedBy'], 'agent' | 'agentCode'>
}

async function agentsByCode(db: Db, bookId: string, codes: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.$client.query<{ id: string; code: string }>(
    'select id, code from agent where book_id = $1 and code = any($2)',
    [bookId, codes],
  )
  return new Map(rows.map(({ id, code }) => [code, id]))
}

/**
 * The sheet with ids in place of codes, names, numbers and persons. What a line names and is not found, or not alone,
 * speaks against that line only.
 * @throws Refusal `group-not-found`, `reference-ambiguous`, `saver-not-found`
 */
export async function settledSheet(db: Db, bookId: string, agentId: string, written: WrittenSheet): Promise<Sheet> {
  const { signedBy, lines, meetingDate, cashCount, onRefusal } = written
  const numbers = lines.map(line => line.bankAccountNumber).filter(number => number !== null)
  const people = [signedBy.person, ...lines.flatMap(line => [line.holder, line.depositor])].filter(one => one !== null)
  const [groupId, byNumber, byPerson] = await Promise.all([
    groupOfSheet(db, bookId, written),
    accountsByNumber(db, bookId, numbers),
    saversByPerson(db, bookId, people),
  ])
  const coordinator = signedBy.coordinator ?? byPerson.get(signedBy.person!)?.saverId
  if (coordinator === undefined) throw refused('saver-not-found', 'signedBy.coordinatorDni')
  return {
    groupId,
    agentId,
    meetingDate,
    cashCount,
    onRefusal,
    signedBy: { coordinator, agent: agentId },
    lines: lines.map(line => settledLine(line, byNumber, byPerson)),
  }
}

function settledLine(
  line: WrittenLine,
  byNumber: ReadonlyMap<string, string>,
  byPerson: ReadonlyMap<Person, Known>,
): Line {
  if (line.flaw !== null) return { ...line, refusal: line.flaw }
  const depositorId = line.depositorId ?? (line.depositor && (byPerson.get(line.depositor)?.saverId ?? null))
  const noDepositor =
    line.depositor !== null && depositorId === null ? refused('saver-not-found', 'depositorDni') : null
  const known = { ...line, depositorId, refusal: noDepositor }
  if (line.savingsAccountId !== null) return known
  if (line.bankAccountNumber !== null) {
    const savingsAccountId = byNumber.get(line.bankAccountNumber) ?? null
    return savingsAccountId === null
      ? { ...known, refusal: refused('savings-account-not-found', 'bankAccountNumber') }
      : { ...known, savingsAccountId }
  }
  const holder = byPerson.get(line.holder!)
  if (holder === undefined) return { ...known, refusal: refused('saver-not-found', 'dni') }
  const [savingsAccountId, ...others] = holder.accountIds
  if (savingsAccountId === undefined) return { ...known, refusal: refused('savings-account-not-found', 'dni') }
  if (others.length === 0) return { ...known, savingsAccountId }
  return { ...known, refusal: refused('reference-ambiguous', 'dni', { savingsAccountIds: holder.accountIds }) }
}

/** A name is compared without regard to capitals. */
async function groupOfSheet(db: Db, bookId: string, { groupId, groupCode, groupName }: WrittenSheet): Promise<string> {
  if (groupId !== undefined) return groupId
  const { rows } = await db.$client.query<{ id: string; code: string }>(
    `select id, code from savings_group
     where book_id = $1 and (code = $2 or lower(name) = lower($3)) order by code limit 10`,
    [bookId, groupCode ?? null, groupName ?? null],
  )
  const path = groupCode === undefined ? 'groupName' : 'groupCode'
  const [group, ...others] = rows
  if (group === undefined) throw refused('group-not-found', path)
  if (others.length === 0) return group.id
  throw refused('reference-ambiguous', path, { groups: rows.map(({ id, code }) => ({ groupId: id, groupCode: code })) })
}

async function saversByPerson(db: Db, bookId: string, people: readonly Person[]): Promise<Map<Person, Known>> {
  if (people.length === 0) return new Map()
  const { rows } = await db.$client.query<Known & { person: Person }>(
    `select encode(s.person, 'hex') as person, s.id as "saverId",
       array(
         select a.id from savings_account a join account l on l.book_id = $1 and l.id = a.own_account_id
         where a.book_id = $1 and a.saver_id = s.id and l.status <> 'closed' order by a.opened_on, a.id
       ) as "accountIds"
     from saver s
     where s.book_id = $1 and s.person = any(array(select decode(p, 'hex') from unnest($2::text[]) p))`,
    [bookId, people],
  )
  return new Map(rows.map(({ person, ...known }) => [person, known]))
}

function refused(code: RefusalCode, path: string, facts: Record<string, unknown> = {}): Refusal {
  const { title } = refusals[code]
  return new Refusal(code, `${path}: ${title}.`, { facts, fields: [{ path, message: title }] })
}
