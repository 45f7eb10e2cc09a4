import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { code } from '../../savings/wording.ts'
import {
  bankAccountBody,
  bankAccountById,
  bankAccountOf,
  bankAccountSchema,
  listBankAccounts,
  registerBankAccount,
} from './bank-accounts.ts'
import {
  lastProfiles,
  profileBody,
  profileByCode,
  profileOf,
  profilePlace,
  profileShown,
  tellProfile,
} from './profiles.ts'

/** Statements hold the names of who paid: only who works with the money sees them. */
export const readers = ['bank', 'auditor', 'administrator'] as const
export const inBook = z.strictObject({ bookId: idText })
export const ofBankAccount = inBook.extend({ bankAccountId: idText })

/** Which account a statement speaks of, and how an institution writes statements that are neither camt nor MT940. */
export function bankAccountRoutes(app: App, parts: Parts, tags: string[]): void {
  const registered = bankAccountSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredBankAccount' })
  const url = '/v1/books/:bookId/bank-accounts'

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'registerBankAccount',
      tags,
      summary: 'Register the number of an account at the bank, and the ledger’s account that it is',
      params: inBook,
      body: bankAccountBody,
      response: {
        ...made(registered),
        ...problems(
          ...(['id-reused', 'ledger-account-not-found', 'statement-profile-not-found'] as const),
          ...(['bank-account-taken', 'account-not-at-bank'] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      await bookOf(parts.db, bookId)
      const id = requestId(request, request.body.id)
      const { row, replayed } = await registerBankAccount(parts, bookId, request.actor, { ...request.body, id })
      return answerMade(reply, { ...bankAccountOf(row), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listBankAccounts',
      tags,
      summary: 'List the accounts at the bank that statements are taken of',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(bankAccountSchema, 'BankAccountPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      return recordedPage(await listBankAccounts(parts, request.params.bookId, after, limit + 1), limit, bankAccountOf)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:bankAccountId`,
    config: { access: readers },
    schema: {
      operationId: 'getBankAccount',
      tags,
      summary: 'Read an account at the bank',
      params: ofBankAccount,
      response: { 200: bankAccountSchema, ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      return bankAccountOf(await bankAccountById(parts, bookId, bankAccountId))
    },
  })

  profileRoutes(app, parts, tags)
}

function profileRoutes(app: App, parts: Parts, tags: string[]): void {
  const told = profileShown.extend({ replayed: z.boolean() }).meta({ id: 'ToldStatementProfile' })
  const url = '/v1/books/:bookId/statement-profiles'

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'tellStatementProfile',
      tags,
      summary: 'Tell how the book’s institution writes statements as CSV or in columns of fixed width',
      description: `It holds for all books of the institution. Told again under its code it is the next revision, which holds from
then on; what was read by earlier ones stays. Columns are named by the header, by their place from 1, or by first character and length.`,
      params: inBook,
      body: profileBody,
      response: { ...made(told), ...problems('id-reused', 'code-taken') },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      await bookOf(parts.db, bookId)
      const id = requestId(request, request.body.id)
      const { row, replayed } = await tellProfile(parts, bookId, request.actor, { ...request.body, id })
      return answerMade(reply, { ...profileOf(row), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listStatementProfiles',
      tags,
      summary: 'List the profiles of the book’s institution as they hold, by code',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(profileShown, 'StatementProfilePage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(parts.db, bookId)
      return cutPage(await lastProfiles(parts, bookId, after, limit + 1), limit, {
        cursor: profilePlace,
        placeOf: ({ code }) => ({ code }),
        itemOf: profileOf,
      })
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:code`,
    config: { access: readers },
    schema: {
      operationId: 'getStatementProfile',
      tags,
      summary: 'Read a profile as it holds',
      params: inBook.extend({ code }),
      response: { 200: profileShown, ...problems('statement-profile-not-found') },
    },
    handler: async request => {
      await bookOf(parts.db, request.params.bookId)
      return profileOf(await profileByCode(parts, request.params.bookId, request.params.code))
    },
  })
}
