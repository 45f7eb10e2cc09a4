import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Currency } from '../../money.ts'
import { type Accrual, accrue, type CreditRule, type Facts, keyOf, type Movement } from '../accrual/accrue.ts'
import { type Claim, type Claims, claimKey, claimsOf } from '../accrual/documents.ts'
import { type Decisions, decisionsOf, type Horizon, movementsOf, statusesOf } from '../accrual/facts.ts'
import type { Holding } from '../lots/lots.ts'
import { holdingsOf } from '../lots/reading.ts'
import type { PeriodStatus } from '../rules/terms.ts'
import { aloneFacts, countedIn, homeIn, homesOf, householdFacts, ofHousehold, spanOf, turnOf } from './households.ts'
import { type Line, linesOf, type Paid, type Standing } from './lines.ts'
import type { LockOutcome } from './schema.ts'
import {
  accountsOf,
  type Contract,
  type Counted,
  contractsOfHouseholds,
  countedOf,
  type HeldAccount,
  type Limits,
  lockEndsOf,
  paidTo,
  toldForfeitedOf,
} from './standing.ts'

/** What a run computes by, the same for all its savers. */
export type Course = {
  programmeId: string
  runId: string
  month: string
  horizon: Horizon
  valueDate: CalendarDate
  currency: Currency
  rules: readonly CreditRule[]
  limits: Limits | null
}

/** What is known about some savers and whoever lives with them. */
export type Known = {
  movements: ReadonlyMap<string, Movement[]>
  statuses: ReadonlyMap<string, ReadonlyMap<string, PeriodStatus>>
  /** By household the contracts of who lives in it or was counted in it, the oldest first. */
  households: ReadonlyMap<string, Contract[]>
  /** In which household whose money was counted, by what was paid. */
  counted: Counted
  paid: ReadonlyMap<string, Paid[]>
  decisions: Decisions
  /** What proofs have earned, by earlier runs and by what this one has prepared. */
  claims: Claims
  accounts: ReadonlyMap<string, HeldAccount[]>
  locks: ReadonlyMap<string, LockOutcome>
  /** What savers of whom something is to be taken back hold of incentives: of others nobody asks. */
  holdings: ReadonlyMap<string, Holding>
  /** Of which incentives it was told that they went back with the contract, by saver. */
  toldForfeited: ReadonlyMap<string, ReadonlySet<string>>
}

/** The lines of these contracts, whole savers: reads what they follow from, and decides saver by saver. */
export async function linesOfContracts(
  connection: Connection,
  course: Course,
  contracts: readonly Contract[],
): Promise<Line[]> {
  const known = await knownOf(connection, course, contracts)
  const lines = linesFrom(course, contracts, known)
  // Few have something to give back, and only of those it is asked what they hold: so it is decided without that first.
  const givers = [...new Set(lines.filter(({ takesBack }) => takesBack).map(({ saverId }) => saverId))]
  if (givers.length === 0) return lines
  return linesFrom(course, contracts, { ...known, ...(await heldBy(connection, course, givers)) })
}

/** What savers hold of incentives, which is what can be taken back. */
export async function heldBy(
  connection: Connection,
  { programmeId, horizon: { bookId } }: Course,
  saverIds: readonly string[],
): Promise<Pick<Known, 'holdings' | 'toldForfeited'>> {
  const holdings = await holdingsOf(connection, bookId, saverIds)
  const losers = saverIds.filter(saverId => (holdings.get(saverId)?.forfeited.size ?? 0) > 0)
  const toldForfeited = losers.length === 0 ? new Map() : await toldForfeitedOf(connection, bookId, programmeId, losers)
  return { holdings, toldForfeited }
}

export async function knownOf(connection: Connection, course: Course, contracts: readonly Contract[]): Promise<Known> {
  const { rules, horizon } = course
  const { bookId } = horizon
  const isShared = rules.some(({ terms }) => terms.unit === 'household')
  const asksStatus = rules.some(({ terms }) => terms.periodStatuses !== undefined)
  const ruleIds = rules.map(({ id }) => id)
  const households: Known['households'] = isShared
    ? await householdsOf(connection, course, ruleIds, contracts)
    : new Map<string, Contract[]>()
  const named = isShared ? [...households.keys()] : contracts.flatMap(({ household }) => household ?? [])
  const saverIds = [...new Set([...contracts, ...[...households.values()].flat()].map(({ saverId }) => saverId))]
  const movements = await movementsOf(connection, horizon, saverIds)
  return {
    movements,
    claims: await claimsOf(connection, { bookId, runId: course.runId }, rules, movements.values()),
    statuses: asksStatus ? await statusesOf(connection, bookId, [...new Set(named)]) : new Map(),
    households,
    counted: isShared ? await countedOf(connection, bookId, ruleIds, saverIds) : new Map(),
    paid: await paidTo(connection, bookId, ruleIds, saverIds),
    decisions: await decisionsOf(connection, bookId, ruleIds, saverIds),
    accounts: await accountsOf(connection, bookId, saverIds, course.valueDate, course.limits),
    locks: await lockEndsOf(
      connection,
      bookId,
      contracts.map(({ enrolmentId }) => enrolmentId),
    ),
    holdings: new Map(),
    toldForfeited: new Map(),
  }
}

/** The households of savers, those that they were counted in, and those of whoever else lives in or was counted in any of them. */
async function householdsOf(
  connection: Connection,
  { programmeId, horizon: { bookId } }: Course,
  ruleIds: readonly string[],
  contracts: readonly Contract[],
): Promise<Map<string, Contract[]>> {
  const first = await countedOf(connection, bookId, ruleIds, [...new Set(contracts.map(({ saverId }) => saverId))])
  const names = new Set(contracts.flatMap(one => namesOf(one, first)))
  for (;;) {
    const mates = await contractsOfHouseholds(connection, { bookId, programmeId }, ruleIds, [...names])
    const counted = await countedOf(connection, bookId, ruleIds, [...new Set(mates.map(({ saverId }) => saverId))])
    const homes = new Map<string, Contract[]>([...names].map(name => [name, []]))
    for (const mate of mates) {
      for (const name of namesOf(mate, counted)) {
        names.add(name)
        homes.get(name)?.push(mate)
      }
    }
    if (names.size === homes.size) return homes
  }
}

function namesOf(contract: Contract, counted: Counted): string[] {
  return homesOf(contract, { counted }).filter(home => home !== null)
}

/** Pure: the same from the same. What one line takes of an account's room, or earns by a proof, is not there for the next. */
export function linesFrom(course: Course, contracts: readonly Contract[], known: Known): Line[] {
  const accounts = [...known.accounts.values()].flat()
  const room = new Map(accounts.map(({ id, room }) => [id, structuredClone(room)]))
  const bySaver = Map.groupBy(contracts, ({ saverId }) => saverId)
  const claims = new Map(known.claims)
  return [...bySaver].flatMap(([saverId, hers]) => {
    const savingsAccountId = known.accounts.get(saverId)?.find(({ isOpen }) => isOpen)?.id ?? null
    return partsOf(hers, course, known, claims).flatMap(({ contract, accruals, paid }) => {
      const { enrolmentId } = contract
      const lock = known.locks.get(enrolmentId) ?? 'locked'
      const homeOf: Standing['homeOf'] = one => {
        const household = homeIn(one, contract, known)
        return { household, turn: turnOf(one, household, saverId, known) }
      }
      const holding = known.holdings.get(saverId)
      const toldForfeited = known.toldForfeited.get(saverId) ?? new Set<string>()
      const standing: Standing = {
        ...{ saverId, enrolmentId, homeOf, savingsAccountId, lock, paid, room, holding, toldForfeited },
      }
      return linesOf(course.rules, accruals, standing, course)
    })
  })
}

/** What a saver's contracts owe: each rule and period once. */
export function accrualsOf(contracts: readonly Contract[], course: Course, known: Known): Accrual[] {
  if (contracts.length === 0) return []
  return partsOf(contracts, course, known, new Map(known.claims)).flatMap(({ accruals }) => accruals)
}

type Part = { contract: Contract; accruals: Accrual[]; paid: Paid[] }

/**
 * What each of a saver's contracts owes, and what was paid for it: each rule and period in one of them. What was paid for a
 * contract that was entered by mistake is taken back first; the contract in its place pays it by the next run.
 */
function partsOf(contracts: readonly Contract[], course: Course, known: Known, claims: Map<string, Claim>): Part[] {
  const paid = known.paid.get(contracts[0]!.saverId) ?? []
  const owner = new Map<string, string>()
  for (const { enrolmentId, enteredByMistake } of contracts) {
    if (!enteredByMistake) continue
    for (const one of paid) if (one.enrolmentId === enrolmentId && one.amount !== 0n) owner.set(keyOf(one), enrolmentId)
  }
  const owed: Accrual[][] = []
  for (const contract of contracts) owed.push(accrualsOfContract(contract, course, known, claims, owed.flat()))
  const claim = (counts: (accrual: Accrual) => boolean) => {
    contracts.forEach(({ enrolmentId }, place) => {
      for (const accrual of owed[place]!) {
        if (counts(accrual) && !owner.has(keyOf(accrual))) owner.set(keyOf(accrual), enrolmentId)
      }
    })
  }
  claim(({ amount }) => amount > 0n)
  for (const one of paid) if (!owner.has(keyOf(one))) owner.set(keyOf(one), one.enrolmentId)
  claim(() => true)
  return contracts.map((contract, place) => {
    const isHers = (one: { ruleId: string; period: string }) => owner.get(keyOf(one)) === contract.enrolmentId
    return { contract, accruals: owed[place]!.filter(isHers), paid: paid.filter(isHers) }
  })
}

function accrualsOfContract(
  contract: Contract,
  course: Course,
  known: Known,
  claims: Map<string, Claim>,
  earlier: readonly Accrual[],
): Accrual[] {
  if (contract.enteredByMistake) return []
  const { rules, horizon, currency } = course
  const facts: Facts = {
    contract: spanOf(contract),
    movements: known.movements.get(contract.saverId) ?? [],
    statuses: known.statuses.get(contract.household ?? '') ?? new Map(),
    decisions: known.decisions.get(contract.saverId),
    earlier,
  }
  const owe = (some: readonly CreditRule[], facts: Facts) =>
    accrue(some, { ...facts, claims }, horizon.through, currency).map(accrual => claiming(accrual, rules, claims))
  const accruals = owe(
    rules.filter(({ terms }) => terms.unit === 'saver'),
    facts,
  )
  const shared = rules.filter(({ terms }) => terms.unit === 'household')
  if (shared.length === 0) return accruals
  const ofHomes = homesOf(contract, known).flatMap(home => {
    const owed = owe(shared, home === null ? aloneFacts(facts, contract, known) : householdFacts(home, known))
    const hers = owed.filter(accrual => homeIn(accrual, contract, known) === home)
    if (home === null) return hers.map(accrual => ({ ...accrual, savers: [contract.saverId] }))
    return hers.map(accrual => {
      const savers = [...new Set(countedIn(accrual, home, known).map(({ saverId }) => saverId))].sort()
      return ofHousehold({ ...accrual, savers }, home, contract, known)
    })
  })
  return [...accruals, ...ofHomes]
}

/** Notes which proof an accrual is owed by, so that whoever comes next is not owed by it too. */
function claiming(accrual: Accrual, rules: readonly CreditRule[], claims: Map<string, Claim>): Accrual {
  const { document, ruleId, period } = accrual
  if (document === undefined) return accrual
  const { code } = rules.find(({ id }) => id === ruleId)!
  claims.set(claimKey(code, document.key), { by: period, uses: document.uses })
  return accrual
}
