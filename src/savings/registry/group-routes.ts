import { z } from 'zod'
import { type Clock, calendarDate, limaDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { roles } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { recordedPage } from '../listing.ts'
import { groupById, groupOf, groupOn, groupSchema, listGroups } from './groups.ts'
import { listMembers, listMemberships, memberOf, memberSchema } from './members.ts'
import { membershipOf, membershipSchema } from './memberships.ts'

/** Reading groups, which names nobody, and their members, which does. */
export function groupRoutes(app: App, { db, clock }: { db: Db; clock: Clock }): void {
  const tags = ['Register']
  const inBook = z.strictObject({ bookId: idText })
  const today = () => limaDate(clock.now())

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/groups',
    config: { access: roles },
    schema: {
      operationId: 'listGroups',
      tags,
      summary: 'List the savings groups of a book, in the order of recording',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(groupSchema, 'SavingsGroupPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(db, bookId)
      return recordedPage(await listGroups(db, bookId, today(), after, limit + 1), limit, row =>
        groupOf(row, request.actor.role),
      )
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/groups/:groupId',
    config: { access: roles },
    schema: {
      operationId: 'getGroup',
      tags,
      summary: 'Read a savings group',
      params: inBook.extend({ groupId: idText }),
      response: { 200: groupSchema, ...problems('group-not-found') },
    },
    handler: async request => {
      const { bookId, groupId } = request.params
      await bookOf(db, bookId)
      return groupById(db, bookId, groupId, today(), request.actor.role)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/groups/:groupId/members',
    config: { access: identityRoles, tellsIdentity: true },
    schema: {
      operationId: 'listMembers',
      tags,
      summary: 'List who is in a group on a day, by name',
      params: inBook.extend({ groupId: idText }),
      querystring: z.strictObject({ on: calendarDate.optional().describe('By default today, in Lima'), ...pageQuery }),
      response: { 200: pageOf(memberSchema, 'MemberPage'), ...problems('group-not-found') },
    },
    handler: async request => {
      const { bookId, groupId } = request.params
      const { on = today(), after, limit } = request.query
      await bookOf(db, bookId)
      await groupOn(db, bookId, groupId, on)
      return recordedPage(await listMembers(db, bookId, groupId, on, after, limit + 1), limit, memberOf)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/memberships',
    config: { access: identityRoles },
    schema: {
      operationId: 'listMemberships',
      tags,
      summary: 'List memberships, past ones too, in the order of recording',
      params: inBook,
      querystring: z.strictObject({ saverId: idText.optional(), groupId: idText.optional(), ...pageQuery }),
      response: { 200: pageOf(membershipSchema, 'MembershipPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit, ...filter } = request.query
      await bookOf(db, bookId)
      return recordedPage(await listMemberships(db, bookId, filter, after, limit + 1), limit, membershipOf)
    },
  })
}
