import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import { hashText } from '../../ledger/index.ts'
import { reasonSchema } from '../breaks/wire.ts'
import { sideSchema } from '../statements/profile-shape.ts'
import { balanceKinds, lineStatuses } from '../statements/statement.ts'
import { fileFormats, lineStandings, statementStandings } from './schema.ts'

const text = (example: string | null) =>
  z
    .string()
    .nullable()
    .meta({ examples: [example] })

/** As the file gives it, with all its decimals: not every amount of a bank is one of the book's currency. */
const decimalText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ examples: ['1250.00'] })

const warningSchema = z
  .object({
    where: z.string().meta({ examples: ['line 105'] }),
    message: z.string().meta({ examples: ['Ntry has no BkTxCd, against the schema'] }),
  })
  .meta({ id: 'StatementWarning' })

const verdictSchema = z
  .object({
    verdict: z.enum(['valid', 'invalid', 'not-checked']).meta({ id: 'SchemaVerdictKind' }),
    reason: text('no-schema').optional(),
    problems: z.array(warningSchema).optional(),
  })
  .meta({ id: 'SchemaVerdict' })

export const fileSchema = z
  .object({
    id: z.uuid().describe('Made of the bytes, so that the same file has the same id'),
    sha256: hashText,
    size: z
      .int()
      .describe('Bytes')
      .meta({ examples: [18_204] }),
    name: text('EXTRACTO-2026-03-31.xml'),
    mediaType: z.string().meta({ examples: ['application/xml'] }),
    format: z.enum(fileFormats).meta({ id: 'StatementFileFormat' }),
    profileId: z
      .uuid()
      .nullable()
      .describe('The revision of the profile by which it was read')
      .meta({ examples: [null] }),
    schemaVerdict: verdictSchema.nullable().describe('What ISO 20022’s schema says of it; null of what is no XML'),
    statements: z.int(),
    lines: z.int(),
    repeatedLines: z.int().describe('Lines that were had already, and are skipped'),
    recordedAt: instantText,
    actor: z
      .string()
      .describe('The client that sent it')
      .meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'] }),
  })
  .meta({ id: 'BankFile' })

const statementBreak = z
  .object({
    reason: reasonSchema,
    amount: text('-50.00'),
    detail: z
      .string()
      .meta({ examples: ['its closing balance is -50.00 more than its opening balance and its lines'] }),
  })
  .meta({ id: 'StatementBreak' })

const balanceSchema = z
  .object({
    kind: z.enum(balanceKinds).meta({ id: 'StatementBalanceKind' }),
    amount: decimalText,
    currency: z.string().meta({ examples: ['PEN'] }),
    date: calendarDate.nullable(),
  })
  .meta({ id: 'StatementBalance' })

export const statementSchema = z
  .object({
    id: z.uuid(),
    bankAccountId: z.uuid(),
    fileId: z.uuid(),
    position: z.int().describe('Its place in the file, from 1'),
    standing: z
      .enum(statementStandings)
      .meta({ id: 'StatementStanding' })
      .describe(
        'Only what is `taken` counts. A `notice` is told before the bank’s day is over; a `repeated` one came before; of a `disputed` one the number came before with other content',
      ),
    reference: text('STMT-2026-03-31'),
    number: text('61/1'),
    currency: text('PEN'),
    fromDay: calendarDate,
    toDay: calendarDate,
    opening: decimalText.nullable(),
    closing: decimalText.nullable(),
    credits: decimalText,
    debits: decimalText,
    residue: decimalText
      .nullable()
      .describe('Closing balance less opening balance and lines')
      .meta({ examples: ['0.00'] }),
    lines: z.int(),
    repeatedLines: z.int(),
    uncountedLines: z.int().describe('Booked in another currency, or finer than the book’s: they cannot count'),
    balances: z.array(balanceSchema),
    warnings: z.array(warningSchema),
    breaks: z.array(statementBreak).describe('What keeps it from proving anything, as far as it is still so'),
  })
  .meta({ id: 'BankStatement' })

const detailSchema = z
  .object({
    amount: decimalText.nullable(),
    currency: text('PEN'),
    side: sideSchema.nullable(),
    reference: text(null),
    endToEndId: text('NOM-2026-03-0001'),
    counterparty: text('Juana Condori'),
    counterpartyAccount: text('110-01-2345678'),
    text: z.string().meta({ examples: [''] }),
  })
  .meta({ id: 'BankLineDetail' })

export const lineSchema = z
  .object({
    number: z.int().describe('Its place in the statement, from 1'),
    where: z
      .string()
      .describe('Where it stands in the file')
      .meta({ examples: ['line 31'] }),
    standing: z
      .enum(lineStandings)
      .meta({ id: 'BankLineStanding' })
      .describe('Only what is `new` counts; `repeated` was had already'),
    amount: decimalText,
    currency: z.string().meta({ examples: ['PEN'] }),
    side: sideSchema,
    status: z.enum(lineStatuses).meta({ id: 'BankLineStatus' }).describe('Only what is booked counts'),
    counts: z.boolean().describe('Whether it moves the account, as far as the book can tell'),
    isReversal: z.boolean(),
    bookingDay: calendarDate.nullable(),
    valueDay: calendarDate.nullable(),
    reference: text('OP-004711'),
    endToEndId: text(null),
    code: text('PMNT/RCDT/ESCT'),
    counterparty: text('Juana Condori'),
    counterpartyAccount: text('110-01-2345678'),
    text: z.string().meta({ examples: ['DEP EFECTIVO AG CUSCO'] }),
    details: z.array(detailSchema),
  })
  .meta({ id: 'BankLine' })

/** A file as it is. */
export const fileBytes = z
  .string()
  .meta({ id: 'BankFileBytes', format: 'binary', examples: [':20:STARTUMSE\r\n:25:87052000/123456789\r\n…'] })
