import { z } from 'zod'
import { calendarDate, limaDate } from '../dates.ts'
import { answerMade, clientId, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { amountText, parseAmount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { title } from '../texts.ts'
import {
  accountAsOpened,
  accountById,
  accountCodePattern,
  changeAccounts,
  chartOfAccounts,
  openAccounts,
} from './accounts.ts'
import { bookOf } from './books.ts'
import type { Ledger } from './post.ts'
import {
  accountAnswer,
  accountSchema,
  accountStatusSchema,
  accountTypeSchema,
  bookParams,
  directionSchema,
} from './wire.ts'

const floorText = amountText.nullable().describe('The least its available balance may be; null: no floor')

const accountBody = z
  .strictObject({
    id: clientId,
    code: z
      .string()
      .regex(accountCodePattern, 'must be letters, digits, dots, colons and hyphens, 80 at most')
      .describe('Unique in the book; the part before the first dot is its control account'),
    name: title.describe('Of the account, never of a person: auditors and banks read it'),
    type: accountTypeSchema,
    normal: directionSchema.optional().describe('The side on which it grows; by default that of its type'),
    floor: floorText.default(null),
    openedOn: calendarDate.optional().describe('By default today in Lima'),
  })
  .meta({
    id: 'AccountOpening',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13',
        code: '5010',
        name: 'Opening balances',
        type: 'equity',
        openedOn: '2026-03-01',
      },
    ],
  })

const changeBody = z
  .strictObject({
    name: title.optional(),
    status: accountStatusSchema.optional(),
    floor: floorText.optional(),
    closedOn: calendarDate.optional().describe('With status closed; by default today in Lima'),
  })
  .refine(change => Object.keys(change).length > 0, 'must change something')
  .refine(change => change.closedOn === undefined || change.status === 'closed', {
    path: ['closedOn'],
    message: 'goes with status closed',
  })
  .meta({ id: 'AccountChange', examples: [{ status: 'blocked' }] })

const accountParams = bookParams.extend({ accountId: idText })

const codePlace = cursor(z.strictObject({ code: z.string() }))

const readers = ['bank', 'auditor', 'administrator'] as const

/** `ownControls` are the control accounts whose accounts other parts open, and alone may change. */
export function accountRoutes(app: App, ledger: Ledger, ownControls: ReadonlySet<string>): void {
  const { db, clock } = ledger

  /** @throws Refusal `account-not-by-hand` for a code below one of those control accounts */
  function refuseByHand(code: string): void {
    if (!ownControls.has(code.split('.', 1)[0]!)) return
    throw new Refusal('account-not-by-hand', 'It belongs to a saver, an agent, a fund or the book itself.')
  }

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/accounts',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'openAccount',
      tags: ['Ledger'],
      summary: 'Open a ledger account',
      description:
        'Accounts of savers, agents, funds and of the book itself open with those only. A replay answers the account as it was opened, whatever became of it since.',
      params: bookParams,
      body: accountBody,
      response: {
        ...made(accountSchema.extend({ replayed: z.boolean() }).meta({ id: 'OpenedAccount' })),
        ...problems(
          'id-reused',
          'account-not-by-hand',
          'account-code-taken',
          'balance-below-floor',
          'amount-precision',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const { body } = request
      const { currency } = await bookOf(db, bookId)
      const id = requestId(request, body.id)
      refuseByHand(body.code)
      const opening = {
        id,
        code: body.code,
        name: body.name,
        type: body.type,
        ...(body.normal === undefined ? {} : { normal: body.normal }),
        floor: body.floor === null ? null : parseAmount(body.floor, currency),
        openedOn: body.openedOn ?? limaDate(clock.now()),
      }
      const opened = await openAccounts(db, bookId, [opening], clock.now(), request.actor.clientId)
      const account = await accountAsOpened(db, bookId, id)
      return answerMade(reply, { ...accountAnswer(account, currency), replayed: opened === 0 })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/accounts',
    config: { access: ['bank', 'analyst', 'auditor', 'administrator'] },
    schema: {
      operationId: 'listAccounts',
      tags: ['Ledger'],
      summary: 'Read the chart of accounts, in the order of codes',
      params: bookParams,
      querystring: z.strictObject({
        ...pageQuery,
        control: z.string().max(80).optional().describe('Only accounts of this control account'),
      }),
      response: { 200: pageOf(accountSchema, 'AccountPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit, control } = request.query
      const { currency } = await bookOf(db, bookId)
      const rows = await chartOfAccounts(db, bookId, {
        afterCode: codePlace.read(after)?.code ?? null,
        ...(control === undefined ? {} : { control }),
        limit: limit + 1,
      })
      return cutPage(rows, limit, {
        cursor: codePlace,
        placeOf: ({ code }) => ({ code }),
        itemOf: account => accountAnswer(account, currency),
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/accounts/:accountId',
    config: { access: readers },
    schema: {
      operationId: 'getAccount',
      tags: ['Ledger'],
      summary: 'Read one account',
      params: accountParams,
      response: { 200: accountSchema, ...problems('ledger-account-not-found') },
    },
    handler: async request => {
      const { bookId, accountId } = request.params
      const { currency } = await bookOf(db, bookId)
      return accountAnswer(await accountById(db, bookId, accountId), currency)
    },
  })

  app.route({
    method: 'PATCH',
    url: '/v1/books/:bookId/accounts/:accountId',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'changeAccount',
      tags: ['Ledger'],
      summary: 'Rename, block, unblock or close an account, or set its floor',
      description:
        'Blocked and closed accounts take no entries. Closing needs an empty account and is final. Accounts of savers, agents, funds and of the book itself change with those only.',
      params: accountParams,
      body: changeBody,
      response: {
        200: accountSchema,
        ...problems(
          'ledger-account-not-found',
          'account-not-by-hand',
          'account-closed',
          'account-not-empty',
          'account-not-effective',
          'date-in-future',
          'balance-below-floor',
          'amount-precision',
        ),
      },
    },
    handler: async request => {
      const { bookId, accountId } = request.params
      const { name, status, floor, closedOn } = request.body
      const { currency } = await bookOf(db, bookId)
      const { code } = await accountById(db, bookId, accountId)
      refuseByHand(code)
      const today = limaDate(clock.now())
      const change = {
        id: accountId,
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(floor === undefined ? {} : { floor: floor === null ? null : parseAmount(floor, currency) }),
        ...(status === 'closed' ? { closedOn: closedOn ?? today } : {}),
      }
      try {
        await changeAccounts(db, bookId, [change], clock.now(), request.actor.clientId)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'date-in-future') throw error
        const message = `is after today, ${today}`
        const fields = [{ path: 'closedOn', message }]
        throw new Refusal('date-in-future', `closedOn ${message}`, { facts: { today }, fields, cause: error })
      }
      return accountAnswer(await accountById(db, bookId, accountId), currency)
    },
  })
}
