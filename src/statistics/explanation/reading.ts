import type { Db } from '../../db/client.ts'
import { readSnapshot, type Session } from '../../db/stream.ts'
import { Refusal } from '../../refusals.ts'
import type { AskedBooks, Knowledge } from '../questions/knowledge.ts'
import type { HerAccount, Movement } from './standing.ts'

export type Her = {
  /** Her registrations: one a book. */
  savers: { bookId: string; bookCode: string; saverId: string }[]
  accounts: (HerAccount & { bookId: string })[]
  movements: Movement[]
}

/**
 * What was known of a person in some books, found by one of her registrations.
 * @throws Refusal `saver-not-found`, also for one who was registered later
 */
export async function readHer(
  db: Db,
  { bookId, saverId }: { bookId: string; saverId: string },
  books: AskedBooks['books'],
  knowledge: Knowledge,
): Promise<Her> {
  return readSnapshot(db, async session => {
    const savers = await readSavers(session, { bookId, saverId }, books, knowledge.at)
    const her: Her = { savers: [], accounts: [], movements: [] }
    for (const saver of savers) {
      const { code } = books.find(({ id }) => id === saver.bookId)!
      her.savers.push({ ...saver, bookCode: code })
      const accounts = await readAccounts(session, saver, knowledge.at)
      her.accounts.push(...accounts.map(account => ({ ...account, bookId: saver.bookId })))
      her.movements.push(...(await readMovements(session, saver, knowledge)))
    }
    her.movements.sort((a, b) => (a.valueDate < b.valueDate ? -1 : a.valueDate > b.valueDate ? 1 : 0))
    return her
  })
}

type Registration = { bookId: string; saverId: string }

/** Who was taken for the same person at the instant: by the last version known then, or else by the first. */
async function readSavers(
  session: Session,
  { bookId, saverId }: Registration,
  books: AskedBooks['books'],
  at: Date,
): Promise<Registration[]> {
  const ids = books.map(({ id }) => id)
  const { rows } = await session.query<Registration>(
    `with candidate as (
       select distinct o.book_id, o.saver_id from saver_version v join saver_version o on o.person = v.person
       where v.book_id = $1 and v.saver_id = $2 and o.book_id = any($3::uuid[])
     ), known as (
       select c.book_id, c.saver_id, (
         select v.person from saver_version v where v.book_id = c.book_id and v.saver_id = c.saver_id and (v.recorded_at <= $4 or v.number = 0)
         order by v.number desc limit 1) as person
       from candidate c join saver s on s.book_id = c.book_id and s.id = c.saver_id where s.recorded_at <= $4
     )
     select k.book_id as "bookId", k.saver_id as "saverId" from known k
     where k.person = (select person from known where book_id = $1 and saver_id = $2) order by 1, 2`,
    [bookId, saverId, ids, at],
  )
  if (rows.length === 0) throw new Refusal('saver-not-found', 'No saver of the book has this id, as known then.')
  return rows
}

async function readAccounts(session: Session, { bookId, saverId }: Registration, at: Date): Promise<HerAccount[]> {
  const { rows } = await session.query<HerAccount>(
    `select a.id, a.opened_on as "openedOn", (
       select c.closed_on from savings_account_status_change c
       where c.book_id = a.book_id and c.savings_account_id = a.id and c.status = 'closed' and c.recorded_at <= $3) as "closedOn"
     from savings_account a where a.book_id = $1 and a.saver_id = $2 and a.recorded_at <= $3 order by a.opened_on, a.id`,
    [bookId, saverId, at],
  )
  return rows
}

type Row = Omit<Movement, 'amount'> & { amount: string }

async function readMovements(
  session: Session,
  { bookId, saverId }: Registration,
  { at, sequences }: Knowledge,
): Promise<Movement[]> {
  const { rows } = await session.query<Row>(
    `select t.id as "transactionId", a.id as "accountId", t.kind, e.value_date as "valueDate",
       (case e.direction when 'credit' then e.amount else -e.amount end)::text as amount, m.money,
       t.reverses is not null as "isReversal",
       exists (select from transaction r where r.book_id = t.book_id and r.reverses = t.sequence and r.sequence <= $4) as reversed
     from savings_account a
     cross join lateral (values (a.own_account_id, 'own'), (a.incentive_locked_account_id, 'incentive-locked'),
       (a.incentive_released_account_id, 'incentive-released'), (a.interest_account_id, 'interest')) as m(account_id, money)
     join entry e on e.book_id = a.book_id and e.account_id = m.account_id and e.sequence <= $4
     join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
     where a.book_id = $1 and a.saver_id = $2 and a.recorded_at <= $3
     order by e.value_date, e.sequence, e.position`,
    [bookId, saverId, at, String(sequences.get(bookId) ?? 0)],
  )
  return rows.map(row => ({ ...row, amount: BigInt(row.amount) }))
}
