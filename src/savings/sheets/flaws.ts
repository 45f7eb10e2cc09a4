import { FlawedItem } from '../../http/items-apart.ts'
import { invalidFields } from '../../http/problems.ts'
import { type FieldProblem, Refusal, refusals } from '../../refusals.ts'
import { fieldsOfLine } from '../verbs/lines-refused.ts'
import type { WrittenLine } from './sheet.ts'

/** Whether nothing of a line is known, for it is not well formed. */
export function isUnreadable({ flaw }: Pick<WrittenLine, 'flaw'>): boolean {
  return flaw !== null
}

/**
 * What speaks against a sheet as a whole, with what cannot be read of its lines: for whoever mends the one mends the other.
 * What may pass, what is not hers to do, and what tells of the lines already, stays as it is.
 */
export function withFlaws(error: unknown, lines: readonly unknown[]): unknown {
  const flaws = flawsIn(lines)
  if (!(error instanceof Refusal) || flaws.length === 0 || error.facts.lines !== undefined) return error
  if (refusals[error.code].retryable || error.code === 'access-denied') return error
  const { code, detail, fields } = invalidFields([...error.fields, ...flaws])
  return new Refusal(code, detail, { facts: error.facts, fields })
}

function flawsIn(lines: readonly unknown[]): FieldProblem[] {
  return lines.flatMap((line, place) => (line instanceof FlawedItem ? fieldsOfLine(`lines.${place}`, line.fields) : []))
}
