import { addDays, addMonths, type CalendarDate, firstDay, type Month } from '../../dates.ts'
import { idOf } from '../ids.ts'
import type { Operation } from '../operations.ts'
import { between, chance } from './chance.ts'
import { broughtBy, firstMonth, type Group, type Woman } from './people.ts'

/** What happens at one bank in a month: meetings first, then what follows from them. */
export type Happening = { registrations: Operation[]; sheets: Operation[]; movements: Operation[] }

/** From when JUNTOS pays into these accounts, every second month. */
const juntosFrom: Month = '2025-11'

/** The centimos of a woman's own money. The months have to be told in their order, for withdrawals want to be covered. */
export type Balances = Map<string, number>

const amountText = (centimos: number) => `${Math.floor(centimos / 100)}.${String(centimos % 100).padStart(2, '0')}`

/** Everything of a month at a bank, by ids that are computed, so that it is the same whenever it is told again. */
export function happenings(
  bookId: string,
  programmeId: string,
  groups: readonly Group[],
  month: Month,
  balances: Balances,
): Happening {
  const happening: Happening = { registrations: [], sheets: [], movements: [] }
  const collected = new Map<string, number>()
  for (const group of groups) {
    const nth = monthsSince(group.joined, month)
    if (nth < 0) continue
    if (nth === 0) happening.registrations.push(...registering(group, programmeId).map(one => ({ ...one, bookId })))
    const day = meetingDay(group, month)
    const brought = group.women
      .map(woman => ({ woman, centimos: broughtBy(woman, nth) }))
      .filter(one => one.centimos > 0)
    if (brought.length > 0) {
      const cash = brought.reduce((sum, { centimos }) => sum + centimos, 0)
      collected.set(group.agent, (collected.get(group.agent) ?? 0) + cash)
      happening.sheets.push({ type: 'collection-sheet', bookId, body: sheetOf(group, month, day, brought, cash) })
    }
    for (const { woman, centimos } of brought) add(balances, woman, centimos)
    for (const woman of group.women) {
      const transferred = transfer(woman, month)
      const taken = withdrawal(woman, month, nth, (balances.get(woman.code) ?? 0) + (transferred?.centimos ?? 0))
      add(balances, woman, (transferred?.centimos ?? 0) - (taken?.centimos ?? 0))
      for (const one of [transferred, taken]) if (one) happening.movements.push({ ...one.operation, bookId })
    }
  }
  for (const [agent, cash] of collected) happening.movements.push({ ...banking(agent, month, cash), bookId })
  return happening
}

function add(balances: Balances, { code }: Woman, centimos: number): void {
  balances.set(code, (balances.get(code) ?? 0) + centimos)
}

export function monthsSince(first: Month, month: Month): number {
  const index = (one: Month) => Number(one.slice(0, 4)) * 12 + Number(one.slice(5))
  return index(month) - index(first)
}

/** The months from the first to `last`. */
export function monthsUntil(last: Month): Month[] {
  return Array.from({ length: monthsSince(firstMonth, last) + 1 }, (_, nth) => addMonths(firstMonth, nth))
}

function meetingDay({ code }: Group, month: Month): CalendarDate {
  return addDays(firstDay(month), between(4, 20, 'meeting', code))
}

type Unplaced = Omit<Operation, 'bookId'>

function registering(group: Group, programmeId: string): Unplaced[] {
  const groupId = idOf('group', group.code)
  const [formedOn, joinedOn] = [firstDay(group.joined), addDays(firstDay(group.joined), 2)]
  const { code, name, district: districtCode } = group
  const coordination = { id: idOf('coordination', code), groupId, saverId: idOf('saver', group.women[0]!.code) }
  return [
    { type: 'form-group', body: { id: groupId, code, name, districtCode, formedOn } },
    ...group.women.flatMap(woman => joining(woman, group, programmeId, joinedOn)),
    { type: 'name-coordinator', body: { ...coordination, startsOn: joinedOn } },
  ]
}

function joining(woman: Woman, group: Group, programmeId: string, joinedOn: CalendarDate): Unplaced[] {
  const { code, givenNames, familyNames, birthDate, language, household, account } = woman
  const saverId = idOf('saver', code)
  const agentId = idOf('agent', group.agent)
  const person = { givenNames, familyNames, birthDate, sex: 'female', districtCode: group.district }
  const tongue = language && { motherTongue: { language, consentedOn: joinedOn } }
  const house = household && { householdReference: household }
  return [
    { type: 'register-saver', body: { id: saverId, ...person, ...tongue, ...house, registeredOn: joinedOn, agentId } },
    {
      type: 'join-group',
      body: { id: idOf('membership', code), saverId, groupId: idOf('group', group.code), startsOn: joinedOn },
    },
    {
      type: 'enrol-saver',
      body: { id: idOf('enrolment', code), saverId, programmeId, startsOn: joinedOn, cohort: group.cohort },
    },
    {
      type: 'open-savings-account',
      body: { id: accountOf(woman), saverId, bankAccountNumber: account, openedOn: joinedOn, agentId },
    },
  ]
}

function accountOf({ code }: Woman): string {
  return idOf('savings-account', code)
}

function sheetOf(
  group: Group,
  month: Month,
  meetingDate: CalendarDate,
  brought: readonly { woman: Woman; centimos: number }[],
  cash: number,
) {
  const agentId = idOf('agent', group.agent)
  return {
    ...{ id: idOf('sheet', group.code, month), groupId: idOf('group', group.code), agentId, meetingDate },
    cashCount: amountText(cash),
    signedBy: { coordinator: idOf('saver', group.women[0]!.code), agent: agentId },
    lines: brought.map(({ woman, centimos }, place) => ({
      ...{ line: place + 1, savingsAccountId: accountOf(woman), deposit: amountText(centimos) },
    })),
  }
}

type Movement = { centimos: number; operation: Unplaced }

/** What JUNTOS pays to a household every second month. */
function transfer(woman: Woman, month: Month): Movement | undefined {
  if (woman.household === undefined || month < juntosFrom || Number(month.slice(5)) % 2 === 0) return undefined
  const [centimos, periodFrom, periodTo] = [200_00, addMonths(month, -2), addMonths(month, -1)]
  const body = { id: idOf('transfer', woman.code, month), savingsAccountId: accountOf(woman), source: 'JUNTOS' }
  const told = { periodFrom, periodTo, reference: `PADRON-${month}` }
  const valueDate = addDays(firstDay(month), 22)
  return {
    centimos,
    operation: { type: 'state-transfer', body: { ...body, amount: amountText(centimos), valueDate, ...told } },
  }
}

/** Who takes money out: whoever tried it once takes all, many some at Christmas, most what JUNTOS paid. */
function withdrawal(woman: Woman, month: Month, nth: number, balance: number): Movement | undefined {
  const part = partTaken(woman, month, nth)
  const centimos = Math.floor((balance * part) / 100) * 100
  if (centimos <= 0) return undefined
  const body = { id: idOf('withdrawal', woman.code, month), savingsAccountId: accountOf(woman), purpose: 'household' }
  const told = { channel: 'branch', reference: `VENT-${woman.code}-${month}` }
  const valueDate = addDays(firstDay(month), 25)
  return {
    centimos,
    operation: { type: 'withdrawal', body: { ...body, amount: amountText(centimos), valueDate, ...told } },
  }
}

function partTaken(woman: Woman, month: Month, nth: number): number {
  if (woman.habit === 'once') return nth === 3 ? 1 : 0
  if (nth === woman.lastMonth + 2) return chance('leaves', woman.code) < 0.6 ? 1 : 0.9
  if (woman.household !== undefined && month >= juntosFrom && chance('spends', woman.code, month) < 0.6) return 0.6
  if (month.endsWith('-12')) return chance('christmas', woman.code, month) < 0.4 ? 0.5 : 0
  return chance('needs', woman.code, month) < 0.03 ? 0.4 : 0
}

function banking(agent: string, month: Month, cash: number): Unplaced {
  const id = idOf('banking', agent, month)
  const [amount, valueDate] = [amountText(cash), addDays(firstDay(month), 24)]
  return {
    type: 'banking',
    body: { id, agentId: idOf('agent', agent), amount, valueDate, reference: `DEP-${agent}-${month}` },
  }
}
