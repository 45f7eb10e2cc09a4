import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Session } from '../db/stream.ts'
import { type Book, type FaultList, type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { verifyBalances } from './balances/verify.ts'
import { acceptedBreak, breakResolution, resolutionBreak, resolutionDecision } from './breaks/resolutions/schema.ts'
import { verifyResolutions } from './breaks/resolutions/verify.ts'
import { breakComment, breakOwner, reconciliationBreak } from './breaks/schema.ts'
import { numberKey } from './intake/numbers.ts'
import { bankAccount, bankFile, bankFilePiece, bankLine, bankStatement } from './intake/schema.ts'
import { type LineIn, linesIn, type StatementIn, sameAs, statementIn } from './intake/statement-in.ts'
import { bankClaim, bankMatch, matchingRun } from './matching/schema.ts'
import type { Profile } from './statements/profile-shape.ts'
import { readStatements, type StatementFormat } from './statements/read.ts'
import { FileFault, type LineDetail, type StatementLine } from './statements/statement.ts'
import { unmatchedPayments, unmatchedReceipts } from './suspense/accounts.ts'
import { verifyEvents } from './verify-events.ts'

const final = [
  ...[bankFile, bankFilePiece, bankStatement, bankLine, matchingRun, bankMatch, bankClaim],
  ...[breakComment, breakOwner, breakResolution, resolutionBreak, resolutionDecision, acceptedBreak],
]

const guards = {
  tables: [...final, bankAccount, reconciliationBreak],
  handWritten: [
    ...final.map(table => `${getTableName(table)}_is_final`),
    ...['bank_account_is_kept', 'bank_account_identity_is_final', 'bank_claim_conserves', 'bank_match_resolution_fkey'],
    ...['reconciliation_break_is_kept', 'reconciliation_break_ends_once'],
  ],
}

/**
 * Compares what is kept of banks' statements with the bytes that they were read from, each statement and each line, the claims
 * with the entries of the ledger and with each other, what stands in suspense with what is open,
 * what people decided about it with what they proposed and what was posted, banks' lists of balances with what they were found to be,
 * and the feed with all that it tells of.
 */
export const verifyReconciliation: FurtherCheck = async (session, book, faults) => {
  const rows =
    (await verifyFiles(session, book, faults)) +
    (await verifyClaims(session, book, faults)) +
    (await verifySuspense(session, book, faults)) +
    (await verifyResolutions(session, book, faults)) +
    (await verifyBalances(session, book, faults))
  await verifyEvents(session, book, faults)
  await verifyGuards(session, faults, guards)
  return rows
}

function teller(faults: FaultList) {
  return (
    rule: 'record-missing' | 'record-differs',
    table: PgTable,
    recordId: string,
    expected: string,
    found: string,
  ) => faults.add({ rule, table: getTableName(table), recordId, expected, found })
}

type FileRow = {
  id: string
  sha256: string
  size: number
  pieces: number
  format: StatementFormat
  profile: Profile | null
  statements: number
}

async function verifyFiles(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong = teller(faults)
  const { rows } = await session.query<FileRow & { found: string; foundSize: string; foundPieces: number }>(
    `select f.id, encode(f.sha256, 'hex') as sha256, f.size, f.pieces, f.format, p.profile, f.statements, b.found, b."foundSize", b."foundPieces"
     from bank_file f left join statement_profile p on p.id = f.profile_id
     cross join lateral (
       select encode(sha256(string_agg(c.content, ''::bytea order by c.number)), 'hex') as found, sum(octet_length(c.content)) as "foundSize",
         count(*)::int as "foundPieces"
       from bank_file_piece c where c.book_id = $1 and c.file_id = f.id and c.number between 0 and f.pieces - 1) b
     where f.book_id = $1 order by f.id`,
    [book.id],
  )
  let records = 0
  for (const { found, foundSize, foundPieces, ...file } of rows) {
    if (found !== file.sha256 || Number(foundSize) !== file.size || foundPieces !== file.pieces)
      wrong('record-differs', bankFile, file.id, `${file.size} bytes of ${file.sha256}`, `${foundSize} of ${found}`)
    else records += await verifyStatements(session, book, file, wrong)
  }
  return records
}

type StatementRow = {
  id: string
  contentHash: string
  fromDay: string
  toDay: string
  residue: string | null
  standing: string
  number: string
}

/** Reads a file again, and compares what it says with what is kept of it. */
async function verifyStatements(
  session: Session,
  book: Book,
  file: FileRow,
  wrong: ReturnType<typeof teller>,
): Promise<number> {
  let [position, records] = [0, 0]
  const hint = { format: file.format, ...(file.profile !== null && { profile: file.profile }) }
  try {
    for await (const statement of readStatements(piecesOf(session, book.id, file), hint)) {
      position += 1
      const coming = statementIn(statement, book.currency)
      const { rows } = await session.query<StatementRow>(
        `select s.id, encode(s.content_hash, 'hex') as "contentHash", s.from_day as "fromDay", s.to_day as "toDay", s.residue::text, s.standing,
           a.number
         from bank_statement s join bank_account a on a.book_id = s.book_id and a.id = s.bank_account_id
         where s.book_id = $1 and s.file_id = $2 and s.position = $3`,
        [book.id, file.id, position],
      )
      const [row] = rows
      if (row === undefined) {
        wrong('record-missing', bankStatement, file.id, `statement ${position} of the file`, 'none')
        continue
      }
      const { contentHash, fromDay, toDay, accountKey, sums } = coming
      const expected = [contentHash.toString('hex'), accountKey, fromDay, toDay, sums.residue].join(' ')
      const found = [row.contentHash, numberKey(row.number), row.fromDay, row.toDay, row.residue].join(' ')
      if (found !== expected) wrong('record-differs', bankStatement, row.id, expected, found)
      records += await verifyLines(session, book, row.id, coming, wrong)
    }
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    wrong('record-differs', bankFile, file.id, 'a file that can be read', `${error.where}: ${error.message}`)
  }
  if (position !== file.statements)
    wrong('record-differs', bankFile, file.id, `${file.statements} statements`, `${position}`)
  return records
}

async function* piecesOf(session: Session, bookId: string, { id, pieces }: FileRow): AsyncGenerator<Buffer> {
  for (let number = 0; number < pieces; number++) {
    const { rows } = await session.query<{ content: Buffer }>(
      'select content from bank_file_piece where book_id = $1 and file_id = $2 and number = $3',
      [bookId, id, number],
    )
    yield rows[0]!.content
  }
}

type LineRow = Omit<StatementLine, 'number' | 'where' | 'money' | 'details'> & {
  number: number
  amount: string
  currency: string
  side: 'credit' | 'debit'
  moves: string | null
  standing: string
  details: LineDetail[]
}

const linesAtOnce = 5_000

async function verifyLines(
  session: Session,
  book: Book,
  id: string,
  coming: StatementIn,
  wrong: ReturnType<typeof teller>,
): Promise<number> {
  for (const chunk of chunksOf(linesIn(coming), linesAtOnce)) {
    const { rows } = await session.query<LineRow>(
      `select number, amount::text, currency, side, moves::text, standing, status, is_reversal as "isReversal",
         booking_day as "bookingDate", value_day as "valueDate", reference, end_to_end_id as "endToEndId", code, counterparty,
         counterparty_account as "counterpartyAccount", text, details
       from bank_line where book_id = $1 and statement_id = $2 and number between $3 and $4 order by number`,
      [book.id, id, chunk[0]!.line.number, chunk.at(-1)!.line.number],
    )
    const kept = new Map(rows.map(row => [row.number, row]))
    for (const { line, sameAs: expected, moves } of chunk) {
      const row = kept.get(line.number)
      const recordId = `${id}:${line.number}`
      if (row === undefined) wrong('record-missing', bankLine, recordId, `line ${line.number} of the statement`, 'none')
      else {
        const { number: _, amount, currency, side, moves: moved, standing, ...said } = row
        const found = sameAs({ ...said, money: { amount, currency, side } })
        const counts = standing === 'new' && moves !== null ? moves.toString() : null
        if (!found.equals(expected) || moved !== counts)
          wrong(
            'record-differs',
            bankLine,
            recordId,
            `${expected.toString('hex')} ${counts}`,
            `${found.toString('hex')} ${moved}`,
          )
      }
    }
  }
  return coming.statement.lines.length
}

function* chunksOf(lines: Iterable<LineIn>, size: number): Generator<LineIn[]> {
  let chunk: LineIn[] = []
  for (const line of lines) {
    chunk.push(line)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** Claims of what is there, of the account's own ledger account, by what it moves, and alike on both sides of each match. */
async function verifyClaims(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong = teller(faults)
  const { rows } = await session.query<{ id: string; claims: number; strangers: number; difference: string }>(
    `select m.id, count(c.number)::int as claims,
       count(c.number) filter (where case when c.statement_id is not null
         then l.moves is distinct from c.moves or l.bank_account_id is distinct from m.bank_account_id
         else case e.direction when 'debit' then e.amount else -e.amount end is distinct from c.moves
           or e.account_id is distinct from a.account_id end)::int as strangers,
       coalesce(sum(case when c.statement_id is null then -c.moves else c.moves end), 0)::text as difference
     from bank_match m
     left join bank_account a on a.book_id = m.book_id and a.id = m.bank_account_id
     left join bank_claim c on c.book_id = m.book_id and c.match_id = m.id
     left join bank_line l on l.book_id = c.book_id and l.statement_id = c.statement_id and l.number = c.line
     left join entry e on e.book_id = c.book_id and e.sequence = c.sequence and e.position = c.position
     where m.book_id = $1 group by m.id order by m.id`,
    [book.id],
  )
  for (const { id, claims, strangers, difference } of rows) {
    if (claims === 0) wrong('record-missing', bankClaim, id, 'claims of the match', 'none')
    else if (strangers > 0)
      wrong('record-differs', bankClaim, id, 'lines and entries as they are', `${strangers} that are not`)
    else if (difference !== '0')
      wrong('record-differs', bankMatch, id, 'the same money on both sides', `${difference} more on one`)
  }
  return rows.length
}

/** What stands in suspense of each account at a bank is what is open of it, on either side. */
async function verifySuspense(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong = teller(faults)
  const { rows: accounts } = await session.query<{ id: string; receipts: string; payments: string }>(
    `select a.id, coalesce(sum(b.amount) filter (where b.amount > 0), 0)::text as receipts,
       coalesce(-sum(b.amount) filter (where b.amount < 0), 0)::text as payments
     from bank_account a
     left join reconciliation_break b on b.book_id = a.book_id and b.bank_account_id = a.id and b.ended_at is null
       and (b.line is not null or b.sequence is not null) and b.reason <> 'in-transit'
     where a.book_id = $1 group by a.id order by a.id`,
    [book.id],
  )
  for (const { id, receipts, payments } of accounts) {
    const { rows } = await session.query<{ receipts: string; payments: string }>(
      `select coalesce(sum(case e.direction when 'credit' then e.amount else -e.amount end) filter (where e.account_id = $2), 0)::text as receipts,
         coalesce(sum(case e.direction when 'debit' then e.amount else -e.amount end) filter (where e.account_id = $3), 0)::text as payments
       from entry e where e.book_id = $1 and e.account_id in ($2, $3)`,
      [book.id, unmatchedReceipts(id), unmatchedPayments(id)],
    )
    const [expected, found] = [`${receipts} and ${payments}`, `${rows[0]!.receipts} and ${rows[0]!.payments}`]
    if (found !== expected) wrong('record-differs', bankAccount, id, `${expected} in suspense`, found)
  }
  return accounts.length
}
