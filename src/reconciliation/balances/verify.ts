import { getTableName } from 'drizzle-orm'
import type { Session } from '../../db/stream.ts'
import { type Book, type FaultList, verifyGuards } from '../../ledger/index.ts'
import { fingerprint } from '../../savings/registering.ts'
import { type Comparison, comparisonAt, type Line } from './comparing.ts'
import { ListFault, readList, type ToldLine } from './list-csv.ts'
import { askingOfSession } from './positions.ts'
import { balanceDecided, balanceDecision, balanceProposal } from './proposals/schema.ts'
import { verifyProposals, type Wrong } from './proposals/verify.ts'
import { balanceComparison, balanceComparisonLine, balanceList, balanceListPiece } from './schema.ts'
import { comparisonSeal, listSeal } from './seals.ts'

const final = [
  ...[balanceList, balanceListPiece, balanceComparison, balanceComparisonLine],
  ...[balanceProposal, balanceDecision, balanceDecided],
]

const guards = {
  tables: final,
  handWritten: [...final.map(table => `${getTableName(table)}_is_final`), 'balance_comparison_lines_add_up'],
}

/**
 * Reads each list of balances again from its bytes, and compares it again with the book as it was known then: every line, total and
 * proposal has to come out as it is kept. What was approved makes its transaction again, which has to be the one that was posted.
 */
export async function verifyBalances(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong: Wrong = (table, recordId, expected, found) =>
    faults.add({ rule: 'record-differs', table: getTableName(table), recordId, expected, found })
  const lists = await listsOf(session, book.id)
  let records = lists.length
  for (const list of lists) {
    const told = await toldOf(session, book, list, wrong)
    for (const comparison of await comparisonsOf(session, book.id, list.id)) {
      records += 1
      if (told !== null) records += await verifyComparison(session, book, list, comparison, told, wrong)
    }
  }
  await verifyStrays(session, book.id, wrong)
  records += await verifyProposals(session, book, wrong)
  await verifyGuards(session, faults, guards)
  return records
}

type ListRow = typeof balanceList.$inferSelect
type ComparisonRow = typeof balanceComparison.$inferSelect

async function listsOf(session: Session, bookId: string): Promise<ListRow[]> {
  const { rows } = await session.query<ListRow>(
    `select book_id as "bookId", id, as_of as "asOf", sha256, size, pieces, name, media_type as "mediaType", decimal, encoding, lines,
       recorded_at as "recordedAt", actor, content_hash as "contentHash", seal
     from balance_list where book_id = $1 order by recorded_at, id`,
    [bookId],
  )
  return rows
}

/** What a list says, by its bytes; null when they are not those that were taken. */
async function toldOf(session: Session, book: Book, list: ListRow, wrong: Wrong): Promise<ToldLine[] | null> {
  const { id, asOf, decimal, encoding, size, pieces } = list
  const sha256 = list.sha256.toString('hex')
  const content = fingerprint({ asOf, sha256, decimal, encoding })
  if (!content.equals(list.contentHash)) wrong(balanceList, id, hex(content), hex(list.contentHash))
  if (!listSeal(list).equals(list.seal)) wrong(balanceList, id, hex(listSeal(list)), hex(list.seal))
  const { rows } = await session.query<{ content: Buffer; found: string; number: number }>(
    `select content, number, encode(sha256(string_agg(content, ''::bytea) over (order by number rows between unbounded preceding and unbounded following)), 'hex') as found
     from balance_list_piece where book_id = $1 and list_id = $2 order by number`,
    [book.id, id],
  )
  const found = `${rows.reduce((sum, { content }) => sum + content.length, 0)} bytes in ${rows.length} pieces of ${rows[0]?.found}`
  const expected = `${size} bytes in ${pieces} pieces of ${sha256}`
  if (found !== expected || rows.some(({ number }, place) => number !== place)) {
    wrong(balanceListPiece, id, expected, found)
    return null
  }
  try {
    const told = await readList(bytesOf(rows), list, book.currency)
    if (told.length !== list.lines) wrong(balanceList, id, `${told.length} lines`, `${list.lines}`)
    return told
  } catch (error) {
    if (!(error instanceof ListFault)) throw error
    wrong(balanceList, id, 'a list that can be read', `${error.problemCount} problems`)
    return null
  }
}

async function* bytesOf(pieces: readonly { content: Buffer }[]): AsyncGenerator<Buffer> {
  for (const { content } of pieces) yield content
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex')
}

async function comparisonsOf(session: Session, bookId: string, listId: string): Promise<ComparisonRow[]> {
  type Row = { [Key in keyof ComparisonRow]: ComparisonRow[Key] extends bigint ? string : ComparisonRow[Key] }
  const { rows } = await session.query<Row>(
    `select book_id as "bookId", id, list_id as "listId", sequence, event_number as "eventNumber", lines, accounts, ours, theirs, difference,
       recorded_at as "recordedAt", actor, content_hash as "contentHash", seal
     from balance_comparison where book_id = $1 and list_id = $2 order by recorded_at, id`,
    [bookId, listId],
  )
  return rows.map(row => ({
    ...row,
    ...{ sequence: BigInt(row.sequence), eventNumber: BigInt(row.eventNumber) },
    ...{ ours: BigInt(row.ours), theirs: BigInt(row.theirs), difference: BigInt(row.difference) },
  }))
}

async function verifyComparison(
  session: Session,
  book: Book,
  { asOf }: ListRow,
  row: ComparisonRow,
  told: readonly ToldLine[],
  wrong: Wrong,
): Promise<number> {
  const { id, listId, sequence, eventNumber } = row
  const seal = comparisonSeal(row)
  if (!seal.equals(row.seal)) wrong(balanceComparison, id, hex(seal), hex(row.seal))
  const content = fingerprint({ listId })
  if (!content.equals(row.contentHash)) wrong(balanceComparison, id, hex(content), hex(row.contentHash))
  const again = await comparisonAt(askingOfSession(session), { bookId: book.id, asOf, sequence, eventNumber }, told)
  const expected = totalsText(again.lines.length, again.accounts, again.ours, again.theirs)
  const found = totalsText(row.lines, row.accounts, row.ours, row.theirs)
  if (expected !== found) wrong(balanceComparison, id, expected, found)
  await verifyLines(session, book.id, id, again, wrong)
  return again.lines.length
}

function totalsText(lines: number, accounts: number, ours: bigint, theirs: bigint): string {
  return `${lines} lines, ${accounts} accounts, ${ours} and ${theirs}`
}

const linesAtOnce = 5_000

/** Every field of every line as text, in one order. */
async function verifyLines(
  session: Session,
  bookId: string,
  id: string,
  again: Comparison,
  wrong: Wrong,
): Promise<void> {
  const { lines, ours, theirs } = again
  const all = [lines.length, ours, theirs].join(' ')
  for (let from = 0; from < lines.length; from += linesAtOnce) {
    const chunk = lines.slice(from, from + linesAtOnce)
    const { rows } = await session.query<{ number: number; told: string }>(
      `select number, concat_ws(' ', all_lines, all_ours, all_theirs) || ' ' || json_build_array(file_row, bank_account_number, cci, told, currency,
         their_status, interest::text, fees::text, outcome, stranger, savings_account_id, ours::text, theirs::text, difference::text,
         our_status, explanations)::jsonb::text as told
       from balance_comparison_line where book_id = $1 and comparison_id = $2 and number > $3 and number <= $4 order by number`,
      [bookId, id, from, from + linesAtOnce],
    )
    const kept = new Map(rows.map(({ number, told }) => [number, told]))
    chunk.forEach((line, place) => {
      const number = from + place + 1
      const [expected, found] = [`${all} ${lineText(line)}`, kept.get(number) ?? 'none']
      if (expected !== found) wrong(balanceComparisonLine, `${id}:${number}`, expected, found)
    })
  }
}

/** As PostgreSQL writes an array in JSON. */
function lineText(line: Line): string {
  const amount = (value: bigint | null) => (value === null ? null : value.toString())
  const { row, bankAccountNumber, cci, told, currency, theirStatus, outcome, stranger, savingsAccountId, ourStatus } =
    line
  return jsonText([
    ...[row, bankAccountNumber, cci, told, currency, theirStatus, amount(line.interest), amount(line.fees), outcome],
    ...[stranger, savingsAccountId, amount(line.ours), amount(line.theirs), amount(line.difference), ourStatus],
    line.explanations,
  ])
}

function jsonText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(jsonText).join(', ')}]` : JSON.stringify(value)
}

/** Lines beyond those that there are, pieces of no list, and comparisons of none. */
async function verifyStrays(session: Session, bookId: string, wrong: Wrong): Promise<void> {
  const { rows } = await session.query<{ of: 'line' | 'piece' | 'comparison'; id: string }>(
    `select 'line' as of, l.comparison_id || ':' || l.number as id from balance_comparison_line l
       left join balance_comparison c on c.book_id = l.book_id and c.id = l.comparison_id
       where l.book_id = $1 and (c.id is null or l.number not between 1 and c.lines)
     union all
     select 'piece', p.list_id::text from balance_list_piece p
       where p.book_id = $1 and not exists (select from balance_list b where b.book_id = p.book_id and b.id = p.list_id)
     union all
     select 'comparison', c.id::text from balance_comparison c
       where c.book_id = $1 and not exists (select from balance_list b where b.book_id = c.book_id and b.id = c.list_id)`,
    [bookId],
  )
  const tables = { line: balanceComparisonLine, piece: balanceListPiece, comparison: balanceComparison }
  for (const { of, id } of rows) wrong(tables[of], id, 'none', `a ${of} of nothing`)
}
