/** What became of an item; `waits` when it was refused for something that another item may yet bring about. */
export type Attempted = 'done' | 'hopeless' | 'waits'

/** How many items that are no movements are tried at a time: each takes a connection of its own. */
const lanes = 4

/**
 * Tries items until all are done or nothing moves any more, so that the order in which they come does not matter: stage
 * by stage, and again those that wait, as long as a pass has done something.
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
  let waiting = items.toSorted((one, other) => stageOf(one) - stageOf(other))
  while (waiting.length > 0) {
    const outcomes = new Map<Item, Attempted>()
    const tried = async (item: Item) => void outcomes.set(item, await attempt(item))
    for (const ofStage of Map.groupBy(waiting, stageOf).values()) {
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
