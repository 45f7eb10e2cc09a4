import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { formWanted } from '../../http/form.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { daysInOrder, viewpointQuery } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { moneyNameSchema } from '../chart.ts'
import type { Parts } from '../parts.ts'
import { passbookOf, passbookSchema } from './passbook.ts'
import { passbookPdf } from './passbook-pdf.ts'

const pdfSchema = z.string().meta({ id: 'PassbookPdf', contentMediaType: 'application/pdf', examples: ['%PDF-1.3 …'] })

export function passbookRoutes(app: App, parts: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savings-accounts/:savingsAccountId/passbook',
    config: { access: identityRoles },
    schema: {
      operationId: 'getPassbook',
      tags: ['Savings accounts'],
      summary: 'The passbook of a savings account, or the statement of one of its moneys, to read or to print',
      description:
        'Its four moneys in one column, in the order of value dates, with what there is after each line; with `money`, one of them. `application/pdf` by `Accept` is printed in Spanish on A4. Whose it is, is told by initials and the end of a number, for paper may be lost.',
      params: z.strictObject({ bookId: idText, savingsAccountId: idText }),
      querystring: z
        .strictObject({
          from: calendarDate.optional().describe('From this day on; else from its opening'),
          to: calendarDate.optional().describe('Until this day; else until today'),
          money: moneyNameSchema.optional(),
          knownAt: viewpointQuery.knownAt,
        })
        .refine(daysInOrder, { path: ['to'], message: 'lies before `from`' }),
      response: {
        200: {
          description: 'Found',
          content: { 'application/json': { schema: passbookSchema }, 'application/pdf': { schema: pdfSchema } },
        },
        ...problems('savings-account-not-found', 'instant-in-future', 'passbook-too-long', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const form = formWanted(request, reply, ['application/json', 'application/pdf'])
      const { bookId, savingsAccountId } = request.params
      const passbook = await passbookOf(parts, bookId, savingsAccountId, request.query)
      if (form === 'application/json') return reply.send(passbook)
      return reply.type(form).send((await passbookPdf(passbook)) as unknown as string)
    },
  })
}
