import assert from 'node:assert/strict'
import type { Db } from '../../db/client.ts'
import { readSnapshot, type Session, streamRows } from '../../db/stream.ts'
import { addRow, ints, withRoom } from './columns.ts'
import { never } from './days.ts'
import { addEvent, incentive, juntos, kinds, other, otherTransfer, type Reversal, settleEvents } from './events.ts'
import { type Book, type Facts, noFacts, placeOf } from './facts.ts'
import { addId, numberOf } from './ids.ts'
import { changedRegisters, readRegister, recordedSince } from './registers.ts'

/** Days as this folder counts them. */
const day = (column: string) => `(${column} - date '1900-01-01')`
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`

/**
 * Reads all that was recorded since the last reading, in one snapshot: what is posted is counted from the next question on.
 * One reading at a time. One that fails leaves nothing, so that no entry is ever counted twice: the next begins anew.
 */
export async function catchUp(db: Db, facts: Facts): Promise<void> {
  try {
    const reversals = await readSnapshot(db, session => readAll(session, facts))
    settleEvents(facts.events, facts.accounts.length, reversals)
  } catch (error) {
    Object.assign(facts, noFacts())
    throw error
  }
}

async function readAll(session: Session, facts: Facts): Promise<Reversal[]> {
  const reversals: Reversal[] = []
  const heads = await session.query<{
    id: string
    code: string
    currency: string
    institution: string
    sequence: string
  }>(
    `select b.id, b.code, b.currency::text as currency, i.code as institution, h.sequence::text as sequence
     from book b join book_head h on h.book_id = b.id join savings_book s on s.book_id = b.id
     join partner_institution i on i.id = s.institution_id order by b.code`,
  )
  const books = heads.rows.map(({ sequence: _, ...told }) => facts.books.get(told.id) ?? newBook(facts, told))
  const changed = await changedRegisters(session, books)
  for (const [nth, book] of books.entries()) {
    const registers = changed.get(book)!
    if (registers.has('saver')) await readSavers(session, facts, book)
    if (registers.has('correction')) await forgetTongues(session, facts, book)
    if (registers.has('membership')) await readPeriods(session, facts, book, 'membership')
    if (registers.has('enrolment')) await readPeriods(session, facts, book, 'enrolment')
    if (registers.has('account')) await readAccounts(session, facts, book)
    if (registers.has('closing')) await readClosings(session, facts, book)
    const sequence = Number(heads.rows[nth]!.sequence)
    if (sequence > book.sequence) await readEntries(session, facts, book, sequence, reversals)
  }
  return reversals
}

function newBook(facts: Facts, told: Pick<Book, 'id' | 'code' | 'currency' | 'institution'>): Book {
  const empty = { sequence: 0, seen: new Map(), moneyByEvent: ints() }
  const book: Book = { ...told, number: facts.books.size, ...empty }
  facts.books.set(book.id, book)
  return book
}

type VersionRow = [string, string, string, string | null, string, string, string | null, string | null, string]

async function readSavers(session: Session, facts: Facts, book: Book): Promise<void> {
  const text = `select saver_id, number, encode(person, 'hex'), ${day('since')}, district_code, sex, ${day('birth_date')}, mother_tongue, ${ms('recorded_at')}
    from ${recordedSince('saver')} t order by recorded_at, saver_id, number`
  const { versions, savers, codes } = facts
  await readRegister<VersionRow>(session, book, { name: 'saver', text }, row => {
    const [id, number, person, since, district, sex, birth, tongue, recordedAt] = row
    const saver = addId(savers.ids, book.number, id)
    if (saver === savers.length) {
      addRow(savers, {
        ...{ book: book.number, person: -1, next: -1, account: -1, version: -1, membership: -1, enrolment: -1 },
      })
    }
    const before = versionBefore(facts, saver, Number(number))
    const after = before === -1 ? savers.columns.version[saver]! : versions.columns.next[before]!
    if (after !== -1 && versions.columns.number[after] === Number(number)) return
    const version = addRow(versions, {
      ...{
        next: after,
        number: Number(number),
        person: personOf(facts, person),
        district: placeOf(codes.district, district),
      },
      ...{ since: since === null ? -never : Number(since), female: sex === 'female' ? 1 : 0 },
      ...{
        birth: birth === null ? never : Number(birth),
        tongue: tongue === null ? -1 : placeOf(codes.tongue, tongue),
      },
      recordedAt: Number(recordedAt),
    })
    if (before === -1) savers.columns.version[saver] = version
    else versions.columns.next[before] = version
    if (after === -1) takeFor(facts, saver, versions.columns.person[version]!, Number(recordedAt))
  })
}

/** Her last version of a smaller number; -1 when there is none. */
function versionBefore({ savers, versions }: Facts, saver: number, number: number): number {
  let [before, next] = [-1, savers.columns.version[saver]!]
  while (next !== -1 && versions.columns.number[next]! < number) {
    before = next
    next = versions.columns.next[next]!
  }
  return before
}

function personOf({ persons }: Facts, hash: string): number {
  const person = addId(persons.ids, 0, hash)
  if (person === persons.length) addRow(persons, { saver: -1 })
  return person
}

/** Notes which person a saver is, after having been taken for another or not. */
function takeFor(facts: Facts, saver: number, person: number, at: number): void {
  const { persons, savers } = facts
  const { next, person: personOfSaver } = savers.columns
  const before = personOfSaver[saver]!
  if (before === person) return
  if (before !== -1) {
    facts.foundOutAt = Math.max(facts.foundOutAt, at)
    const first = persons.columns.saver[before]!
    let one = first
    while (one !== saver && next[one] !== saver) one = next[one]!
    if (one === saver) persons.columns.saver[before] = next[saver]!
    else next[one] = next[saver]!
  }
  next[saver] = persons.columns.saver[person]!
  persons.columns.saver[person] = saver
  personOfSaver[saver] = person
}

/** Who withdrew her consent is counted by her language nowhere, from now on. */
async function forgetTongues(session: Session, { savers, versions }: Facts, book: Book): Promise<void> {
  const text = `select saver_id, ${ms('recorded_at')} from ${recordedSince('correction')} t`
  const changed = new Set<string>()
  await readRegister<[string, string]>(session, book, { name: 'correction', text }, ([id]) => changed.add(id))
  if (changed.size === 0) return
  const { rows } = await session.query<{ id: string }>(
    `select saver_id as id from saver_version where book_id = $1 and saver_id = any ($2::uuid[])
     group by saver_id having count(mother_tongue) = 0`,
    [book.id, [...changed]],
  )
  for (const { id } of rows) {
    let version = savers.columns.version[numberOf(savers.ids, book.number, id)]!
    for (; version !== -1; version = versions.columns.next[version]!) versions.columns.tongue[version] = -1
  }
}

/** Times in groups and in programmes: the later of the two instants tells that a row changed. */
async function readPeriods(
  session: Session,
  facts: Facts,
  book: Book,
  table: 'membership' | 'enrolment',
): Promise<void> {
  const own =
    table === 'enrolment' ? `p.code, cohort, coalesce(end_reason = 'entered-by-mistake', false)` : `g.code, '', false`
  const other =
    table === 'enrolment'
      ? 'programme p on p.id = t.programme_id'
      : 'savings_group g on g.book_id = t.book_id and g.id = t.group_id'
  const text = `select t.id, t.saver_id, ${day('starts_on')}, ${own}, ${day('ends_on')}, ${ms('end_recorded_at')}, ${ms('t.recorded_at')}, ${ms('greatest(t.recorded_at, end_recorded_at)')}
    from ${recordedSince(table)} t join ${other}`
  type Row = [string, string, string, string, string, string, string | null, string | null, string, string]
  const { savers, codes } = facts
  const periods = facts[table === 'membership' ? 'memberships' : 'enrolments']
  await readRegister<Row>(session, book, { name: table, text }, row => {
    const [id, saverId, from, of, cohort, mistaken, to, endRecordedAt, recordedAt] = row
    const saver = numberOf(savers.ids, book.number, saverId)
    assert(saver !== -1, 'a saver is registered before she joins anything')
    const period = addId(periods.ids, book.number, id)
    if (period === periods.length) {
      const { [table]: first } = savers.columns
      addRow(periods, {
        ...{ next: first[saver]!, from: Number(from), to: never, mistaken: 0 },
        of: table === 'membership' ? placeOf(codes.group, `${book.code}/${of}`) : placeOf(codes.programme, of),
        cohort: placeOf(codes.cohort, cohort),
        ...{ recordedAt: Number(recordedAt), endRecordedAt: Number.POSITIVE_INFINITY },
      })
      first[saver] = period
    }
    if (to === null) return
    periods.columns.to[period] = Number(to)
    periods.columns.mistaken[period] = mistaken === 't' ? 1 : 0
    periods.columns.endRecordedAt[period] = Number(endRecordedAt)
  })
}

type AccountRow = [string, string, string, string, string, string, string, string, string]

async function readAccounts(session: Session, facts: Facts, book: Book): Promise<void> {
  const moneys = ['own', 'incentive_locked', 'incentive_released', 'interest']
  const text = `select a.id, a.saver_id, ${day('a.opened_on')}, ${moneys.map(money => `${money}.opened_event`).join(', ')}, ${ms('a.recorded_at')}
    from ${recordedSince('account')} a ${moneys.map(money => `join account ${money} on ${money}.book_id = a.book_id and ${money}.id = a.${money}_account_id`).join(' ')}
    order by a.recorded_at, a.id`
  const { savers, accounts } = facts
  await readRegister<[...AccountRow]>(session, book, { name: 'account', text }, row => {
    const [id, saverId, opened, ...rest] = row
    const account = addId(accounts.ids, book.number, id)
    if (account < accounts.length) return
    const saver = numberOf(savers.ids, book.number, saverId)
    assert(saver !== -1, 'a saver is registered before her account is opened')
    addRow(accounts, {
      ...{ book: book.number, saver, next: savers.columns.account[saver]!, opened: Number(opened) },
      ...{ recordedAt: Number(rest[4]), closed: never, closedRecordedAt: Number.POSITIVE_INFINITY },
    })
    savers.columns.account[saver] = account
    for (let money = 0; money < 4; money++) noteMoney(book, Number(rest[money]), 1 + account * 4 + money)
  })
}

async function readClosings(session: Session, { accounts }: Facts, book: Book): Promise<void> {
  const text = `select savings_account_id, ${day('closed_on')}, ${ms('recorded_at')} from ${recordedSince('closing')} t`
  await readRegister<[string, string, string]>(session, book, { name: 'closing', text }, row => {
    const account = numberOf(accounts.ids, book.number, row[0])
    if (account === -1) return
    accounts.columns.closed[account] = Number(row[1])
    accounts.columns.closedRecordedAt[account] = Number(row[2])
  })
}

function noteMoney(book: Book, event: number, money: number): void {
  book.moneyByEvent = withRoom(book.moneyByEvent, event + 1)
  book.moneyByEvent[event] = money
}

type EntryRow = [string, string, string, string, string, string | null]

const kindOf = `case t.kind when 'deposit' then ${kinds.indexOf('deposit')} when 'withdrawal' then ${kinds.indexOf('withdrawal')}
  when 'state-transfer' then case when t.evidence->>'source' = 'JUNTOS' then ${juntos} else ${otherTransfer} end
  when 'incentive' then ${incentive} when 'incentive-clawback' then ${incentive} when 'incentive-forfeiture' then ${incentive}
  else ${other} end`

/** Reads entries up to a sequence, and adds what they reverse to the reversals. */
async function readEntries(
  session: Session,
  facts: Facts,
  book: Book,
  through: number,
  reversals: Reversal[],
): Promise<void> {
  const entries = await streamRows<EntryRow>(
    session,
    `select e.sequence, a.opened_event, ${day('e.value_date')}, case e.direction when 'credit' then e.amount else -e.amount end,
       ${kindOf}, t.reverses
     from entry e join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
     join account a on a.book_id = e.book_id and a.id = e.account_id
     where e.book_id = $1 and e.sequence > $2 and e.sequence <= $3 and a.code between '2010.' and '2040.~'
     order by e.sequence`,
    [book.id, book.sequence, through],
  )
  for (let row = entries.row; row !== undefined; row = entries.row) {
    const money = (book.moneyByEvent[Number(row[1])] ?? 0) - 1
    // Groups and organisations have accounts too, and are no savers.
    if (money >= 0) take(facts, row, money, reversals)
    const more = entries.next()
    if (more !== undefined) await more
  }
  book.sequence = through
}

/** A reversal is no operation, whatever it reverses: it has a kind of its own. */
function take(
  { events }: Facts,
  [sequence, , day, amount, kind, reverses]: EntryRow,
  money: number,
  reversals: Reversal[],
): void {
  const account = money >> 2
  const what = Number(kind) + 16 * (money & 3)
  addEvent(events, { account, day: Number(day), amount: Number(amount), what, sequence: Number(sequence) })
  if (reverses !== null) reversals.push({ account, original: Number(reverses), by: Number(sequence) })
}
