import type { Month } from '../../dates.ts'
import type { Currency } from '../../money.ts'
import type { Question } from '../counting/count.ts'
import type { Counter } from '../counting/counter.ts'
import { monthNumber } from '../counting/days.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import type { Folded, FoldName } from '../counting/folds.ts'
import { ruleOf } from '../counting/rule.ts'
import type { Terms } from '../definitions/terms.ts'
import type { Table } from '../table.ts'
import type { AskedBooks, Knowledge } from './knowledge.ts'
import type { About, Tables } from './tables.ts'

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

/** Asks the counter; `fold` is what is worked out. */
export async function askCounter<Name extends FoldName>(
  counter: Counter,
  fold: Name,
  asked: Asked,
): Promise<Folded<Name>> {
  const { cells } = await counter.askFor(fold, questionOf(asked))
  return cells
}

/** The table of what is worked out; what is in between is opened by the tables' thread alone. */
export async function askTable<Name extends FoldName>(
  { counter, tables }: { counter: Counter; tables: Tables },
  fold: Name,
  asked: Asked,
  about: About<Name>,
): Promise<Table> {
  const { cells } = await counter.askSealed(fold, questionOf(asked))
  return tables.make(fold, cells, about)
}

function questionOf({ terms, currency, books, months, by, only, knowledge }: Asked): Question {
  return {
    ...{ rule: ruleOf(terms, currency), currency, by, only },
    books: new Set(books.map(({ id }) => id)),
    months: { first: monthNumber(months.first), last: monthNumber(months.last) },
    knowledge: {
      ...{ at: knowledge.at.getTime(), through: knowledge.sequences },
      ...(knowledge.reversals && { reversals: knowledge.reversals }),
    },
  }
}
