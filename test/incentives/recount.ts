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

/**
 * What CORREDOR-2003 owes a saver by the end of a month, said again as plainly as can be: the first day's deposits up to
 * 10.00, and a quarter of what each month added without that day.
 */
export function corredorOwes(deeds: readonly Deed[], saver: number, openedOn: string, month: string): Owed {
  const { deposits, withdrawals } = of(deeds, saver)
  const owed: Owed = new Map()
  const through = lastDay(month)
  const opening = openingDay(deposits, through)
  if (opening !== undefined) owed.set('OPENING once', Math.min(total(within(deposits, opening, opening)), 1000))
  for (let one = openedOn.slice(0, 7); one <= month; one = addMonths(one, 1)) {
    const saved = within(deposits, `${one}-01`, lastDay(one)).filter(({ date }) => date !== opening)
    const grown = total(saved) - total(within(withdrawals, `${one}-01`, lastDay(one)))
    owed.set(`GROWTH ${one}`, grown > 0 ? rounded(grown, 0.25) : 0)
  }
  return owed
}

/** What SIERRA-SUR-II owes: in the order in which its caps count, by the last day of a quarter or the day of an event. */
export function sierraOwes(deeds: readonly Deed[], saver: number, openedOn: string, month: string): Owed {
  const { deposits, withdrawals } = of(deeds, saver)
  const through = lastDay(month)
  type Due = { on: string; order: number; key: string; amount: () => number; year?: boolean }
  const dues: Due[] = []
  const opening = openingDay(deposits, through)
  if (opening !== undefined) {
    const first = total(within(deposits, opening, opening))
    dues.push({ on: opening, order: 1, key: '1-APERTURA once', amount: () => Math.min(first, 3000) })
  }
  for (let from = openedOn.slice(0, 7); lastDay(addMonths(from, 2)) <= through; from = addMonths(from, 3)) {
    const to = lastDay(addMonths(from, 2))
    const grown = total(within(deposits, `${from}-01`, to)) - total(within(withdrawals, `${from}-01`, to))
    const balance = total(within(deposits, '', to)) - total(within(withdrawals, '', to))
    const key = `2-MANTENIMIENTO-CRECIMIENTO ${from.slice(0, 4)}-Q${Math.ceil(Number(from.slice(5)) / 3)}`
    const amount = grown > 0 && balance >= 1000 ? Math.min(rounded(grown, 0.2), 2000) : 0
    dues.push({ on: to, order: 2, key, amount: () => amount })
  }
  // In the order in which the ledger has them, which is that of `deeds`.
  for (const { id, date, amount, proven } of within(withdrawals, openedOn, through)) {
    const reward = proven ? rounded(amount, 0.1) : 0
    dues.push({ on: date, order: 3, key: `3-RETIRO ${id}`, amount: () => reward, year: true })
  }
  dues.sort((a, b) => (a.on === b.on ? a.order - b.order : a.on < b.on ? -1 : 1))
  const owed: Owed = new Map()
  const years = new Map<string, number>()
  let lifetime = 0
  for (const { on, key, amount, year } of dues) {
    const used = years.get(on.slice(0, 4)) ?? 0
    const paid = Math.min(amount(), 25_000 - lifetime, ...(year ? [5_000 - used] : []))
    lifetime += paid
    if (year) years.set(on.slice(0, 4), used + paid)
    owed.set(key, paid)
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

/**
 * What JUNTOS-MATCH owes, as agreed above: bimester by bimester, if it was met or waived, of what its savers put in and of
 * what they kept of the transfers for it, 200.00 at most. All of a household is owed to the one who joined first.
 */
export function juntosOwes(
  deeds: readonly Deed[],
  saver: number,
  openedOn: string,
  month: string,
  statuses: Statuses,
): Owed {
  const owed: Owed = new Map()
  const home = householdOf(saver)
  if (saver > 0 && householdOf(saver - 1) === home) return owed
  const lived = deeds.filter(deed => householdOf(deed.saver) === home && !deed.reversed)
  const bases = new Map<string, number>()
  const add = (bimester: string, amount: number) => bases.set(bimester, (bases.get(bimester) ?? 0) + amount)
  const over: string[] = []
  for (let from = openedOn.slice(0, 7); addMonths(from, 1) <= month; from = addMonths(from, 2)) {
    const bimester = bimesterOf(from)
    over.push(bimester)
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
  let year = 0
  for (const bimester of over) {
    const isMet = ['MET', 'WAIVED'].includes(statuses.get(`${home} ${bimester}`) ?? '')
    const base = isMet ? Math.min(Math.max(bases.get(bimester)!, 0), 20_000) : 0
    const paid = Math.min(rounded(base, 0.15), 2_000, 2_350 - year)
    year += paid
    owed.set(`MATCH ${bimester}`, paid)
  }
  return owed
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
