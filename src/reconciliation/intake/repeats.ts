import { hangsTogether, reaches, type Stretch } from './stretches.ts'

/** What lines of a statement that comes in say, of which some say to the letter what is had on a day that both cover. */
export type Said = {
  /** By how much one such line moves the account, in the units of the stretches. */
  moved: bigint
  /** Without a reference two payments may well say the same; with one they are one. */
  isLoose: boolean
  /** How many lines of the statement say it, and how many of each stretch. */
  times: number
  had: readonly number[]
}

/** The statement as a stretch, with all of its lines, and whether one stretch's statement is next to it by number. */
export type Coming = Stretch & { isNextTo(stretch: Stretch): boolean }

/** How many lines of a statement each stretch had, by what they say; and how many of the statement may be had or not, for nothing tells. */
export type Repeats = { had: number[][]; unsure: number }

/**
 * How many lines of the statement each stretch had: the same payments, told again by an export that overlaps.
 * The others are payments of their own that happen to say the same. Balances decide where there are any: what the one begins
 * before the other ends is what they share. Whatever balances do not tell is taken to be had, and a break says that it does not
 * add up; where they would add up either way, the statement is said to be unsure.
 */
export function repeatsOf(coming: Coming, stretches: readonly Stretch[], said: readonly Said[]): Repeats {
  const left = said.map(({ times }) => times)
  let unsure = 0
  const had = stretches.map((stretch, at) => {
    const common = said.map(({ times, had }) => Math.min(times, had[at]!))
    const shared = sharedWith(coming, stretch, said, common)
    if (shared.isUnsure) unsure += countOf(common)
    return shared.counts.map((count, place) => {
      const its = Math.min(count, left[place]!)
      left[place]! -= its
      return its
    })
  })
  return { had, unsure }
}

type Shared = { counts: readonly number[]; isUnsure?: boolean }

/** Of what both say, how much is the same. */
function sharedWith(coming: Coming, stretch: Stretch, said: readonly Said[], common: readonly number[]): Shared {
  const [all, none] = [{ counts: common }, { counts: common.map(() => 0) }]
  const count = countOf(common)
  if (count === 0) return none
  if (coming.opening === null || coming.closing === null || stretch.opening === null || stretch.closing === null)
    return coming.isNextTo(stretch) ? none : all
  const goesOn = coming.opening === stretch.closing || coming.closing === stretch.opening
  if (goesOn && coming.isNextTo(stretch)) return none
  const amounts = amountsShared(coming, stretch, count)
  if (goesOn) return sharedAtAnEnd(said, common, amounts)
  const sum = sumOf(said, common)
  if (amounts.includes(sum)) return all
  // Of what is apart by its balances nothing is the same, unless a reference in both tells that the balances are wrong.
  const isCertain = hangsTogether(coming) && hangsTogether(stretch)
  const mayBeOthers = said.every(({ isLoose }, place) => isLoose || common[place] === 0)
  if (amounts.length === 0) return isCertain && mayBeOthers ? none : all
  const ways = amounts.flatMap(amount => {
    const its = amount === 0n ? none.counts : without(said, common, sum - amount)
    return its === null ? [] : [its]
  })
  return {
    counts: ways.length === 0 ? common : ways.reduce((most, way) => (countOf(way) > countOf(most) ? way : most)),
  }
}

/**
 * A statement that begins where the other ends has nothing of it, or payments that come to nothing, as one that was taken back: all that
 * both say, if that does, else what has a reference that comes once. What may be either way without one, nobody can tell.
 */
function sharedAtAnEnd(said: readonly Said[], common: readonly number[], amounts: readonly bigint[]): Shared {
  const [named, loose] = [true, false].map(isNamed =>
    common.map((count, place) => (said[place]!.isLoose === isNamed ? 0 : count)),
  ) as [number[], number[]]
  const isUnsure = mayComeToNothing(said, loose)
  if (amounts.includes(sumOf(said, common))) return { counts: common, isUnsure }
  if (amounts.includes(sumOf(said, named))) return { counts: named, isUnsure }
  return { counts: common.map(() => 0), isUnsure: mayComeToNothing(said, common) }
}

const sumOf = (said: readonly Said[], counts: readonly number[]) =>
  said.reduce((sum, { moved }, place) => sum + moved * BigInt(counts[place]!), 0n)

const countOf = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0)

/** What the two may have in common by their balances: the end of the one, that of the other, or all of one of them. */
function amountsShared(coming: Stretch, stretch: Stretch, common: number): bigint[] {
  const [begins, ends] = [reaches(stretch, coming.opening!), reaches(stretch, coming.closing!)]
  const [isBegun, isEnded] = [reaches(coming, stretch.opening!), reaches(coming, stretch.closing!)]
  const amounts: bigint[] = []
  if (begins && isEnded) amounts.push(stretch.closing! - coming.opening!)
  if (ends && isBegun) amounts.push(coming.closing! - stretch.opening!)
  if (isBegun && isEnded && common >= stretch.lines) amounts.push(stretch.closing! - stretch.opening!)
  if (begins && ends && common >= coming.lines) amounts.push(coming.closing! - coming.opening!)
  return amounts
}

/** As much work as is done to find the one way: more ways than this lead to whatever is left over. */
const [mostLoose, mostSums] = [200, 5_000]

type Way = { place: number; own: number; rest: Way } | null

/** What is left in common without payments that come to the excess; null when not just one choice of them does. */
function without(said: readonly Said[], common: readonly number[], excess: bigint): readonly number[] | null {
  const loose = said.flatMap(({ isLoose, moved }, place) =>
    isLoose && moved !== 0n && common[place]! > 0 ? [place] : [],
  )
  if (loose.length > mostLoose) return null
  let sums = new Map<bigint, { way: Way; isOnly: boolean }>([[0n, { way: null, isOnly: true }]])
  for (const place of loose) {
    const next = new Map<bigint, { way: Way; isOnly: boolean }>()
    for (const [sum, { way, isOnly }] of sums)
      for (let own = 0; own <= common[place]!; own++) {
        const [to, only] = [sum + BigInt(own) * said[place]!.moved, isOnly]
        const had = next.get(to)
        if (had === undefined) next.set(to, { way: own === 0 ? way : { place, own, rest: way }, isOnly: only })
        else had.isOnly = false
      }
    if (next.size > mostSums) return null
    sums = next
  }
  const found = sums.get(excess)
  if (!found?.isOnly) return null
  const left = [...common]
  for (let { way } = found; way !== null; way = way.rest) left[way.place]! -= way.own
  return left
}

/** Whether some of these, at least one that came in and one that went out, come to nothing together. */
function mayComeToNothing(said: readonly Said[], counts: readonly number[]): boolean {
  const [came, went] = [1n, -1n].map(way => sumsOf(said, counts, way)) as [Sums, Sums]
  if (came === 'many' || went === 'many') return came !== 'none' && went !== 'none'
  if (came === 'none' || went === 'none') return false
  return [...came].some(sum => went.has(sum))
}

type Sums = ReadonlySet<bigint> | 'none' | 'many'

/** What some of those that move the account one way may come to. */
function sumsOf(said: readonly Said[], counts: readonly number[], way: bigint): Sums {
  let sums = new Set([0n])
  for (const [place, { moved }] of said.entries()) {
    if (moved * way <= 0n || counts[place] === 0) continue
    const next = new Set<bigint>()
    for (const sum of sums)
      for (let count = 0; count <= counts[place]!; count++) next.add(sum + BigInt(count) * moved * way)
    if (next.size > mostSums) return 'many'
    sums = next
  }
  sums.delete(0n)
  return sums.size === 0 ? 'none' : sums
}
