import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Amount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import type { Direction, Evidence } from './schema.ts'

/** A leg of a posted transaction; `amount` in minor units. */
export type Entry = { position: number; accountId: string; direction: Direction; amount: Amount }

/** The balanced whole as it stands in the journal. */
export type Transaction = {
  id: string
  sequence: bigint
  kind: string
  valueDate: CalendarDate
  recordedAt: Date
  actor: string
  reason: string | null
  evidence: Evidence
  holdId: string | null
  /** The id of the transaction that this one reverses, or that reverses this one. */
  reverses: string | null
  reversedBy: string | null
  contentHash: Buffer
  hash: Buffer
  entries: Entry[]
}

/** What a list of transactions may be narrowed to. */
export type TransactionFilter = {
  kind?: string | undefined
  from?: CalendarDate | undefined
  to?: CalendarDate | undefined
}

const columns = `t.id, t.sequence, t.kind, t.value_date as "valueDate", t.recorded_at as "recordedAt", t.actor, t.reason, t.evidence,
  t.hold_id as "holdId", t.content_hash as "contentHash", t.hash,
  (select r.id from transaction r where r.book_id = $1 and r.sequence = t.reverses) as reverses,
  (select r.id from transaction r where r.book_id = $1 and r.reverses = t.sequence) as "reversedBy",
  (select json_agg(json_build_array(e.position, e.account_id, e.direction, e.amount::text) order by e.position)
   from entry e where e.book_id = $1 and e.sequence = t.sequence) as entries`

type Row = Omit<Transaction, 'sequence' | 'entries'> & {
  sequence: string
  entries: [number, string, Direction, string][]
}

function transactionOf({ sequence, entries, ...row }: Row): Transaction {
  return {
    ...row,
    sequence: BigInt(sequence),
    entries: entries.map(([position, accountId, direction, amount]) => ({
      position,
      accountId,
      direction,
      amount: BigInt(amount),
    })),
  }
}

/** @throws Refusal `transaction-not-found` */
export async function transactionById(db: Db, bookId: string, id: string): Promise<Transaction> {
  const { rows } = await db.$client.query<Row>(
    `select ${columns} from transaction t where t.book_id = $1 and t.id = $2`,
    [bookId, id],
  )
  const [row] = rows
  if (row === undefined) throw new Refusal('transaction-not-found', 'There is no such transaction in this book.')
  return transactionOf(row)
}

/** A book's transactions in the order of recording, after `afterSequence`. */
export async function transactionsAfter(
  db: Db,
  bookId: string,
  { afterSequence, limit, kind, from, to }: { afterSequence: bigint; limit: number } & TransactionFilter,
): Promise<Transaction[]> {
  const { rows } = await db.$client.query<Row>(
    `select ${columns} from transaction t
     where t.book_id = $1 and t.sequence > $2 and ($3::text is null or t.kind = $3)
       and ($4::date is null or t.value_date >= $4) and ($5::date is null or t.value_date <= $5)
     order by t.sequence limit $6`,
    [bookId, afterSequence.toString(), kind ?? null, from ?? null, to ?? null, limit],
  )
  return rows.map(transactionOf)
}
