import type { Earlier } from './earlier.ts'

/**
 * What may be thought of a cell: that one person more (`up`) or fewer (`down`) is in it. Against somebody who knows
 * besides which cells are hidden for being small, the changed count has to be on the same side of k (`Kept`).
 */
export const up = 1
export const down = 2
export const upKept = 4
export const downKept = 8

/**
 * How each cell may move in some successive releases alike and in no other one. It has to be hidden in each of them, and
 * its count in every other to be a different one, which says nothing of theirs. Differences between the
 * releases that move stay what they are, so even to know all of those is of no use.
 */
export function movesOf(releases: readonly Earlier[], from: number, to: number, k: number, first: Uint8Array) {
  const moves = new Uint8Array(first.length)
  for (let cell = 0; cell < moves.length; cell++) {
    let move = up | down | upKept | downKept
    for (let at = from; at < to && move > 0; at++) {
      const { counts, hidden } = releases[at]!
      const open = at === releases.length - 1 || hidden[cell]
      move = open ? move & movesOfCount(counts[cell]!, k, first[cell]! < at ? 0 : 1) : 0
    }
    for (let at = 0; at < releases.length && move > 0; at++) {
      if (at >= from && at < to) continue
      const other = releases[at]!.counts[cell]
      for (let moving = from; moving < to; moving++) if (releases[moving]!.counts[cell] === other) move = 0
    }
    moves[cell] = move
  }
  return moves
}

/** A zero is shown, so that what is hidden is at least 1; unless it was hidden before, and so is hidden as a zero too. */
function movesOfCount(count: number, k: number, least: 0 | 1): number {
  if (count < least) return 0
  const lower = count > least ? down | (count === k || count === 1 ? 0 : downKept) : 0
  return up | (count === k - 1 ? 0 : upKept) | lower
}
