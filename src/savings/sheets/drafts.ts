import { nameId } from '../../ids.ts'
import type { Book, Draft } from '../../ledger/index.ts'
import { formatAmount } from '../../money.ts'
import { deposit } from '../verbs/deposits.ts'
import { withdrawal } from '../verbs/withdrawals.ts'
import type { Line, Sheet } from './sheet.ts'

/** A line whose account is known. */
export type ReadLine = Pick<Line, 'line' | 'deposit' | 'withdrawal' | 'purpose' | 'depositorId'> & {
  savingsAccountId: string
}

/** Which sheet a draft is of, with its seal: so the chain of transactions says what the sheet said. */
export type Origin = { sheetId: string; seal: string }

export type LineDrafts = { deposit: Draft | null; withdrawal: Draft | null }

/**
 * A line as drafts: of the same verbs as deposits and withdrawals told one by one, their ids computed from the sheet's, so
 * that they can be made again from the sheet as it was kept, and compared.
 */
export function draftsOf(
  book: Book,
  sheet: Pick<Sheet, 'meetingDate' | 'agentId'>,
  line: ReadLine,
  origin: Origin,
): LineDrafts {
  const evidence = {
    collectionSheetId: origin.sheetId,
    collectionSheetLine: line.line,
    collectionSheetHash: origin.seal,
  }
  const common = {
    savingsAccountId: line.savingsAccountId,
    valueDate: sheet.meetingDate,
    channel: 'agent-cash' as const,
    agentId: sheet.agentId,
  }
  const on = (draft: Draft): Draft => ({ ...draft, evidence: { ...draft.evidence, ...evidence } })
  const drafts: LineDrafts = { deposit: null, withdrawal: null }
  if (line.deposit !== null) {
    const amount = formatAmount(line.deposit, book.currency)
    const body = { ...common, amount, depositorId: line.depositorId ?? undefined }
    drafts.deposit = on(deposit.draft(book, lineId(origin.sheetId, line.line, 'deposit'), body))
  }
  if (line.withdrawal !== null && line.purpose !== null) {
    const amount = formatAmount(line.withdrawal, book.currency)
    const body = { ...common, amount, money: 'own' as const, purpose: line.purpose }
    drafts.withdrawal = on(withdrawal.draft(book, lineId(origin.sheetId, line.line, 'withdrawal'), body))
  }
  return drafts
}

function lineId(sheetId: string, line: number, kind: string): string {
  return nameId(`line ${line}: ${kind}`, sheetId)
}

/**
 * A draft that the ledger refuses in any book, for its account is nobody's. Posted with a list that cannot stand, it makes
 * sure that nothing is posted while the ledger says what it has against each of the others.
 */
export function impossibleDraft(book: Book, sheetId: string, sheet: Sheet): Draft {
  const accountId = nameId('nobody', sheetId)
  return {
    id: nameId('refused', sheetId),
    kind: 'deposit',
    valueDate: sheet.meetingDate,
    entries: [
      { accountId, direction: 'debit', amount: 1n },
      { accountId, direction: 'credit', amount: 1n },
    ],
    evidence: { bookId: book.id },
  }
}
