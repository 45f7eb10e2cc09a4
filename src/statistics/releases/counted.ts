import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Month } from '../../dates.ts'
import { type CellCounts, width } from '../counting/count.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import { type Layout, layoutOf } from '../disclosure/cube.ts'
import type { Dimension } from '../disclosure/dimension.ts'
import type { Earlier } from '../disclosure/earlier.ts'
import { treesOf } from '../questions/breakdown.ts'
import { byStatus } from '../questions/savers-table.ts'

/** A table of a release as it was counted, with what of it was hidden: cells by month as `layoutOfCounted` lays them. */
export type CountedTable = {
  name: string
  by: readonly DimensionName[]
  only: readonly { dimension: DimensionName; code: string }[]
  /** Of each dimension the codes that are no sums of others. */
  leaves: readonly (readonly string[])[]
  months: ReadonlyMap<Month, Earlier>
}

type Kept = Omit<CountedTable, 'months'> & { months: [month: Month, counts: number[], hidden: number[]][] }

/** Bytes by chance at the beginning: with them the hash of all may be told, and tells nothing of what is hidden. */
const chance = 32

export function pack(tables: readonly CountedTable[]): Buffer {
  const kept = tables.map(({ months, ...table }): Kept => {
    const hiddenIn = ({ hidden }: Earlier) => [...hidden.keys()].filter(cell => hidden[cell])
    return { ...table, months: [...months].map(([month, one]) => [month, [...one.counts], hiddenIn(one)]) }
  })
  return Buffer.concat([randomBytes(chance), deflateRawSync(JSON.stringify(kept))])
}

export function unpack(packed: Buffer): CountedTable[] {
  const kept = JSON.parse(inflateRawSync(packed.subarray(chance)).toString()) as Kept[]
  return kept.map(({ months, ...table }) => {
    const counted = months.map(([month, counts, hiddenIn]): [Month, Earlier] => {
      const hidden = new Uint8Array(counts.length)
      for (const cell of hiddenIn) hidden[cell] = 1
      return [month, { counts: Int32Array.from(counts), hidden }]
    })
    return { ...table, months: new Map(counted) }
  })
}

export function layoutOfCounted({ by, leaves }: Pick<CountedTable, 'by' | 'leaves'>): Layout {
  return layoutOf([...treesOf(by, cellsOfLeaves(leaves, 0)), byStatus])
}

export function leavesOf({ codes, children }: Dimension): string[] {
  return codes.filter((_, node) => node > 0 && children[node]!.length === 0)
}

/** Cells of nobody, which have each of the codes at least once. */
function cellsOfLeaves(leaves: readonly (readonly string[])[], months: number): CellCounts[] {
  const longest = Math.max(0, ...leaves.map(({ length }) => length))
  if (leaves.some(({ length }) => length === 0)) return []
  const codesOf = (nth: number) => leaves.map(codes => codes[nth % codes.length]!)
  return Array.from({ length: longest }, (_, nth) => ({
    codes: codesOf(nth),
    counts: new Int32Array(months * width),
  }))
}

/** What was counted, and cells of nobody for codes that it has not. Cells that are there already stay what they are. */
export function withLeaves(
  cells: readonly CellCounts[],
  leaves: readonly (readonly (readonly string[])[])[],
  months: number,
): CellCounts[] {
  const known = new Set(cells.map(({ codes }) => JSON.stringify(codes)))
  const more = leaves
    .flatMap(each => cellsOfLeaves(each, months))
    .filter(({ codes }) => {
      const key = JSON.stringify(codes)
      return !known.has(key) && known.add(key)
    })
  return [...cells, ...more]
}
