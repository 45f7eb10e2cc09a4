import { sql } from 'drizzle-orm'
import { limaDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { refuseFile } from '../file-refused.ts'
import type { PeriodStatus } from '../rules/terms.ts'
import { checkTold, type HouseholdPeriod } from './check.ts'
import { householdPeriodFile } from './schema.ts'
import type { LineProblem, ToldFile } from './told.ts'

/** As many lines as one statement looks up or writes: the memory that takes is bounded, and so is its time. */
const linesAtOnce = 10_000

const attempts = 5

/** Somebody else told one of the same periods at the same time; seen again, it is one told before. */
class Overtaken extends Error {}

type FileRow = typeof householdPeriodFile.$inferSelect
type Taking = { id: string; sha256: string; corrects: boolean; leavesOut: boolean; file: ToldFile }

/**
 * Takes in a file of households' periods, whole or not at all, in one database transaction. A line that tells what is known
 * already changes nothing; one that tells it otherwise is refused, unless the file says that it corrects: then it is the
 * next revision. One of a household in which no saver lives is refused, unless the file is to be taken without such lines.
 * @throws Refusal `id-reused`, `file-refused` with its problems by row
 */
export async function takePeriods(
  parts: Parts,
  bookId: string,
  actor: Actor,
  taking: Taking,
): Promise<{ row: FileRow; replayed: boolean }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeOnce(parts, bookId, actor, taking)
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === attempts) throw error
    }
  }
}

async function takeOnce(parts: Parts, bookId: string, actor: Actor, taking: Taking) {
  const { id, sha256, corrects, leavesOut, file } = taking
  const { currency } = await bookOf(parts.db, bookId)
  const now = parts.clock.now()
  return transact(parts.db, async tx => {
    let fresh: Revision[] = []
    const { row, replayed } = await register(tx, householdPeriodFile, {
      where: inBook(householdPeriodFile, bookId, id),
      content: { sha256, corrects, leavesOut },
      at: now,
      actor: actor.clientId,
      decide: async () => {
        if (file.lines.length === 0) throw new Refusal('request-invalid', 'There is no line in it.')
        const households = await knownHouseholds(tx, bookId, file)
        const known = { currency, today: limaDate(now), households, leavesOut }
        const { periods, problems, leftOut } = checkTold(file.lines, known)
        const found = await compare(tx, bookId, periods, corrects)
        refuseFile(file.lines.length, [...file.problems, ...problems, ...found.problems])
        fresh = found.fresh
        const corrected = fresh.filter(({ revision }) => revision > 0).length
        const added = fresh.length - corrected
        const counts = { lines: file.lines.length, added, corrected, leftOut: leavesOut ? leftOut : null }
        return { bookId, id, sha256, corrects, ...counts }
      },
    })
    if (!replayed) await keep(tx, bookId, id, fresh)
    return { row, replayed }
  })
}

type Revision = HouseholdPeriod & { firstChildhood: Amount; secondarySchool: Amount; revision: number }
type Before = {
  row: number
  revision: number
  status: PeriodStatus
  amount: string
  firstChildhood: string
  secondarySchool: string
  /** Where it was told: the line of its file. */
  fileId: string
  line: number
}

/** Those of a file's households in which savers of the book live. */
async function knownHouseholds(tx: Tx, bookId: string, { lines }: ToldFile): Promise<Set<string>> {
  const named = [...new Set(lines.map(({ household }) => household))]
  const known = new Set<string>()
  for (let from = 0; from < named.length; from += linesAtOnce) {
    const { rows } = await tx.execute<{ household: string }>(sql`
      select distinct s.household_reference as household from saver s
      where s.book_id = ${bookId} and s.household_reference = any (${sql.param(named.slice(from, from + linesAtOnce))}::text[])`)
    for (const { household } of rows) known.add(household)
  }
  return known
}

/** What is new among periods, given what was told of their households before. */
async function compare(
  tx: Tx,
  bookId: string,
  periods: readonly HouseholdPeriod[],
  corrects: boolean,
): Promise<{ fresh: Revision[]; problems: LineProblem[] }> {
  const fresh: Revision[] = []
  const problems: LineProblem[] = []
  for (let from = 0; from < periods.length; from += linesAtOnce) {
    const chunk = periods.slice(from, from + linesAtOnce)
    const told = await toldBefore(tx, bookId, chunk)
    for (const line of chunk) {
      const { row } = line
      const before = told.get(row)
      const period = { ...line, ...besides(line, before) }
      const field = before && differenceOf(period, before)
      if (before === undefined) fresh.push({ ...period, revision: 0 })
      else if (field === undefined) continue
      else if (corrects) fresh.push({ ...period, revision: before.revision + 1 })
      else {
        const message = `was told otherwise in row ${before.line} of file ${before.fileId}, and this file does not correct`
        problems.push({ row, field, message })
      }
    }
  }
  return { fresh, problems }
}

/** What is paid beside the amount: where a line says nothing of it, what was told before. */
function besides(line: HouseholdPeriod, before: Before | undefined) {
  return {
    firstChildhood: line.firstChildhood ?? BigInt(before?.firstChildhood ?? 0),
    secondarySchool: line.secondarySchool ?? BigInt(before?.secondarySchool ?? 0),
  }
}

function differenceOf(period: Omit<Revision, 'revision'>, before: Before) {
  const same = (amount: Amount, text: string) => amount.toString() === text
  if (period.status !== before.status) return 'status'
  return (['amount', 'firstChildhood', 'secondarySchool'] as const).find(name => !same(period[name], before[name]))
}

/** By row, what was last told of that household and bimester, where anything was. */
async function toldBefore(tx: Tx, bookId: string, periods: readonly HouseholdPeriod[]): Promise<Map<number, Before>> {
  const column = <Value>(of: (period: HouseholdPeriod) => Value) => sql.param(periods.map(of))
  const { rows } = await tx.execute<Before>(sql`
    select told.row, last.revision, last.status, last.amount::text as amount,
      last.first_childhood::text as "firstChildhood", last.secondary_school::text as "secondarySchool",
      last.file_id as "fileId", last.line
    from unnest(${column(({ row }) => row)}::int[], ${column(({ household }) => household)}::text[],
      ${column(({ period }) => period)}::text[]) as told(row, household, period)
    cross join lateral (
      select p.revision, p.status, p.amount, p.first_childhood, p.secondary_school, p.file_id, p.line from household_period p
      where p.book_id = ${bookId} and p.household = told.household and p.period = told.period
      order by p.revision desc limit 1
    ) last`)
  return new Map(rows.map(row => [row.row, row]))
}

/** Writes revisions in the order of their key, so that two files at once never wait for each other in a circle. */
async function keep(tx: Tx, bookId: string, fileId: string, fresh: readonly Revision[]): Promise<void> {
  const keyOf = ({ household, period }: Revision) => `${household} ${period}`
  const ordered = fresh.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  for (let from = 0; from < ordered.length; from += linesAtOnce) {
    const chunk = ordered.slice(from, from + linesAtOnce)
    const column = <Value>(of: (revision: Revision) => Value) => sql.param(chunk.map(of))
    const { rowCount } = await tx.execute(sql`
      insert into household_period (book_id, household, period, revision, status, amount, first_childhood, secondary_school, file_id, line)
      select ${bookId}, told.household, told.period, told.revision, told.status, told.amount, told.first_childhood,
        told.secondary_school, ${fileId}, told.row
      from unnest(${column(({ household }) => household)}::text[], ${column(({ period }) => period)}::text[],
        ${column(({ revision }) => revision)}::smallint[], ${column(({ status }) => status)}::text[],
        ${column(({ amount }) => amount.toString())}::bigint[], ${column(({ firstChildhood }) => firstChildhood.toString())}::bigint[],
        ${column(({ secondarySchool }) => secondarySchool.toString())}::bigint[], ${column(({ row }) => row)}::int[])
        as told(household, period, revision, status, amount, first_childhood, secondary_school, row)
      order by told.household, told.period
      on conflict do nothing`)
    if (rowCount !== chunk.length) throw new Overtaken('a period was told by another file at the same time')
  }
}
