import type { CalendarDate } from '../dates.ts'
import { Refusal } from '../refusals.ts'
import type { Posted } from './decide.ts'
import type { Draft } from './draft.ts'
import type { Ledger } from './post.ts'
import type { Evidence } from './schema.ts'
import { type Transaction, transactionById } from './transactions.ts'

export type Reversal = {
  id: string
  /** The id of the transaction to reverse. */
  reverses: string
  valueDate: CalendarDate
  reason: string
  evidence?: Evidence
}

/** The draft that takes back `original` whole: each entry on the other side, in the same order. */
export function reversalDraft(
  original: Transaction,
  { id, valueDate, reason, evidence }: Omit<Reversal, 'reverses'>,
): Draft {
  if (original.kind === 'reversal') {
    throw new Refusal('reversal-not-reversible', 'A reversal cannot be reversed; post the transaction anew.')
  }
  if (valueDate < original.valueDate) {
    throw new Refusal('value-date-before-original', 'The reversal is dated before what it reverses.', {
      facts: { originalValueDate: original.valueDate },
    })
  }
  return {
    id,
    kind: 'reversal',
    valueDate,
    reason,
    ...(evidence === undefined ? {} : { evidence }),
    reverses: { id: original.id, sequence: original.sequence },
    entries: original.entries.map(({ accountId, direction, amount }) => ({
      accountId,
      direction: direction === 'debit' ? 'credit' : 'debit',
      amount,
    })),
  }
}

/**
 * Reverses a transaction, once, with its own value date; not one of a kind that its own verbs take back.
 * @throws Refusal `transaction-not-found`, `transaction-already-reversed`, `reversal-not-reversible`,
 *   `value-date-before-original`, and whatever posting refuses
 */
export async function reverse(
  ledger: Ledger,
  bookId: string,
  reversal: Reversal,
  actor: string,
  irreversibleKinds: readonly string[] = [],
): Promise<Posted> {
  const original = await transactionById(ledger.db, bookId, reversal.reverses)
  if (irreversibleKinds.includes(original.kind)) {
    throw new Refusal('reversal-not-reversible', `A transaction of kind ${original.kind} is not taken back by hand.`)
  }
  try {
    return await ledger.post(bookId, reversalDraft(original, reversal), actor)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'transaction-already-reversed') throw error
    const { reversedBy } = await transactionById(ledger.db, bookId, original.id)
    throw new Refusal(error.code, `It was reversed by ${reversedBy}.`, { cause: error })
  }
}
