import { z } from 'zod'
import { formWanted } from '../../http/form.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { identityRoles } from '../acting.ts'
import type { Parts } from '../parts.ts'
import { receiptOf, receiptSchema } from './receipt.ts'
import { receiptText } from './receipt-text.ts'

const printedSchema = z.string().meta({
  id: 'PrintedReceipt',
  examples: [
    `                 RECIBO
           Caja Cusco, soles
----------------------------------------
Depósito                      14/03/2026
----------------------------------------
Titular                         J. C. H.
Cuenta                             …5678
Entra                           S/ 12.50
Saldo de ahorro                S/ 112.50
----------------------------------------
N.º en el libro                        2
7a1f0c5b9d3e42868f10b6c4d2a95e37
40c8e19f6b2d7a5383c1f4e09d6b7a28
`,
  ],
})

/** Receipts: what a saver takes home. */
export function receiptRoutes(app: App, { db }: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/transactions/:transactionId/receipt',
    config: { access: identityRoles },
    schema: {
      operationId: 'getReceipt',
      tags: ['Movements'],
      summary: 'The receipt of a movement, as JSON or printed in Spanish on forty columns',
      description: 'Ask with `Accept: text/plain` for the printed form.',
      params: z.strictObject({ bookId: idText, transactionId: idText }),
      response: {
        200: {
          description: 'Found',
          content: { 'application/json': { schema: receiptSchema }, 'text/plain': { schema: printedSchema } },
        },
        ...problems('transaction-not-found', 'receipt-not-given', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const form = formWanted(request, reply, ['application/json', 'text/plain'])
      const receipt = await receiptOf(db, request.params.bookId, request.params.transactionId)
      if (form === 'text/plain') {
        return reply.type('text/plain; charset=utf-8').send(receiptText(receipt))
      }
      return reply.type('application/json; charset=utf-8').send(receipt)
    },
  })
}
