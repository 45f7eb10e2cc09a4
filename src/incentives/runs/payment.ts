import { nameId } from '../../ids.ts'
import type { Draft, DraftEntry } from '../../ledger/index.ts'
import { type Amount, type Currency, parseAmount } from '../../money.ts'
import { fundMoney, moneyAccount, setAside } from '../../savings/chart.ts'
import { fingerprint } from '../../savings/registering.ts'
import type { Part } from '../funding/financings.ts'
import type { Money } from '../lots/lots.ts'
import type { Explanation } from './explanation.ts'

/** A line that is paid, or taken back, as far as its transaction tells it. */
export type Payable = {
  number: number
  saverId: string
  enrolmentId: string
  ruleId: string
  /** Of the rule. */
  code: string
  period: string
  revision: number
  savingsAccountId: string
  money: Money
  household: string | null
  turn: number
  document: string | null
  documentUse: number | null
  amount: Amount
  /** Of a payment: what of its run was divided among the funds before it. In minor units, as text. */
  sharedFrom: string | null
  reason: string | null
  explanation: Explanation
}

/** The transaction of an incentive: made of what may be paid once, so that the ledger too posts it once. */
function incentiveId({
  saverId,
  enrolmentId,
  ruleId,
  period,
  revision,
}: Pick<Payable, 'saverId' | 'enrolmentId' | 'ruleId' | 'period' | 'revision'>) {
  return nameId(`incentive:${enrolmentId}:${ruleId}:${period}:${revision}`, saverId)
}

/**
 * The draft of an incentive or of what is taken back of one. The same for the same line, for ever: it is asked again after a
 * crash, and made again by a verification, so that the ledger's chain vouches for the line and its explanation. What is taken
 * back is taken where the explanation says that she held it.
 */
export function draftOf(
  run: { id: string; programmeId: string; valueDate: string },
  line: Payable,
  parts: readonly Part[],
  currency: Currency,
): Draft {
  const { savingsAccountId, money, enrolmentId, ruleId, code, period, revision, number, amount } = line
  const isPayment = amount > 0n
  const inOrder = parts.toSorted((one, other) => (one.fundId < other.fundId ? -1 : 1))
  const ofFunds = inOrder.map(
    ({ fundId, amount }): DraftEntry =>
      isPayment
        ? { accountId: setAside(run.id, fundId), direction: 'debit', amount }
        : { accountId: fundMoney(fundId), direction: 'credit', amount: -amount },
  )
  const takings = (line.explanation.takenFrom ?? []).map(
    ({ savingsAccountId, money, amount }): DraftEntry => ({
      ...{ accountId: moneyAccount(savingsAccountId, money), direction: 'debit' },
      amount: parseAmount(amount, currency),
    }),
  )
  return {
    id: incentiveId(line),
    kind: isPayment ? 'incentive' : 'incentive-clawback',
    valueDate: run.valueDate,
    entries: isPayment
      ? [...ofFunds, { accountId: moneyAccount(savingsAccountId, money), direction: 'credit', amount }]
      : [...takings, ...ofFunds],
    evidence: {
      ...{ savingsAccountId, money, enrolmentId, programmeId: run.programmeId, rule: code, ruleId, period, revision },
      ...{ runId: run.id, line: number, seal: sealOf(line) },
    },
  }
}

/** Vouches for what is told of a line and is not in its entries. */
function sealOf({ household, turn, document, documentUse, reason, explanation, sharedFrom }: Payable): string {
  return fingerprint({ household, turn, document, documentUse, reason, explanation, sharedFrom }).toString('hex')
}
