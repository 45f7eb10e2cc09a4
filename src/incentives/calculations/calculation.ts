import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { invalidRequest } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { type Book, bookOf } from '../../ledger/index.ts'
import { type Amount, amountText, type Currency, currencyDecimals, parseAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { account, oneAccount } from '../../savings/verbs/verb.ts'
import { code, numberKey } from '../../savings/wording.ts'
import type { CreditRule } from '../accrual/lived.ts'
import { refuseFile } from '../file-refused.ts'
import { heldBy, knownOf } from '../runs/contracts.ts'
import type { Course } from '../runs/known.ts'
import { courseOf } from '../runs/prepare.ts'
import { lockRun, runRow } from '../runs/run.ts'
import type { RunRow } from '../runs/schema.ts'
import { contractsOfSavers } from '../runs/standing.ts'
import { type Compared, compare, type Fault, isPeriodOf, periodPatterns, type ToldLine } from './compare.ts'
import type { CalculationInFile } from './csv.ts'
import { incentiveCalculation, incentiveCalculationLine } from './schema.ts'

/** More than the savers of any run of today; a file of them is some ten megabytes. */
const mostLines = 100_000
const saversAtOnce = 500
/** PostgreSQL takes 65,535 parameters a statement. */
const rowsAtOnce = 2_000

export const periodTold = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-z-]{4,36}$/, 'must be a period, such as 2026-03, 2026-B2, 2026-Q1 or once')
  .overwrite(text => text.replace(/^\d{4}-[bq]\d$/, period => period.toUpperCase()))
  .describe('`once`, `2026-03`, the bimester `2026-B2`, the quarter `2026-Q1`; of a withdrawal its id or its day')
  .meta({ examples: ['2026-03'] })

const toldLine = z
  .strictObject({
    ...account,
    enrolmentId: idText
      .optional()
      .describe('Her contract: needed where two of hers are owed something for the same rule and period'),
    rule: code.describe('Code of the rule'),
    period: periodTold,
    amount: amountText.describe('All that is owed for the period, whatever was paid of it before'),
  })
  .refine(...oneAccount)
  .meta({ id: 'IncentiveCalculationTold' })

export const calculationBody = z.strictObject({ id: clientId, lines: z.array(toldLine).max(mostLines) }).meta({
  id: 'IncentiveCalculationHandedIn',
  examples: [
    {
      id: '0198c5f2-6c40-7b1d-8e2f-0a1b2c3d4e5f',
      lines: [{ bankAccountNumber: '110-01-2345678', rule: 'GROWTH', period: '2026-03', amount: '7.50' }],
    },
  ],
})

/** A line, and where it stands: rows of a file count from its first, which is 1; those of a list from 1 too. */
export type HandedIn = { row: number; line: z.output<typeof toldLine> | Fault[] }

/** The lines of a file, or what is wrong with them as they were written. */
export function checkedFile({ lines }: CalculationInFile): HandedIn[] {
  return lines.map(({ row, cells }) => {
    if (cells.more !== undefined)
      return { row, line: [{ field: null, message: 'has more cells than the table has columns' }] }
    const checked = toldLine.safeParse(cells)
    if (checked.success) return { row, line: checked.data }
    const fields = invalidRequest(checked.error).fields
    return { row, line: fields.map(({ path, message }) => ({ field: path === 'body' ? null : path, message })) }
  })
}

type GivenLine = z.output<typeof toldLine>
type KnownLine = ToldLine & { savingsAccountId: string; bankAccountNumber: string | null }

/**
 * Takes in an institution's own calculation for a prepared run, and compares it with ours by the facts that the run knows.
 * All of it, or nothing and what is wrong by row.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-prepared`, `file-refused`, `id-reused`
 */
export async function handInCalculation(
  parts: Parts,
  bookId: string,
  runId: string,
  actor: Actor,
  id: string,
  given: readonly HandedIn[],
): Promise<{ replayed: boolean }> {
  const book = await bookOf(parts.db, bookId)
  return transact(parts.db, async tx => {
    const run = (await lockRun(tx, bookId, runId, true)) ?? (await runRow(tx, bookId, runId))
    let compared: (KnownLine & Compared)[] = []
    const { replayed } = await register(tx, incentiveCalculation, {
      where: inBook(incentiveCalculation, bookId, id),
      content: { lines: given.map(({ line }) => line), runId },
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        refuseUnprepared(run)
        if (given.length === 0) throw new Refusal('request-invalid', 'There is no line in it.')
        if (given.length > mostLines)
          throw new Refusal('request-invalid', `There are more than ${mostLines} lines in it.`)
        compared = await comparedLines(tx, book, run, given)
        return { bookId, id, runId, lines: compared.length }
      },
    })
    if (!replayed) await keep(tx, book, run, id, compared)
    return { replayed }
  })
}

/** @throws Refusal `incentive-run-not-prepared` */
export function refuseUnprepared({ status }: RunRow): void {
  if (status === 'prepared') return
  throw new Refusal('incentive-run-not-prepared', `The run is ${status}.`, { facts: { status } })
}

async function comparedLines(tx: Tx, book: Book, run: RunRow, given: readonly HandedIn[]) {
  const course = await courseOf(tx, run, book.currency)
  const found = await foundLines(tx, book, course, given)
  const told = found.flatMap(line => (Array.isArray(line) ? [] : [line]))
  const outcomes = new Map<number, Compared | Fault>()
  const bySaver = [...Map.groupBy(told, ({ saverId }) => saverId)]
  for (let from = 0; from < bySaver.length; from += saversAtOnce) {
    const some = bySaver.slice(from, from + saversAtOnce)
    const contracts = await contractsOfSavers(
      tx,
      run,
      some.map(([saverId]) => saverId),
    )
    const contractsBySaver = Map.groupBy(contracts, ({ saverId }) => saverId)
    // What one contract forfeited may be owed by another.
    const several = [...contractsBySaver].flatMap(([saverId, hers]) => (hers.length > 1 ? saverId : []))
    const known = { ...(await knownOf(tx, course, contracts)), ...(await heldBy(tx, course, several)) }
    for (const [saverId, lines] of some) {
      const comparisons = compare(lines, contractsBySaver.get(saverId) ?? [], course, known)
      lines.forEach(({ number }, place) => {
        outcomes.set(number, comparisons[place]!)
      })
    }
  }
  const decided = found.map(line => (Array.isArray(line) ? line : joined(line, outcomes.get(line.number)!)))
  const once = withoutRepeated(decided, given)
  refuseFaults(once, given)
  return once.flatMap(line => (Array.isArray(line) ? [] : [line]))
}

function joined(line: KnownLine, compared: Compared | Fault): (KnownLine & Compared) | Fault[] {
  return 'message' in compared ? [compared] : { ...line, ...compared }
}

/** @throws Refusal `file-refused` */
function refuseFaults(lines: readonly (object | Fault[])[], given: readonly HandedIn[]): void {
  const problems = lines.flatMap((line, place) =>
    Array.isArray(line) ? (line as Fault[]).map(fault => ({ row: given[place]!.row, ...fault })) : [],
  )
  refuseFile(given.length, problems)
}

/** The lines with their savers, or what speaks against them. */
async function foundLines(
  tx: Tx,
  { id: bookId, currency }: Book,
  course: Course,
  given: readonly HandedIn[],
): Promise<(KnownLine | Fault[])[]> {
  type Found = { id: string; number: string | null; saverId: string | null }
  const lines = given.flatMap(({ line }) => (Array.isArray(line) ? [] : [line]))
  const keys = lines.flatMap(line => (line.bankAccountNumber === undefined ? [] : numberKey(line.bankAccountNumber)))
  const { rows } = await tx.execute<Found>(sql`
    select a.id, a.bank_account_number as number, a.saver_id as "saverId" from savings_account a
    where a.book_id = ${bookId} and (a.id = any (${sql.param(lines.flatMap(line => line.savingsAccountId ?? []))}::uuid[])
      or upper(replace(a.bank_account_number, '-', '')) = any (${sql.param(keys)}::text[]))`)
  const byName = new Map(
    rows.flatMap(row => [[row.id, row] as const, [row.number === null ? row.id : numberKey(row.number), row] as const]),
  )
  const rules = Map.groupBy(course.rules, ({ code }) => code)
  return given.map(({ line }, place) => {
    if (Array.isArray(line)) return line
    const { savingsAccountId, bankAccountNumber, enrolmentId, rule, period, amount } = line
    const found = byName.get(savingsAccountId ?? numberKey(bankAccountNumber!))
    const faults = faultsOf(line, found, rules.get(rule), currency)
    if (faults.length > 0) return faults
    const theirs: Amount = parseAmount(amount, currency)
    const asTold = { savingsAccountId: found!.id, bankAccountNumber: bankAccountNumber ?? null }
    const told = { contract: enrolmentId, rule, told: period, theirs }
    return { number: place + 1, saverId: found!.saverId!, ...asTold, ...told }
  })
}

function faultsOf(
  { savingsAccountId, rule, period, amount }: GivenLine,
  found: { saverId: string | null } | undefined,
  versions: readonly CreditRule[] | undefined,
  currency: Currency,
): Fault[] {
  const faults: Fault[] = []
  const field = savingsAccountId === undefined ? 'bankAccountNumber' : 'savingsAccountId'
  if (found === undefined) faults.push({ field, message: 'is no savings account of this book' })
  else if (found.saverId === null) faults.push({ field, message: 'is no saver’s account' })
  if (versions === undefined) faults.push({ field: 'rule', message: 'is no rule of the programme that pays money' })
  else if (!versions.some(version => isPeriodOf(version, period))) {
    const { example } = periodPatterns[versions[0]!.terms.cadence]
    faults.push({ field: 'period', message: `of ${rule} is written like ${example}` })
  }
  const decimals = currencyDecimals[currency]
  if (/[1-9]/.test((amount.split('.')[1] ?? '').slice(decimals))) {
    faults.push({ field: 'amount', message: `has more than the ${decimals} decimals of ${currency}` })
  }
  return faults
}

function withoutRepeated(lines: readonly ((KnownLine & Compared) | Fault[])[], given: readonly HandedIn[]) {
  const seen = new Map<string, number>()
  return lines.map((line, place) => {
    if (Array.isArray(line)) return line
    const key = `${line.saverId} ${line.enrolmentId} ${line.rule} ${line.period}`
    const first = seen.get(key)
    if (first !== undefined)
      return [{ field: null, message: `row ${first} has this contract, rule and period already` }]
    seen.set(key, given[place]!.row)
    return line
  })
}

/** Keeps what was told, and beside it what the run pays and the institution did not tell. */
async function keep(tx: Tx, book: Book, run: RunRow, calculationId: string, lines: readonly (KnownLine & Compared)[]) {
  const rows = lines.map(line => ({ ...line, bookId: book.id, calculationId }))
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await tx.insert(incentiveCalculationLine).values(rows.slice(from, from + rowsAtOnce))
  }
  const minorUnits = 10 ** currencyDecimals[book.currency]
  await tx.execute(sql`
    insert into incentive_calculation_line (book_id, calculation_id, number, savings_account_id, rule, told, comparison, saver_id, enrolment_id,
      rule_id, period, ours, paid_before, reason, readings)
    select l.book_id, ${calculationId}, ${lines.length} + row_number() over (order by l.number), l.savings_account_id, r.code, l.period,
      'only-ours', l.saver_id, l.enrolment_id, l.rule_id, l.period, (l.explanation ->> 'owed')::numeric * ${minorUnits}::int,
      (l.explanation ->> 'paidBefore')::numeric * ${minorUnits}::int, l.reason, '[]'
    from incentive_run_line l join incentive_rule r on r.id = l.rule_id
    where l.book_id = ${book.id} and l.run_id = ${run.id} and l.amount <> 0
      and not exists (
        select from incentive_calculation_line c
        where c.book_id = ${book.id} and c.calculation_id = ${calculationId} and c.enrolment_id = l.enrolment_id
          and c.rule = r.code and c.period = l.period)`)
}

/** @throws Refusal `incentive-calculation-not-found` */
export async function calculationRow(connection: Tx | Parts['db'], bookId: string, id: string) {
  const [row] = await connection
    .select()
    .from(incentiveCalculation)
    .where(inBook(incentiveCalculation, bookId, id))
  if (row === undefined) throw new Refusal('incentive-calculation-not-found', 'The book has no such calculation.')
  return row
}
