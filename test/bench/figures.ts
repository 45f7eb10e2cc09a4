/** The value below which `share` of them lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: readonly number[]) => quantile(values, 0.5)

/** A line of a table: cells padded to widths, the first to the left and the others to the right. */
export function row(cells: readonly (string | number)[], widths: readonly number[]): string {
  return cells
    .map((cell, place) => {
      const text = String(cell)
      const width = widths[place] ?? 12
      return place === 0 ? text.padEnd(width) : text.padStart(width)
    })
    .join('  ')
}

/** The verdicts of a run: whether each figure reached what it is meant to reach. */
export const verdicts: { figure: string; reached: boolean }[] = []

export function judge(figure: string, reached: boolean): string {
  verdicts.push({ figure, reached })
  return reached ? 'reached' : 'NOT REACHED'
}
