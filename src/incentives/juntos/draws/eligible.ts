import type { CalendarDate } from '../../../dates.ts'
import type { Amount } from '../../../money.ts'
import { contractEnd } from '../../../savings/registry/periods.ts'
import { type DrawEntry, inListOrder } from './list.ts'

/** A contract of a saver, with what she had and where she lived. */
export type Candidate = {
  saverId: string
  enrolmentId: string
  startsOn: CalendarDate
  contractMonths: number
  endsOn: CalendarDate | null
  enteredByMistake: boolean
  household: string | null
  districtCode: string
  /** Of her own money at the end of the cut-off day, over all her accounts. */
  balance: Amount
}

/** Why a saver of the programme has no chance in a draw. */
export const exclusionReasons = ['no-contract-that-day', 'no-balance', 'counted-with-household'] as const
export type ExclusionReason = (typeof exclusionReasons)[number]

export type Eligible = { entries: DrawEntry[]; exclusions: { saverId: string; reason: ExclusionReason }[] }

/**
 * Who takes part in a draw: whoever is under contract on the cut-off day and has own money then [source: women with a
 * positive balance]. A household has one chance, however many of it save: that of the oldest contract among those who
 * have money [this project's]. Pure.
 */
export function eligibleFor(candidates: readonly Candidate[], cutOff: CalendarDate): Eligible {
  const exclusions: Eligible['exclusions'] = []
  const able: Candidate[] = []
  for (const [saverId, contracts] of Map.groupBy(candidates, ({ saverId }) => saverId)) {
    const current = contracts.toSorted(older).find(contract => covers(contract, cutOff))
    if (current === undefined) exclusions.push({ saverId, reason: 'no-contract-that-day' })
    else if (current.balance <= 0n) exclusions.push({ saverId, reason: 'no-balance' })
    else able.push(current)
  }
  const entries: DrawEntry[] = []
  const households = new Set<string>()
  for (const { saverId, household, districtCode } of able.sort(older)) {
    if (household !== null && households.has(household)) {
      exclusions.push({ saverId, reason: 'counted-with-household' })
      continue
    }
    if (household !== null) households.add(household)
    entries.push({ districtCode, saverId })
  }
  return { entries: inListOrder(entries), exclusions }
}

function older(a: Candidate, b: Candidate): number {
  const [one, other] = [`${a.startsOn} ${a.enrolmentId}`, `${b.startsOn} ${b.enrolmentId}`]
  return one < other ? -1 : 1
}

function covers({ startsOn, contractMonths, endsOn, enteredByMistake }: Candidate, day: CalendarDate): boolean {
  if (enteredByMistake || startsOn > day || contractEnd(startsOn, contractMonths) < day) return false
  return endsOn === null || endsOn >= day
}
