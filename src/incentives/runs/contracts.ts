import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { type Accrual, keyOf, onceKey } from '../accrual/accrual.ts'
import { accrue, type Facts } from '../accrual/accrue.ts'
import { lifeOf } from '../accrual/basis.ts'
import { type Claim, claimKey, claimsOf } from '../accrual/documents.ts'
import type { Earlier } from '../accrual/earlier.ts'
import { decisionsOf, movementsOf, statusesOf } from '../accrual/facts.ts'
import type { CreditRule } from '../accrual/lived.ts'
import { holdingsOf } from '../lots/reading.ts'
import {
  aloneFacts,
  countedIn,
  homeIn,
  homesOf,
  householdFacts,
  isThere,
  ofHousehold,
  spanOf,
  turnOf,
} from './households.ts'
import type { Course, Known } from './known.ts'
import { type Line, linesOf, type Paid, type Standing } from './lines.ts'
import {
  accountsOf,
  type Contract,
  type Counted,
  contractsOfHouseholds,
  countedOf,
  lockEndsOf,
  paidTo,
  toldForfeitedOf,
} from './standing.ts'

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
        return { household, turn: turnOf(one, household, contract, known) }
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

/** What is owed by a contract. */
export type Owed = Accrual & { enrolmentId: string }

/** What a saver's contracts owe, each. */
export function accrualsOf(contracts: readonly Contract[], course: Course, known: Known): Owed[] {
  return partsOf(contracts, course, known, new Map(known.claims)).flatMap(({ contract, accruals }) =>
    accruals.map(accrual => ({ ...accrual, enrolmentId: contract.enrolmentId })),
  )
}

type Part = { contract: Contract; accruals: Accrual[]; paid: Paid[] }

/** What each of a saver's contracts owes, the oldest first, and what was paid by it. */
function partsOf(contracts: readonly Contract[], course: Course, known: Known, claims: Map<string, Claim>): Part[] {
  const before: Before = { earlier: [] }
  const parts = contracts.map(contract => {
    const accruals = accrualsOfContract(contract, course, known, claims, before)
    if (!contract.enteredByMistake) goOn(before, contract, accruals, course, known)
    return { contract, accruals, paid: known.paid.get(contract.enrolmentId) ?? [] }
  })
  return parts.length < 2 ? parts : lessHeld(parts, course, known)
}

type Before = { earlier: Earlier[]; openedOn?: CalendarDate | undefined }

function goOn(before: Before, contract: Contract, accruals: readonly Accrual[], { horizon }: Course, known: Known) {
  const span = spanOf(contract)
  const movements = known.movements.get(contract.saverId) ?? []
  before.earlier = [...before.earlier, { contract: span, accruals }]
  before.openedOn ??= lifeOf({ contract: span, movements }, horizon.through).first
}

/**
 * What a contract was paid for a period and is not owed, as one that was entered by mistake, or was found to have ended
 * before, is not paid again by another: not before it came back, or was forfeited. In households that is seen to over all their savers.
 */
function lessHeld(parts: readonly Part[], { rules }: Course, known: Known): Part[] {
  const held = new Map<string, Amount>()
  for (const { accruals, paid } of parts) {
    const owed = new Map(accruals.map(accrual => [keyOf(accrual), accrual.amount]))
    for (const one of paid) {
      const lost = known.holdings.get(one.saverId)?.forfeited.get(onceKey(one)) ?? 0n
      const over = one.amount - lost - (owed.get(keyOf(one)) ?? 0n)
      if (over > 0n) held.set(keyOf(one), (held.get(keyOf(one)) ?? 0n) + over)
    }
  }
  const shared = new Set(rules.filter(({ terms }) => terms.unit === 'household').map(({ id }) => id))
  return parts.map(part => {
    const paid = new Map(part.paid.map(one => [keyOf(one), one.amount]))
    return { ...part, accruals: part.accruals.map(accrual => less(accrual, part, paid.get(keyOf(accrual)) ?? 0n)) }
  })

  function less(accrual: Accrual, { contract }: Part, paid: Amount): Accrual {
    const there = held.get(keyOf(accrual)) ?? 0n
    const due = accrual.amount - paid
    if (there === 0n || due <= 0n) return accrual
    if (shared.has(accrual.ruleId) && homeIn(accrual, contract, known) !== null) return accrual
    const kept = there < due ? there : due
    held.set(keyOf(accrual), there - kept)
    const amount = accrual.amount - kept
    const steps: Accrual['steps'] = [
      ...accrual.steps,
      { step: 'paid-in-other-contract', amount: kept },
      { step: 'owed', amount },
    ]
    return { ...accrual, amount, reason: 'paid-in-other-contract', steps }
  }
}

function accrualsOfContract(
  contract: Contract,
  course: Course,
  known: Known,
  claims: Map<string, Claim>,
  before: Before,
): Accrual[] {
  if (contract.enteredByMistake) return []
  const { rules, horizon, currency } = course
  const facts: Facts = {
    contract: spanOf(contract),
    movements: known.movements.get(contract.saverId) ?? [],
    statuses: known.statuses.get(contract.household ?? '') ?? new Map(),
    decisions: known.decisions.get(contract.enrolmentId),
    ...before,
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
    const paid = new Set(known.paid.get(contract.enrolmentId)?.map(keyOf))
    const its = hers.filter(accrual => isThere(contract, accrual) || paid.has(keyOf(accrual)))
    return its.map(accrual => {
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
