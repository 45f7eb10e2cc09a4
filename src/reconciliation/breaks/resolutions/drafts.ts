import { nameId } from '../../../ids.ts'
import type { Book, Draft, Transaction } from '../../../ledger/index.ts'
import { reversalDraft } from '../../../ledger/index.ts'
import type { Content, ResolutionKind } from './content.ts'
import { postingDraft } from './postings.ts'

/** A resolution as far as it says what is to be posted. */
export type Proposed = {
  id: string
  kind: ResolutionKind
  reason: string
  /** Who proposed it. */
  actor: string
  content: Content
  difference: bigint | null
}

/** Ids of what it posts are computed from its own, so that nothing of it is ever posted twice. */
export function draftIds({ id, kind, content }: Pick<Proposed, 'id' | 'kind' | 'content'>): string[] {
  if (kind === 'adjust') return [nameId('adjustment', id)]
  return [
    ...content.postings.map((_, place) => nameId(`posting:${place}`, id)),
    ...content.transactions.map(reversed => nameId(`reversal:${reversed}`, id)),
  ]
}

/** What a resolution posts, made of what was proposed alone: so it can be made again, and held against the ledger. */
export function resolutionDrafts(
  book: Book,
  proposed: Proposed,
  accountId: string,
  originals: readonly Transaction[],
): Draft[] {
  const { id, kind, reason, actor, content, difference } = proposed
  const ids = draftIds(proposed)
  const evidence = { resolutionId: id, proposedBy: actor }
  if (kind === 'adjust') {
    const amount = difference! > 0n ? difference! : -difference!
    const [debited, credited] = difference! > 0n ? [accountId, content.accountId!] : [content.accountId!, accountId]
    const entries = [
      { accountId: debited, direction: 'debit', amount },
      { accountId: credited, direction: 'credit', amount },
    ] as const
    return [{ id: ids[0]!, kind: 'adjustment', valueDate: content.valueDate!, entries, reason, evidence }]
  }
  const postings = content.postings.map((posting, place) => {
    const draft = postingDraft(book, posting, ids[place]!, accountId)
    return { ...draft, evidence: { ...draft.evidence, ...evidence } }
  })
  const reversals = originals.map((original, place) =>
    reversalDraft(original, { id: ids[postings.length + place]!, valueDate: content.valueDate!, reason, evidence }),
  )
  return [...postings, ...reversals]
}
