import { hash } from 'node:crypto'

/** A number from 0 up to 1 that is the same whenever it is asked for under these names. */
export function chance(...names: (string | number)[]): number {
  return Number.parseInt(hash('sha256', names.join(' '), 'hex').slice(0, 12), 16) / 2 ** 48
}

/** One of several, always the same under these names. */
export function pick<Item>(items: readonly [Item, ...Item[]], ...names: (string | number)[]): Item {
  return items[Math.floor(chance(...names) * items.length)]!
}

/** A whole number from `least` to `most`, always the same under these names. */
export function between(least: number, most: number, ...names: (string | number)[]): number {
  return least + Math.floor(chance(...names) * (most - least + 1))
}
