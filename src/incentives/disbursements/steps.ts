import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, limaDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { refuseSameHand } from '../../http/hands.ts'
import { clientId } from '../../http/idempotency.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { refuseEarly, refuseFuture, register } from '../../savings/registering.ts'
import { reference } from '../../savings/verbs/verb.ts'
import { takeNumbers } from './numbers.ts'
import { type RequestRow, requestRow } from './request.ts'
import { disbursementStep, type RequestStatus, requestStatuses } from './schema.ts'
import { tieToLedger } from './tie.ts'

export const stepBody = z
  .strictObject({
    id: clientId,
    reference: reference.describe('Of its paper: the resolution, the bank’s operation, the note that cancels'),
    on: calendarDate.describe('The day on its paper: not before the step that it follows'),
  })
  .meta({
    id: 'DisbursementStepMaking',
    examples: [{ id: '0198c5f2-6d20-7b1d-8e2f-0a1b2c3d4e5f', reference: 'RD-045-2026', on: '2026-04-06' }],
  })

export type StepRow = typeof disbursementStep.$inferSelect

/** What each step may follow. */
const followed: Record<Exclude<RequestStatus, 'requested'>, readonly RequestStatus[]> = {
  authorised: ['requested'],
  paid: ['authorised'],
  cancelled: ['requested', 'authorised'],
}

export type Step = keyof typeof followed

/**
 * Takes a request a step further. Authorised by another than who requested it, each line is given its transfer
 * authorisation; paid is only what the ledger has, to the centavo; cancelled, it may be requested anew.
 * @throws Refusal `disbursement-request-not-found`, `disbursement-status-conflict`, `second-actor-needed`,
 *   `date-in-future`, `date-too-early`, `incentive-run-not-posted`, `disbursement-not-in-ledger`, `id-reused`
 */
export async function takeStep(
  parts: Parts,
  bookId: string,
  requestId: string,
  status: Step,
  actor: Actor,
  { id, reference, on }: z.output<typeof stepBody> & { id: string },
): Promise<{ replayed: boolean }> {
  const now = parts.clock.now()
  return transact(parts.db, async tx => {
    const request = await requestRow(tx, bookId, requestId)
    // Read before its own id is looked for: a step that came in between has that id, or is found by the database.
    const last = await lastStep(tx, bookId, requestId)
    const { replayed } = await register(tx, disbursementStep, {
      where: inBook(disbursementStep, bookId, id),
      content: { requestId, status, reference, on },
      at: now,
      actor: actor.clientId,
      decide: async () => {
        if (!followed[status].includes(last.status)) throw outOfTurn(last.status)
        if (status === 'authorised') {
          await refuseSameHand(tx, actor, [request.actor], 'The disbursement was requested by the same client.')
        }
        refuseFuture(parts, { on })
        refuseEarly('on', on, last.day)
        return {
          ...{ bookId, requestId, status, id, follows: last.status, followsOn: last.day },
          ...{ requestedBy: request.actor, day: on, reference },
          ...(status === 'paid' ? await tieToLedger(tx, request) : {}),
        }
      },
      taken: async () => outOfTurn((await lastStep(tx, bookId, requestId)).status),
    })
    if (!replayed && status === 'authorised') {
      await authoriseLines(tx, request, reference, Number(limaDate(now).slice(0, 4)))
    }
    return { replayed }
  })
}

function outOfTurn(status: RequestStatus): Refusal {
  return new Refusal('disbursement-status-conflict', `The request is ${status}.`, { facts: { status } })
}

/** The steps of a request, in their order. */
export async function stepsOf(connection: Connection, bookId: string, requestId: string): Promise<StepRow[]> {
  const rows = await connection
    .select()
    .from(disbursementStep)
    .where(and(eq(disbursementStep.bookId, bookId), eq(disbursementStep.requestId, requestId)))
  const place = ({ status }: StepRow) => requestStatuses.indexOf(status)
  return rows.sort((one, other) => place(one) - place(other))
}

async function lastStep(tx: Tx, bookId: string, requestId: string): Promise<StepRow> {
  return (await stepsOf(tx, bookId, requestId)).at(-1)!
}

/** A transfer authorisation for each line, numbered in the order of the lines; its reference is the resolution's, with the line. */
async function authoriseLines(tx: Tx, { bookId, id }: RequestRow, reference: string, year: number): Promise<void> {
  const { rows } = await tx.execute<{ lines: number }>(
    sql`select count(*)::int as lines from disbursement_line l where l.book_id = ${bookId} and l.request_id = ${id}`,
  )
  const before = (await takeNumbers(tx, bookId, 'authorisation', year, rows[0]!.lines)) - 1
  await tx.execute(sql`
    insert into transfer_authorisation (book_id, request_id, line, status, year, number, follows, reference)
    select l.book_id, l.request_id, l.number, 'authorised', ${year}, ${before}::int + l.number, nullif(${before}::int + l.number - 1, 0),
      ${reference}::text || '/' || l.number
    from disbursement_line l where l.book_id = ${bookId} and l.request_id = ${id}`)
}
