import { addDays, type CalendarDate } from '../../src/dates.ts'
import { idOf } from '../../src/demo/ids.ts'
import { birthDate, type Chance, cci, dni, personNames, pick, seeded, whole } from './people.ts'
import { type Group, groups, usualDeposits, year } from './plan.ts'

export type Saver = {
  code: string
  account: string
  cci: string
  joinedOn: CalendarDate
  leftOn: CalendarDate | ''
  inJuntos: boolean
  row: Record<string, string>
  /** Minor units of her own money, so that the year asks for no withdrawal that would be refused. */
  own: number
}

export type SheetLine = {
  account: string
  deposit: number
  withdrawal: number
  purpose: string
  depositor: string
  saver: Saver | null
}

export type Sheet = {
  name: string
  group: Group
  date: CalendarDate
  coordinator: string
  onRefusal: string
  lines: SheetLine[]
}

export type Movement = Record<string, string>

/** Everything that happened, in the files' own terms. */
export type Year = {
  savers: Saver[]
  sheets: Sheet[]
  coordinators: Movement[]
  deposits: Movement[]
  reversals: Movement[]
  withdrawals: Movement[]
  stateTransfers: Movement[]
  bankings: Movement[]
  interest: Movement[]
}

const centavos = 100

export function money(minor: number): string {
  return `${Math.trunc(minor / centavos)}.${String(Math.abs(minor) % centavos).padStart(2, '0')}`
}

/** The nth Saturday or Sunday of a month. */
export function meetingOf(group: Group, month: number): CalendarDate {
  const first = `${year}-${String(month).padStart(2, '0')}-01`
  const weekday = new Date(`${first}T00:00:00Z`).getUTCDay()
  return addDays(first, ((group.weekday - weekday + 7) % 7) + (group.week - 1) * 7)
}

export function monthName(month: number): string {
  return `${year}-${String(month).padStart(2, '0')}`
}

export function saversOf(group: Group): Saver[] {
  const chance = seeded(Number(group.group.slice(3)) * 7919)
  const [prefix, entity] = group.book === 'TITICACA-PEN' ? ['110-21', '897'] : ['215-08', '898']
  return Array.from({ length: group.size }, (_, place) => {
    const number = `${group.group.slice(3)}${String(place + 1).padStart(2, '0')}`
    const code = `${group.group}-${String(place + 1).padStart(2, '0')}`
    // One came later, one left early: a year is never still.
    const joins = group.group === 'GR-02' && place === 14 ? 4 : 1
    const leaves = group.group === 'GR-04' && place === 9 ? 9 : null
    const joinedOn = meetingOf(group, joins)
    const leftOn = leaves === null ? '' : meetingOf(group, leaves)
    const inJuntos = group.book === 'TITICACA-PEN' && chance() < 0.42
    const account = `${prefix}-00${number}`
    const ofBank = cci(entity, '011', number)
    // A number copied wrong from a card: kept, and told as a warning.
    const interbank = code === 'GR-03-05' ? `${ofBank.slice(0, 19)}${(Number(ofBank[19]) + 1) % 10}` : ofBank
    const consents = chance() < 0.7
    const row = {
      saver: code,
      group: group.group,
      dni: dni(chance),
      ...personNames(chance),
      birthDate: birthDate(chance),
      districtCode: group.districtCode,
      motherTongue: consents ? group.tongue : '',
      consentedOn: consents ? joinedOn : '',
      householdReference: inJuntos ? `H-${group.districtCode}-${number}` : '',
      bankAccountNumber: account,
      cci: interbank,
      joinedOn,
      leftOn,
    }
    return { code, account, cci: interbank, joinedOn, leftOn, inJuntos, row, own: 0 }
  })
}

const purposes = ['education', 'education', 'child-health', 'own-health', 'business', 'business', 'household', 'other']

/** One year of meetings, and what the bank and the State did between them. */
export function theYear(): Year {
  const chance = seeded(20_250_101)
  const story: Year = {
    savers: [],
    sheets: [],
    coordinators: [],
    deposits: [],
    reversals: [],
    withdrawals: [],
    stateTransfers: [],
    bankings: [],
    interest: [],
  }
  const members = new Map(groups.map(group => [group.group, saversOf(group)]))
  story.savers = [...members.values()].flat()
  // One woman saves in soles at the caja and in dollars at the bank: the same person in two books.
  const [soles, dollars] = [members.get('GR-01')![2]!, members.get('GR-05')![3]!]
  for (const name of ['dni', 'givenNames', 'familyNames', 'birthDate']) dollars.row[name] = soles.row[name]!
  const cash = new Map<string, number>()

  for (let month = 1; month <= 12; month++) {
    for (const group of groups.toSorted((one, other) =>
      meetingOf(one, month) < meetingOf(other, month) ? -1 : meetingOf(one, month) > meetingOf(other, month) ? 1 : 0,
    )) {
      story.sheets.push(meeting(chance, story, group, members.get(group.group)!, month, cash))
    }
    correctSheets(story, month)
    if (month % 2 === 1 && month > 1) juntos(chance, story, month)
    if (month === 8) carriedToTown(story, members.get('GR-01')!)
    bank(story, month, cash)
    if (month % 6 === 0) creditInterest(story, month)
  }
  return story
}

function meeting(
  chance: Chance,
  story: Year,
  group: Group,
  members: Saver[],
  month: number,
  cash: Map<string, number>,
): Sheet {
  const date = meetingOf(group, month)
  const present = members.filter(saver => saver.joinedOn <= date && (saver.leftOn === '' || saver.leftOn >= date))
  const second = group.group === 'GR-03' && month >= 7
  const coordinator = members[second ? 1 : 0]!.code
  if (month === 1 || (group.group === 'GR-03' && month === 7)) {
    story.coordinators.push({ group: group.group, saver: coordinator, startsOn: date })
  }
  const bag = `${group.book} ${group.agent}`
  const lines = present.flatMap((saver): SheetLine[] => {
    const line = { account: saver.account, deposit: 0, withdrawal: 0, purpose: '', depositor: '', saver }
    if (saver.leftOn === date) return [leaving(line)]
    if (chance() < 0.87) line.deposit = pick(chance, usualDeposits[group.book]!) * centavos
    if (line.deposit > 0 && chance() < 0.1) line.depositor = pick(chance, present).code
    if (line.depositor === saver.code) line.depositor = ''
    const step = group.book === 'TITICACA-PEN' ? 10 * centavos : 2 * centavos
    if (month > 3 && chance() < 0.08 && saver.own > 4 * step) {
      line.withdrawal = whole(chance, 1, Math.floor(saver.own / step / 2)) * step
      line.purpose = pick(chance, purposes)
    }
    saver.own += line.deposit - line.withdrawal
    return line.deposit + line.withdrawal > 0 ? [line] : []
  })
  const sheet = { name: `${monthName(month)}-${group.group}`, group, date, coordinator, onRefusal: '', lines }
  cash.set(bag, (cash.get(bag) ?? 0) + lines.reduce((sum, line) => sum + line.deposit - line.withdrawal, 0))
  return sheet
}

/** She takes what is hers and leaves the group. */
function leaving(line: SheetLine): SheetLine {
  const withdrawal = line.saver!.own
  line.saver!.own = 0
  return { ...line, withdrawal, purpose: 'household' }
}

/** Two mistakes of the year: money on a neighbour's line, and a number that is nobody's. */
function correctSheets(story: Year, month: number): void {
  if (month === 5) {
    const sheet = story.sheets.find(({ name }) => name === '2025-05-GR-02')!
    const place = sheet.lines.findIndex(({ deposit }) => deposit > 0)
    const wrong = sheet.lines[place]!
    const right = story.savers.find(({ code }) => code === 'GR-02-09')!
    const valueDate = addDays(sheet.date, 1)
    const reason = 'written on the line of another saver'
    story.reversals.push({ sheet: sheet.name, line: String(place + 1), valueDate, reason })
    story.deposits.push(deposit(sheet, right, wrong.deposit, valueDate, `HOJA-05-GR-02-${place + 1}`))
    wrong.saver!.own -= wrong.deposit
    right.own += wrong.deposit
  }
  if (month === 9) {
    const sheet = story.sheets.find(({ name }) => name === '2025-09-GR-05')!
    const line = sheet.lines.at(-1)!
    line.account = `${line.account.slice(0, -1)}X`
    sheet.onRefusal = 'post-without'
    const valueDate = addDays(sheet.date, 1)
    story.deposits.push(deposit(sheet, line.saver!, line.deposit, valueDate, `HOJA-09-GR-05-${sheet.lines.length}`))
  }
}

function deposit({ group }: Sheet, saver: Saver, amount: number, valueDate: string, reference: string): Movement {
  return {
    book: group.book,
    bankAccountNumber: saver.account,
    amount: money(amount),
    valueDate,
    channel: 'agent-cash',
    agent: group.agent,
    depositor: '',
    reference,
  }
}

/** JUNTOS pays two months in arrears, at the caja; most of it is taken at the counter within days. */
function juntos(chance: Chance, story: Year, month: number): void {
  const valueDate = `${monthName(month)}-05`
  const [periodFrom, periodTo] = [monthName(month - 2), monthName(month - 1)]
  for (const saver of story.savers) {
    if (!saver.inJuntos || saver.joinedOn > valueDate || (saver.leftOn !== '' && saver.leftOn <= valueDate)) continue
    const of = { book: 'TITICACA-PEN', bankAccountNumber: saver.account }
    const reference = `PADRON-${year}-${month}`
    story.stateTransfers.push({
      ...of,
      amount: '200.00',
      valueDate,
      source: 'JUNTOS',
      periodFrom,
      periodTo,
      reference,
    })
    saver.own += 200 * centavos
    if (chance() > 0.85) continue
    const amount = pick(chance, [100, 120, 150, 150, 180, 200, 200]) * centavos
    saver.own -= amount
    story.withdrawals.push({
      ...of,
      amount: money(amount),
      valueDate: addDays(valueDate, whole(chance, 0, 6)),
      purpose: pick(chance, ['household', 'household', 'education', 'child-health', 'business']),
      channel: 'branch',
      reference: `VENT-${month}-${saver.account.slice(-4)}`,
    })
  }
}

/** In August the road was cut, and one woman carried the savings of her companions to town: one slip, many savers. */
function carriedToTown(story: Year, members: Saver[]): void {
  for (const saver of members.slice(0, 6)) {
    saver.own += 10 * centavos
    story.deposits.push({
      book: 'TITICACA-PEN',
      bankAccountNumber: saver.account,
      amount: '10.00',
      valueDate: `${year}-08-26`,
      channel: 'branch',
      agent: '',
      depositor: saver === members[3] ? '' : members[3]!.code,
      reference: 'OP-082611',
    })
  }
}

/** Agents bank what they hold after the last meeting of the month; in December one has not, and one kept some back. */
function bank(story: Year, month: number, cash: Map<string, number>): void {
  for (const [bag, held] of cash) {
    const [book = '', agent = ''] = bag.split(' ')
    const last = story.sheets.findLast(({ group }) => group.book === book && group.agent === agent)!.date
    if (month === 12 && bag === 'TITICACA-PEN AG-02') continue
    const kept = month === 12 && agent === 'AG-03' ? 10 * centavos : 0
    if (held - kept <= 0) continue
    const reference = `DEP-${agent.slice(3)}-${book.slice(-3)}-${String(month).padStart(2, '0')}`
    story.bankings.push({ book, agent, amount: money(held - kept), valueDate: addDays(last, 3), reference })
    cash.set(bag, kept)
  }
}

/** The bank credits a half-year's interest: 0.9 per cent of what is there on the last day, by its own list. */
function creditInterest(story: Year, month: number): void {
  const valueDate = month === 6 ? `${year}-06-30` : `${year}-12-31`
  for (const saver of story.savers) {
    const amount = Math.floor((saver.own * 9) / 1000)
    if (amount === 0) continue
    const book = groups.find(({ group }) => saver.code.startsWith(group))!.book
    story.interest.push({ book, bankAccountNumber: saver.account, amount: money(amount), valueDate })
  }
}

export function sheetId(name: string): string {
  return idOf('sheet', name)
}
