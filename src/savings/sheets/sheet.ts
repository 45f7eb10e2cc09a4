import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { type Amount, type Currency, formatAmount, parseAmount, positiveAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { onRefusalChoices } from '../accounts/schema.ts'
import { withdrawalPurposes } from '../verbs/withdrawals.ts'
import { bankAccountNumber } from '../wording.ts'

/** A meeting is of one group, which has at most 25 members; some have a second account. */
export const mostLines = 100

const line = z
  .strictObject({
    line: z.int().min(1).max(9999).describe('Its number on the sheet'),
    savingsAccountId: idText.optional(),
    bankAccountNumber: bankAccountNumber.optional(),
    deposit: positiveAmountText.optional(),
    withdrawal: positiveAmountText.optional(),
    purpose: z.enum(withdrawalPurposes).optional().describe('What the withdrawal is for'),
    depositorId: idText.optional().describe('The saver who brought the deposit, when it was another'),
  })
  .refine(line => (line.savingsAccountId === undefined) !== (line.bankAccountNumber === undefined), {
    path: ['savingsAccountId'],
    message: 'or bankAccountNumber is needed, and only one of them',
  })
  .refine(line => line.deposit !== undefined || line.withdrawal !== undefined, {
    path: ['deposit'],
    message: 'or withdrawal is needed, or both',
  })
  .refine(line => (line.withdrawal === undefined) === (line.purpose === undefined), {
    path: ['purpose'],
    message: 'is needed with a withdrawal, and with nothing else',
  })
  .refine(line => line.depositorId === undefined || line.deposit !== undefined, {
    path: ['depositorId'],
    message: 'goes with a deposit',
  })
  .meta({ id: 'CollectionSheetLineWritten' })

export const sheetBody = z
  .strictObject({
    id: clientId,
    groupId: idText,
    agentId: idText.describe('Who took the cash, and paid it out'),
    meetingDate: calendarDate.describe('The value date of every line'),
    cashCount: z
      .string()
      .regex(/^-?(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?$/, 'must be a decimal string such as "120.00"')
      .describe('The cash as it was counted: what came in less what was paid out. Negative when more was paid out')
      .meta({ examples: ['120.00'] }),
    signedBy: z.strictObject({
      coordinator: idText.describe('The saver who coordinated the group on that day'),
      agent: idText,
    }),
    onRefusal: z
      .enum(onRefusalChoices)
      .default('refuse-sheet')
      .describe('When a line is refused: post nothing, or post the other lines'),
    lines: z.array(line).min(1).max(mostLines),
  })
  .refine(sheet => sheet.signedBy.agent === sheet.agentId, {
    path: ['signedBy', 'agent'],
    message: 'must be the agent of the sheet',
  })
  .refine(sheet => new Set(sheet.lines.map(({ line }) => line)).size === sheet.lines.length, {
    path: ['lines'],
    message: 'must each have a number of their own',
  })
  .meta({
    id: 'CollectionSheetHandedIn',
    examples: [
      {
        id: '0198c5f2-7b00-7c41-8f5e-1b2c3d4e5f60',
        groupId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e17',
        agentId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14',
        meetingDate: '2026-03-14',
        cashCount: '17.50',
        signedBy: {
          coordinator: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
          agent: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14',
        },
        lines: [
          { line: 1, savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', deposit: '22.50' },
          { line: 2, bankAccountNumber: '110-01-2345678', withdrawal: '5.00', purpose: 'education' },
        ],
      },
    ],
  })

export type SheetBody = z.output<typeof sheetBody>

type Amounts = { deposit: Amount | null; withdrawal: Amount | null }

/** A line with its amounts in minor units; what was not written is null. */
export type Line = Amounts & {
  line: number
  savingsAccountId: string | null
  bankAccountNumber: string | null
  purpose: (typeof withdrawalPurposes)[number] | null
  depositorId: string | null
}

/** A sheet in the book's currency, the same however its amounts were written. */
export type Sheet = Omit<SheetBody, 'id' | 'cashCount' | 'lines'> & { cashCount: Amount; lines: Line[] }

/** @throws Refusal `amount-precision` */
export function sheetOf(body: Omit<SheetBody, 'id'>, currency: Currency): Sheet {
  const amount = (text: string | undefined) => (text === undefined ? null : parseAmount(text, currency))
  return {
    groupId: body.groupId,
    agentId: body.agentId,
    meetingDate: body.meetingDate,
    cashCount: parseAmount(body.cashCount, currency),
    signedBy: body.signedBy,
    onRefusal: body.onRefusal,
    lines: body.lines.map(line => ({
      line: line.line,
      savingsAccountId: line.savingsAccountId ?? null,
      bankAccountNumber: line.bankAccountNumber ?? null,
      deposit: amount(line.deposit),
      withdrawal: amount(line.withdrawal),
      purpose: line.purpose ?? null,
      depositorId: line.depositorId ?? null,
    })),
  }
}

/** What a sheet says, as its fingerprint covers it: amounts as text, for canonical JSON knows no large numbers. */
export function contentOf(sheet: Sheet): Record<string, unknown> {
  const text = (amount: Amount | null) => amount?.toString() ?? null
  return {
    ...sheet,
    cashCount: text(sheet.cashCount),
    lines: sheet.lines.map(line => ({ ...line, deposit: text(line.deposit), withdrawal: text(line.withdrawal) })),
  }
}

/** The sum of what was paid in, and of what was paid out. */
export function totalsOf(lines: readonly Amounts[]): { deposits: Amount; withdrawals: Amount } {
  const totals = { deposits: 0n, withdrawals: 0n }
  for (const { deposit, withdrawal } of lines) {
    totals.deposits += deposit ?? 0n
    totals.withdrawals += withdrawal ?? 0n
  }
  return totals
}

/**
 * The cash in the agent's hand is what the lines say, or nothing is posted: an error of one line is then still an error of
 * the count.
 * @throws Refusal `cash-count-differs` with what was counted, what the lines give, and the difference
 */
export function refuseDifferentCash(sheet: Sheet, currency: Currency): void {
  const { deposits, withdrawals } = totalsOf(sheet.lines)
  const expected = deposits - withdrawals
  if (sheet.cashCount === expected) return
  const text = (amount: Amount) => formatAmount(amount, currency)
  const facts = {
    counted: text(sheet.cashCount),
    expected: text(expected),
    difference: text(sheet.cashCount - expected),
    deposits: text(deposits),
    withdrawals: text(withdrawals),
  }
  throw new Refusal('cash-count-differs', `${facts.counted} was counted, the lines give ${facts.expected}.`, {
    facts,
    fields: [{ path: 'cashCount', message: `differs from the lines by ${facts.difference}` }],
  })
}
