import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { problemFor } from '../../http/faults.ts'
import { formWanted } from '../../http/form.ts'
import { answerMade, made } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { code } from '../../savings/wording.ts'
import { inBook } from './bank-account-routes.ts'
import { bankAccountById } from './bank-accounts.ts'
import type { Intake } from './intake.ts'
import { type HeldProfile, profileByCode } from './profiles.ts'
import { openProgress } from './progress.ts'
import { fileById, shownFile } from './reading.ts'
import { closeSpooled, largestFile, spool } from './spool.ts'
import type { Taking } from './take.ts'
import { progressLines, progressSchema, takenSchema } from './told-progress.ts'
import { fileAsBody, fileOfForm, type Upload } from './upload.ts'
import { fileBytes } from './wire.ts'

const formBody = z
  .strictObject({ file: z.string().meta({ format: 'binary', examples: ['…'] }) })
  .meta({ id: 'BankFileForm' })

/** Media types of a body that is the file itself. */
const rawTypes = ['application/octet-stream', 'application/xml', 'text/xml', 'text/plain', 'text/csv'] as const

const description = `The file is the body itself, or the one file of a form; ${largestFile / 1_048_576} MiB at the most. camt.053 (versions 2 to 13)
and MT940 are told by how they begin, camt.052, camt.054 and MT942 are kept as notices that prove nothing; CSV and fixed width are read by the
profile that is named, or by that of the bank account that is named.

All of it is kept, or nothing: a file that makes no sense is refused with the place in it and the reason, and \`facts.sha256\` says which file it was.
What does not tie up is kept, for it is evidence, and told as breaks of its statements: a number that came before with other content, a
gap, an opening balance that is not the closing one before it, lines that do not come to the closing balance.

The same bytes again are answered as at first. Lines that are had already are skipped one by one, where exports overlap; payments that are the
same to the letter are told apart by counting them.

With \`Accept: application/x-ndjson\` the answer to a file that has come is 200, and a line each half second how far it is: \`reading\`, \`keeping\`. The last line is \`taken\`, with
the file, or \`refused\`, with the problem; without such a line nothing is known, and the file is sent again. Who goes away meanwhile has it taken all the same.`

/** Hands in files of statements. */
export function takeRoute(app: App, parts: Parts, tags: string[], intake: Intake): void {
  /** Takes a file, whoever waits for it; and logs which one was refused, for nothing else is left of it. */
  async function take({ log, id: requestId }: Pick<FastifyRequest, 'log' | 'id'>, taking: Taking) {
    try {
      const { id, replayed } = await intake.take(taking)
      return { ...shownFile(await fileById(parts, taking.book.id, id)), replayed }
    } catch (error) {
      if (error instanceof Refusal && error.code === 'file-refused')
        log.warn({ requestId, ...error.facts }, 'a bank’s file was refused')
      throw error
    } finally {
      await closeSpooled(taking.file)
    }
  }

  app.register(async scope => {
    const uploads = new WeakMap<FastifyRequest, Upload>()
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([...rawTypes], async (request: FastifyRequest, payload: Readable) => {
      uploads.set(request, await fileAsBody(request.raw, payload))
      return ''
    })
    scope.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, payload: Readable) => {
      uploads.set(request, await fileOfForm(request.raw, payload))
      return { file: '' }
    })
    ;(scope as unknown as App).route({
      method: 'POST',
      url: '/v1/books/:bookId/bank-files',
      config: { access: ['bank', 'administrator'] },
      schema: {
        operationId: 'takeBankFile',
        tags,
        summary: 'Hand in a file of a bank’s statements',
        description,
        params: inBook,
        querystring: z.strictObject({
          profile: code.optional().describe('Of the institution: by which a CSV or fixed-width file is read'),
          bankAccountId: idText.optional().describe('Whose profile is meant, where none is named'),
          name: z.string().min(1).max(200).optional().describe('What the file is called, for people'),
        }),
        body: {
          content: {
            ...Object.fromEntries(rawTypes.map(type => [type, { schema: fileBytes }])),
            'multipart/form-data': { schema: formBody },
          },
        },
        response: {
          ...made(takenSchema),
          200: {
            description: 'Had been taken before; or how far it is, to its end',
            content: {
              'application/json': { schema: takenSchema },
              'application/x-ndjson': { schema: progressSchema },
            },
          },
          ...problems(
            ...([
              'media-type-not-acceptable',
              'file-refused',
              'bank-account-unknown',
              'bank-account-not-found',
              'statement-profile-not-found',
            ] as const),
          ),
        },
      },
      handler: async (request, reply) => {
        const { bookId } = request.params
        const upload = uploads.get(request as unknown as FastifyRequest)
        if (upload === undefined) {
          const fields = [{ path: 'body', message: 'is the file, and is needed' }]
          throw new Refusal('request-invalid', 'There is no file in the request.', { fields })
        }
        const book = await bookOf(parts.db, bookId)
        const profile = await profileMeant(parts, bookId, request.query)
        const form = formWanted(request, reply, ['application/json', 'application/x-ndjson'])
        const file = await spool(upload.bytes)
        const name = request.query.name ?? upload.name?.slice(0, 200) ?? null
        const [actor, at, progress] = [request.actor.clientId, parts.clock.now(), openProgress()]
        const taking = take(request, { book, actor, at, file, name, mediaType: upload.mediaType, profile, progress })
        if (form === 'application/json') return answerMade(reply, await taking)
        const told = progressLines(progress, file.size, taking, error => problemFor(error, request as never))
        reply.code(200).type('application/x-ndjson')
        // Fastify sends a stream as it comes; its types know only what the schema says.
        return reply.send(Readable.from(told) as never)
      },
    })
  })
}

async function profileMeant(
  parts: Parts,
  bookId: string,
  { profile, bankAccountId }: { profile?: string | undefined; bankAccountId?: string | undefined },
): Promise<HeldProfile | null> {
  if (profile !== undefined) return profileByCode(parts, bookId, profile)
  if (bankAccountId === undefined) return null
  const { profileCode } = await bankAccountById(parts, bookId, bankAccountId)
  return profileCode === null ? null : profileByCode(parts, bookId, profileCode)
}
