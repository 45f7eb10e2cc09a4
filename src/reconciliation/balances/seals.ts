import { fingerprint } from '../../savings/registering.ts'
import type { balanceDecision } from './proposals/schema.ts'
import type { balanceComparison, balanceList } from './schema.ts'

type Unsealed<Row> = Omit<Row, 'seal' | 'contentHash'>

/** SHA-256 of all that is kept of a list, who sent it and when included. */
export function listSeal(row: Unsealed<typeof balanceList.$inferSelect>): Buffer {
  const { bookId, id, asOf, sha256, size, pieces, name, mediaType, decimal, encoding, lines, recordedAt, actor } = row
  return fingerprint({
    ...{ bookId, id, asOf, sha256: sha256.toString('hex'), size, pieces, name, mediaType, decimal, encoding, lines },
    ...{ recordedAt: recordedAt.toISOString(), actor },
  })
}

export function comparisonSeal(row: Unsealed<typeof balanceComparison.$inferSelect>): Buffer {
  const { bookId, id, listId, sequence, eventNumber, lines, accounts, ours, theirs, difference, recordedAt, actor } =
    row
  return fingerprint({
    ...{ bookId, id, listId, sequence: sequence.toString(), eventNumber: eventNumber.toString(), lines, accounts },
    ...{ ours: ours.toString(), theirs: theirs.toString(), difference: difference.toString() },
    ...{ recordedAt: recordedAt.toISOString(), actor },
  })
}

export function decisionSeal(row: Unsealed<typeof balanceDecision.$inferSelect>): Buffer {
  const { bookId, id, listId, outcome, chosen, reason, proposals, recordedAt, actor } = row
  return fingerprint({
    ...{ bookId, id, listId, outcome, chosen, reason, proposals },
    ...{ recordedAt: recordedAt.toISOString(), actor },
  })
}
