import type { Schemas } from './client.ts'
import type { Input, Row } from './files.ts'
import { idOf } from './ids.ts'

/** One thing done offline, as `POST /v1/sync` takes it. */
export type Operation = { type: string; bookId: string; body: { id?: string } & Record<string, unknown> }

function bookId(code: string): string {
  return idOf('book', code)
}

/** A savings account by the number that the bank gave it, which is what is written on sheets and lists. */
export function savingsAccountId(bankAccountNumber: string): string {
  return idOf('savings-account', bankAccountNumber)
}

/** Without empty cells: what is not written is not said. */
function said(body: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== '')) as Record<
    string,
    string
  >
}

/** Agents, groups, savers with their memberships, enrolments and accounts, and the fund: what has to be there first. */
export function registrations({ programme, agents, groups, savers }: Input): Operation[] {
  const ofGroup = new Map(groups.map(group => [group.group, group]))
  return [
    ...agents.map(({ book, agent, name, startsOn }) => ({
      type: 'register-agent',
      bookId: bookId(book!),
      body: { id: idOf('agent', agent!), code: agent, name, startsOn },
    })),
    ...programme.funds.map(({ bookId, ...body }) => ({ type: 'open-fund', bookId, body })),
    ...groups.flatMap(groupOperations),
    ...savers.flatMap(saver => saverOperations(saver, ofGroup.get(saver.group!)!, programme.programmes[0]!.id)),
  ]
}

function groupOperations(row: Row): Operation[] {
  const { book, group, name, districtCode, meetingPlace, formedOn, ownAccount } = row
  const id = idOf('group', group!)
  const formed = { type: 'form-group', body: { id, code: group, name, districtCode, meetingPlace, formedOn } }
  const opened = {
    type: 'open-savings-account',
    body: {
      id: savingsAccountId(ownAccount!),
      groupId: id,
      bankAccountNumber: ownAccount,
      openedOn: formedOn,
    },
  }
  return (ownAccount === '' ? [formed] : [formed, opened]).map(one => ({ ...one, bookId: bookId(book!) }))
}

function saverOperations(row: Row, group: Row, programmeId: string): Operation[] {
  const { saver, dni, givenNames, familyNames, birthDate, districtCode, bankAccountNumber, cci, joinedOn } = row
  const { motherTongue, consentedOn, householdReference } = row
  const [saverId, agentId] = [idOf('saver', saver!), idOf('agent', group.agent!)]
  const tongue = motherTongue === '' ? {} : { motherTongue: { language: motherTongue, consentedOn } }
  const person = said({ dni, givenNames, familyNames, birthDate, districtCode, householdReference })
  const operations: Omit<Operation, 'bookId'>[] = [
    {
      type: 'register-saver',
      body: { id: saverId, ...person, sex: 'female', ...tongue, registeredOn: joinedOn, agentId },
    },
    {
      type: 'join-group',
      body: {
        id: idOf('membership', saver!),
        saverId,
        groupId: idOf('group', row.group!),
        startsOn: joinedOn,
      },
    },
    {
      type: 'enrol-saver',
      body: { id: idOf('enrolment', saver!), saverId, programmeId, startsOn: joinedOn, cohort: '2025' },
    },
    {
      type: 'open-savings-account',
      body: {
        id: savingsAccountId(bankAccountNumber!),
        saverId,
        bankAccountNumber,
        cci,
        openedOn: joinedOn,
        agentId,
      },
    },
  ]
  return operations.map(one => ({ ...one, bookId: bookId(group.book!) }))
}

/** Who is named coordinator in a month: before its sheets, which she signs. */
export function namings({ coordinators, groups }: Input, month: string): Operation[] {
  return coordinators
    .filter(({ startsOn }) => startsOn!.startsWith(month))
    .map(({ group, saver, startsOn }) => ({
      type: 'name-coordinator',
      bookId: bookId(groups.find(row => row.group === group)!.book!),
      body: {
        id: idOf('coordination', group!, startsOn!),
        groupId: idOf('group', group!),
        saverId: idOf('saver', saver!),
        startsOn,
      },
    }))
}

/** What moved in a month outside of the meetings, and who left after hers. */
export function movements(input: Input, month: string): Operation[] {
  const ofMonth = (rows: Row[]) => rows.filter(({ valueDate }) => valueDate!.startsWith(month))
  const one = (type: string, row: Row, name: string, body: Record<string, string | undefined>): Operation => ({
    type,
    bookId: bookId(row.book!),
    body: { id: idOf(type, name), amount: row.amount, valueDate: row.valueDate, ...said(body) },
  })
  const account = (row: Row) => savingsAccountId(row.bankAccountNumber!)
  const named = (kind: string, name: string | undefined) => (name ? idOf(kind, name) : undefined)
  return [
    ...ofMonth(input.fundReceipts).map(row => {
      const { reference, fund } = row
      return one('fund-receipt', row, reference!, { fundId: idOf('fund', fund!), reference })
    }),
    ...ofMonth(input.deposits).map(row => {
      const { channel, reference, agent, depositor } = row
      return one('deposit', row, `${reference} ${row.bankAccountNumber}`, {
        savingsAccountId: account(row),
        channel,
        agentId: named('agent', agent),
        depositorId: named('saver', depositor),
        reference,
      })
    }),
    ...ofMonth(input.stateTransfers).map(row => {
      const { source, periodFrom, periodTo, reference } = row
      const body = { savingsAccountId: account(row), source, periodFrom, periodTo, reference }
      return one('state-transfer', row, `${reference} ${row.bankAccountNumber}`, body)
    }),
    ...ofMonth(input.withdrawals).map(row => {
      const { purpose, channel, reference } = row
      return one('withdrawal', row, reference!, { savingsAccountId: account(row), purpose, channel, reference })
    }),
    ...ofMonth(input.bankings).map(row => {
      const { agent, reference } = row
      return one('banking', row, reference!, { agentId: idOf('agent', agent!), reference })
    }),
    ...ofMonth(input.prizes).map(row => {
      const { fund, actReference, actDate } = row
      const prize = one('competition-prize', row, actReference!, {
        fundId: idOf('fund', fund!),
        savingsAccountId: account(row),
      })
      return { ...prize, body: { ...prize.body, act: { reference: actReference, date: actDate } } }
    }),
    ...leavings(input, month),
  ]
}

function leavings({ savers, groups }: Input, month: string): Operation[] {
  return savers
    .filter(({ leftOn }) => leftOn!.startsWith(month))
    .map(({ saver, group, leftOn }) => ({
      type: 'end-membership',
      bookId: bookId(groups.find(row => row.group === group)!.book!),
      body: { membershipId: idOf('membership', saver!), endsOn: leftOn },
    }))
}

/** The bank's interest of a month: a list a book and day. */
export function interestLists(
  { interest }: Input,
  month: string,
): { bookId: string; body: Schemas['InterestListTold'] }[] {
  const ofMonth = interest.filter(({ valueDate }) => valueDate!.startsWith(month))
  const lists = Map.groupBy(ofMonth, ({ book, valueDate }) => `${book} ${valueDate}`)
  return [...lists].map(([name, rows]) => {
    const { book, valueDate } = rows[0]!
    const lines = rows.map(row => ({ savingsAccountId: savingsAccountId(row.bankAccountNumber!), amount: row.amount! }))
    return { bookId: bookId(book!), body: { id: idOf('interest', name), valueDate: valueDate!, lines } }
  })
}
