import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { openSnapshot, type Session, streamRows, type TextRow } from '../db/stream.ts'
import { type Currency, currencyDecimals, formatAmount } from '../money.ts'
import { type Book, bookOf } from './books.ts'
import type { AccountType, Direction } from './schema.ts'

/**
 * A book as a journal that hledger reads and checks (`hledger check --strict`): its currency, its accounts, its transactions
 * in the order of recording, dated by value date, and at the end an assertion of every account's balance. A balance is a
 * debit when positive. It holds no names, reasons or evidence, only ids and hashes by which to find them here.
 *
 * Text in pieces of some kilobytes, however large the book, all of one moment. The last line says that it is whole.
 * @throws Refusal `book-not-found` at the first piece
 */
export async function* journalOf(db: Db, bookId: string): AsyncGenerator<string, void, undefined> {
  const book = await bookOf(db, bookId)
  const snapshot = await openSnapshot(db)
  let failure: unknown
  try {
    yield* inPieces(linesOf(snapshot.session, book))
  } catch (error) {
    failure = error
    throw error
  } finally {
    await snapshot.close(failure)
  }
}

async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < 32_768) continue
    yield piece
    piece = ''
  }
  yield piece
}

async function* linesOf(session: Session, book: Book): AsyncGenerator<string, void, undefined> {
  const { rows } = await session.query<{ sequence: string; hash: string; lastDay: CalendarDate | null }>(
    `select sequence, encode(hash, 'hex') as hash, (select max(value_date) from entry where book_id = $1) as "lastDay"
     from book_head where book_id = $1`,
    [book.id],
  )
  const { sequence, hash, lastDay } = rows[0]!
  const head = `transactions 1 to ${sequence}; the last one's hash is ${hash}`
  yield `; The book ${book.code} (${book.id}) as kept by Qullqi: ${head}.\n`
  yield '; In the order of recording; each dated by its value date, its code is its number in the book.\n\n'
  yield `commodity ${sample(book.currency)}\n\n`
  yield* accountLines(session, book)
  yield* transactionLines(session, book)
  if (lastDay !== null) yield* assertionLines(session, book, lastDay)
  yield `; End of the journal of ${book.code}: ${head}.\n`
}

/** How hledger is told the decimals of a commodity: it always wants to see a decimal mark. */
function sample(currency: Currency): string {
  const decimals = currencyDecimals[currency]
  return `1000.${'0'.repeat(decimals)} ${currency}`
}

/** hledger's name of each type of account, and its letter. */
const types = {
  asset: ['assets', 'A'],
  liability: ['liabilities', 'L'],
  equity: ['equity', 'E'],
  income: ['income', 'R'],
  expense: ['expenses', 'X'],
} as const satisfies Record<AccountType, readonly [string, string]>

/** By type, then by control account, then its whole code, so that no two are alike; a colon is hledger's own separator. */
export function journalAccount(type: AccountType, code: string): string {
  const leaf = code.replaceAll(':', '/')
  const [control = ''] = leaf.split('.')
  return control === leaf ? `${types[type][0]}:${leaf}` : `${types[type][0]}:${control}:${leaf}`
}

async function* accountLines(session: Session, book: Book): AsyncGenerator<string, void, undefined> {
  const accounts = await streamRows<TextRow & [string, AccountType, string]>(
    session,
    'select id, type, code from account where book_id = $1 order by code',
    [book.id],
  )
  for (; accounts.row !== undefined; await accounts.next()) {
    const [id, type, code] = accounts.row
    yield `account ${journalAccount(type, code)}  ; type:${types[type][1]}, id:${id}\n`
  }
  yield '\n'
}

type TransactionRow = TextRow & [string, string, string, string, string, string, string | null, string | null]
type EntryRow = TextRow & [string, AccountType, string, Direction, string]

async function* transactionLines(session: Session, book: Book): AsyncGenerator<string, void, undefined> {
  const transactions = await streamRows<TransactionRow>(
    session,
    `select sequence, id, kind, value_date, to_char(recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), encode(hash, 'hex'), reverses, hold_id
     from transaction where book_id = $1 order by sequence`,
    [book.id],
  )
  const entries = await streamRows<EntryRow>(
    session,
    `select e.sequence, a.type, a.code, e.direction, e.amount
     from entry e join account a on a.book_id = $1 and a.id = e.account_id
     where e.book_id = $1 order by e.sequence, e.position`,
    [book.id],
  )
  for (let row = transactions.row; row !== undefined; row = transactions.row) {
    const [sequence, id, kind, valueDate, recordedAt, hash, reverses, holdId] = row
    const tags = [`id:${id}`, `recorded:${recordedAt}`, `hash:${hash}`]
    if (reverses !== null) tags.push(`reverses:${reverses}`)
    if (holdId !== null) tags.push(`hold:${holdId}`)
    let text = `${valueDate} (${sequence}) ${kind}  ; ${tags.join(', ')}\n`
    for (let entry = entries.row; entry?.[0] === sequence; entry = entries.row) {
      const [, type, code, direction, amount] = entry
      text += `    ${journalAccount(type, code)}  ${money(direction === 'debit' ? amount : `-${amount}`, book)}\n`
      const wait = entries.next()
      if (wait) await wait
    }
    yield `${text}\n`
    const wait = transactions.next()
    if (wait) await wait
  }
}

/** hledger checks assertions in the order of dates, so they stand on the last day there is. */
async function* assertionLines(
  session: Session,
  book: Book,
  day: CalendarDate,
): AsyncGenerator<string, void, undefined> {
  const balances = await streamRows<TextRow & [AccountType, string, string]>(
    session,
    'select type, code, debits - credits from account where book_id = $1 order by code',
    [book.id],
  )
  yield `${day} balances  ; what each account has come to\n`
  for (; balances.row !== undefined; await balances.next()) {
    const [type, code, balance] = balances.row
    yield `    ${journalAccount(type, code)}  ${money('0', book)} = ${money(balance, book)}\n`
  }
  yield '\n'
}

function money(minor: string, { currency }: Book): string {
  return `${formatAmount(BigInt(minor), currency)} ${currency}`
}
