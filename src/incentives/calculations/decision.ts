import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { title } from '../../savings/wording.ts'
import { lockRun, runRow } from '../runs/run.ts'
import { incentiveRun } from '../runs/schema.ts'
import { calculationRow, refuseUnprepared } from './calculation.ts'
import { decideLines } from './decided-lines.ts'
import { incentiveCalculationLine, incentiveDecision, payables } from './schema.ts'

const payable = z.enum(payables).meta({ id: 'IncentivePayable' })
const numbers = z.array(z.int().min(1).max(2_147_483_647)).max(10_000)

export const decisionBody = z
  .strictObject({
    id: clientId,
    pay: payable.describe('Whose figures are paid; `ours` also takes back that theirs were to be paid'),
    lines: z
      .union([z.literal('all'), numbers.min(1)])
      .describe('Numbers of the comparison’s lines; or `all` that differ or that only they have, but for `except`'),
    except: numbers.default([]),
    reason: title.describe('Why, for whoever approves the run and whoever audits it'),
  })
  .refine(({ lines, except }) => lines === 'all' || except.length === 0, {
    path: ['except'],
    message: 'goes with all lines only',
  })
  .meta({
    id: 'IncentiveDecisionTaken',
    examples: [
      {
        id: '0198c5f2-6c50-7b1d-8e2f-0a1b2c3d4e5f',
        pay: 'theirs',
        lines: [17, 23],
        except: [],
        reason: 'The agreement of 2026 counts gross deposits for this cohort',
      },
    ],
  })

export const decisionSchema = z
  .object({
    id: z.uuid(),
    calculationId: z.uuid(),
    runId: z.uuid(),
    pay: payable,
    whole: z.boolean().describe('Whether it was taken of all lines'),
    lines: z.int().describe('Of how many lines it decides'),
    reason: title,
    decidedBy: z.string().meta({ examples: ['0198c5f2-6d00-7b1d-8e2f-0a1b2c3d4e5f'] }),
    recordedAt: instantText,
  })
  .meta({ id: 'IncentiveDecision' })

type Body = z.output<typeof decisionBody> & { id: string }
type Row = typeof incentiveDecision.$inferSelect

/**
 * Decides from whose calculation a prepared run pays, and changes its lines accordingly; all of it, or nothing and the
 * reason of each line that stands against it. Whoever decides does not approve the run.
 * @throws Refusal `incentive-calculation-not-found`, `incentive-run-not-prepared`, `lines-refused`, `id-reused`
 */
export async function decide(
  parts: Parts,
  bookId: string,
  calculationId: string,
  actor: Actor,
  { id, ...body }: Body,
): Promise<z.output<typeof decisionSchema> & { replayed: boolean }> {
  const book = await bookOf(parts.db, bookId)
  return transact(parts.db, async tx => {
    const { runId } = await calculationRow(tx, bookId, calculationId)
    const run = (await lockRun(tx, bookId, runId, true)) ?? (await runRow(tx, bookId, runId))
    let chosen: Awaited<ReturnType<typeof chosenLines>> = []
    const { row, replayed } = await register(tx, incentiveDecision, {
      where: inBook(incentiveDecision, bookId, id),
      content: { ...body, calculationId },
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        refuseUnprepared(run)
        chosen = await chosenLines(tx, bookId, calculationId, body)
        const { pay, reason, lines } = body
        return { bookId, id, calculationId, runId, pay, reason, whole: lines === 'all', lines: chosen.length }
      },
    })
    if (!replayed) {
      await decideLines(tx, book, run, { id, calculationId, pay: body.pay }, chosen)
      const deciders = [...new Set([...run.deciders, actor.clientId])]
      await tx
        .update(incentiveRun)
        .set({ deciders })
        .where(inBook(incentiveRun, bookId, runId))
    }
    return { ...shownDecision(row), replayed }
  })
}

async function chosenLines(tx: Tx, bookId: string, calculationId: string, { lines, except }: Omit<Body, 'id'>) {
  const line = incentiveCalculationLine
  const mine = and(eq(line.bookId, bookId), eq(line.calculationId, calculationId))
  if (lines !== 'all') {
    const wanted = [...new Set(lines)]
    const rows = await tx
      .select()
      .from(line)
      .where(and(mine, inArray(line.number, wanted)))
      .orderBy(line.number)
    const known = new Set(rows.map(row => row.number))
    const unknown = lines.findIndex(number => !known.has(number))
    if (unknown === -1) return rows
    const field = { path: `lines.${unknown}`, message: 'is no line of this calculation' }
    throw new Refusal('request-invalid', `${field.path} ${field.message}`, { fields: [field] })
  }
  const rows = await tx
    .select()
    .from(line)
    .where(and(mine, sql`${line.comparison} in ('differs', 'only-theirs')`))
    .orderBy(line.number)
  const left = new Set(except)
  return rows.filter(({ number }) => !left.has(number))
}

export function shownDecision({ id, calculationId, runId, pay, whole, lines, reason, actor, recordedAt }: Row) {
  return {
    ...{ id, calculationId, runId, pay, whole, lines, reason },
    ...{ decidedBy: actor, recordedAt: recordedAt.toISOString() },
  }
}
