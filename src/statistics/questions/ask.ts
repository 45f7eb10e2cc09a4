import type { Month } from '../../dates.ts'
import type { Currency } from '../../money.ts'
import type { Counter } from '../counting/counter.ts'
import { monthNumber } from '../counting/days.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import type { Folded, FoldName } from '../counting/folds.ts'
import { ruleOf } from '../counting/rule.ts'
import type { Terms } from '../definitions/terms.ts'
import type { AskedBooks, Knowledge } from './knowledge.ts'

/** What the counter is asked, as people write it. */
export type Asked = {
  terms: Terms
  currency: Currency
  books: AskedBooks['books']
  months: { first: Month; last: Month }
  by: readonly DimensionName[]
  only: readonly { dimension: DimensionName; code: string }[]
  knowledge: Knowledge
}

/** The one place where the counter is asked; `fold` is what is worked out. */
export async function askCounter<Name extends FoldName>(
  counter: Counter,
  fold: Name,
  asked: Asked,
): Promise<Folded<Name>> {
  const { terms, currency, books, months, by, only, knowledge } = asked
  const { cells } = await counter.askFor(fold, {
    ...{ rule: ruleOf(terms, currency), currency, by, only },
    books: new Set(books.map(({ id }) => id)),
    months: { first: monthNumber(months.first), last: monthNumber(months.last) },
    knowledge: {
      ...{ at: knowledge.at.getTime(), through: knowledge.sequences },
      ...(knowledge.reversals && { reversals: knowledge.reversals }),
    },
  })
  return cells
}
