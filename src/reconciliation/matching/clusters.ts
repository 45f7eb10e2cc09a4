import type { EntryItem, LineItem } from './board.ts'

export type Cluster = { lines: LineItem[]; entries: EntryItem[] }

/** Sets of things that are joined pair by pair. Nearly as fast as there are pairs. */
export function joining(size: number): { join(one: number, other: number): void; root(one: number): number } {
  const parents = Int32Array.from({ length: size }, (_, place) => place)
  function root(one: number): number {
    while (parents[one] !== one) {
      parents[one] = parents[parents[one]!]!
      one = parents[one]!
    }
    return one
  }
  return {
    root,
    join(one, other) {
      const [first, second] = [root(one), root(other)]
      if (first < second) parents[second] = first
      else parents[first] = second
    },
  }
}

/**
 * Lines and entries that share a key, or are tied by others that do. Keys that are of no entry tie nothing, and entries
 * without a line are left out.
 */
export function clustersByKey(
  lines: readonly LineItem[],
  entries: readonly EntryItem[],
  keysOf: { line(line: LineItem): Iterable<string>; entry(entry: EntryItem): Iterable<string> },
): Cluster[] {
  const holders = new Map<string, number>()
  const { join, root } = joining(entries.length + lines.length)
  entries.forEach((entry, place) => {
    for (const key of keysOf.entry(entry)) tie(key, place)
  })
  const ofEntries = new Set(holders.keys())
  lines.forEach((line, place) => {
    for (const key of keysOf.line(line)) if (ofEntries.has(key)) tie(key, entries.length + place)
  })

  function tie(key: string, place: number): void {
    const holder = holders.get(key)
    if (holder === undefined) holders.set(key, place)
    else join(holder, place)
  }

  const clusters = new Map<number, Cluster>()
  lines.forEach((line, place) => {
    const number = root(entries.length + place)
    if (number >= entries.length) return
    const cluster = clusters.get(number)
    if (cluster === undefined) clusters.set(number, { lines: [line], entries: [] })
    else cluster.lines.push(line)
  })
  for (const [place, entry] of entries.entries()) clusters.get(root(place))?.entries.push(entry)
  return [...clusters.values()]
}

/** A cluster divided where for more than so many days there is nothing in it. */
export function dividedByDays(cluster: Cluster, apart: number): Cluster[] {
  const days = [...cluster.lines, ...cluster.entries].map(({ day }) => day).sort((one, other) => one - other)
  if (days.at(-1)! - days[0]! <= apart) return [cluster]
  const beginnings = days.filter((day, place) => place > 0 && day - days[place - 1]! > apart)
  if (beginnings.length === 0) return [cluster]
  const partOf = (day: number) => beginnings.findLastIndex(beginning => beginning <= day) + 1
  const parts = Array.from({ length: beginnings.length + 1 }, (): Cluster => ({ lines: [], entries: [] }))
  for (const line of cluster.lines) parts[partOf(line.day)]!.lines.push(line)
  for (const entry of cluster.entries) parts[partOf(entry.day)]!.entries.push(entry)
  return parts.filter(({ lines, entries }) => lines.length > 0 && entries.length > 0)
}

/** Items by what is the same of them, in their order. */
export function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
