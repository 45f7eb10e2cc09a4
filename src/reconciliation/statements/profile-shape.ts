import { z } from 'zod'
import { lineEncodings } from './lines.ts'
import { sides } from './statement.ts'

export const sideSchema = z
  .enum(sides)
  .meta({ id: 'BankSide', description: '`credit` raises what the holder has at the bank' })

/** A column by the name in the header, by its place from 1, or of a fixed width by its first character from 1. */
const columnSchema = z
  .union([
    z.strictObject({ name: z.string().min(1) }).meta({ id: 'ColumnByName' }),
    z.strictObject({ place: z.int().min(1) }).meta({ id: 'ColumnByPlace' }),
    z.strictObject({ from: z.int().min(1), length: z.int().min(1) }).meta({ id: 'ColumnOfFixedWidth' }),
  ])
  .meta({ id: 'ProfileColumn', examples: [{ name: 'Fecha' }] })
export type Column = z.infer<typeof columnSchema>

/** Something said once: by the profile, in the cell after a label, or in a cell of one of the rows above the lines. */
const sourceSchema = z
  .union([
    z.strictObject({ constant: z.string().min(1) }).meta({ id: 'SaidByProfile' }),
    z.strictObject({ after: z.string().min(1) }).meta({ id: 'SaidAfterLabel' }),
    z.strictObject({ row: z.int().min(1), column: columnSchema }).meta({ id: 'SaidInRow' }),
  ])
  .meta({ id: 'ProfileSource', examples: [{ constant: 'PEN' }] })
export type Source = z.infer<typeof sourceSchema>

const layoutSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('delimited'),
      delimiter: z.enum([',', ';', '\t', '|']).meta({ id: 'ProfileDelimiter' }),
      hasHeader: z.boolean(),
    })
    .meta({ id: 'DelimitedLayout' }),
  z.strictObject({ kind: z.literal('fixed') }).meta({ id: 'FixedLayout' }),
])

/** How an amount becomes credit or debit. */
const signSchema = z.discriminatedUnion('kind', [
  // One column; below zero is the side that is said here.
  z
    .strictObject({ kind: z.literal('signed'), amount: columnSchema, negative: sideSchema.default('debit') })
    .meta({ id: 'SignedAmounts' }),
  // A column a side; a bank may write debits with a minus as well.
  z
    .strictObject({
      kind: z.literal('two-columns'),
      credit: columnSchema,
      debit: columnSchema,
      debitHasMinus: z.boolean().default(false),
    })
    .meta({ id: 'AmountsInTwoColumns' }),
  // A column of amounts without sign, and one of marks such as D and C.
  z
    .strictObject({
      kind: z.literal('marked'),
      amount: columnSchema,
      mark: columnSchema,
      credit: z.array(z.string()).min(1),
      debit: z.array(z.string()).min(1),
    })
    .meta({ id: 'MarkedAmounts' }),
])

const decimalSchema = z
  .strictObject({
    point: z.enum([',', '.']).meta({ id: 'DecimalPoint' }).nullable(),
    grouping: z.enum(['.', ',', ' ', "'"]).meta({ id: 'ThousandsMark' }).nullable().default(null),
    /** How many decimals each amount has to have; null when that differs. */
    decimals: z.int().min(0).max(6).nullable().default(2),
    /** Taken off before or after an amount, such as `S/`. */
    marks: z.array(z.string().min(1)).default([]),
  })
  .refine(({ point, grouping }) => point === null || point !== grouping, 'the point cannot group thousands too')
  .refine(
    ({ point, decimals }) => point !== null || decimals !== null,
    'without a point the number of decimals is needed',
  )
  .meta({ id: 'ProfileDecimals' })

/** `dd/mm/yyyy`, `yyyymmdd`, `dd-mm-yy` and the like; `*` at the end is for whatever follows, as the time of day. */
const dateFormatSchema = z
  .string()
  .meta({ examples: ['dd/mm/yyyy'] })
  .refine(format => {
    const rest = format
      .replace('dd', '')
      .replace('mm', '')
      .replace(/yyyy|yy/, '')
      .replace(/\*$/, '')
    return /dd/.test(format) && /mm/.test(format) && /yy/.test(format) && !/[a-z*]/i.test(rest)
  }, 'must have dd, mm and yyyy or yy, each once')

const columnsSchema = z
  .strictObject({
    bookingDate: columnSchema,
    valueDate: columnSchema.optional(),
    balance: columnSchema.optional(),
    reference: columnSchema.optional(),
    endToEndId: columnSchema.optional(),
    code: columnSchema.optional(),
    counterparty: columnSchema.optional(),
    counterpartyAccount: columnSchema.optional(),
    currency: columnSchema.optional(),
    text: z.array(columnSchema).default([]),
  })
  .meta({ id: 'ProfileColumns' })

const writtenSchema = z.strictObject({
  name: z.string().min(1),
  layout: layoutSchema,
  encoding: z.enum(lineEncodings).meta({ id: 'ProfileEncoding' }).default('utf-8'),
  /** Rows above the header or, without one, above the first line. Blank rows count in no place. */
  skipRows: z.int().min(0).max(1_000).default(0),
  dateFormat: dateFormatSchema,
  decimal: decimalSchema,
  sign: signSchema,
  columns: columnsSchema,
  order: z.enum(['oldest-first', 'newest-first']).meta({ id: 'ProfileOrder' }).default('oldest-first'),
  account: sourceSchema,
  currency: sourceSchema,
  number: sourceSchema.optional(),
  from: sourceSchema.optional(),
  to: sourceSchema.optional(),
  /** `computed`: of the running balance beside the lines. */
  opening: z.union([sourceSchema, z.literal('computed')]).optional(),
  closing: z.union([sourceSchema, z.literal('computed')]).optional(),
  /** Rows whose column says one of these are expected only, and do not count. */
  pending: z
    .strictObject({ column: columnSchema, values: z.array(z.string()).min(1) })
    .meta({ id: 'PendingRows' })
    .optional(),
  /** The row that ends the lines and adds them up: its column begins so. */
  totals: z
    .strictObject({ column: columnSchema, label: z.string().min(1) })
    .meta({ id: 'TotalsRow' })
    .optional(),
})

export type Profile = z.output<typeof writtenSchema>

/** How one bank writes its statements as CSV or in columns of fixed width: data that whoever runs the service edits. */
export const profileSchema = writtenSchema
  .refine(
    ({ opening, closing, columns }) =>
      columns.balance !== undefined || (opening !== 'computed' && closing !== 'computed'),
    'what is computed needs the column of the running balance',
  )
  .refine(
    profile => columnsOf(profile).every(column => fits(column, profile.layout)),
    'a column is said in a way that the layout does not have',
  )
  .meta({ id: 'StatementLayout' })

/** Every column that lines are read by. */
export function columnsOf(profile: Pick<Profile, 'columns' | 'sign' | 'pending' | 'totals'>): Column[] {
  const { text, ...single } = profile.columns
  const { sign } = profile
  const amounts =
    sign.kind === 'signed'
      ? [sign.amount]
      : sign.kind === 'marked'
        ? [sign.amount, sign.mark]
        : [sign.credit, sign.debit]
  const more = [profile.pending?.column, profile.totals?.column]
  return [...Object.values(single), ...text, ...amounts, ...more].filter(column => column !== undefined)
}

function fits(column: Column, layout: Profile['layout']): boolean {
  if (layout.kind === 'fixed') return 'from' in column
  return 'place' in column || ('name' in column && layout.hasHeader)
}
