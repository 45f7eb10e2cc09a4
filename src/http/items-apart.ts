import { z } from 'zod'
import type { FieldProblem } from '../refusals.ts'
import { fieldsAtFault } from './problems.ts'

/** An item of a list of which each is answered for itself, that is not well formed: what was read of it, and what is wrong. */
export class FlawedItem {
  readonly given: unknown
  readonly fields: readonly FieldProblem[]

  constructor(given: unknown, fields: readonly FieldProblem[]) {
    this.given = given
    this.fields = fields
  }
}

const anything = z.unknown().describe('What is not well formed is refused by itself, too')

/**
 * An item that does not keep its list from being taken when it is not well formed. The route names the list in its
 * `itemsApart`, so that the same holds of what would not be kept as it was meant.
 */
export function apart<Item extends z.ZodType>(item: Item) {
  const flawed = anything.transform(given =>
    given instanceof FlawedItem ? given : new FlawedItem(given, fieldsAtFault(item.safeParse(given).error!)),
  )
  return z.union([item, flawed])
}
