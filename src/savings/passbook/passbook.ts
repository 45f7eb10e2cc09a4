import { z } from 'zod'
import { type CalendarDate, calendarDate, instantText, limaDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { balancesOf, bookOf, directionSchema, kindShown } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { type MoneyKind, moneyAccount, moneyNameSchema, moneyNames } from '../chart.ts'
import type { Parts } from '../parts.ts'
import { masked } from '../receipts/receipt.ts'

/** Pages of paper that somebody would print: some fifty. */
export const mostLines = 2000

const lineSchema = z
  .object({
    sequence: z.int().describe('Its number in the book'),
    transactionId: z.uuid(),
    valueDate: calendarDate,
    recordedAt: instantText,
    kind: kindShown,
    money: moneyNameSchema,
    direction: directionSchema.describe('credit: came in; debit: went out'),
    amount: amountText,
    balance: signedAmountText.describe('Of all that the passbook is of, after this line'),
    reversed: z.boolean().describe('Another transaction of this book takes it back'),
  })
  .meta({ id: 'PassbookLine' })

export const passbookSchema = z
  .object({
    savingsAccountId: z.uuid(),
    book: z
      .string()
      .describe('The name of the book')
      .meta({ examples: ['Caja Cusco, soles'] }),
    currency: currencySchema,
    holder: z
      .string()
      .describe('The saver’s initials; the name of a group or organisation')
      .meta({ examples: ['J. C. H.'] }),
    account: z
      .string()
      .describe('The last four of the bank’s account number')
      .meta({ examples: ['…5678'] }),
    money: moneyNameSchema.nullable().describe('The one money it is of; null: all four'),
    from: calendarDate,
    to: calendarDate,
    knownAt: instantText.nullable(),
    opening: signedAmountText.describe('Before the first day'),
    closing: signedAmountText.describe('After the last day'),
    sequence: z.int().describe('The last transaction of the book that was looked at'),
    lines: z.array(lineSchema).max(mostLines),
  })
  .meta({ id: 'Passbook' })

export type Passbook = z.output<typeof passbookSchema>

type Span = { from?: CalendarDate | undefined; to?: CalendarDate | undefined; knownAt?: string | undefined }

type Named = Parameters<typeof masked>[0] & { openedOn: CalendarDate }

type Row = Pick<Passbook['lines'][number], 'transactionId' | 'valueDate' | 'kind' | 'direction' | 'reversed'> & {
  sequence: string
  accountId: string
  recordedAt: Date
  amount: string
}

const accountNamed = `
  select s.id as "savingsAccountId", s.opened_on as "openedOn", s.bank_account_number as "bankAccountNumber",
    p.given_names as "givenNames", p.family_names as "familyNames", coalesce(g.name, o.name) as body
  from savings_account s
  left join saver p on p.book_id = $1 and p.id = s.saver_id
  left join savings_group g on g.book_id = $1 and g.id = s.group_id
  left join organisation o on o.book_id = $1 and o.id = s.organisation_id
  where s.book_id = $1 and s.id = $2`

const movements = `
  select e.sequence, e.account_id as "accountId", t.id as "transactionId", t.kind, e.value_date as "valueDate",
    t.recorded_at as "recordedAt", e.direction, e.amount,
    exists (select from transaction r where r.book_id = $1 and r.reverses = t.sequence and r.sequence <= $3) as reversed
  from entry e join transaction t on t.book_id = $1 and t.sequence = e.sequence
  where e.book_id = $1 and e.account_id = any ($2) and e.sequence <= $3 and e.value_date between $4 and $5
  order by e.value_date, e.sequence, e.position limit $6`

/**
 * What moved in a savings account on the days asked for, in the order of value dates, with what there is after each line:
 * of its four moneys together, or of one. By default from its opening until today.
 * @throws Refusal `savings-account-not-found`, `instant-in-future`, `passbook-too-long`, `request-invalid` for days the wrong way round
 */
export async function passbookOf(
  { db, clock }: Parts,
  bookId: string,
  savingsAccountId: string,
  { money, ...span }: Span & { money?: MoneyKind | undefined },
): Promise<Passbook> {
  const { name: book, currency } = await bookOf(db, bookId)
  const named = await namedAccount(db, bookId, savingsAccountId)
  const knownAt = span.knownAt === undefined ? undefined : new Date(span.knownAt)
  const to = span.to ?? limaDate(knownAt ?? clock.now())
  if (span.from !== undefined && span.from > to) {
    const message = `lies after ${to}, the last day asked for`
    throw new Refusal('request-invalid', `from: ${message}`, { fields: [{ path: 'from', message }] })
  }
  const from = span.from ?? [named.openedOn, to].sort()[0]!
  const kinds = new Map((money ? [money] : moneyNames).map(name => [moneyAccount(savingsAccountId, name), name]))
  const accountIds = [...kinds.keys()]
  const { balances, sequence } = await balancesOf(db, bookId, accountIds, clock, { asOf: to, knownAt })
  if (balances.length < accountIds.length) throw notThere()
  const values = [bookId, accountIds, sequence.toString(), from, to, mostLines + 1]
  const { rows } = await db.$client.query<Row>(movements, values)
  if (rows.length > mostLines) {
    throw new Refusal('passbook-too-long', `These days have more than ${mostLines} lines; ask for fewer days.`)
  }
  const closing = balances.reduce((sum, { posted }) => sum + posted, 0n)
  const opening = rows.reduce((sum, row) => sum - moved(row), closing)
  let balance = opening
  const written = (amount: bigint) => formatAmount(amount, currency)
  return {
    ...{ savingsAccountId, book, currency, money: money ?? null, from, to },
    ...masked(named),
    knownAt: span.knownAt ?? null,
    opening: written(opening),
    closing: written(closing),
    sequence: Number(sequence),
    lines: rows.map(({ accountId, recordedAt, amount, ...row }) => {
      balance += moved({ ...row, amount })
      return {
        ...row,
        sequence: Number(row.sequence),
        recordedAt: recordedAt.toISOString(),
        money: kinds.get(accountId)!,
        amount: written(BigInt(amount)),
        balance: written(balance),
      }
    }),
  }
}

async function namedAccount(db: Db, bookId: string, savingsAccountId: string): Promise<Named> {
  const { rows } = await db.$client.query<Named>(accountNamed, [bookId, savingsAccountId])
  if (rows[0] === undefined) throw notThere()
  return rows[0]
}

function notThere(): Refusal {
  return new Refusal('savings-account-not-found', 'This book has no such savings account.')
}

/** The moneys of savers are what is owed to them: credits come in. */
function moved({ direction, amount }: Pick<Row, 'direction' | 'amount'>): bigint {
  return direction === 'credit' ? BigInt(amount) : -BigInt(amount)
}
