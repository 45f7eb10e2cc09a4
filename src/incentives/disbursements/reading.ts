import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import { bookOf } from '../../ledger/index.ts'
import { type Currency, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { runRow } from '../runs/run.ts'
import { demandsOf } from './demand.ts'
import { numberText } from './numbers.ts'
import { refuseUnapproved, requestRow } from './request.ts'
import type { RequestStatus } from './schema.ts'
import { stepsOf } from './steps.ts'
import type { DisbursementRequest, demandList, itemSchema, requestSummary } from './wire.ts'

type Summary = z.output<typeof requestSummary>
type Numbered = { year: number; number: number }
type SummaryRow = Omit<Summary, 'number' | 'currency' | 'recordedAt'> & Numbered & { recordedAt: string }

/** Which status a request has: that of its last step, for none follows `paid` or `cancelled`. */
const statusOf = sql`(select s.status from disbursement_step s where s.book_id = q.book_id and s.request_id = q.id
  and not exists (select from disbursement_step l where l.book_id = s.book_id and l.request_id = s.request_id and l.follows = s.status))`

/** The rule's basis: that of the version by which its first payment was computed. */
const basisOf = sql`(select r.terms ->> 'basis' from disbursement_item i
  join incentive_run_line l on l.book_id = i.book_id and l.run_id = i.run_id and l.number = i.run_line
  join incentive_rule r on r.id = l.rule_id
  where i.book_id = q.book_id and i.request_id = q.id order by i.run_line limit 1)`

const summaries = sql`
  select q.id, q.year, q.number, ${statusOf} as status, q.requested_on as "requestedOn", q.run_id as "runId", n.month,
    n.value_date as "valueDate", n.programme_id as "programmeId", g.code as programme, g.name as "programmeName", q.rule_code as rule,
    ${basisOf} as basis, q.fund_id as "fundId", f.code as fund, f.funding_source as "fundingSource", q.budget_code as "budgetCode",
    p.code as institution, p.name as "institutionName", q.savers, q.transactions, q.amount::text as amount, q.replaces,
    q.actor as "requestedBy", q.recorded_at as "recordedAt"
  from disbursement_request q
  join incentive_run n on n.book_id = q.book_id and n.id = q.run_id
  join programme g on g.id = n.programme_id
  join fund f on f.book_id = q.book_id and f.id = q.fund_id
  join savings_book b on b.book_id = q.book_id
  join partner_institution p on p.id = b.institution_id`

function summaryOf({ year, number, ...row }: SummaryRow, currency: Currency): Summary {
  return {
    ...row,
    number: numberText({ year, number }),
    currency,
    amount: formatAmount(BigInt(row.amount), currency),
    recordedAt: new Date(row.recordedAt).toISOString(),
  }
}

type Filter = { runId?: string | undefined; status?: RequestStatus | undefined }

const requestPlace = cursor(z.strictObject({ year: placeNumber.max(32_767), number: placeNumber }))

/** A page of requests in the order of their numbers; of a run or a status when asked. */
export async function requestsPage(
  parts: Parts,
  bookId: string,
  { runId, status }: Filter,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  const from = requestPlace.read(after)
  const { rows } = await parts.db.execute<SummaryRow>(sql`${summaries}
    where q.book_id = ${bookId}
      ${runId === undefined ? sql`` : sql`and q.run_id = ${runId}`}
      ${status === undefined ? sql`` : sql`and ${statusOf} = ${status}`}
      ${from === null ? sql`` : sql`and (q.year, q.number) > (${from.year}, ${from.number})`}
    order by q.year, q.number limit ${limit + 1}`)
  return cutPage(rows, limit, {
    cursor: requestPlace,
    placeOf: ({ year, number }) => ({ year, number }),
    itemOf: row => summaryOf(row, currency),
  })
}

type Line = DisbursementRequest['lines'][number]
type LineRow = Omit<Line, 'authorisation'>

/** A request with its lines, its history and its tie to the ledger. @throws Refusal `disbursement-request-not-found` */
export async function requestById(parts: Parts, bookId: string, id: string): Promise<DisbursementRequest> {
  const { currency } = await bookOf(parts.db, bookId)
  const found = sql`${summaries} where q.book_id = ${bookId} and q.id = ${id}`
  const [row] = (await parts.db.execute<SummaryRow>(found)).rows
  if (row === undefined) throw new Refusal('disbursement-request-not-found', 'The book has no such request.')
  const { rows: lines } = await parts.db.execute<LineRow>(sql`
    select l.number, l.group_id as "groupId", g.code as "groupCode", g.name as "groupName", l.savers, l.transactions, l.amount::text as amount
    from disbursement_line l left join savings_group g on g.book_id = l.book_id and g.id = l.group_id
    where l.book_id = ${bookId} and l.request_id = ${id} order by l.number`)
  const authorisations = await authorisationsOf(parts, bookId, id)
  const steps = await stepsOf(parts.db, bookId, id)
  const paid = steps.find(({ status }) => status === 'paid')
  return {
    ...summaryOf(row, currency),
    lines: lines.map(line => ({
      ...line,
      amount: formatAmount(BigInt(line.amount), currency),
      authorisation: authorisations.get(line.number) ?? null,
    })),
    history: steps.map(({ status, day, reference, actor, recordedAt }) => ({
      ...{ status, on: day, reference, by: actor, recordedAt: recordedAt.toISOString() },
    })),
    ledger: paid
      ? {
          transactions: paid.ledgerTransactions!,
          amount: formatAmount(paid.ledgerAmount!, currency),
          firstSequence: Number(paid.firstSequence),
          lastSequence: Number(paid.lastSequence),
        }
      : null,
  }
}

/** The transfer authorisations of a request, by line: all of its lines or none. */
async function authorisationsOf({ db }: Parts, bookId: string, id: string) {
  const { rows } = await db.execute<{ line: number; reference: string } & Numbered>(sql`
    select a.line, a.year, a.number, a.reference from transfer_authorisation a
    where a.book_id = ${bookId} and a.request_id = ${id}`)
  return new Map(rows.map(({ line, reference, ...numbered }) => [line, { number: numberText(numbered), reference }]))
}

const itemPlace = cursor(z.strictObject({ line: placeNumber, runLine: placeNumber }))

type ItemRow = Omit<z.output<typeof itemSchema>, 'sequence'> & { sequence: string | null }

/** A page of what is behind a request's lines, line by line. @throws Refusal `disbursement-request-not-found` */
export async function itemsPage(
  parts: Parts,
  bookId: string,
  requestId: string,
  line: number | undefined,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  await requestRow(parts.db, bookId, requestId)
  const from = itemPlace.read(after)
  const { rows } = await parts.db.execute<ItemRow>(sql`
    select i.line, i.run_line as "runLine", l.saver_id as "saverId", l.amount::text as incentive, i.amount::text as amount,
      p.transaction_id as "transactionId", t.sequence::text as sequence
    from disbursement_item i
    join incentive_run_line l on l.book_id = i.book_id and l.run_id = i.run_id and l.number = i.run_line
    left join incentive p on p.book_id = i.book_id and p.run_id = i.run_id and p.line = i.run_line
    left join transaction t on t.book_id = i.book_id and t.id = p.transaction_id
    where i.book_id = ${bookId} and i.request_id = ${requestId}
      ${line === undefined ? sql`` : sql`and i.line = ${line}`}
      ${from === null ? sql`` : sql`and (i.line, i.run_line) > (${from.line}, ${from.runLine})`}
    order by i.line, i.run_line limit ${limit + 1}`)
  const text = (amount: string) => formatAmount(BigInt(amount), currency)
  return cutPage(rows, limit, {
    cursor: itemPlace,
    placeOf: ({ line, runLine }) => ({ line, runLine }),
    itemOf: row => ({
      ...{ ...row, incentive: text(row.incentive), amount: text(row.amount) },
      sequence: row.sequence === null ? null : Number(row.sequence),
    }),
  })
}

/**
 * What an approved run pays, by rule and fund, and which requests in force ask for it.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-approved`
 */
export async function demandsOfRun(parts: Parts, bookId: string, runId: string): Promise<z.output<typeof demandList>> {
  const { currency } = await bookOf(parts.db, bookId)
  const run = await runRow(parts.db, bookId, runId)
  refuseUnapproved(run)
  const demands = await demandsOf(parts.db, run)
  const { rows: requests } = await parts.db.execute<
    { id: string; rule: string; fundId: string; status: RequestStatus } & Numbered
  >(sql`
    select q.id, q.rule_code as rule, q.fund_id as "fundId", q.year, q.number, ${statusOf} as status from disbursement_request q
    where q.book_id = ${bookId} and q.run_id = ${runId}`)
  const inForce = requests.filter(({ status }) => status !== 'cancelled')
  const items = demands.map(({ rule, share, transactions, amount }) => {
    const request = inForce.find(one => one.rule === rule && one.fundId === share.fundId)
    return { rule, share, transactions, amount, request }
  })
  const total = (of: typeof items) =>
    formatAmount(
      of.reduce((sum, { amount }) => sum + amount, 0n),
      currency,
    )
  return {
    currency,
    total: total(items),
    requested: total(items.filter(({ request }) => request !== undefined)),
    items: items.map(({ rule, share, transactions, amount, request }) => ({
      ...{ rule, fundId: share.fundId, budgetCode: share.budgetCode, transactions },
      ...{ amount: formatAmount(amount, currency), requestId: request?.id ?? null },
      ...{ number: request ? numberText(request) : null, status: request?.status ?? null },
    })),
  }
}
