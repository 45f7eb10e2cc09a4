import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { bookOf, openAccounts } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { actingAgent, fieldRoles, requireAgent } from '../acting.ts'
import { cciText, isCciValid } from '../cci.ts'
import { type MoneyKind, moneyAccount, moneyOpenings } from '../chart.ts'
import { inBook } from '../listing.ts'
import { recordEvidence } from '../records.ts'
import { refuseBeforeBook, refuseFuture, register } from '../registering.ts'
import type { RegistryVerb } from '../registry/verb.ts'
import { bankAccountNumber } from '../wording.ts'
import { requireHolder } from './holders.ts'
import { savingsAccount } from './schema.ts'

export const savingsAccountBody = z
  .strictObject({
    id: clientId,
    saverId: idText.optional(),
    groupId: idText.optional(),
    organisationId: idText.optional(),
    bankAccountNumber: bankAccountNumber.optional().describe('The number the institution gave it; unique in the book'),
    cci: cciText.optional(),
    openedOn: calendarDate,
    agentId: idText.optional().describe('Who opened it; the agent of the key when an agent asks'),
  })
  .refine(
    ({ saverId, groupId, organisationId }) => [saverId, groupId, organisationId].filter(Boolean).length === 1,
    'needs one of saverId, groupId and organisationId',
  )
  .meta({
    id: 'SavingsAccountOpening',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        saverId: '0198c5f2-6e00-7a53-9d0c-3f6d4b7a2e10',
        bankAccountNumber: '110-01-2345678',
        cci: '01136600010003254221',
        openedOn: '2026-01-10',
      },
    ],
  })

/** One value for each of the four kinds of money, by the names they have on the wire. */
export function moneys<Value extends z.ZodType>(value: Value) {
  return { own: value, incentiveLocked: value, incentiveReleased: value, interest: value }
}

export const wireNames = {
  own: 'own',
  'incentive-locked': 'incentiveLocked',
  'incentive-released': 'incentiveReleased',
  interest: 'interest',
} as const satisfies Record<MoneyKind, string>

export type WireName = (typeof wireNames)[MoneyKind]

const cciWarning = 'cci-check-digits'

export const savingsAccountShape = {
  id: z.uuid(),
  saverId: z.uuid().nullable(),
  groupId: z.uuid().nullable(),
  organisationId: z.uuid().nullable(),
  bankAccountNumber: bankAccountNumber.nullable(),
  cci: z
    .string()
    .nullable()
    .meta({ examples: ['01136600010003254221'] }),
  warnings: z
    .array(z.literal(cciWarning))
    .describe('`cci-check-digits`: the check digits of the CCI are wrong. It is kept as it was given'),
  openedOn: calendarDate,
  agentId: z.uuid().nullable().describe('Who opened it; null when it was opened at a branch'),
  accounts: z
    .object(moneys(z.uuid()))
    .meta({ id: 'SavingsLedgerAccounts' })
    .describe('The ledger accounts of its four kinds of money'),
}

export const openedSchema = z
  .object({ ...savingsAccountShape, replayed: z.boolean() })
  .meta({ id: 'SavingsAccountOpened' })

type Row = typeof savingsAccount.$inferSelect

/** Opens a savings account: its row, and its four accounts in the ledger, in one database transaction. */
export const openSavingsAccount: RegistryVerb<z.output<typeof savingsAccountBody>, z.output<typeof openedSchema>> = {
  type: 'open-savings-account',
  path: 'savings-accounts',
  tag: 'Savings accounts',
  operationId: 'openSavingsAccount',
  summary: 'Open a savings account of a saver, a group or an organisation',
  description: 'Opens four ledger accounts: own money, locked and released incentives, interest.',
  access: fieldRoles,
  body: savingsAccountBody,
  answer: openedSchema,
  identified: true,
  refusals: [
    'id-reused',
    'saver-not-found',
    'group-not-found',
    'organisation-not-found',
    'agent-not-found',
    'date-in-future',
    'date-too-early',
    'bank-account-number-taken',
  ],
  async run(parts, bookId, actor, { id, ...body }) {
    const agentId = actingAgent(actor, body.agentId)
    await bookOf(parts.db, bookId)
    refuseFuture(parts, { openedOn: body.openedOn })
    const at = parts.clock.now()
    return transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, savingsAccount, {
        where: inBook(savingsAccount, bookId, id),
        content: { ...body, agentId },
        at,
        actor: actor.clientId,
        decide: async () => {
          await refuseBeforeBook(tx, bookId, 'openedOn', body.openedOn)
          if (agentId !== null) await requireAgent(tx, bookId, agentId)
          return {
            ...body,
            bookId,
            id,
            agentId,
            holderKind: await requireHolder(tx, bookId, body),
            cciValid: body.cci === undefined ? null : isCciValid(body.cci),
            ownAccountId: moneyAccount(id, 'own'),
            incentiveLockedAccountId: moneyAccount(id, 'incentive-locked'),
            incentiveReleasedAccountId: moneyAccount(id, 'incentive-released'),
            interestAccountId: moneyAccount(id, 'interest'),
          }
        },
        taken: bankAccountNumberTaken,
      })
      if (!replayed) {
        const openings = moneyOpenings(id, body.openedOn, recordEvidence(savingsAccount, id, row, holderOf(row)))
        await openAccounts(tx, bookId, openings, at, actor.clientId)
      }
      return { ...savingsAccountOf(row), replayed }
    })
  },
}

/** Whose it is, as the register is told. */
function holderOf({ saverId, groupId, organisationId }: Row): Record<string, string> {
  return { ...(saverId && { saverId }), ...(groupId && { groupId }), ...(organisationId && { organisationId }) }
}

function bankAccountNumberTaken(): Refusal {
  const message = 'is the number of another account of this book'
  return new Refusal('bank-account-number-taken', `bankAccountNumber ${message}`, {
    fields: [{ path: 'bankAccountNumber', message }],
  })
}

/** The wire's form of a row. */
export function savingsAccountOf(row: Omit<Row, 'recordedAt' | 'actor' | 'contentHash' | 'holderKind'>) {
  const { id, saverId, groupId, organisationId, bankAccountNumber, cci, cciValid, openedOn, agentId } = row
  const warnings: (typeof cciWarning)[] = cciValid === false ? [cciWarning] : []
  return {
    id,
    saverId,
    groupId,
    organisationId,
    bankAccountNumber,
    cci,
    warnings,
    openedOn,
    agentId,
    accounts: {
      own: row.ownAccountId,
      incentiveLocked: row.incentiveLockedAccountId,
      incentiveReleased: row.incentiveReleasedAccountId,
      interest: row.interestAccountId,
    },
  }
}
