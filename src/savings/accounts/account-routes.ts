import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import { answerMade, made } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { accountStatuses, viewpointQuery } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { recordedPage, recordedPlace } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { registryRoute } from '../registry/verb.ts'
import { cashOfAgent, cashSchema, listCash } from './cash-in-transit.ts'
import { dormantAfterDays } from './dormancy.ts'
import { fundById, fundSchema, listFunds, openFund, withBalances } from './funds.ts'
import {
  balanceOfSavings,
  listSavingsAccounts,
  savingsAccountSchema,
  savingsAccountViewSchema,
  savingsBalanceSchema,
  viewSavingsAccount,
} from './reading.ts'
import {
  bankAccountNumber,
  changeSavingsAccountStatus,
  openSavingsAccount,
  statusBody,
  statusSchema,
} from './savings-accounts.ts'

const inBook = z.strictObject({ bookId: idText })
const ofAccount = inBook.extend({ savingsAccountId: idText })
const ofFund = inBook.extend({ fundId: idText })

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
        status: z.enum(accountStatuses).optional(),
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
      description: 'The statement of each of its moneys is that of the ledger account named in `accounts`.',
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
    method: 'POST',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/status',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'changeSavingsAccountStatus',
      tags,
      summary: 'Block a savings account, open it again, or close it for good',
      description:
        'Its four moneys change together. Only an empty account can be closed, and a closed one stays closed.',
      params: ofAccount,
      body: statusBody,
      response: {
        ...made(statusSchema),
        ...problems(
          'savings-account-not-found',
          'account-closed',
          'account-not-empty',
          'account-not-effective',
          'date-in-future',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, savingsAccountId } = request.params
      return answerMade(
        reply,
        await changeSavingsAccountStatus(parts, request.actor, bookId, savingsAccountId, request.body),
      )
    },
  })
}

/** Funds: opened by administrators, read by all, for there is nobody's money in them yet. */
export function fundRoutes(app: App, parts: Parts): void {
  const tags = ['Funds']
  registryRoute(app, parts, openFund)

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/funds',
    config: { access: roles },
    schema: {
      operationId: 'listFunds',
      tags,
      summary: 'List funds with what is left in them, oldest first',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(fundSchema, 'FundPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const { bookId } = request.params
      const found = await withBalances(parts, bookId, await listFunds(parts.db, bookId, after, limit + 1))
      return recordedPage(found, limit, row => row)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/funds/:fundId',
    config: { access: roles },
    schema: {
      operationId: 'getFund',
      tags,
      summary: 'Read a fund with what is left in it',
      params: ofFund,
      response: { 200: fundSchema, ...problems('fund-not-found') },
    },
    handler: async request => fundById(parts, request.params.bookId, request.params.fundId),
  })
}

/** Agents' cash: what was collected and not yet banked, and for how long. */
export function cashRoutes(app: App, parts: Parts): void {
  const tags = ['Cash in transit']

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/cash-in-transit',
    config: { access: identityRoles },
    schema: {
      operationId: 'listCashInTransit',
      tags,
      summary: 'List the cash each agent holds, with its age',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(cashSchema, 'CashInTransitPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const rows = await listCash(parts, request.params.bookId, recordedPlace.read(after), limit + 1)
      return recordedPage(rows, limit, row => row)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/agents/:agentId/cash',
    config: { access: identityRoles },
    schema: {
      operationId: 'getAgentCash',
      tags,
      summary: 'Read the cash that an agent holds, with its age',
      description: 'The age is that of the oldest cash not yet banked, first in, first out.',
      params: inBook.extend({ agentId: idText }),
      response: { 200: cashSchema, ...problems('agent-not-found') },
    },
    handler: async request => cashOfAgent(parts, request.params.bookId, request.params.agentId),
  })
}
