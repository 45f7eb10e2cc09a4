import { amongWhom } from '../../statistics/questions/asking.ts'
import type { onlyOf } from '../../statistics/questions/question.ts'
import { saversPopulation } from '../../statistics/questions/savers-table.ts'
import { type Language, say } from '../language.ts'

/** Whom a table of savers counts, in the language of the page; files and answers say the same in English. */
export function populationText(
  books: readonly { code: string }[],
  only: ReturnType<typeof onlyOf>,
  language: Language,
): string {
  return say(saversPopulation, language) + amongWhom(books, only, language)
}
