import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { type Book, bookOf, directionSchema, hashText, kindShown, transactionById } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { type MoneyKind, moneyKinds, moneyNameSchema } from '../chart.ts'

const lineSchema = z
  .object({
    savingsAccountId: z.uuid(),
    holder: z
      .string()
      .describe('The saver’s initials; the name of a group or organisation')
      .meta({ examples: ['J. C. H.'] }),
    account: z
      .string()
      .describe('The last four of the bank’s account number')
      .meta({ examples: ['…5678'] }),
    money: moneyNameSchema,
    direction: directionSchema.describe('credit: came in; debit: went out'),
    amount: amountText,
    balanceAfter: signedAmountText.describe('Of this money, when it had been recorded'),
  })
  .meta({ id: 'ReceiptLine' })

export const receiptSchema = z
  .object({
    transactionId: z.uuid(),
    book: z
      .string()
      .describe('The name of the book')
      .meta({ examples: ['Caja Cusco, soles'] }),
    currency: currencySchema,
    kind: kindShown,
    valueDate: calendarDate,
    recordedAt: instantText,
    sequence: z.int(),
    hash: hashText.describe('With book and sequence it proves the receipt'),
    reversedBy: z.uuid().nullable().describe('The transaction that reversed it since'),
    lines: z.array(lineSchema).min(1),
  })
  .meta({ id: 'Receipt' })

export type Receipt = z.output<typeof receiptSchema>

type Row = {
  savingsAccountId: string
  control: string
  direction: 'debit' | 'credit'
  amount: string
  balanceAfter: string
  bankAccountNumber: string | null
  givenNames: string | null
  familyNames: string | null
  body: string | null
}

/**
 * The entries of a transaction that are of a savings account, whose id is in the code of their account: read as a UUID only
 * where it is one, for the ledger takes any code.
 */
const entriesOfSavers = `
  select s.id as "savingsAccountId", split_part(a.code, '.', 1) as control, e.direction, e.amount,
    e.credits_after - e.debits_after as "balanceAfter", s.bank_account_number as "bankAccountNumber",
    p.given_names as "givenNames", p.family_names as "familyNames", coalesce(g.name, o.name) as body
  from entry e
  join account a on a.book_id = $1 and a.id = e.account_id and split_part(a.code, '.', 1) = any($3)
  join savings_account s on s.book_id = $1
    and s.id = case when a.code ~ '^[0-9]+[.][0-9a-f-]{36}$' then split_part(a.code, '.', 2)::uuid end
  left join saver p on p.book_id = $1 and p.id = s.saver_id
  left join savings_group g on g.book_id = $1 and g.id = s.group_id
  left join organisation o on o.book_id = $1 and o.id = s.organisation_id
  where e.book_id = $1 and e.sequence = $2
  order by e.position`

/**
 * What a saver is given for a movement of her money: enough to hold against the books, and no name.
 * @throws Refusal `transaction-not-found`, `receipt-not-given` when no savings account is concerned
 */
export async function receiptOf(db: Db, bookId: string, transactionId: string): Promise<Receipt> {
  const book = await bookOf(db, bookId)
  const transaction = await transactionById(db, bookId, transactionId)
  const { kind, valueDate, recordedAt, sequence, hash, reversedBy } = transaction
  const controls = moneyKinds.map(({ control }) => control)
  const { rows } = await db.$client.query<Row>(entriesOfSavers, [bookId, sequence.toString(), controls])
  if (rows.length === 0) throw new Refusal('receipt-not-given', 'The transaction moved no money of a savings account.')
  return {
    transactionId: transaction.id,
    book: book.name,
    currency: book.currency,
    kind,
    valueDate,
    recordedAt: recordedAt.toISOString(),
    sequence: Number(sequence),
    hash: hash.toString('hex'),
    reversedBy,
    lines: rows.map(row => lineOf(row, book)),
  }
}

function lineOf(row: Row, { currency }: Book): Receipt['lines'][number] {
  return {
    savingsAccountId: row.savingsAccountId,
    ...masked(row),
    money: moneyKinds.find(({ control }) => control === row.control)!.name satisfies MoneyKind,
    direction: row.direction,
    amount: formatAmount(BigInt(row.amount), currency),
    balanceAfter: formatAmount(BigInt(row.balanceAfter), currency),
  }
}

type Named = Pick<Row, 'savingsAccountId' | 'bankAccountNumber' | 'givenNames' | 'familyNames' | 'body'>

/** Whose account it is, and which, as paper says it that may be lost. */
export function masked({ savingsAccountId, bankAccountNumber, givenNames, familyNames, body }: Named) {
  return {
    holder: body ?? initials(`${givenNames} ${familyNames}`),
    account: `…${(bankAccountNumber ?? savingsAccountId).slice(-4)}`,
  }
}

/** `Juana Condori Huamán` is `J. C. H.`: she knows herself, and whoever finds the paper does not. */
export function initials(names: string): string {
  return names
    .split(/\s+/)
    .filter(name => name !== '')
    .map(name => `${[...name][0]!.toLocaleUpperCase('es')}.`)
    .join(' ')
}
