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

/**
 * An item that does not keep its list from being taken when it is not well formed. It is documented as the item is, for that
 * is what to send. The route names the list in its `itemsApart`, so that the same holds of what would not be kept as it was meant.
 */
export function apart<Item extends z.ZodType>(item: Item) {
  // Asked without a context, for the document, there is no value to stand for what is flawed.
  const tolerant = (item as z.ZodType).catch((flaw?: z.core.$ZodCatchCtx) =>
    flaw === undefined ? undefined : flawed(flaw),
  )
  return tolerant as unknown as z.ZodType<z.output<Item> | FlawedItem, z.input<Item>>
}

function flawed({ value, error }: Pick<z.core.$ZodCatchCtx, 'value' | 'error'>): FlawedItem {
  return value instanceof FlawedItem ? value : new FlawedItem(value, fieldsAtFault(error as z.core.$ZodError))
}

/** Of a request that cannot be taken as a whole, the flaws of the items in its `list` are told with the others. */
export function tellFlawsOf<Name extends string>(list: Name) {
  const tell = z.superRefine<Record<Name, readonly unknown[]>>((whole, { issues }) => {
    // What is no object at all comes here as well.
    const told: unknown = (whole as typeof whole | undefined | null)?.[list]
    const items: readonly unknown[] = Array.isArray(told) ? told : []
    for (const [place, item] of items.entries()) {
      for (const { path, message } of item instanceof FlawedItem ? item.fields : []) {
        const input = undefined
        issues.push({ code: 'custom', input, message, path: [list, place, ...(path === '' ? [] : path.split('.'))] })
      }
    }
  })
  tell._zod.def.when = ({ issues }) => issues.length > 0
  return tell
}
