import { addMonths, firstDay, type Month } from '../../dates.ts'
import { type Amount, allocate } from '../../money.ts'
import type { CreditTerms } from '../rules/terms.ts'
import type { Movement } from './lived.ts'
import { type Calendar, isPeriodic, periodAt } from './periods.ts'

/** Of the transfers for one period: what was credited of them, what was kept, and what that follows from. */
export type Kept = { credited: Amount; kept: Amount; inputs: Movement[] }

/**
 * What was kept of transfers, by the period that they are for, which is not the one in which they were credited: they come
 * months in arrears. What is withdrawn in a period is taken, first, from the transfers credited in it; `beyond` is the
 * rest, by the period of the withdrawals. A transfer counts once the period in which it was credited is over by `through`,
 * so that what is taken out days later was never counted. One for months of several periods is divided by months.
 * Pure. No source tells this; it is this project's.
 */
export function transfersKept(
  movements: readonly Movement[],
  terms: Pick<CreditTerms, 'cadence' | 'transferSource'>,
  through: string,
): { kept: Map<string, Kept>; beyond: Map<string, Amount> } {
  const { transferSource: source } = terms
  // Terms see to it that a basis of transfers follows the calendar.
  const cadence = isPeriodic(terms.cadence) ? terms.cadence : 'monthly'
  const kept = new Map<string, Kept>()
  const beyond = new Map<string, Amount>()
  for (const [credited, within] of Map.groupBy(movements, ({ date }) => periodAt(cadence, date).key)) {
    const withdrawals = within.filter(({ kind }) => kind === 'withdrawal')
    const isOver = periodAt(cadence, within[0]!.date).to <= through
    const transfers = isOver ? within.filter(one => one.kind === 'state-transfer' && one.source === source) : []
    const came = sum(transfers)
    const taken = -sum(withdrawals)
    beyond.set(credited, taken > came ? taken - came : 0n)
    if (came === 0n) continue
    const left = allocate(
      came > taken ? came - taken : 0n,
      transfers.map(({ effect }) => effect),
    )
    transfers.forEach((transfer, place) => {
      const months = monthsByPeriod(transfer, cadence)
      const weights = [...months.values()]
      const parts = allocate(transfer.effect, weights)
      const partsLeft = allocate(left[place]!, weights)
      for (const [nth, period] of [...months.keys()].entries()) {
        const before = kept.get(period) ?? { credited: 0n, kept: 0n, inputs: [] }
        kept.set(period, {
          credited: before.credited + parts[nth]!,
          kept: before.kept + partsLeft[nth]!,
          inputs: [...new Set([...before.inputs, transfer, ...withdrawals])],
        })
      }
    })
  }
  return { kept, beyond }
}

/** How many of the months that a transfer is for lie in which period; one that does not say is for when it came. */
function monthsByPeriod({ date, months }: Movement, cadence: Calendar): Map<string, bigint> {
  const counts = new Map<string, bigint>()
  if (months === undefined) return counts.set(periodAt(cadence, date).key, 1n)
  for (let month: Month = months.from; month <= months.to; month = addMonths(month, 1)) {
    const { key } = periodAt(cadence, firstDay(month))
    counts.set(key, (counts.get(key) ?? 0n) + 1n)
  }
  return counts
}

function sum(movements: readonly Movement[]): Amount {
  return movements.reduce((total, { effect }) => total + effect, 0n)
}
