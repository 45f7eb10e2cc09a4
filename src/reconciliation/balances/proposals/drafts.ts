import { nameId } from '../../../ids.ts'
import type { Book, Draft } from '../../../ledger/index.ts'
import { type Amount, formatAmount } from '../../../money.ts'
import { bank, own } from '../../../savings/chart.ts'
import { interest } from '../../../savings/verbs/bank-credits.ts'
import { feeKind } from '../../breaks/resolutions/bank-bookings.ts'
import type { Proposable } from '../outcomes.ts'

/** A proposal as far as it says what is to be posted; `seal` is its list's, as hexadecimal. */
export type Proposed = {
  listId: string
  seal: string
  asOf: string
  savingsAccountId: string
  kind: Proposable
  amount: Amount
  proposedBy: string
}

/** Of the list, the account and the kind: so the ledger too refuses to post it twice. */
export function transactionOf({
  listId,
  savingsAccountId,
  kind,
}: Pick<Proposed, 'listId' | 'savingsAccountId' | 'kind'>): string {
  return nameId(`${kind}:${savingsAccountId}`, listId)
}

/**
 * What a proposal posts, on the day of the list: interest as the bank tells it, by savings' verb; a fee that the bank took from the
 * account, out of what is the saver's own. Made of what was proposed alone, so it can be made again, and held against the ledger.
 */
export function proposalDraft(book: Book, proposed: Proposed): Draft {
  const { listId, seal, asOf, savingsAccountId, kind, amount, proposedBy } = proposed
  const id = transactionOf(proposed)
  const draft = kind === 'interest' ? interestDraft() : feeDraft()
  const evidence = { ...draft.evidence, balanceListId: listId, balanceListSeal: seal, proposedBy }
  return { ...draft, evidence }

  function interestDraft(): Draft {
    const body = { savingsAccountId, amount: formatAmount(amount, book.currency), valueDate: asOf }
    return interest.draft(book, id, body)
  }

  function feeDraft(): Draft {
    return {
      ...{ id, kind: feeKind, valueDate: asOf },
      entries: [
        { accountId: own(savingsAccountId), direction: 'debit', amount },
        { accountId: bank(book.id), direction: 'credit', amount },
      ],
      evidence: { savingsAccountId },
    }
  }
}
