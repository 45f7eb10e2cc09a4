/** What money an answer would tell of each place, month after month, before the months are looked at together. */
export type Months = {
  /** So many places and sums of places, and so many months. */
  nodes: number
  length: number
  /** Whether so few put in, took out or were given in the month that a sum of it is hidden for their sake. */
  isFlowHidden(node: number, month: number): boolean
  /** Whether so few have the balance, or others have to be hidden with it. */
  isBalanceHidden(node: number, month: number): boolean
  /** Whether it is told that nobody has anything, so that the balance is known whatever is hidden. */
  isZero(node: number, month: number): boolean
  /** The sums that a place is in, itself among them. */
  sumsWith(node: number): readonly number[]
  isLeaf(node: number): boolean
}

/** What has to be hidden besides (1): balances by place and month, and by place the sums that move, in all months. */
export type Besides = { balances: Uint8Array; flows: Uint8Array }

/**
 * A balance is the one before and what moved since. So a sum that moved, hidden in one month, is the difference of two
 * balances; and a hidden balance is one that is shown and what moved since.
 *
 * What is hidden is in an exchange of persons' money among places, all of them hidden, and every sum as it is. Where nobody
 * is known to have nothing, the exchange goes on in the balances of all months before, so those are hidden: what is shown is
 * what came after the last month with something hidden. An exchange of balances goes on in all months. Where it is known of
 * such a place that it once had nothing, that month is as good as one that is shown: then balances of all such places, and of
 * all sums that they are in, are hidden, unless there is one place only and two such sums moved since. Between two such months, or where no hidden sum moved since, the place may still be
 * solved for by what moved alone: then its sums that move are hidden too, with those that they are in.
 */
export function hiddenOverMonths(months: Months): Besides {
  const { nodes, length, isBalanceHidden, isZero, sumsWith, isLeaf } = months
  const besides: Besides = { balances: new Uint8Array(nodes * length), flows: new Uint8Array(nodes) }
  if (length === 1) return besides
  const eachMonth = Array.from({ length }, (_, month) => month)
  const lines = Array.from({ length: nodes }, (_, node) => ({
    node,
    flows: eachMonth.filter(month => month > 0 && months.isFlowHidden(node, month)),
    balances: eachMonth.filter(month => isBalanceHidden(node, month)),
    zeros: eachMonth.filter(month => isZero(node, month)),
  })).filter(({ flows, balances }) => flows.length + balances.length > 0)
  const hideBalances = (node: number, until: number) => besides.balances.fill(1, node * length, node * length + until)

  const isAlone = nodes === 1 && lines.every(areSeveralFlowsSince)
  if (isAlone || lines.every(({ zeros }) => zeros.length === 0)) {
    for (const { node, flows, balances } of lines) hideBalances(node, balances.length > 0 ? length : flows.at(-1)!)
    return besides
  }
  for (const line of lines) {
    const sums = sumsWith(line.node)
    for (const sum of sums) hideBalances(sum, length)
    if (isLeaf(line.node) && isSolvedByFlows(line)) for (const sum of sums) besides.flows[sum] = 1
  }
  return besides
}

type Line = Record<'flows' | 'balances' | 'zeros', readonly number[]>

/** Whether two sums or more are hidden since there was nothing, so that a balance after them tells but what they are together. */
function areSeveralFlowsSince({ flows, balances, zeros }: Line): boolean {
  return flows.length > 1 && balances.length === 0 && zeros.every(zero => zero < flows[0]!)
}

/** Whether known nothing and what moved tell a hidden sum, when no balance is shown. */
function isSolvedByFlows({
  flows,
  balances,
  zeros,
}: Record<'flows' | 'balances' | 'zeros', readonly number[]>): boolean {
  const isBetween = flows.some(month => zeros.some(zero => zero < month) && zeros.some(zero => zero >= month))
  const isReached = balances.some(month =>
    zeros.some(zero => !flows.some(flow => flow > Math.min(zero, month) && flow <= Math.max(zero, month))),
  )
  return isBetween || isReached
}
