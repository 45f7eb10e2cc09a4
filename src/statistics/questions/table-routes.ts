import { z } from 'zod'
import type { Actor } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import type { RefusalCode } from '../../refusals.ts'
import { answerTable, anyFormatFields, formatField, formatWanted, tableAnswer } from '../exports/answers.ts'
import type { Table } from '../table.ts'

/** Who may ask for statistics. */
export const readers = ['analyst', 'auditor', 'administrator'] as const

const tags = ['Statistics']

/** What may be refused to every question. */
const usual = ['book-not-found', 'instant-in-future', 'month-not-over'] as const

/** The formats beside a question's own fields; both have been checked together. */
const [inAddress, inBody] = [z.object(formatField), z.object(anyFormatFields)]

type Question<Fields extends z.ZodRawShape> = z.output<z.ZodObject<Fields>>

type Asked<Fields extends z.ZodRawShape> = {
  url: string
  fields: Fields
  refusals?: readonly RefusalCode[]
  answer(actor: Actor, question: Question<Fields>): Promise<Table>
}

/** A question in the address, answered with a table in the format that is named or accepted. */
export function tableRoute<Fields extends z.ZodRawShape>(
  app: App,
  asked: Asked<Fields> & { operationId: string; summary: string; description?: string },
): void {
  const { url, fields, refusals = [], answer, ...told } = asked
  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      ...told,
      tags,
      querystring: z.strictObject({ ...fields, ...formatField }),
      response: { ...tableAnswer, ...problems(...usual, ...refusals, 'media-type-not-acceptable') },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query as z.output<typeof inAddress> & Question<Fields>
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await answer(request.actor, question as Question<Fields>), format)
    },
  })
}

/** The same question as a body, for formats that need more than an address holds. */
export function writtenTableRoute<Fields extends z.ZodRawShape>(
  app: App,
  asked: Asked<Fields> & { operationId: string; bodyId: string; example: object },
): void {
  const { url, fields, refusals = [], answer, operationId, bodyId, example } = asked
  app.route({
    method: 'POST',
    url,
    config: { access: readers, changesNothing: true },
    schema: {
      operationId,
      tags,
      summary: 'The same in a format that needs more: DHIS2 with its names, a logframe with its targets',
      body: z.strictObject({ ...fields, ...anyFormatFields }).meta({ id: bodyId, examples: [example] }),
      response: { ...tableAnswer, ...problems(...usual, ...refusals) },
    },
    handler: async (request, reply) => {
      const { format, mapping, logframe, ...question } = request.body as z.output<typeof inBody> & Question<Fields>
      const table = await answer(request.actor, question as Question<Fields>)
      return answerTable(reply, table, format, { ...(mapping && { mapping }), ...(logframe && { logframe }) })
    },
  })
}
