import { addMonths, lastDay } from '../../src/dates.ts'

/** Something that a saver did, as the test remembers it. Amounts in centavos. */
export type Deed = {
  id: string
  saver: number
  kind: 'deposit' | 'withdrawal' | 'transfer'
  date: string
  amount: number
  proven: boolean
  reversed: boolean
  /** Of a transfer of the state: which it is, and the months that it is for. */
  source?: string
  months?: string[]
}

/** Two savers live together, the others alone. */
export const householdOf = (saver: number) => (saver < 2 ? 'H-0' : `H-${saver}`)

/** The statuses of households' bimesters as last told: `H-0 2026-B1` → `MET`. */
export type Statuses = ReadonlyMap<string, string>

/** What is owed to one saver by rule and period: `OPENING once` → centavos. */
export type Owed = Map<string, number>

const total = (deeds: readonly Deed[]) => deeds.reduce((sum, { amount }) => sum + amount, 0)

/** Half to even, of a product that has four decimals at most. */
function rounded(centavos: number, rate: number): number {
  const tenThousandths = Math.round(centavos * rate * 10_000)
  const whole = Math.floor(tenThousandths / 10_000)
  const rest = tenThousandths % 10_000
  return rest > 5_000 || (rest === 5_000 && whole % 2 === 1) ? whole + 1 : whole
}

function of(deeds: readonly Deed[], saver: number): { deposits: Deed[]; withdrawals: Deed[] } {
  const valid = deeds.filter(deed => deed.saver === saver && !deed.reversed)
  return {
    deposits: valid.filter(({ kind }) => kind === 'deposit'),
    withdrawals: valid.filter(({ kind }) => kind === 'withdrawal'),
  }
}

const within = (deeds: readonly Deed[], from: string, to: string) =>
  deeds.filter(({ date }) => date >= from && date <= to)

function openingDay(deposits: readonly Deed[], through: string): string | undefined {
  return within(deposits, '', through)
    .map(({ date }) => date)
    .sort()[0]
}

/** A contract of a saver, from its first day to its last. */
export type Span = { from: string; to: string }

const sooner = (one: string, other: string) => [one, other].sort()[0]!
const later = (one: string, other: string) => [one, other].sort()[1]!

const inside = (deeds: readonly Deed[], { from, to }: Span, through: string) => within(deeds, from, sooner(to, through))

/** The day of her first deposit in any of her contracts. */
function openingOf(deposits: readonly Deed[], contracts: readonly Span[], through: string): string | undefined {
  return openingDay(
    contracts.flatMap(contract => inside(deposits, contract, through)),
    through,
  )
}

type Moved = ReturnType<typeof of>

const touches = (contract: Span, period: Span) => contract.to >= period.from && contract.from <= period.to

/**
 * What a contract added in its days of a period, and no more than what was added from the first contract that ran in it on,
 * less what was counted for those before this one.
 */
function grownIn(
  { deposits, withdrawals }: Moved,
  contracts: readonly Span[],
  place: number,
  period: Span,
  counted: number,
) {
  const { from, to } = contracts[place]!
  const net = (from: string) => {
    const days = [later(from, period.from), sooner(to, period.to)] as const
    return total(within(deposits, ...days)) - total(within(withdrawals, ...days))
  }
  const first = contracts.find(contract => touches(contract, period))!
  return Math.max(0, Math.min(net(from), net(first.from) - counted))
}

/**
 * What CORREDOR-2003 owes a saver by the end of a month, contract by contract, said again as plainly as can be: the first
 * day's deposits up to 10.00, once, and a quarter of what each month added without that day.
 */
export function corredorOwes(deeds: readonly Deed[], saver: number, contracts: readonly Span[], month: string): Owed {
  const { deposits, withdrawals } = of(deeds, saver)
  const owed: Owed = new Map()
  const through = lastDay(month)
  const opening = openingOf(deposits, contracts, through)
  if (opening !== undefined) {
    const place = contracts.findIndex(({ from, to }) => from <= opening && opening <= to)
    owed.set(`${place} OPENING once`, Math.min(total(within(deposits, opening, opening)), 1000))
  }
  const saved = deposits.filter(({ date }) => date !== opening)
  for (let one = contracts[0]!.from.slice(0, 7); one <= month; one = addMonths(one, 1)) {
    const period = { from: `${one}-01`, to: lastDay(one) }
    let counted = 0
    for (const [place, contract] of contracts.entries()) {
      if (!touches(contract, period)) continue
      const grown = grownIn({ deposits: saved, withdrawals }, contracts, place, period, counted)
      const amount = rounded(grown, 0.25)
      if (amount > 0) counted += grown
      owed.set(`${place} GROWTH ${one}`, amount)
    }
  }
  return owed
}

/**
 * What SIERRA-SUR-II owes, contract by contract, and of one in the order in which its caps count, by the last day of a quarter
 * or the day of an event. Those of a quarter and of a year are hers, that of 250.00 each contract's.
 */
export function sierraOwes(deeds: readonly Deed[], saver: number, contracts: readonly Span[], month: string): Owed {
  const moved = of(deeds, saver)
  const { deposits, withdrawals } = moved
  const through = lastDay(month)
  const owed: Owed = new Map()
  const quarters = new Map<string, number>()
  const counted = new Map<string, number>()
  const years = new Map<string, number>()
  const opening = openingOf(deposits, contracts, through)
  for (const [place, contract] of contracts.entries()) {
    type Due = { on: string; order: number; key: string; amount: () => number; year?: boolean; quarter?: boolean }
    const dues: Due[] = []
    if (opening !== undefined && contract.from <= opening && opening <= contract.to) {
      const first = total(within(deposits, opening, opening))
      dues.push({ on: opening, order: 1, key: '1-APERTURA once', amount: () => Math.min(first, 3000) })
    }
    for (let from = contracts[0]!.from.slice(0, 7); lastDay(addMonths(from, 2)) <= through; from = addMonths(from, 3)) {
      const period = { from: `${from}-01`, to: lastDay(addMonths(from, 2)) }
      if (!touches(contract, period)) continue
      const until = sooner(contract.to, period.to)
      const balance = total(within(deposits, '', until)) - total(within(withdrawals, '', until))
      const key = `2-MANTENIMIENTO-CRECIMIENTO ${from.slice(0, 4)}-Q${Math.ceil(Number(from.slice(5)) / 3)}`
      const before = counted.get(key) ?? 0
      const base = grownIn(moved, contracts, place, period, before)
      const amount = balance >= 1000 ? rounded(base, 0.2) : 0
      if (amount > 0) counted.set(key, before + base)
      dues.push({ on: period.to, order: 2, key, amount: () => amount, quarter: true })
    }
    // In the order in which the ledger has them, which is that of `deeds`.
    for (const { id, date, amount, proven } of inside(withdrawals, contract, through)) {
      const reward = proven ? rounded(amount, 0.1) : 0
      dues.push({ on: date, order: 3, key: `3-RETIRO ${id}`, amount: () => reward, year: true })
    }
    dues.sort((a, b) => (a.on === b.on ? a.order - b.order : a.on < b.on ? -1 : 1))
    let lifetime = 0
    for (const { on, key, amount, year, quarter } of dues) {
      const used = years.get(on.slice(0, 4)) ?? 0
      const inQuarter = quarters.get(key) ?? 0
      const caps = [25_000 - lifetime, ...(year ? [5_000 - used] : []), ...(quarter ? [2_000 - inQuarter] : [])]
      const paid = Math.min(amount(), ...caps)
      lifetime += paid
      if (year) years.set(on.slice(0, 4), used + paid)
      if (quarter) quarters.set(key, inQuarter + paid)
      owed.set(`${place} ${key}`, paid)
    }
  }
  return owed
}

/** What MATCH was agreed to be: more than the preset's rate, and less a year, so that each of its caps bites. */
export const agreedMatch = {
  MATCH: {
    rate: '0.15',
    caps: [
      { amount: '20.00', per: 'period' },
      { amount: '23.50', per: 'year' },
    ],
  },
}

/** In which household a saver's money counts for a bimester. */
export type Homes = (saver: number, bimester: string) => string

/**
 * What JUNTOS-MATCH owes a household, as agreed above: bimester by bimester, if it was met or waived, of what those who count
 * in it put in and of what they kept of the transfers for it, 200.00 at most, whoever's contract it is paid by.
 */
export function juntosOwes(
  deeds: readonly Deed[],
  home: string,
  homes: Homes,
  openedOn: string,
  month: string,
  statuses: Statuses,
): Owed {
  const owed: Owed = new Map()
  let year = 0
  for (let from = openedOn.slice(0, 7); addMonths(from, 1) <= month; from = addMonths(from, 2)) {
    const bimester = bimesterOf(from)
    const lived = deeds.filter(deed => !deed.reversed && homes(deed.saver, bimester) === home)
    const isMet = ['MET', 'WAIVED'].includes(statuses.get(`${home} ${bimester}`) ?? '')
    const base = isMet ? Math.min(Math.max(keptBy(lived, openedOn, month).get(bimester)!, 0), 20_000) : 0
    const paid = Math.min(rounded(base, 0.15), 2_000, 2_350 - year)
    year += paid
    owed.set(`MATCH ${bimester}`, paid)
  }
  return owed
}

/** By bimester what was put in, and kept of the transfers for it. */
function keptBy(lived: readonly Deed[], openedOn: string, month: string): Map<string, number> {
  const bases = new Map<string, number>()
  const add = (bimester: string, amount: number) => bases.set(bimester, (bases.get(bimester) ?? 0) + amount)
  for (let from = openedOn.slice(0, 7); addMonths(from, 1) <= month; from = addMonths(from, 2)) {
    const bimester = bimesterOf(from)
    const moved = within(lived, `${from}-01`, lastDay(addMonths(from, 1)))
    const all = (kind: Deed['kind']) => moved.filter(deed => deed.kind === kind)
    // In the order of days; of one day, that of the savers.
    const came = all('transfer')
      .filter(({ source }) => source === 'JUNTOS')
      .sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.saver - b.saver))
    const kept = total(came) - total(all('withdrawal'))
    add(bimester, total(all('deposit')) + Math.min(kept, 0))
    const parts = dealt(
      Math.max(kept, 0),
      came.map(({ amount }) => amount),
    )
    came.forEach(({ months }, place) => {
      const aim = months!.map(bimesterOf)
      const aims = [...new Set(aim)]
      const shares = dealt(
        parts[place]!,
        aims.map(one => aim.filter(other => other === one).length),
      )
      for (const [nth, one] of aims.entries()) add(one, shares[nth]!)
    })
  }
  return bases
}

const bimesterOf = (month: string) => `${month.slice(0, 4)}-B${Math.ceil(Number(month.slice(5)) / 2)}`

/** In proportion, to the centavo: one more to each that lost most by rounding down, the earlier first. */
function dealt(whole: number, weights: readonly number[]): number[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const parts = weights.map(weight => Math.floor((whole * weight) / all))
  const order = weights
    .map((weight, place) => ({ place, rest: (whole * weight) % all }))
    .sort((a, b) => b.rest - a.rest || a.place - b.place)
  const left = whole - parts.reduce((sum, part) => sum + part, 0)
  for (const { place } of order.slice(0, left)) parts[place]! += 1
  return parts
}
