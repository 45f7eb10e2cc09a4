import type { Book } from '../../ledger/index.ts'
import { Refusal, refusals } from '../../refusals.ts'
import { inTermsOf } from './subjects.ts'
import type { Subjects } from './verb.ts'

/**
 * What the ledger has against a line of a list, in terms of whom it names. That another line was refused is nothing
 * against this one: null.
 * @throws Refusal when it may pass: then the whole list is sent again
 */
export function reasonIn(refusal: Refusal, named: Subjects, book: Book): Refusal | null {
  if (refusal.code === 'list-refused') return null
  if (refusals[refusal.code].retryable) throw refusal
  return inTermsOf(named, book, refusal)
}

/**
 * The refusal of a list as a whole, with the reason of each refused line in `facts.lines`. A list whose every line is a
 * reused id is itself a reused id.
 */
export function linesRefused(lines: readonly { line: number; refusal: Refusal | null }[]): Refusal {
  const refused = lines.flatMap(({ line, refusal }, place) => (refusal === null ? [] : [{ line, refusal, place }]))
  if (refused.every(({ refusal }) => refusal.code === 'id-reused')) {
    return new Refusal('id-reused', 'This id was used before, with other lines.')
  }
  return new Refusal('lines-refused', `${refused.length} of ${lines.length} lines were refused; nothing was posted.`, {
    facts: {
      lines: refused.map(({ line, refusal }) => ({ line, code: refusal.code, ...refusal.facts })),
    },
    fields: refused.map(({ refusal, place }) => ({
      path: `lines.${place}`,
      message: refusal.detail.replace(/\.$/, ''),
    })),
  })
}
