/** Items by key and day, so that those of a key within some days are found without looking at the others. */
export type DayIndex<Item extends { day: number }> = {
  add(key: string, item: Item): void
  /** Those of a key from a day to a day, in order of days and then as they were added. */
  within(key: string, from: number, to: number): Range<Item>
}

export type Range<Item> = { list: readonly Item[]; from: number; to: number }

const nothing = { list: [], from: 0, to: 0 }

export function dayIndex<Item extends { day: number }>(): DayIndex<Item> {
  const lists = new Map<string, { list: Item[]; isSorted: boolean }>()
  return {
    add(key, item) {
      const held = lists.get(key)
      if (held === undefined) {
        lists.set(key, { list: [item], isSorted: true })
        return
      }
      held.isSorted &&= held.list.at(-1)!.day <= item.day
      held.list.push(item)
    },
    within(key, from, to) {
      const held = lists.get(key)
      if (held === undefined) return nothing
      if (!held.isSorted) {
        held.list.sort((one, other) => one.day - other.day)
        held.isSorted = true
      }
      return { list: held.list, from: firstFrom(held.list, from), to: firstFrom(held.list, to + 1) }
    },
  }
}

function firstFrom(list: readonly { day: number }[], day: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle]!.day < day) low = middle + 1
    else high = middle
  }
  return low
}
