import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { accountStatusSchema, bookOf, statementQuery, statementSchema, viewpointQuery } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { moneyNameSchema } from '../chart.ts'
import { recordedPage, recordedPlace } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { registryRoute } from '../registry/verb.ts'
import { bankAccountNumber } from '../wording.ts'
import { dormantAfterDays } from './dormancy.ts'
import {
  balanceOfSavings,
  listSavingsAccounts,
  savingsAccountSchema,
  savingsAccountViewSchema,
  savingsBalanceSchema,
  viewSavingsAccount,
} from './reading.ts'
import { openSavingsAccount } from './savings-accounts.ts'
import { statementOfSavings } from './statement.ts'
import {
  changeSavingsAccountStatus,
  listStatusChanges,
  recordedStatusChangeSchema,
  statusBody,
  statusChangeOf,
  statusChangeSchema,
} from './status-changes.ts'

const inBook = z.strictObject({ bookId: idText })
const ofAccount = inBook.extend({ savingsAccountId: idText })

/** `true` and `false` as words, for a query has no others. */
const yesOrNo = z.enum(['true', 'false']).transform(text => text === 'true')

/** Savings accounts: opened, read with their balances, blocked and closed. */
export function savingsAccountRoutes(app: App, parts: Parts): void {
  const tags = ['Savings accounts']
  registryRoute(app, parts, openSavingsAccount)

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts',
    config: { access: identityRoles },
    schema: {
      operationId: 'listSavingsAccounts',
      tags,
      summary: 'List savings accounts with their balances, oldest first',
      params: inBook,
      querystring: z.strictObject({
        ...pageQuery,
        saverId: idText.optional(),
        groupId: idText.optional().describe('Accounts that the group itself holds'),
        organisationId: idText.optional(),
        memberOf: idText.optional().describe('Accounts of those who are members of this group today'),
        status: accountStatusSchema.optional(),
        bankAccountNumber: bankAccountNumber.optional(),
        dormant: yesOrNo.optional().describe('Only those that are dormant, or only those that are not'),
        dormantAfterDays,
      }),
      response: { 200: pageOf(savingsAccountSchema, 'SavingsAccountPage') },
    },
    handler: async request => {
      const { after, limit, dormantAfterDays: days, ...filter } = request.query
      const reading = { place: recordedPlace.read(after), limit: limit + 1, days }
      const found = await listSavingsAccounts(parts, request.params.bookId, filter, reading)
      return recordedPage(found, limit, row => row)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId',
    config: { access: identityRoles },
    schema: {
      operationId: 'getSavingsAccount',
      tags,
      summary: 'Read a savings account with its balances, now or in the past',
      description: '`accounts` names the ledger account of each of its moneys.',
      params: ofAccount,
      querystring: z.strictObject({ ...viewpointQuery, dormantAfterDays }),
      response: {
        200: savingsAccountViewSchema,
        ...problems('savings-account-not-found', 'instant-in-future'),
      },
    },
    handler: async request => {
      const { bookId, savingsAccountId } = request.params
      return viewSavingsAccount(parts, bookId, savingsAccountId, request.query)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/balance',
    config: { access: identityRoles },
    schema: {
      operationId: 'getSavingsBalance',
      tags,
      summary: 'Look up a balance: the four moneys of a savings account, now or in the past',
      params: ofAccount,
      querystring: z.strictObject(viewpointQuery),
      response: { 200: savingsBalanceSchema, ...problems('savings-account-not-found', 'instant-in-future') },
    },
    handler: async request => {
      const { bookId, savingsAccountId } = request.params
      return balanceOfSavings(parts, bookId, savingsAccountId, request.query)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/statement',
    config: { access: identityRoles },
    schema: {
      operationId: 'getSavingsStatement',
      tags,
      summary: 'Read the statement of one money of a savings account, with its running balance',
      description:
        'Each of the four has its own, by `money`; whoever may read the account may read them all, agents as well.',
      params: ofAccount,
      querystring: statementQuery.extend({ money: moneyNameSchema.default('own') }),
      response: { 200: statementSchema, ...problems('savings-account-not-found', 'instant-in-future') },
    },
    handler: async request => {
      const { bookId, savingsAccountId } = request.params
      const { money, ...query } = request.query
      return statementOfSavings(parts, bookId, savingsAccountId, money, query)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/status',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'changeSavingsAccountStatus',
      tags,
      summary: 'Block a savings account, open it again, or close it for good',
      description:
        'Its four moneys change together. Only an empty account can be closed, and a closed one stays closed. The reason is kept, with who and when.',
      params: ofAccount,
      body: statusBody,
      response: {
        ...made(recordedStatusChangeSchema),
        ...problems(
          'savings-account-not-found',
          'account-closed',
          'account-not-empty',
          'account-not-effective',
          'date-in-future',
          'id-reused',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, savingsAccountId } = request.params
      const { actor, body } = request
      const id = requestId(request, body.id)
      return answerMade(reply, await changeSavingsAccountStatus(parts, actor, bookId, savingsAccountId, id, body))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/status-changes',
    config: { access: identityRoles },
    schema: {
      operationId: 'listSavingsAccountStatusChanges',
      tags,
      summary: 'List how the status of a savings account changed, when, by whom and why, oldest first',
      params: ofAccount,
      querystring: z.strictObject(pageQuery),
      response: {
        200: pageOf(statusChangeSchema, 'SavingsAccountStatusChangePage'),
        ...problems('savings-account-not-found'),
      },
    },
    handler: async request => {
      const { bookId, savingsAccountId } = request.params
      const { after, limit } = request.query
      await bookOf(parts.db, bookId)
      const rows = await listStatusChanges(parts.db, bookId, savingsAccountId, after, limit + 1)
      return recordedPage(rows, limit, statusChangeOf)
    },
  })
}
