import { Refusal } from '../refusals.ts'

/** As many problems of a file are told. */
export const mostProblems = 1_000

/**
 * Refuses a file, of which nothing is kept then, with what is wrong with its lines.
 * @throws Refusal `file-refused` when there is any problem: the first of them by row, and how many there are
 */
export function refuseFile(lines: number, problems: readonly { row: number }[]): void {
  if (problems.length === 0) return
  const refusedLines = new Set(problems.map(({ row }) => row)).size
  const listed = problems.toSorted((a, b) => a.row - b.row).slice(0, mostProblems)
  throw new Refusal('file-refused', `${refusedLines} of ${lines} lines were refused; nothing was kept.`, {
    facts: { lines, refusedLines, problemCount: problems.length, problems: listed },
  })
}
