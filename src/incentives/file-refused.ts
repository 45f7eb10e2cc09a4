import { Refusal } from '../refusals.ts'

/** As many problems of a file are told. */
export const mostProblems = 100

/** What is wrong with a line; what many lines have in common is `about` the same, and told once. */
type FileProblem = { row: number; about?: string }

/**
 * Refuses a file, of which nothing is kept then, with what is wrong with its lines. What is wrong with one line alone is
 * listed before what many have in common, so that no slip of the pen drowns in a file for another book.
 * @throws Refusal `file-refused` when there is any problem: some of them by row, how many there are and how many are not listed
 */
export function refuseFile(lines: number, problems: readonly FileProblem[]): void {
  if (problems.length === 0) return
  const refusedLines = new Set(problems.map(({ row }) => row)).size
  const alone = problems.filter(problem => !isCommon(problem)).toSorted(byRow)
  const common = Map.groupBy(problems.filter(isCommon), ({ about }) => about)
  const once = [...common.values()].map(alike => {
    const { about, ...first } = alike.toSorted(byRow)[0]!
    return { ...first, lines: alike.length }
  })
  const ofLines = alone.slice(0, mostProblems)
  const listed = [...once.toSorted(byRow).slice(0, mostProblems - ofLines.length), ...ofLines].toSorted(byRow)
  const problemCount = alone.length + once.length
  throw new Refusal('file-refused', `${refusedLines} of ${lines} lines were refused; nothing was kept.`, {
    facts: { lines, refusedLines, problemCount, problems: listed, notListed: problemCount - listed.length },
  })
}

const isCommon = (problem: FileProblem) => problem.about !== undefined

const byRow = (one: FileProblem, other: FileProblem) => one.row - other.row
