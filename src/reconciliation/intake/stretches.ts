/**
 * What statements that hang together tell of an account, from one balance to another; amounts in whole units of one decimal. A
 * statement alone is one, with the lines that nothing before it had.
 */
export type Stretch = {
  opening: bigint | null
  closing: bigint | null
  /** What its lines come to, each counted once. */
  credits: bigint
  debits: bigint
  lines: number
  statements: readonly string[]
}

/** A statement by itself: with its own lines as a stretch, and with all of them. */
export type Told = { own: Stretch; all: Stretch }

/** Joins statements, in the order in which they came, wherever balances and lines say that one goes on with, or tells again, another. */
export function stretchesOf(statements: readonly Told[]): Stretch[] {
  let stretches: Stretch[] = []
  for (const statement of statements) {
    const beside = stretches.filter(stretch => touch(statement.all, stretch))
    const [joined, parts] = joinedWith(statement.own, beside) ?? [statement.own, []]
    stretches = [...stretches.filter(one => !parts.includes(one)), joined]
  }
  return stretches
}

type Joined = [joined: Stretch, parts: readonly Stretch[]]

/** Most often there is one stretch that it goes on with, or two that it closes the gap of. */
function joinedWith(statement: Stretch, stretches: readonly Stretch[]): Joined | null {
  for (const first of statement.lines > 0 ? stretches : [])
    for (const last of stretches) {
      const joined = first === last ? null : join([first, statement, last], first, last)
      if (joined !== null) return [joined, [first, last]]
    }
  for (const other of stretches) {
    const both = [other, statement]
    const joined =
      join(both, other, statement) ?? join(both, statement, other) ?? join(both, statement, statement) ?? null
    if (joined !== null) return [joined, [other]]
  }
  if (stretches.length < 2) return null
  const all = [...stretches, statement]
  for (const first of all)
    for (const last of all) {
      const joined = join(all, first, last)
      if (joined !== null) return [joined, stretches]
    }
  return null
}

/** Whether a balance of the one may be one of the other. */
function touch(one: Stretch, other: Stretch): boolean {
  return (
    [one.opening, one.closing].some(at => reaches(other, at)) ||
    [other.opening, other.closing].some(at => reaches(one, at))
  )
}

/** Whether the account may have had a balance within a stretch. */
export function reaches({ opening, credits, debits }: Stretch, balance: bigint | null): boolean {
  return opening !== null && balance !== null && balance >= opening - debits && balance <= opening + credits
}

/** All of them as one from the first's beginning to the last's end; null when their lines do not come to that. */
function join(all: readonly Stretch[], { opening }: Stretch, { closing }: Stretch): Stretch | null {
  let [credits, debits, lines] = [0n, 0n, 0]
  for (const one of all) {
    credits += one.credits
    debits += one.debits
    lines += one.lines
  }
  const joined = { opening, closing, credits, debits, lines, statements: all.flatMap(({ statements }) => statements) }
  return hangsTogether(joined) ? joined : null
}

/** Whether its lines lead from the one balance to the other. */
export function hangsTogether({ opening, closing, credits, debits }: Stretch): boolean {
  return opening !== null && closing !== null && closing - opening === credits - debits
}
