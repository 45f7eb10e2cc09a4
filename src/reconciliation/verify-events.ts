import type { Session } from '../db/stream.ts'
import type { Book, FaultList } from '../ledger/index.ts'

/**
 * What should have been told, to the letter: of each matching, of each break that it opened and that it ended, of each approval;
 * and nothing else. There is nothing in it that would be written otherwise in JSON.
 */
const expected = `
  select 'proof-ready' as kind, r.id as subject,
    format('{"bankAccountId":"%s","day":"%s","matchingId":"%s"}', r.bank_account_id, r.through, r.id) as facts
  from matching_run r where r.book_id = $1
  union all
  select k.kind, b.id,
    format('{"bankAccountId":"%s","breakId":"%s","day":"%s","firstBreakId":"%s","reason":"%s"}', b.bank_account_id, b.id, b.day, b.origin, b.reason)
  from reconciliation_break b cross join (values ('break-opened', false), ('break-closed', true)) k(kind, ends)
  where b.book_id = $1 and (not k.ends or b.ended_at is not null)
  union all
  select 'break-resolved', r.id,
    format('{"bankAccountId":"%s","resolutionId":"%s","resolutionKind":"%s"}', r.bank_account_id, r.id, r.kind)
  from resolution_decision d join break_resolution r on r.book_id = d.book_id and r.id = d.resolution_id
  where d.book_id = $1 and d.outcome = 'approved'`

type Row = { subject: string; kind: string; expected: string | null; found: string | null }

/** As many as are told: where one is wrong, mostly many are. */
const mostTold = 100

/** Compares the events of the feed with what they tell of, one by one. */
export async function verifyEvents(session: Session, book: Book, faults: FaultList): Promise<void> {
  const { rows } = await session.query<Row>(
    `select coalesce(x.subject, e.subject) as subject, coalesce(x.kind, e.kind) as kind, x.facts as expected, e.facts as found
     from (${expected}) x
     full join (select f.kind, f.subject, f.facts from feed_event f where f.book_id = $1) e
       on e.kind = x.kind and e.subject = x.subject
     where x.facts is distinct from e.facts
     order by 2, 1 limit ${mostTold}`,
    [book.id],
  )
  for (const { subject, kind, expected, found } of rows)
    faults.add({
      rule: expected === null ? 'record-unregistered' : found === null ? 'record-missing' : 'record-differs',
      table: 'feed_event',
      recordId: subject,
      field: kind,
      expected: expected ?? 'nothing to tell',
      found: found ?? 'none',
    })
}
