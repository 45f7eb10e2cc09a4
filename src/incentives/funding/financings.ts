import { and, asc, desc, eq, inArray, lte } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { bookOf, type Connection } from '../../ledger/index.ts'
import { type Amount, dealing } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { fund } from '../../savings/accounts/schema.ts'
import { inBook } from '../../savings/listing.ts'
import { programmeById } from '../../savings/reference/programmes.ts'
import { register } from '../../savings/registering.ts'
import type { RegistryVerb } from '../../savings/registry/verb.ts'
import { reference } from '../../savings/verbs/verb.ts'
import { financing, financingShare } from './schema.ts'

export const shareText = z
  .string()
  .regex(
    /^(?:1(?:\.0{1,6})?|0\.\d{1,6})$/,
    'must be a decimal string of at most 1, with at most 6 digits after the point',
  )
  .refine(text => /[1-9]/.test(text), 'must be more than zero')
  .meta({ examples: ['0.8'] })

const shareSchema = z
  .strictObject({
    fundId: idText,
    budgetCode: reference.describe('The code of the budget line that pays it'),
    share: shareText.describe('Of 1; the shares of a financing sum to 1'),
  })
  .meta({ id: 'FinancingShare' })

const millionths = (share: string) => Math.round(Number(share) * 1_000_000)

const financingBody = z
  .strictObject({
    id: clientId,
    programmeId: idText,
    validFrom: calendarDate.describe('Until another financing of the programme follows'),
    shares: z.array(shareSchema).min(1).max(10),
  })
  .refine(({ shares }) => shares.reduce((sum, { share }) => sum + millionths(share), 0) === 1_000_000, {
    path: ['shares'],
    message: 'must sum to 1',
  })
  .refine(({ shares }) => new Set(shares.map(({ fundId }) => fundId)).size === shares.length, {
    path: ['shares'],
    message: 'must name each fund once',
  })
  .meta({
    id: 'FinancingRegistration',
    examples: [
      {
        id: '0198c5f2-6c10-7b1d-8e2f-0a1b2c3d4e5f',
        programmeId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        validFrom: '2026-01-01',
        shares: [
          { fundId: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e5f', budgetCode: '2.5.31.12', share: '0.8' },
          { fundId: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e60', budgetCode: '2.5.31.13', share: '0.2' },
        ],
      },
    ],
  })

export const financingSchema = z
  .object({ id: z.uuid(), programmeId: z.uuid(), validFrom: calendarDate, shares: z.array(shareSchema) })
  .meta({ id: 'Financing' })

export type Financing = z.output<typeof financingSchema>

const registered = financingSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredFinancing' })

/** Says which funds of a book pay a programme's incentives, in which shares and of which budget lines. */
export const registerFinancing: RegistryVerb<z.output<typeof financingBody>, z.output<typeof registered>> = {
  type: 'register-financing',
  path: 'financings',
  tag: 'Incentives',
  operationId: 'registerFinancing',
  summary: 'Say which funds pay a programme’s incentives',
  description:
    'What a run pays is split in these shares, to the minor unit: line by line in their order, so that each fund is less than a minor unit off its share of the whole run. The last financing by the value date holds.',
  access: ['administrator'],
  body: financingBody,
  answer: registered,
  identified: true,
  refusals: ['id-reused', 'programme-not-found', 'fund-not-found', 'period-overlaps'],
  async run(parts, bookId, actor, { id, ...body }) {
    return transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, financing, {
        where: inBook(financing, bookId, id),
        content: body,
        at: parts.clock.now(),
        actor: actor.clientId,
        decide: async () => {
          await programmeById(tx, body.programmeId)
          await requireFunds(
            tx,
            bookId,
            body.shares.map(({ fundId }) => fundId),
          )
          return { bookId, id, programmeId: body.programmeId, validFrom: body.validFrom }
        },
        taken: () => new Refusal('period-overlaps', 'The programme has a financing from that day already.'),
      })
      if (!replayed) {
        const shares = body.shares.map((share, place) => ({ ...share, bookId, financingId: id, place }))
        await tx.insert(financingShare).values(shares)
      }
      const { programmeId, validFrom } = row
      return { id, programmeId, validFrom, shares: await sharesOf(tx, bookId, id), replayed }
    })
  },
}

async function requireFunds(connection: Connection, bookId: string, fundIds: string[]): Promise<void> {
  const mine = and(eq(fund.bookId, bookId), inArray(fund.id, fundIds))
  const rows = await connection.select({ id: fund.id }).from(fund).where(mine)
  const known = new Set(rows.map(({ id }) => id))
  const missing = fundIds.findIndex(fundId => !known.has(fundId))
  if (missing === -1) return
  throw new Refusal('fund-not-found', 'The book has no such fund.', {
    fields: [{ path: `shares.${missing}.fundId`, message: 'is no fund of this book' }],
  })
}

export type Share = { fundId: string; budgetCode: string; share: string }

export async function sharesOf(connection: Connection, bookId: string, financingId: string): Promise<Share[]> {
  const { fundId, budgetCode, share, place } = financingShare
  return connection
    .select({ fundId, budgetCode, share })
    .from(financingShare)
    .where(and(eq(financingShare.bookId, bookId), eq(financingShare.financingId, financingId)))
    .orderBy(asc(place))
}

/** The financing of a programme in a book on a day. @throws Refusal `financing-not-found` */
export async function financingOn(
  connection: Connection,
  bookId: string,
  programmeId: string,
  day: CalendarDate,
): Promise<string> {
  const [row] = await connection
    .select({ id: financing.id })
    .from(financing)
    .where(and(eq(financing.bookId, bookId), eq(financing.programmeId, programmeId), lte(financing.validFrom, day)))
    .orderBy(desc(financing.validFrom))
    .limit(1)
  if (row === undefined) {
    throw new Refusal('financing-not-found', 'No financing says which funds pay the programme on that day.')
  }
  return row.id
}

export async function listFinancings(db: Db, bookId: string): Promise<Financing[]> {
  await bookOf(db, bookId)
  const { id, programmeId, validFrom } = financing
  const rows = await db
    .select({ id, programmeId, validFrom })
    .from(financing)
    .where(eq(financing.bookId, bookId))
    .orderBy(asc(programmeId), asc(validFrom))
  const found: Financing[] = []
  for (const row of rows) found.push({ ...row, shares: await sharesOf(db, bookId, row.id) })
  return found
}

/** What a fund pays; negative: what it gets back. */
export type Part = { fundId: string; amount: Amount }

/**
 * Divides amounts that come one after the other among the funds of a financing, to the minor unit: the next after `before`
 * of them, all together. However many there are and however they are cut, each fund is less than a minor unit off its share
 * of all of them, and no part is negative. The parts are in the order of the financing's shares.
 */
export function sharing(shares: readonly Share[]): (before: Amount, amount: Amount) => Part[] {
  const deal = dealing(shares.map(({ share }) => BigInt(millionths(share))))
  return (before, amount) => {
    const [from, to] = [deal(before), deal(before + amount)]
    return shares.map(({ fundId }, place) => ({ fundId, amount: to[place]! - from[place]! }))
  }
}
