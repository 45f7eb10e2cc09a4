import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { clientId } from '../../http/idempotency.ts'
import { apart, FlawedItem, tellFlawsOf } from '../../http/items-apart.ts'
import { idText } from '../../ids.ts'
import { type Amount, type Currency, formatAmount, parseAmount, positiveAmountText } from '../../money.ts'
import { type FieldProblem, Refusal } from '../../refusals.ts'
import { onRefusalChoices } from '../accounts/schema.ts'
import { dniText } from '../dni.ts'
import { personOfDni } from '../identity.ts'
import { withdrawalPurpose } from '../verbs/withdrawals.ts'
import { bankAccountNumber, code, namedOnce, title } from '../wording.ts'

/** A meeting is of one group, which has at most 25 members; some have a second account. */
export const mostLines = 100

export const otherAgent = 'must be the agent of the sheet'

const lineBody = z
  .strictObject({
    line: z.int().min(1).max(9999).describe('Its number on the sheet'),
    savingsAccountId: idText.optional(),
    bankAccountNumber: bankAccountNumber.optional().describe('In place of savingsAccountId'),
    dni: dniText.optional().describe('In place of savingsAccountId: the DNI of a saver who has one open account'),
    deposit: positiveAmountText.optional(),
    withdrawal: positiveAmountText.optional(),
    purpose: withdrawalPurpose.optional().describe('What the withdrawal is for'),
    depositorId: idText.optional().describe('The saver who brought the deposit, when it was another'),
    depositorDni: dniText.optional().describe('In place of depositorId'),
  })
  .refine(...namedOnce('savingsAccountId', 'bankAccountNumber', 'dni'))
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
  .refine(line => line.depositorDni === undefined || (line.deposit !== undefined && line.depositorId === undefined), {
    path: ['depositorDni'],
    message: 'goes with a deposit, and not with depositorId',
  })
  .meta({ id: 'CollectionSheetLineWritten' })

/** Of lines with the same number the first has it. */
function eachNumbered(lines: (z.output<typeof lineBody> | FlawedItem)[]) {
  const numbers = new Set<number>()
  return lines.map(one => {
    if (one instanceof FlawedItem) return one
    if (numbers.has(one.line)) return new FlawedItem(one, [{ path: 'line', message: 'is the number of a line before' }])
    numbers.add(one.line)
    return one
  })
}

const signedBy = z
  .strictObject({
    coordinator: idText.optional().describe('The saver who coordinated the group on that day'),
    coordinatorDni: dniText.optional().describe('In place of coordinator'),
    agent: idText.optional(),
    agentCode: code.optional().describe('In place of agent'),
  })
  .refine(...namedOnce('coordinator', 'coordinatorDni'))
  .refine(...namedOnce('agent', 'agentCode'))
  .meta({ id: 'CollectionSheetSignatures' })

export const onRefusal = z.enum(onRefusalChoices).meta({ id: 'OnRefusal' })

export const sheetBody = z
  .strictObject({
    id: clientId,
    groupId: idText.optional(),
    groupCode: code.optional().describe('In place of groupId'),
    groupName: title.optional().describe('In place of groupId, when no other group of the book has this name'),
    agentId: idText.optional().describe('Who took the cash, and paid it out'),
    agentCode: code.optional().describe('In place of agentId'),
    meetingDate: calendarDate.describe('The value date of every line'),
    cashCount: z
      .string()
      .regex(/^-?(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?$/, 'must be a decimal string such as "120.00"')
      .describe('The cash as it was counted: what came in less what was paid out. Negative when more was paid out')
      .meta({ examples: ['120.00'] }),
    signedBy,
    onRefusal: onRefusal
      .default('refuse-sheet')
      .describe('When a line is refused: post nothing, or post the other lines'),
    lines: z
      .array(apart(lineBody))
      .min(1)
      .max(mostLines)
      .overwrite(eachNumbered)
      .describe('Each with a number of its own'),
  })
  .refine(...namedOnce('groupId', 'groupCode', 'groupName'))
  .refine(...namedOnce('agentId', 'agentCode'))
  .refine(({ agentId, signedBy: { agent } }) => agentId === undefined || agent === undefined || agent === agentId, {
    path: ['signedBy', 'agent'],
    message: otherAgent,
  })
  .check(tellFlawsOf('lines'))
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

/** A person named by her DNI, as the register knows her: the keyed hash, in hexadecimal. */
export type Person = string

/** A line with its amounts in minor units; what was not written is null. */
export type WrittenLine = Amounts & {
  line: number
  savingsAccountId: string | null
  bankAccountNumber: string | null
  holder: Person | null
  purpose: z.output<typeof withdrawalPurpose> | null
  depositorId: string | null
  depositor: Person | null
  /** What keeps it from being read: then nothing of it is here, and the sheet is not posted. */
  flaw: Refusal | null
}

/** A sheet as it was written, in the book's currency: the same however its amounts were written, and without a DNI. */
export type WrittenSheet = Omit<SheetBody, 'id' | 'cashCount' | 'signedBy' | 'lines'> & {
  signedBy: Omit<SheetBody['signedBy'], 'coordinatorDni'> & { person: Person | null }
  cashCount: Amount
  lines: WrittenLine[]
}

/** A line whose references were looked up, with what speaks against it as yet. */
export type Line = WrittenLine & { refusal: Refusal | null }

/** A sheet with the ids of whom it names. */
export type Sheet = Pick<WrittenSheet, 'meetingDate' | 'cashCount' | 'onRefusal'> & {
  groupId: string
  agentId: string
  signedBy: { coordinator: string; agent: string }
  lines: Line[]
}

/**
 * A line that cannot be read says so by its `flaw`.
 * @throws Refusal `amount-precision` of the cash that was counted
 */
export function writtenSheet(
  { id: _, signedBy: { coordinatorDni, ...signedBy }, ...body }: Omit<SheetBody, 'id'> & { id?: unknown },
  currency: Currency,
  identityKey: Buffer,
): WrittenSheet {
  const amount = (text: string | undefined) => (text === undefined ? null : parseAmount(text, currency))
  const person = (dni: string | undefined) => (dni === undefined ? null : personOfDni(identityKey, dni).toString('hex'))
  const written = (line: z.output<typeof lineBody>): WrittenLine => ({
    line: line.line,
    savingsAccountId: line.savingsAccountId ?? null,
    bankAccountNumber: line.bankAccountNumber ?? null,
    holder: person(line.dni),
    deposit: amount(line.deposit),
    withdrawal: amount(line.withdrawal),
    purpose: line.purpose ?? null,
    depositorId: line.depositorId ?? null,
    depositor: person(line.depositorDni),
    flaw: null,
  })
  return {
    ...body,
    cashCount: parseAmount(body.cashCount, currency),
    signedBy: { ...signedBy, person: person(coordinatorDni) },
    lines: body.lines.map(given => {
      if (given instanceof FlawedItem) return flawedLine(given.given, given.fields)
      try {
        return written(given)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return flawedLine(given, [{ path: '', message: error.detail.replace(/\.$/, '') }])
      }
    }),
  }
}

/** A line that could not be read: only its number is kept, when it has one, to tell which it is. */
function flawedLine(given: unknown, fields: readonly FieldProblem[]): WrittenLine {
  const { line: number } = (given ?? {}) as { line?: unknown }
  return {
    line: Number.isSafeInteger(number) ? (number as number) : 0,
    savingsAccountId: null,
    bankAccountNumber: null,
    holder: null,
    deposit: null,
    withdrawal: null,
    purpose: null,
    depositorId: null,
    depositor: null,
    flaw: new Refusal('request-invalid', 'The line is not well formed.', { fields: [...fields] }),
  }
}

/** What a sheet says, as its fingerprint covers it: amounts as text, for canonical JSON knows no large numbers. */
export function writtenContent(sheet: WrittenSheet): Record<string, unknown> {
  return {
    ...sheet,
    cashCount: sheet.cashCount.toString(),
    lines: sheet.lines.map(({ flaw, ...line }) => ({ ...line, ...texts(line) })),
  }
}

/** The same of a sheet with ids: it is the same sheet in whichever way it named whom it was found to name. */
export function contentOf(sheet: Sheet): Record<string, unknown> {
  return {
    ...sheet,
    cashCount: sheet.cashCount.toString(),
    lines: sheet.lines.map(({ refusal, flaw, bankAccountNumber, holder, depositor, ...line }) => ({
      ...line,
      ...texts(line),
      ...(line.savingsAccountId === null && { bankAccountNumber, holder }),
      ...(line.depositorId === null && { depositor }),
    })),
  }
}

function texts({ deposit, withdrawal }: Amounts) {
  return { deposit: deposit?.toString() ?? null, withdrawal: withdrawal?.toString() ?? null }
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
export function refuseDifferentCash(sheet: Pick<Sheet, 'cashCount' | 'lines'>, currency: Currency): void {
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
