import { invalidFields } from '../../http/problems.ts'
import type { Book } from '../../ledger/index.ts'
import { type FieldProblem, Refusal, refusals } from '../../refusals.ts'
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
 * reused id is itself a reused id; one with lines that are not well formed is itself not well formed.
 */
export function linesRefused(lines: readonly { line: number; refusal: Refusal | null }[]): Refusal {
  const refused = lines.flatMap(({ line, refusal }, place) => (refusal === null ? [] : [{ line, refusal, place }]))
  if (refused.every(({ refusal }) => refusal.code === 'id-reused')) {
    return new Refusal('id-reused', 'This id was used before, with other lines.')
  }
  const facts = { lines: refused.map(({ line, refusal }) => ({ line, code: refusal.code, ...refusal.facts })) }
  const fields = refused.flatMap(({ refusal, place }) => fieldsOf(refusal, `lines.${place}`))
  if (refused.some(({ refusal }) => isMalformed(refusal))) {
    const { code, detail, fields: told } = invalidFields(fields)
    return new Refusal(code, detail, { facts, fields: told })
  }
  const detail = `${refused.length} of ${lines.length} lines were refused; nothing was posted.`
  return new Refusal('lines-refused', detail, { facts, fields })
}

/** A line that is not well formed tells each of its cells that is not. */
function fieldsOf(refusal: Refusal, line: string): FieldProblem[] {
  if (isMalformed(refusal)) return fieldsOfLine(line, refusal.fields)
  return [{ path: line, message: refusal.detail.replace(/\.$/, '') }]
}

/** Places in a line as they are told of the list; of the line itself what lies in no field. */
export function fieldsOfLine(line: string, fields: readonly FieldProblem[]): FieldProblem[] {
  return fields.map(({ path, message }) => ({ path: path === '' ? line : `${line}.${path}`, message }))
}

function isMalformed({ code }: Refusal): boolean {
  return code === 'request-invalid'
}
