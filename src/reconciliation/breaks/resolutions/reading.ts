import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText } from '../../../dates.ts'
import { actorShown, type Book, type Connection, kindShown, sequenceNumber } from '../../../ledger/index.ts'
import { formatAmount, signedAmountText } from '../../../money.ts'
import { recordedPlace } from '../../../savings/listing.ts'
import type { BreakReason } from '../reasons.ts'
import { reasonSchema } from '../wire.ts'
import { type Content, outcomes, type ResolutionKind, resolutionKinds } from './content.ts'
import { draftIds } from './drafts.ts'

export const statuses = ['proposed', ...outcomes] as const
export const statusSchema = z.enum(statuses).meta({ id: 'ResolutionStatus' })
type Status = (typeof statuses)[number]

const lineShown = z.object({ statementId: z.uuid(), line: z.int() }).meta({ id: 'ResolutionLine' })
const entryShown = z.object({ sequence: sequenceNumber, position: z.int() }).meta({ id: 'ResolutionEntry' })
const nullAmount = signedAmountText.nullable().meta({ examples: [null] })

export const resolutionSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(resolutionKinds).meta({ id: 'ResolutionKind' }),
    status: statusSchema,
    reason: z.string().meta({ examples: ['the slip was found'] }),
    proposedBy: actorShown.describe('The client that proposed it'),
    proposedAt: instantText,
    breaks: z.array(z.object({ id: z.uuid(), reason: reasonSchema }).meta({ id: 'ResolutionBreak' })),
    question: z
      .uuid()
      .nullable()
      .meta({ examples: [null] }),
    lines: z.array(lineShown),
    entries: z.array(entryShown),
    postings: z.array(
      z.object({ verb: kindShown, body: z.record(z.string(), z.unknown()) }).meta({ id: 'ResolutionPosted' }),
    ),
    reverses: z.array(z.uuid()).describe('Transactions to be taken back'),
    valueDate: calendarDate
      .nullable()
      .describe('Of reversals and of an adjustment')
      .meta({ examples: [null] }),
    accountId: z
      .uuid()
      .nullable()
      .describe('The account that takes the difference')
      .meta({ examples: [null] }),
    difference: nullAmount.describe('By so much the bank has more: what is adjusted'),
    tolerance: nullAmount.describe('What the rules of the last matching allowed'),
    decision: z
      .object({
        id: z.uuid(),
        by: actorShown.describe('The client that decided'),
        reason: z
          .string()
          .nullable()
          .meta({ examples: [null] }),
        decidedAt: instantText,
      })
      .meta({ id: 'ResolutionDecision' })
      .nullable(),
    transactions: z
      .array(
        z
          .object({ id: z.uuid(), sequence: sequenceNumber, kind: kindShown, valueDate: calendarDate })
          .meta({ id: 'ResolutionTransaction' }),
      )
      .describe('What it posted'),
    matches: z
      .array(
        z
          .object({ id: z.uuid(), lines: z.array(lineShown), entries: z.array(entryShown) })
          .meta({ id: 'ResolutionMatch' }),
      )
      .describe('What it claimed'),
  })
  .meta({ id: 'Resolution' })

type Claims = { lines: z.output<typeof lineShown>[]; entries: z.output<typeof entryShown>[] }

export type ShownRow = {
  id: string
  kind: ResolutionKind
  status: Status
  reason: string
  actor: string
  recordedAt: string
  content: Content
  difference: string | null
  tolerance: string | null
  decision: { id: string; by: string; reason: string | null; decidedAt: string } | null
  breaks: { id: string; reason: BreakReason }[]
  matches: ({ id: string } & Claims)[]
}

/** Resolutions of an account in the order of proposing, with what each came to: the one named, or those after a place. */
export async function resolutionsOf(
  connection: Connection,
  { bookId, bankAccountId }: { bookId: string; bankAccountId: string },
  {
    id = null,
    status = null,
    after,
    limit,
  }: { id?: string | null; status?: Status | null; after?: string | undefined; limit: number },
): Promise<ShownRow[]> {
  const place = recordedPlace.read(after)
  const { rows } = await connection.execute<ShownRow>(sql`
    select r.id, r.kind, coalesce(d.outcome, 'proposed') as status, r.reason, r.actor, r.recorded_at as "recordedAt", r.content,
      r.difference::text, r.tolerance::text,
      case when d.id is not null then json_build_object('id', d.id, 'by', d.actor, 'reason', d.reason, 'decidedAt', d.recorded_at) end as decision,
      (select json_agg(json_build_object('id', b.id, 'reason', b.reason) order by b.subject)
        from resolution_break a join reconciliation_break b on b.book_id = a.book_id and b.id = a.break_id
        where a.book_id = r.book_id and a.resolution_id = r.id) as breaks,
      coalesce((select json_agg(json_build_object('id', m.id, 'lines', c.lines, 'entries', c.entries) order by m.number)
        from bank_match m cross join lateral (
          select coalesce(json_agg(json_build_object('statementId', c.statement_id, 'line', c.line) order by c.number)
              filter (where c.line is not null), '[]') as lines,
            coalesce(json_agg(json_build_object('sequence', c.sequence, 'position', c.position) order by c.number)
              filter (where c.sequence is not null), '[]') as entries
          from bank_claim c where c.book_id = m.book_id and c.match_id = m.id) c
        where m.book_id = r.book_id and m.resolution_id = r.id), '[]') as matches
    from break_resolution r left join resolution_decision d on d.book_id = r.book_id and d.resolution_id = r.id
    where r.book_id = ${bookId} and r.bank_account_id = ${bankAccountId} and (${id}::uuid is null or r.id = ${id}::uuid)
      and (${status}::text is null or coalesce(d.outcome, 'proposed') = ${status})
      ${place === null ? sql`` : sql`and (r.recorded_at, r.id) > (${place.recordedAt}, ${place.id}::uuid)`}
    order by r.recorded_at, r.id limit ${limit}`)
  return rows
}

type Transactions = z.output<typeof resolutionSchema>['transactions']

/** What approved resolutions posted, by their ids. */
export async function postedBy(
  connection: Connection,
  bookId: string,
  resolutions: readonly Pick<ShownRow, 'id' | 'kind' | 'content' | 'status'>[],
): Promise<Map<string, Transactions>> {
  const owners = new Map(
    resolutions.filter(({ status }) => status === 'approved').flatMap(one => draftIds(one).map(id => [id, one.id])),
  )
  if (owners.size === 0) return new Map()
  const { rows } = await connection.execute<{ id: string; sequence: string; kind: string; valueDate: string }>(sql`
    select t.id, t.sequence::text, t.kind, t.value_date::text as "valueDate" from transaction t
    where t.book_id = ${bookId} and t.id = any (${sql.param([...owners.keys()])}::uuid[]) order by t.sequence`)
  return Map.groupBy(
    rows.map(row => ({ ...row, sequence: Number(row.sequence) })),
    ({ id }) => owners.get(id)!,
  )
}

/** A resolution as it is answered: who proposed and decided it, what it is about, and what came of it. */
export function resolutionShown(
  { actor, recordedAt, content, difference, tolerance, decision, ...row }: ShownRow,
  transactions: Transactions,
  { currency }: Book,
): z.output<typeof resolutionSchema> {
  const { question, lines, entries, postings, transactions: reverses, valueDate, accountId } = content
  const text = (amount: string | null) => (amount === null ? null : formatAmount(BigInt(amount), currency))
  const parts = (id: string) => id.split(':') as [string, string]
  return {
    ...row,
    ...{
      proposedBy: actor,
      proposedAt: new Date(recordedAt).toISOString(),
      question,
      valueDate,
      accountId,
      transactions,
    },
    lines: lines.map(id => ({ statementId: parts(id)[0], line: Number(parts(id)[1]) })),
    entries: entries.map(id => ({ sequence: Number(parts(id)[0]), position: Number(parts(id)[1]) })),
    ...{ postings: [...postings], reverses: [...reverses] },
    ...{ difference: text(difference), tolerance: text(tolerance) },
    decision: decision === null ? null : { ...decision, decidedAt: new Date(decision.decidedAt).toISOString() },
  }
}
