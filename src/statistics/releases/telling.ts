import type { Month } from '../../dates.ts'
import type { Earlier } from '../disclosure/earlier.ts'
import { isSameTable, partsOf, type Subject, widerCells } from './sharing.ts'

/** A table with what it shows, month by month. */
export type Told = Subject & { name: string; months: ReadonlyMap<Month, Earlier> }

/**
 * The first of the new tables, and the month, where what two tables show tells of fewer than `k` persons who are in the one and
 * not in the other, or tells within `k` what one of them hides. Null when there is none. Tables are compared by who is in them: by
 * what one filter more or less takes away, and by what is left when several are taken away.
 */
export function tellingPair(
  fresh: readonly Told[],
  published: readonly Told[],
  k: number,
): { table: Told; month: Month } | null {
  const all = [...fresh, ...published]
  for (const [at, table] of all.entries()) {
    for (const [other, within] of all.entries()) {
      if (at === other || (at >= fresh.length && other >= fresh.length) || isSameTable(table, within)) continue
      const month = telling(table, [within], k, () =>
        widerCells(table, within).map(([cell, inner]) => ({ cell, parts: [{ table: 0, cell: inner }] })),
      )
      if (month !== null) return { table: at < fresh.length ? table : within, month }
    }
    const others = all.filter((other, place) => place !== at && !isSameTable(table, other) && other.only.length > 0)
    const isNew = at < fresh.length || others.some(other => fresh.includes(other))
    const month = others.length === 0 || !isNew ? null : telling(table, others, k, () => partsOf(table, others))
    if (month !== null) return { table: at < fresh.length ? table : fresh[0]!, month }
  }
  return null
}

type Compared = ReturnType<typeof partsOf>

function telling(table: Told, others: readonly Told[], k: number, compared: () => Compared): Month | null {
  const months = [...table.months].filter(([month]) => others.some(other => other.months.has(month)))
  if (months.length === 0) return null
  const cells = compared()
  for (const [month, { counts, hidden }] of months)
    for (const { cell, parts } of cells) {
      const known = parts.flatMap(part => {
        const one = others[part.table]!.months.get(month)
        return one === undefined ? [] : [{ count: one.counts[part.cell]!, isHidden: one.hidden[part.cell] === 1 }]
      })
      const shown = known.filter(({ isHidden }) => !isHidden)
      const isPair = parts.length === 1
      if (known.length === 0 || (!isPair && shown.length < 2)) continue
      const rest = counts[cell]! - (isPair ? known : shown).reduce((sum, { count }) => sum + count, 0)
      const areBothShown = hidden[cell] === 0 && shown.length > 0
      if (areBothShown && rest > 0 && rest < k) return month
      // One that is hidden, and one that is shown with nearly the same persons in it, or the very same.
      const isOneHidden = hidden[cell] === 0 ? isPair && shown.length === 0 : shown.some(({ count }) => count > 0)
      if (isOneHidden && counts[cell]! > 0 && rest < k && rest >= 0) return month
    }
  return null
}
