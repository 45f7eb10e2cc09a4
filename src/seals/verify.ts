import { hash } from 'node:crypto'
import { endOfDay } from '../dates.ts'
import type { Session } from '../db/stream.ts'
import { type FaultList, type FurtherCheck, hashesBetween, verifyGuards } from '../ledger/index.ts'
import { jwkOf, verifiedText } from '../signing/signing.ts'
import { firstHash } from '../trail/entries.ts'
import { office } from '../trail/schema.ts'
import { sealOf, sectionOf } from './rows.ts'
import { bookSeal, seal } from './schema.ts'
import { sealText, sectionText } from './texts.ts'
import { openTree, rootOf } from './tree.ts'

/** Triggers that migrations write by hand. */
const handWritten = ['seal_is_final', 'book_seal_is_final']

type SealRow = typeof seal.$inferSelect
type SectionRow = typeof bookSeal.$inferSelect

const sealRows = `
  select s.number, s.day, s.sealed_at as "sealedAt", s.previous, s.sections, s.root, s.office_hash as "officeHash", s.signature, s.signing_key as "signingKey",
    k.public_key as "publicKey"
  from seal s left join signing_key k on k.id = s.signing_key order by s.number`

const sectionColumns = `b.book_id as "bookId", b.number, b.after::text, b.through::text, b.hash, b.root,
  b.event_number::text as "eventNumber", b.event_hash as "eventHash", b.audit_number::text as "auditNumber", b.audit_hash as "auditHash"`

/** `keys` are the ids of those that seals are signed by; `last` is which the last one is, to be compared with what was kept. */
export type SealsVerification = {
  seals: number
  keys: string[]
  last: string | null
  faults: { seal: string; fault: string }[]
}

/**
 * Checks each seal's signature, that its columns are what was signed, that it names the one before, and that its tree is of its
 * books' sections. Seals taken away at the end leave no gap but in what was kept elsewhere.
 */
export async function verifySeals(session: Session): Promise<SealsVerification> {
  const { rows } = await session.query<SealRow & { publicKey: Buffer | null }>(sealRows)
  const faults: SealsVerification['faults'] = []
  let previous: Buffer | null = null
  let number = 0
  for (const { publicKey, ...row } of rows) {
    number += 1
    const name = `${row.number} of ${row.day}`
    if (row.number !== number) faults.push({ seal: name, fault: `seal ${number} is missing before it` })
    else faults.push(...(await sealFaults(session, row, publicKey, previous)).map(fault => ({ seal: name, fault })))
    previous = hash('sha256', sealText(sealOf(row)), 'buffer')
    number = row.number
  }
  const last = rows.at(-1)
  return {
    ...{ seals: rows.length, keys: [...new Set(rows.map(({ signingKey }) => signingKey))], faults },
    last: last === undefined ? null : `${last.number} of ${last.day} ${previous!.toString('hex')}`,
  }
}

async function sealFaults(
  session: Session,
  row: SealRow,
  publicKey: Buffer | null,
  previous: Buffer | null,
): Promise<string[]> {
  const faults: string[] = []
  if (row.previous?.toString('hex') !== previous?.toString('hex')) faults.push('it names another seal before it')
  const { rows } = await session.query<SectionText>(
    `select ${sectionColumns} from book_seal b where b.book_id in (select id from book) and b.number = $1 order by b.book_id`,
    [row.number],
  )
  const root = rootOf(rows.map(section => sectionText(sectionOf(asRow(section), row.day))))
  if (rows.length !== row.sections || !root.equals(row.root)) faults.push('its sections are not those it was made of')
  if (!(await isOfOffice(session, row.officeHash)))
    faults.push('it ends the audit log of the office where that has no entry')
  if (publicKey === null || jwkOf(publicKey).kid !== row.signingKey)
    return [...faults, 'its key is not the one it names']
  const signed = verifiedText(row.signature, publicKey, 'qullqi-seal')
  if (signed === null) faults.push('its signature is wrong')
  else if (signed !== sealText(sealOf(row))) faults.push('it is not what was signed')
  return faults
}

async function isOfOffice(session: Session, hash: Buffer): Promise<boolean> {
  if (hash.toString('hex') === firstHash(office)) return true
  const { rows } = await session.query('select from audit_entry e where e.book_id = $1 and e.hash = $2', [office, hash])
  return rows.length > 0
}

type Counted = 'after' | 'through' | 'eventNumber' | 'auditNumber'
type SectionText = Omit<SectionRow, Counted> & Record<Counted, string>

function asRow({ after, through, eventNumber, auditNumber, ...row }: SectionText): SectionRow {
  const numbers = { eventNumber: BigInt(eventNumber), auditNumber: BigInt(auditNumber) }
  return { ...row, after: BigInt(after), through: BigInt(through), ...numbers }
}

/** Recomputes what seals say of a book from its transactions and its register. */
export const verifyBookSeals: FurtherCheck = async (session, book, faults) => {
  await verifyGuards(session, faults, { tables: [seal, bookSeal], handWritten })
  const { rows } = await session.query<SectionText & { day: string | null }>(
    `select ${sectionColumns}, s.day from book_seal b left join seal s on s.number = b.number where b.book_id = $1 order by b.number`,
    [book.id],
  )
  let before: SectionRow | undefined
  for (const { day, ...text } of rows) {
    const row = asRow(text)
    await compareSection(session, row, day, before, faults)
    before = row
  }
  if (before !== undefined) await expectLast(session, book.id, before.number, faults)
  return rows.length
}

function differs(faults: FaultList, bookId: string, field: string, expected: unknown, found: unknown): void {
  if (String(expected) === String(found)) return
  const at = { table: 'book_seal', recordId: bookId, field }
  faults.add({ rule: 'record-differs', ...at, expected: String(expected), found: String(found) })
}

async function compareSection(
  session: Session,
  row: SectionRow,
  day: string | null,
  before: SectionRow | undefined,
  faults: FaultList,
): Promise<void> {
  const compare = (field: string, expected: unknown, found: unknown) =>
    differs(faults, row.bookId, `${row.number}: ${field}`, expected, found)
  if (before !== undefined) compare('number', before.number + 1, row.number)
  compare('after', before?.through ?? 0n, row.after)
  if (day === null) return compare('number', 'a seal', 'none')
  const ends = await endsOf(session, row, endOfDay(day))
  compare('through', ends.through, row.through)
  compare('hash', ends.hash, row.hash.toString('hex'))
  compare('event_number', ends.eventNumber, row.eventNumber)
  compare('event_hash', ends.eventHash, row.eventHash.toString('hex'))
  compare('audit_hash', await trailHash(session, row.bookId, row.auditNumber), row.auditHash.toString('hex'))
  const tree = openTree()
  for await (const hashes of hashesBetween(session, row.bookId, row.after, row.through)) hashes.forEach(tree.add)
  compare('root', tree.end().root.toString('hex'), row.root.toString('hex'))
}

/** The hash of an entry of an audit log that is still there. */
async function trailHash(session: Session, bookId: string, number: bigint): Promise<string> {
  if (number === 0n) return firstHash(bookId)
  const { rows } = await session.query<{ hash: string }>(
    `select encode(e.hash, 'hex') as hash from audit_entry e where e.book_id = $1 and e.number = $2`,
    [bookId, number.toString()],
  )
  return rows[0]?.hash ?? 'none'
}

type Ends = Record<'through' | 'hash' | 'eventNumber' | 'eventHash', string>

/** Where the chains ended that day; the ends before the first are told by hashes of a text, as the ledger begins them. */
async function endsOf(session: Session, { bookId, through, eventNumber }: SectionRow, end: Date): Promise<Ends> {
  // From the numbers that the section has, a few rows to either side: what it leaves out, or takes in, lies next to them.
  const { rows } = await session.query<Ends>(
    `select coalesce(t.sequence, 0)::text as through,
       encode(coalesce(t.hash, sha256(convert_to('transactions of ' || $1::uuid, 'UTF8'))), 'hex') as hash,
       coalesce(e.number, 0)::text as "eventNumber",
       encode(coalesce(e.hash, sha256(convert_to('events of ' || $1::uuid, 'UTF8'))), 'hex') as "eventHash"
     from (select 1) one
     left join lateral (select t.sequence, t.hash from transaction t
       where t.book_id = $1::uuid and t.sequence <= $2::bigint + 1 and t.recorded_at <= $4 order by t.sequence desc limit 1) t on true
     left join lateral (select e.number, e.hash from event e
       where e.book_id = $1::uuid and e.number <= $3::bigint + 1 and e.recorded_at <= $4 order by e.number desc limit 1) e on true`,
    [bookId, through.toString(), eventNumber.toString(), end],
  )
  return rows[0]!
}

/** Once a book is in a seal it is in every later one. */
async function expectLast(session: Session, bookId: string, number: number, faults: FaultList): Promise<void> {
  const { rows } = await session.query<{ last: number }>('select coalesce(max(number), 0) as last from seal')
  const { last } = rows[0]!
  if (last <= number) return
  const at = { table: 'book_seal', recordId: bookId, field: String(number + 1) }
  faults.add({ rule: 'record-missing', ...at, expected: `a section in each seal through ${last}`, found: 'none' })
}
