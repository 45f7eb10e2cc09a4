import { asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { bookOf } from '../../ledger/index.ts'
import { amountText, type Currency, formatAmount, parseAmount, positiveAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import { register } from '../../savings/registering.ts'
import type { RegistryVerb } from '../../savings/registry/verb.ts'
import { accountLimit } from './schema.ts'

const limitBody = z
  .strictObject({
    id: clientId,
    validFrom: calendarDate.describe('Until other limits follow'),
    mostBalance: positiveAmountText.optional().describe('What an account may hold, its four moneys together'),
    mostADay: positiveAmountText.optional().describe('What may be credited to an account on one day'),
    mostAMonth: positiveAmountText.optional().describe('What may be credited to an account in a calendar month'),
  })
  .meta({
    id: 'AccountLimitRegistration',
    examples: [
      {
        id: '0198c5f2-6c20-7b1d-8e2f-0a1b2c3d4e5f',
        validFrom: '2018-01-01',
        mostBalance: '2000.00',
        mostADay: '1000.00',
        mostAMonth: '4000.00',
      },
    ],
  })

export const accountLimitSchema = z
  .object({
    id: z.uuid(),
    validFrom: calendarDate,
    mostBalance: amountText.nullable(),
    mostADay: amountText.nullable(),
    mostAMonth: amountText.nullable(),
  })
  .meta({ id: 'AccountLimit' })

const registered = accountLimitSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredAccountLimit' })

type Row = typeof accountLimit.$inferSelect

/** Sets what the institution's basic accounts may hold and take in, from a day on. */
export const setAccountLimit: RegistryVerb<z.output<typeof limitBody>, z.output<typeof registered>> = {
  type: 'set-account-limit',
  path: 'account-limits',
  tag: 'Incentives',
  operationId: 'setAccountLimit',
  summary: 'Set the limits of the institution’s basic accounts',
  description:
    'An incentive that would break one is BLOCKED_BY_ACCOUNT_LIMIT: listed by its run, and looked at again by the next. Limits that are absent do not apply.',
  access: ['administrator'],
  body: limitBody,
  answer: registered,
  identified: true,
  refusals: ['id-reused', 'period-overlaps', 'amount-precision'],
  async run(parts, bookId, actor, { id, ...body }) {
    const { currency } = await bookOf(parts.db, bookId)
    const minor = (text: string | undefined) => (text === undefined ? null : parseAmount(text, currency))
    const { row, replayed } = await register(parts.db, accountLimit, {
      where: inBook(accountLimit, bookId, id),
      content: body,
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: () => ({
        ...{ bookId, id, validFrom: body.validFrom },
        mostBalance: minor(body.mostBalance),
        mostADay: minor(body.mostADay),
        mostAMonth: minor(body.mostAMonth),
      }),
      taken: () => new Refusal('period-overlaps', 'There are limits from that day already.'),
    })
    return { ...limitOf(row, currency), replayed }
  },
}

export async function listAccountLimits(db: Db, bookId: string) {
  const { currency } = await bookOf(db, bookId)
  const rows = await db
    .select()
    .from(accountLimit)
    .where(eq(accountLimit.bookId, bookId))
    .orderBy(asc(accountLimit.validFrom))
  return rows.map(row => limitOf(row, currency))
}

function limitOf({ id, validFrom, mostBalance, mostADay, mostAMonth }: Row, currency: Currency) {
  const text = (amount: bigint | null) => (amount === null ? null : formatAmount(amount, currency))
  return { id, validFrom, mostBalance: text(mostBalance), mostADay: text(mostADay), mostAMonth: text(mostAMonth) }
}
