import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { fundMoney, own } from '../chart.ts'
import { account, evidence, movement, oneAccount, reference, type Settled, type Verb } from './verb.ts'

const act = z
  .strictObject({ reference: reference.describe('The number of the act'), date: calendarDate })
  .meta({ id: 'CommitteeAct', description: 'The act in which the committee decided it' })

const body = {
  ...movement,
  fundId: idText,
  savingsAccountId: account.savingsAccountId.describe('The account of the group, organisation or person that is paid'),
  bankAccountNumber: account.bankAccountNumber,
  act,
}

const fundPaymentBody = z
  .strictObject(body)
  .refine(...oneAccount)
  .refine(decidedBefore, { path: ['act', 'date'], message: 'must not be after the value date' })

type FundPaymentBody = z.output<typeof fundPaymentBody>

/** Nothing is paid before the committee decided it. */
function decidedBefore(given: { valueDate: string; act: { date: string } }): boolean {
  return given.act.date <= given.valueDate
}

/** The three innovations beside savings pay alike: out of a fund, to a holder's own money, on a committee's act. */
function fundPayment(told: { kind: string; path: string; operationId: string; summary: string; schemaId: string }) {
  const example = {
    id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f67',
    fundId: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e5f',
    savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
    amount: '1500.00',
    valueDate: '2026-02-10',
    act: { reference: 'ACTA-007-2026', date: '2026-02-06' },
  }
  const { schemaId, ...verb } = told
  return {
    ...verb,
    description: 'Debits the fund, which cannot fall below zero; credits the holder’s own money.',
    access: ['administrator'],
    body: fundPaymentBody.meta({ id: schemaId, examples: [example] }),
    refusals: ['savings-account-not-found', 'fund-not-found'],
    draft(book, id, given) {
      const amount = parseAmount(given.amount, book.currency)
      return {
        id,
        kind: verb.kind,
        valueDate: given.valueDate,
        entries: [
          { accountId: fundMoney(given.fundId), direction: 'debit', amount },
          { accountId: own(given.savingsAccountId), direction: 'credit', amount },
        ],
        evidence: evidence({
          savingsAccountId: given.savingsAccountId,
          fundId: given.fundId,
          actReference: given.act.reference,
          actDate: given.act.date,
        }),
      }
    },
  } satisfies Verb<Settled<FundPaymentBody>, FundPaymentBody>
}

/** Public money that a Local Resource Allocation Committee (LRAC) gave to a community organisation. */
export const lracTransfer = fundPayment({
  kind: 'lrac-transfer',
  path: 'lrac-transfers',
  operationId: 'recordLracTransfer',
  summary: 'Pay what a Local Resource Allocation Committee decided',
  schemaId: 'LracTransferMade',
})

/** A prize of a competition among groups or communities, such as Pacha Mama Raymi. */
export const competitionPrize = fundPayment({
  kind: 'competition-prize',
  path: 'competition-prizes',
  operationId: 'recordCompetitionPrize',
  summary: 'Pay a competition’s prize',
  schemaId: 'CompetitionPrizeMade',
})

/** What a Local Talent, a farmer who teaches farmers, is paid. */
export const talentPayment = fundPayment({
  kind: 'talent-payment',
  path: 'talent-payments',
  operationId: 'recordTalentPayment',
  summary: 'Pay a Local Talent',
  schemaId: 'TalentPaymentMade',
})
