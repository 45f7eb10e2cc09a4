import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { dniText } from '../dni.ts'
import { recordedPage } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { enrolmentOf, enrolmentSchema, listEnrolments } from './enrolments.ts'
import { listSavers, saverByDni, saverById, saverOf, saverSchema } from './savers.ts'

const lookupBody = z.strictObject({ dni: dniText }).meta({ id: 'SaverLookup', examples: [{ dni: '10117410' }] })

/** Reading savers and their enrolments: for those who may see persons by name. */
export function saverRoutes(app: App, { db, identityKey }: Parts): void {
  const tags = ['Register']
  const access = identityRoles
  const inBook = z.strictObject({ bookId: idText })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savers',
    config: { access, tellsIdentity: true },
    schema: {
      operationId: 'listSavers',
      tags,
      summary: 'List the savers of a book, in the order of recording',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(saverSchema, 'SaverPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(db, bookId)
      const rows = await listSavers(db, bookId, after, limit + 1)
      return recordedPage(rows, limit, row => saverOf(row, request.actor.role))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savers/:saverId',
    config: { access, tellsIdentity: true },
    schema: {
      operationId: 'getSaver',
      tags,
      summary: 'Read a saver',
      params: inBook.extend({ saverId: idText }),
      response: { 200: saverSchema, ...problems('saver-not-found') },
    },
    handler: async request => {
      const { bookId, saverId } = request.params
      await bookOf(db, bookId)
      return saverOf(await saverById(db, bookId, saverId), request.actor.role)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/savers/lookup',
    config: { access, changesNothing: true, tellsIdentity: true },
    schema: {
      operationId: 'lookUpSaver',
      tags,
      summary: 'Find a saver by her DNI',
      description: 'The DNI travels in the body, so that it is in no address and no log.',
      params: inBook,
      body: lookupBody,
      response: { 200: saverSchema, ...problems('saver-not-found') },
    },
    handler: async request => {
      const { bookId } = request.params
      await bookOf(db, bookId)
      const row = await saverByDni(db, identityKey, bookId, request.body.dni)
      return saverOf(row, request.actor.role)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/enrolments',
    config: { access },
    schema: {
      operationId: 'listEnrolments',
      tags,
      summary: 'List enrolments, in the order of recording',
      params: inBook,
      querystring: z.strictObject({ saverId: idText.optional(), programmeId: idText.optional(), ...pageQuery }),
      response: { 200: pageOf(enrolmentSchema, 'EnrolmentPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit, ...filter } = request.query
      await bookOf(db, bookId)
      return recordedPage(await listEnrolments(db, bookId, filter, after, limit + 1), limit, enrolmentOf)
    },
  })
}
