import { createHash, hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type Currency, currencyDecimals, parseAmount } from '../../money.ts'
import { isZero } from '../statements/decimals.ts'
import { FileFault, type Statement, type StatementLine } from '../statements/statement.ts'
import { type Sums, sumsOf } from '../statements/sums.ts'
import { numberKey, type Place, placeOf } from './numbers.ts'

/** A line that comes in, with the hash of all that it says. */
export type LineIn = { line: StatementLine; sameAs: Buffer; day: string; moves: bigint | null; isUncounted: boolean }

/** A statement that comes in, with what the gate asks of it. */
export type StatementIn = Place & {
  statement: Statement
  sums: Sums
  accountKey: string
  fromDay: string
  toDay: string
  contentHash: Buffer
  lines: readonly LineIn[]
}

/**
 * What a statement comes to in a book of a currency.
 * @throws FileFault when it breaks the schema and does not balance, so that nobody knows which of the two to believe; and when it
 * is of no day
 */
export function statementIn(statement: Statement, currency: Currency): StatementIn {
  const sums = sumsOf(statement)
  const broken = statement.warnings.find(({ breaks }) => breaks === 'schema')
  if (broken !== undefined && sums.residue !== null && !isZero(sums.residue))
    throw new FileFault(
      broken.where,
      `${broken.message}, and statement ${statement.id ?? ''} does not balance: ${sums.residue} is left over`,
    )
  const days = statement.lines.flatMap(({ bookingDate, valueDate }) => bookingDate ?? valueDate ?? []).toSorted()
  const dayOf = (...kinds: string[]) => statement.balances.find(({ kind }) => kinds.includes(kind))?.date ?? null
  const first = statement.from ?? dayOf('opening', 'interim-opening') ?? days[0] ?? null
  const toDay = statement.to ?? dayOf('closing', 'interim-closing') ?? days.at(-1) ?? first
  if (toDay === null) throw new FileFault('line 1', `statement ${statement.id ?? ''} does not say of which days it is`)
  const lines = statement.lines.map((line): LineIn => {
    const moves = movesOf(line, currency)
    const isUncounted = moves === null && line.status === 'booked' && !isZero(line.money.amount)
    const day = line.valueDate ?? line.bookingDate ?? toDay
    const { number: _, where: __, ...said } = line
    return { line, sameAs: sameAs(said), day, moves, isUncounted }
  })
  return {
    ...placeOf(statement.number),
    statement,
    sums,
    accountKey: numberKey(statement.account),
    fromDay: first === null || first > toDay ? toDay : first,
    toDay,
    contentHash: contentHash(statement, lines),
    lines,
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
export function sameAs(said: Omit<StatementLine, 'number' | 'where'>): Buffer {
  return hash('sha256', canonicalize(said)!, 'buffer')
}

/** Of what it says of the account, and not of how often it was sent. */
function contentHash({ account, number, currency, balances }: Statement, lines: readonly LineIn[]): Buffer {
  const whole = createHash('sha256').update(canonicalize({ account, number, currency, balances })!)
  for (const line of lines) whole.update(line.sameAs)
  return whole.digest()
}
