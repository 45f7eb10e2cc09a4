import { z } from 'zod'
import { formWanted } from '../../http/form.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import { keepKey } from '../../signing/keys.ts'
import type { Signer } from '../../signing/signing.ts'
import { identityRoles } from '../acting.ts'
import type { Parts } from '../parts.ts'
import { receiptOf, receiptSchema } from './receipt.ts'
import { codeSvg, fitsCode } from './receipt-code.ts'
import { receiptPdf } from './receipt-pdf.ts'
import { receiptText } from './receipt-text.ts'
import { signedReceipt } from './signed.ts'

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

const signature = z
  .string()
  .describe(
    'A compact JWS (EdDSA, RFC 8037) of what the receipt says for ever; its keys are at `/.well-known/jwks.json`',
  )
  .meta({ examples: ['eyJhbGciOiJFZERTQSIs…'] })

const signedSchema = receiptSchema.extend({ signature }).meta({ id: 'SignedReceipt' })
const compactSchema = signature.meta({ id: 'CompactReceipt', examples: ['eyJhbGciOiJFZERTQSIs…'] })
const codeSchema = z.string().meta({ id: 'ReceiptCode', examples: ['<svg xmlns="http://www.w3.org/2000/svg">…</svg>'] })
const pdfSchema = z.string().meta({ id: 'ReceiptPdf', contentMediaType: 'application/pdf', examples: ['%PDF-1.3 …'] })

const forms = ['application/json', 'text/plain', 'application/jose', 'image/svg+xml', 'application/pdf'] as const

/** Receipts: what a saver takes home. */
export function receiptRoutes(app: App, { db, clock }: Parts, signer: Signer): void {
  let kept: Promise<void> | undefined

  /** The public half of the key outlives the key, for its receipts do. */
  async function keepOnce(): Promise<void> {
    kept ??= keepKey(db, signer, clock.now())
    await kept.catch(error => {
      kept = undefined
      throw error
    })
  }

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/transactions/:transactionId/receipt',
    config: { access: identityRoles },
    schema: {
      operationId: 'getReceipt',
      tags: ['Movements'],
      summary: 'The receipt of a movement, signed: as JSON, printed, or as a code for a phone',
      description:
        'By `Accept`: `text/plain` is printed in Spanish on forty columns; `application/jose` is the signature alone, a compact JWS with what it signs inside; `image/svg+xml` is the same as a QR code; `application/pdf` is print and code on a roll of 80 mm. Whoever kept `/.well-known/jwks.json` checks a signature without a network (`npm run verify-receipt`). Of a movement the same is signed whenever it is asked for, but for the initials and the end of the account number, which are those known when it is asked for; that it was reversed since is not in its signature. More lines than a code holds (some seventeen, of movements booked by hand) are printed without one.',
      params: z.strictObject({ bookId: idText, transactionId: idText }),
      response: {
        200: {
          description: 'Found',
          content: {
            'application/json': { schema: signedSchema },
            'text/plain': { schema: printedSchema },
            'application/jose': { schema: compactSchema },
            'image/svg+xml': { schema: codeSchema },
            'application/pdf': { schema: pdfSchema },
          },
        },
        ...problems('transaction-not-found', 'receipt-not-given', 'receipt-too-long', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const form = formWanted(request, reply, forms)
      const { bookId, transactionId } = request.params
      const receipt = await receiptOf(db, bookId, transactionId)
      if (form === 'text/plain') return reply.type('text/plain; charset=utf-8').send(receiptText(receipt))
      await keepOnce()
      const signature = signedReceipt(signer, bookId, receipt)
      reply.type(form === 'application/json' ? 'application/json; charset=utf-8' : form)
      if (form === 'application/jose') return reply.send(signature)
      if (form === 'image/svg+xml') {
        if (fitsCode(signature)) return reply.send(codeSvg(signature))
        reply.removeHeader('content-type')
        const lines = receipt.lines.length
        throw new Refusal('receipt-too-long', `No code holds ${lines} lines; ask for application/jose, or JSON.`)
      }
      if (form === 'application/pdf') {
        return reply.send((await receiptPdf(receipt, signature)) as unknown as string)
      }
      return reply.send({ ...receipt, signature })
    },
  })
}
