import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { addDays, type CalendarDate, calendarDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import type { Connection } from '../../ledger/index.ts'
import { type Currency, currencySchema } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { programmeById } from '../../savings/reference/programmes.ts'
import { register } from '../../savings/registering.ts'
import { code, title } from '../../savings/wording.ts'
import type { CreditRule } from '../accrual/lived.ts'
import { origins } from './presets.ts'
import { incentiveRule } from './schema.ts'
import { termsSchema } from './terms.ts'

export const originSchema = z
  .strictObject({
    terms: z
      .array(
        z
          .string()
          .max(40)
          .meta({ examples: ['rate'] }),
      )
      .max(20)
      .describe('Names of terms'),
    origin: z.enum(origins).meta({ id: 'TermsOriginKind' }),
    note: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .meta({ examples: ['Agreement of 12 January 2026'] }),
  })
  .meta({ id: 'TermsOrigin' })

export const ruleBody = z
  .strictObject({
    id: clientId,
    code: code.describe('The rule’s type: versions of one rule have one code'),
    title,
    currency: currencySchema.describe('Of its amounts; it pays in books of this currency'),
    validFrom: calendarDate.describe('From the end of the version before, which ends the day before'),
    terms: termsSchema,
    origins: z.array(originSchema).max(20).default([]).describe('Where its terms come from'),
  })
  .meta({
    id: 'IncentiveRuleVersion',
    examples: [
      {
        id: '0198c5f2-6c00-7b1d-8e2f-0a1b2c3d4e5f',
        code: 'GROWTH',
        title: 'A quarter of what a month added',
        currency: 'PEN',
        validFrom: '2026-01-01',
        terms: { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly', locked: true },
      },
    ],
  })

export const ruleSchema = z
  .object({
    id: z.uuid(),
    programmeId: z.uuid(),
    code,
    version: z.int(),
    title,
    currency: currencySchema,
    validFrom: calendarDate,
    validTo: calendarDate.nullable().describe('The last day on which it holds; null: until another version follows'),
    terms: termsSchema,
    origins: z.array(originSchema),
  })
  .meta({ id: 'IncentiveRule' })

export type IncentiveRule = z.output<typeof ruleSchema>
type Row = typeof incentiveRule.$inferSelect
type Body = z.output<typeof ruleBody> & { id: string }

/**
 * Registers a version of a rule. It follows the one before, which ends the day before; terms are never changed.
 * @throws Refusal `programme-not-found`, `id-reused`, `period-overlaps`, `rule-has-paid`
 */
export async function registerRule(
  parts: Parts,
  actor: Actor,
  programmeId: string,
  { id, ...body }: Body,
): Promise<IncentiveRule & { replayed: boolean }> {
  return transact(parts.db, tx => registerRuleIn(tx, parts, actor, programmeId, { id, ...body }))
}

/** The same within a database transaction that is open. */
export async function registerRuleIn(tx: Tx, parts: Parts, actor: Actor, programmeId: string, { id, ...body }: Body) {
  await programmeById(tx, programmeId)
  await tx.execute(sql`select from programme p where p.id = ${programmeId} for no key update`)
  const { row, replayed } = await register(tx, incentiveRule, {
    where: eq(incentiveRule.id, id),
    content: { ...body, programmeId },
    at: parts.clock.now(),
    actor: actor.clientId,
    decide: async () => ({ ...body, id, programmeId, ...(await follow(tx, programmeId, body)) }),
  })
  return { ...ruleOf(row), replayed }
}

/** Ends the version before on the day before this one's first, and answers this one's number and place. */
async function follow(
  tx: Tx,
  programmeId: string,
  { code, validFrom }: { code: string; validFrom: CalendarDate },
): Promise<{ version: number; place: number }> {
  const known = await tx
    .select()
    .from(incentiveRule)
    .where(eq(incentiveRule.programmeId, programmeId))
    .orderBy(asc(incentiveRule.place), asc(incentiveRule.version))
  const last = known.findLast(rule => rule.code === code)
  if (last === undefined) return { version: 1, place: (known.at(-1)?.place ?? 0) + 1 }
  const end = last.validTo ?? addDays(validFrom, -1)
  if (end >= validFrom || end < last.validFrom) {
    throw new Refusal('period-overlaps', 'A version of this rule holds at that time already.', {
      facts: { version: last.version, validFrom: last.validFrom, validTo: last.validTo },
    })
  }
  if (last.validTo === null) await endOn(tx, last, end)
  return { version: last.version + 1, place: last.place }
}

/** @throws Refusal `rule-has-paid` for a period or an event after that day */
async function endOn(tx: Tx, rule: Row, validTo: CalendarDate): Promise<void> {
  const { rows } = await tx.execute<{ to: CalendarDate | null }>(sql`
    select max(l.explanation ->> 'to') as to from incentive_run_line l where l.rule_id = ${rule.id} and l.outcome = 'posted'`)
  const paidTo = rows[0]?.to ?? null
  if (paidTo !== null && paidTo > validTo) {
    throw new Refusal('rule-has-paid', `It has paid for time until ${paidTo}, and cannot end before.`, {
      facts: { paidTo },
    })
  }
  await tx.update(incentiveRule).set({ validTo }).where(eq(incentiveRule.id, rule.id))
}

export const ruleEnd = z
  .strictObject({ validTo: calendarDate.describe('The last day on which it holds') })
  .meta({ id: 'IncentiveRuleEnd', examples: [{ validTo: '2026-12-31' }] })

/**
 * Ends a rule without another to follow it.
 * @throws Refusal `incentive-rule-not-found`, `period-not-in-order`, `rule-has-paid`, `already-ended`
 */
export async function endRule(
  parts: Parts,
  programmeId: string,
  id: string,
  { validTo }: z.output<typeof ruleEnd>,
): Promise<IncentiveRule> {
  return transact(parts.db, async tx => {
    await tx.execute(sql`select from programme p where p.id = ${programmeId} for no key update`)
    const row = await ruleRow(tx, programmeId, id)
    if (row.validTo !== null && row.validTo !== validTo) {
      throw new Refusal('already-ended', `It ends on ${row.validTo}.`, { facts: { validTo: row.validTo } })
    }
    if (validTo < row.validFrom) {
      throw new Refusal('period-not-in-order', `It holds from ${row.validFrom}.`, {
        facts: { validFrom: row.validFrom },
      })
    }
    await endOn(tx, row, validTo)
    return ruleOf({ ...row, validTo })
  })
}

async function ruleRow(connection: Connection, programmeId: string, id: string): Promise<Row> {
  const mine = and(eq(incentiveRule.programmeId, programmeId), eq(incentiveRule.id, id))
  const [row] = await connection.select().from(incentiveRule).where(mine)
  if (row === undefined) throw new Refusal('incentive-rule-not-found', 'The programme has no such rule.')
  return row
}

/** @throws Refusal `incentive-rule-not-found` */
export async function ruleById(connection: Connection, programmeId: string, id: string): Promise<IncentiveRule> {
  return ruleOf(await ruleRow(connection, programmeId, id))
}

/** All versions of a programme's rules: by code in the order in which each was first registered, then by version. */
export async function rulesOfProgramme(connection: Connection, programmeId: string): Promise<IncentiveRule[]> {
  const rows = await connection
    .select()
    .from(incentiveRule)
    .where(eq(incentiveRule.programmeId, programmeId))
    .orderBy(asc(incentiveRule.place), asc(incentiveRule.version))
  return rows.map(ruleOf)
}

/** Those versions that pay money in a currency, in the order in which caps count them. */
export async function creditRules(
  connection: Connection,
  programmeId: string,
  currency: Currency,
): Promise<CreditRule[]> {
  const rules = await rulesOfProgramme(connection, programmeId)
  return rules.flatMap(({ id, code, validFrom, validTo, terms, ...rule }) =>
    terms.award === 'credit' && rule.currency === currency ? [{ id, code, validFrom, validTo, terms }] : [],
  )
}

function ruleOf(row: Row): IncentiveRule {
  const { id, programmeId, code, version, title, currency, validFrom, validTo, terms, origins } = row
  return { id, programmeId, code, version, title, currency, validFrom, validTo, terms, origins }
}
