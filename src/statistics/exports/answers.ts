import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { formWanted } from '../../http/form.ts'
import { currencySchema } from '../../money.ts'
import type { Table } from '../table.ts'
import { dhis2Mapping } from './dhis2-mapping.ts'
import { type FormatName, formats, type Given } from './index.ts'
import { logframe } from './logframe.ts'

const names = formats.map(({ name }) => name) as [FormatName, ...FormatName[]]
const byThemselves = formats.filter(({ needs }) => needs === null).map(({ name }) => name) as [
  FormatName,
  ...FormatName[],
]

export const formatField = {
  format: z
    .enum(byThemselves)
    .meta({ id: 'TableFormat' })
    .optional()
    .describe('By default what `Accept` asks for, else `json`; formats that need more are had by POST'),
}

export const anyFormatFields = {
  format: z.enum(names).meta({ id: 'AnyTableFormat' }).default('json'),
  mapping: dhis2Mapping.optional().describe('For `dhis2-json` and `dhis2-csv`'),
  logframe: logframe.optional().describe('For `ifad-logframe`'),
}

const wording = z
  .object({ es: z.string().meta({ examples: ['Mes'] }), en: z.string().meta({ examples: ['Month'] }) })
  .meta({ id: 'Wording' })

const text = (...examples: string[]) => z.string().meta({ examples })

const tableSchema = z
  .object({
    name: text('permanent-active-savers'),
    title: wording,
    columns: z.array(
      z
        .object({
          name: text('permanentActive'),
          kind: z.enum(['code', 'month', 'day', 'count', 'amount', 'rate']).meta({ id: 'ColumnKind' }),
          title: wording,
        })
        .meta({ id: 'TableColumn' }),
    ),
    notes: z
      .object({
        definition: text('PAS-v1').nullable(),
        parameters: z.record(z.string(), z.any()).nullable().describe('The definition’s terms'),
        currency: currencySchema,
        asOf: text('2026-01/2026-03').describe('A day, or the first and the last month'),
        knownAt: text('2026-04-02T15:00:00.000Z').describe('Ask again with it, and the answer is the same for ever'),
        population: text('Persons whose first account in the currency was opened on or before the end of the month …'),
        suppression: z
          .object({ profile: text('internal'), k: z.int().meta({ examples: [5] }) })
          .meta({ id: 'SuppressionNote' })
          .nullable(),
      })
      .meta({ id: 'TableNotes' }),
    hidden: text(':c').describe('What stands in place of a figure that was hidden, so that nobody can be known by it'),
    rows: z
      .array(z.record(z.string(), z.union([z.string(), z.int()]).nullable()))
      .describe('By the names of the columns. `_T` is a total. Counts are numbers, amounts and rates texts')
      .meta({ examples: [[{ month: '2026-03', sex: '_T', permanentActive: 61, rate: '0.4213' }]] }),
  })
  .meta({ id: 'StatisticsTable' })

const dataPackage = z
  .object({
    name: text('permanent-active-savers'),
    title: text('Ahorradoras activas permanentes'),
    resources: z.array(z.record(z.string(), z.any())).meta({ examples: [[]] }),
  })
  .meta({ id: 'FrictionlessDataPackage' })

const dataValueSets = z
  .object({ idScheme: text('CODE'), dataValues: z.array(z.record(z.string(), z.string())).meta({ examples: [[]] }) })
  .meta({ id: 'Dhis2DataValueSets' })

const file = (id: string, ...examples: string[]) => ({ schema: z.string().meta({ id, examples }) })

const content = {
  'application/json': {
    schema: z.union([tableSchema, dataPackage, dataValueSets]).meta({ id: 'TableAsJson' }),
  },
  'text/csv': file('TableAsCsv', 'month,sex,permanentActive\r\n2026-03,_T,61\r\n'),
  'application/vnd.apache.parquet': file('TableAsParquet', 'PAR1 …'),
  'application/vnd.sdmx.data+csv': file('TableAsSdmxCsv', 'STRUCTURE,STRUCTURE_ID,ACTION,SEX,MEASURE,TIME_PERIOD\r\n'),
  'application/csv': file('TableForDhis2', 'dataelement,period,orgunit,value\r\n'),
}

/** The success of every route that answers with a table. */
export const tableAnswer = { 200: { description: 'The table', content } }

/** Formats by what `Accept` may say; of those of one media type the first. */
const accepted = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/vnd.apache.parquet': 'parquet',
  'application/vnd.sdmx.data+csv': 'sdmx-csv',
} as const satisfies Record<string, FormatName>

type Accepted = keyof typeof accepted

/**
 * The format that was named, else the one that `Accept` wants.
 * @throws Refusal `media-type-not-acceptable`
 */
export function formatWanted(request: FastifyRequest, reply: FastifyReply, named: FormatName | undefined): FormatName {
  return named ?? accepted[formWanted(request, reply, Object.keys(accepted) as [Accepted, ...Accepted[]])]
}

/**
 * Sends a table in a format, as it is written.
 * @throws Refusal `request-invalid` when what the format needs is not there, or does not fit the table
 */
export function answerTable(reply: FastifyReply, table: Table, name: FormatName, given: Given = {}) {
  const { mediaType, extension, write } = formats.find(format => format.name === name)!
  const file = write(table, given)
  reply.type(mediaType)
  if (name !== 'json') reply.header('content-disposition', `attachment; filename="${table.name}.${extension}"`)
  // Fastify sends a stream as it comes; its types know only what the schema says.
  return reply.send(Readable.from(file, { objectMode: false }) as never)
}
