import { createHash, hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type Currency, currencyDecimals, parseAmount } from '../../money.ts'
import { isZero } from '../statements/decimals.ts'
import { FileFault, type Statement, type StatementLine } from '../statements/statement.ts'
import { openSums, type Sums } from '../statements/sums.ts'
import { numberKey, type Place, placeOf } from './numbers.ts'

/** A line that comes in, with the hash of all that it says. */
export type LineIn = { line: StatementLine; sameAs: Buffer; day: string; moves: bigint | null }

/** A statement that comes in, with what the gate asks of it. */
export type StatementIn = Place & {
  statement: Statement
  currency: Currency
  sums: Sums
  accountKey: string
  fromDay: string
  toDay: string
  contentHash: Buffer
  /** How many of its lines are booked and cannot be counted. */
  uncounted: number
  /** The hashes of all that its lines say, one after the other. */
  hashes: Buffer
}

/** Bytes of a hash. */
export const hashSize = 32

/**
 * What a statement comes to in a book of a currency, by going through its lines once.
 * @throws FileFault when it breaks the schema and does not balance, so that nobody knows which of the two to believe; and when it
 * is of no day
 */
export function statementIn(statement: Statement, currency: Currency): StatementIn {
  const { account, number, currency: own, balances } = statement
  const sums = openSums(statement)
  // Of what it says of the account, and not of how often it was sent.
  const content = createHash('sha256').update(canonicalize({ account, number, currency: own, balances })!)
  const hashes = Buffer.alloc(statement.lines.length * hashSize)
  let [place, uncounted] = [0, 0]
  let [firstDay, lastDay]: [string | null, string | null] = [null, null]
  for (const line of statement.lines) {
    sums.add(line)
    const same = sameAs(line)
    content.update(same)
    same.copy(hashes, place * hashSize)
    place += 1
    if (movesOf(line, currency) === null && line.status === 'booked' && !isZero(line.money.amount)) uncounted += 1
    const day = line.bookingDate ?? line.valueDate
    if (day !== null && (firstDay === null || day < firstDay)) firstDay = day
    if (day !== null && (lastDay === null || day > lastDay)) lastDay = day
  }
  const total = sums.end()
  refuseBroken(statement, total)
  return {
    ...placeOf(number),
    ...{ statement, currency, sums: total, accountKey: numberKey(account), contentHash: content.digest() },
    ...{ uncounted, hashes, ...daysOf(statement, firstDay, lastDay) },
  }
}

/** @throws FileFault when it breaks the schema and does not balance */
function refuseBroken({ id, warnings }: Statement, { residue }: Sums): void {
  const broken = warnings.find(({ breaks }) => breaks === 'schema')
  if (broken === undefined || residue === null || isZero(residue)) return
  throw new FileFault(
    broken.where,
    `${broken.message}, and statement ${id ?? ''} does not balance: ${residue} is left over`,
  )
}

/** The days that it says, else those of its balances, else those of its lines. @throws FileFault when there is none */
function daysOf({ id, from, to, balances }: Statement, firstDay: string | null, lastDay: string | null) {
  const dayOf = (...kinds: string[]) => balances.find(({ kind }) => kinds.includes(kind))?.date ?? null
  const first = from ?? dayOf('opening', 'interim-opening') ?? firstDay
  const toDay = to ?? dayOf('closing', 'interim-closing') ?? lastDay ?? first
  if (toDay === null) throw new FileFault('line 1', `statement ${id ?? ''} does not say of which days it is`)
  return { fromDay: first === null || first > toDay ? toDay : first, toDay }
}

/** Its lines in their order. */
export function* linesIn({ statement, currency, toDay, hashes }: StatementIn): Generator<LineIn> {
  let place = 0
  for (const line of statement.lines) {
    const sameAs = hashes.subarray(place * hashSize, (place + 1) * hashSize)
    place += 1
    yield { line, sameAs, day: line.valueDate ?? line.bookingDate ?? toDay, moves: movesOf(line, currency) }
  }
}

/** More than any bank holds; what is beyond it is told as a break and not counted. */
const largestMove = 10n ** 17n

/** By how many minor units of the book a line moves the account; null when it moves nothing, or cannot be counted in them. */
function movesOf({ money, status }: StatementLine, currency: Currency): bigint | null {
  if (status !== 'booked' || money.currency !== currency) return null
  const [, fraction = ''] = money.amount.split('.')
  if (/[1-9]/.test(fraction.slice(currencyDecimals[currency]))) return null
  const amount = parseAmount(money.amount, currency)
  if (amount === 0n || amount > largestMove) return null
  return money.side === 'credit' ? amount : -amount
}

/** The hash of all that a line says, wherever it stands. */
export function sameAs(line: Omit<StatementLine, 'number' | 'where'>): Buffer {
  const { money, status, isReversal, bookingDate, valueDate, reference, endToEndId } = line
  const { code, counterparty, counterpartyAccount, text, details } = line
  const said = { money, status, isReversal, bookingDate, valueDate, reference, endToEndId }
  return hash('sha256', canonicalize({ ...said, code, counterparty, counterpartyAccount, text, details })!, 'buffer')
}
