import { getTableName } from 'drizzle-orm'
import { type Session, streamRows, type TextRow } from '../../db/stream.ts'
import { type Book, contentHash, type FaultList } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { collectionSheet, collectionSheetLine } from '../accounts/schema.ts'
import { type Texts, textColumns, textsRead } from '../records.ts'
import { withdrawalPurposes } from '../verbs/withdrawals.ts'
import { draftsOf, type LineDrafts, type Origin } from './drafts.ts'
import { sealOf } from './seal.ts'

const sheetColumns = textColumns(collectionSheet, 's')
const lineColumns = textColumns(collectionSheetLine, 'l')

const sheetRows = `
  select coalesce(s.id, l.sheet_id)::text, s.id::text, ${sheetColumns.sql}, l.sheet_id::text, ${lineColumns.sql}
  from (select * from collection_sheet where book_id = $1) s
  full join (select * from collection_sheet_line where book_id = $1) l on l.sheet_id = s.id
  order by coalesce(s.id, l.sheet_id), l.position`

/** The verbs' own kinds: nobody posts these by hand, with a sheet's id in evidence of one's own. */
const transactionRows = `
  select t.evidence ->> 'collectionSheetId', t.id, encode(t.content_hash, 'hex'), t.sequence, t.evidence ->> 'collectionSheetHash'
  from transaction t
  where t.book_id = $1 and t.kind in ('deposit', 'withdrawal') and t.evidence ->> 'collectionSheetId' is not null
  order by (t.evidence ->> 'collectionSheetId') collate "C", t.id`

type Transaction = { hash: string; sequence: string; seal: string | null }

/** A sheet as it is stored, with what the ledger has of it. */
type Stored = { id: string; sheet: Texts | null; lines: Texts[]; transactions: Map<string, Transaction> }

/**
 * Compares every sheet, line by line, with its transactions: each is made again from what the sheet keeps, seal and all, and
 * has to be the one that was posted. One sheet at a time is in memory. Answers how many rows there were.
 */
export async function verifySheets(session: Session, book: Book, faults: FaultList): Promise<number> {
  const rows = await streamRows<TextRow>(session, sheetRows, [book.id])
  const posted = await streamRows<TextRow>(session, transactionRows, [book.id])
  let count = 0
  for (;;) {
    const ids = [rows.row?.[0], posted.row?.[0]].filter(id => typeof id === 'string').sort()
    const [id] = ids
    if (id === undefined) return count
    const stored: Stored = { id, sheet: null, lines: [], transactions: new Map() }
    for (let row = rows.row; row?.[0] === id; row = rows.row) {
      takeRow(stored, row)
      const wait = rows.next()
      if (wait) await wait
    }
    for (let row = posted.row; row?.[0] === id; row = posted.row) {
      stored.transactions.set(row[1]!, { hash: row[2]!, sequence: row[3]!, seal: row[4] ?? null })
      const wait = posted.next()
      if (wait) await wait
    }
    count += stored.lines.length + (stored.sheet === null ? 0 : 1)
    compareSheet(stored, book, faults)
  }
}

function takeRow(stored: Stored, [, sheetId, ...values]: TextRow): void {
  const ofSheet = sheetColumns.fields.length
  if (sheetId !== null) stored.sheet = textsRead(sheetColumns.fields, values.slice(0, ofSheet))
  const [lineOf, ...lineValues] = values.slice(ofSheet)
  if (lineOf !== null) stored.lines.push(textsRead(lineColumns.fields, lineValues))
}

function compareSheet({ id, sheet, lines, transactions }: Stored, book: Book, faults: FaultList): void {
  type Rule = 'record-missing' | 'record-unregistered' | 'record-differs' | 'record-unposted'
  const wrong = (rule: Rule, expected: string, found: string, ofLine?: { field?: string }) => {
    const table = getTableName(ofLine === undefined ? collectionSheet : collectionSheetLine)
    faults.add({ rule, table, recordId: id, ...ofLine, expected, found })
  }
  const sequences = [...transactions.values()].map(({ sequence }) => sequence)
  if (sheet === null) {
    const named = sequences.length === 0 ? 'its lines' : `transactions ${sequences.join(', ')}`
    wrong('record-missing', `the sheet of ${named}`, 'none')
    return
  }
  const sealed = [...transactions.values()][0]?.seal ?? null
  if (sealed === null) {
    wrong('record-unregistered', 'transactions that name it', 'none')
    return
  }
  const seal = sealOf(sheet, lines)
  if (seal !== sealed) wrong('record-differs', sealed, seal)
  for (const line of lines) {
    const drafts = draftsAgain(book, sheet, line, { sheetId: id, seal: sealed })
    for (const move of ['deposit', 'withdrawal'] as const) {
      const [draft, said] = [drafts[move], line[`${move}TransactionId`]]
      const ofLine = { field: `line ${line.line}, ${move}_transaction_id` }
      if (draft?.id !== said) wrong('record-differs', draft?.id ?? 'none', said ?? 'none', ofLine)
      if (draft == null) {
        const isPosted = line.refusal === undefined && line[move] !== undefined
        if (isPosted) wrong('record-unposted', 'a movement that can be posted', 'none', ofLine)
        continue
      }
      const transaction = transactions.get(draft.id)
      transactions.delete(draft.id)
      if (transaction === undefined) wrong('record-unposted', `transaction ${draft.id}`, 'none', ofLine)
      else if (transaction.hash !== contentHash(book.id, draft).toString('hex')) {
        wrong('record-differs', `what transaction ${transaction.sequence} says`, 'another', ofLine)
      }
    }
  }
  for (const { sequence } of transactions.values()) {
    wrong('record-missing', `the line of transaction ${sequence}`, 'none', {})
  }
}

const nothing: LineDrafts = { deposit: null, withdrawal: null }

/** A posted line's drafts; none of a line that was refused, or that cannot have been posted as it stands. */
function draftsAgain(book: Book, sheet: Texts, line: Texts, origin: Origin): LineDrafts {
  const { refusal, savingsAccountId } = line
  const [meetingDate, agentId] = [sheet.meetingDate, sheet.agentId]
  if (refusal !== undefined || savingsAccountId === undefined || !meetingDate || !agentId) return nothing
  const amount = (text: string | undefined) => (text === undefined ? null : BigInt(text))
  const again = {
    line: Number(line.line),
    savingsAccountId,
    deposit: amount(line.deposit),
    withdrawal: amount(line.withdrawal),
    purpose: withdrawalPurposes.find(purpose => purpose === line.purpose) ?? null,
    depositorId: line.depositorId ?? null,
  }
  try {
    return draftsOf(book, { meetingDate, agentId }, again, origin)
  } catch (error) {
    // An amount that no request can have had.
    if (error instanceof Refusal) return nothing
    throw error
  }
}
