import { sql } from 'drizzle-orm'
import { type Connection, type Transaction, transactionById } from '../../../ledger/index.ts'
import type { Amount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import type { Parts } from '../../../savings/parts.ts'
import { entryId } from '../../matching/open-items.ts'

/** An entry of the ledger's account of a bank account. */
export type EntryOn = { id: string; sequence: bigint; position: number; moves: Amount; isClaimed: boolean }

/** What transactions have on an account, by their sequences. */
export async function entriesOn(
  connection: Connection,
  bookId: string,
  accountId: string,
  sequences: readonly bigint[],
): Promise<EntryOn[]> {
  const { rows } = await connection.execute<{
    sequence: string
    position: number
    moves: string
    isClaimed: boolean
  }>(sql`
    select e.sequence::text, e.position, (case e.direction when 'debit' then e.amount else -e.amount end)::text as moves,
      exists (select from bank_claim c where c.book_id = e.book_id and c.sequence = e.sequence and c.position = e.position) as "isClaimed"
    from entry e
    where e.book_id = ${bookId} and e.account_id = ${accountId} and e.sequence = any (${sql.param(sequences.map(String))}::bigint[])
    order by e.sequence, e.position`)
  return rows.map(({ sequence, position, moves, isClaimed }) => ({
    ...{ id: entryId(sequence, position), sequence: BigInt(sequence), position, moves: BigInt(moves), isClaimed },
  }))
}

/** Ids of the transactions that entries are of. */
export async function transactionsOf(
  connection: Connection,
  bookId: string,
  entries: readonly string[],
): Promise<string[]> {
  const sequences = entries.map(entry => entry.split(':')[0]!)
  const { rows } = await connection.execute<{ id: string }>(sql`
    select t.id from transaction t where t.book_id = ${bookId} and t.sequence = any (${sql.param(sequences)}::bigint[])
    order by t.sequence`)
  return rows.map(({ id }) => id)
}

/**
 * The transactions that are to be taken back.
 * @throws Refusal `transaction-not-found`, `transaction-already-reversed`, `reversal-not-reversible`
 */
export async function originalsOf(
  { db }: Parts,
  bookId: string,
  ids: readonly string[],
  irreversibleKinds: readonly string[],
): Promise<Transaction[]> {
  const originals: Transaction[] = []
  for (const id of ids) {
    const original = await transactionById(db, bookId, id)
    if (original.reversedBy !== null)
      throw new Refusal('transaction-already-reversed', `It was reversed by ${original.reversedBy}.`)
    if (irreversibleKinds.includes(original.kind))
      throw new Refusal('reversal-not-reversible', `A transaction of kind ${original.kind} is not taken back by hand.`)
    originals.push(original)
  }
  return originals
}
