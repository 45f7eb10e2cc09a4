/** What became of an item; `waits` when it was refused for something that another item may yet bring about. */
export type Attempted = 'done' | 'hopeless' | 'waits'

/** How many items that are no movements are tried at a time: each takes a connection of its own. */
const lanes = 4

/**
 * Tries items until all are done or nothing moves any more, so that the order in which they come does not matter: stage
 * by stage, and again those that wait, as long as a pass has done something. From the third on every other pass goes
 * backwards, so that of a long chain that was sent from its end one pass does all. Not earlier: of two who want the same
 * money, the one who came first is to have it.
 */
export async function inPasses<Item>(
  items: readonly Item[],
  {
    stageOf,
    isTogether,
    attempt,
  }: {
    stageOf: (item: Item) => number
    /** Whether it is tried at once with all others of its stage. */
    isTogether: (item: Item) => boolean
    attempt: (item: Item) => Promise<Attempted>
  },
): Promise<void> {
  const byStage = (one: Item, other: Item) => stageOf(one) - stageOf(other)
  let waiting: readonly Item[] = items
  for (let pass = 1; waiting.length > 0; pass++) {
    const goesBack = pass > 2 && pass % 2 === 1
    const inOrder = (goesBack ? waiting.toReversed() : waiting).toSorted(byStage)
    const outcomes = new Map<Item, Attempted>()
    const tried = async (item: Item) => void outcomes.set(item, await attempt(item))
    for (const ofStage of Map.groupBy(inOrder, stageOf).values()) {
      const inLanes = ofStage.filter(item => !isTogether(item))
      const together = ofStage.filter(isTogether)
      await settled([...together.map(tried), ...Array.from({ length: lanes }, () => lane(inLanes, tried))])
    }
    if (![...outcomes.values()].includes('done')) return
    waiting = waiting.filter(item => outcomes.get(item) === 'waits')
  }
}

async function lane<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let item = items.shift(); item !== undefined; item = items.shift()) await work(item)
}

/** Waits for all, and only then fails with the first failure: nothing goes on behind the back of the answer. */
async function settled(all: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(all)) if (outcome.status === 'rejected') throw outcome.reason
}
