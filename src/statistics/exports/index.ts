import { Refusal } from '../../refusals.ts'
import type { Table } from '../table.ts'
import { writeCsv } from './csv.ts'
import { writeDhis2Csv, writeDhis2Json } from './dhis2.ts'
import type { Dhis2Mapping } from './dhis2-mapping.ts'
import type { Pieces } from './figures.ts'
import { writeFrictionless } from './frictionless.ts'
import { writeJson } from './json.ts'
import { type Logframe, writeLogframe } from './logframe.ts'
import { writeParquet } from './parquet.ts'
import { writeSdmxCsv } from './sdmx-csv.ts'

/** What some formats need beside the table. */
export type Given = { mapping?: Dhis2Mapping; logframe?: Logframe }

type Format = {
  name: string
  mediaType: string
  extension: string
  needs: keyof Given | null
  /** @throws Refusal `request-invalid` if what the format needs was not given, or does not fit the table */
  write: (table: Table, given: Given) => Pieces
}

const csv = 'text/csv; charset=utf-8'

/** Every format that a table can be had in. Each writes the same figures. */
export const formats = [
  { name: 'csv', mediaType: csv, extension: 'csv', needs: null, write: table => writeCsv(table) },
  { name: 'csv-es-PE', mediaType: csv, extension: 'csv', needs: null, write: table => writeCsv(table, 'es-PE') },
  { name: 'json', mediaType: 'application/json', extension: 'json', needs: null, write: writeJson },
  {
    name: 'parquet',
    mediaType: 'application/vnd.apache.parquet',
    extension: 'parquet',
    needs: null,
    write: writeParquet,
  },
  {
    name: 'sdmx-csv',
    mediaType: 'application/vnd.sdmx.data+csv; version=2.0.0',
    extension: 'csv',
    needs: null,
    write: writeSdmxCsv,
  },
  { name: 'data-package', mediaType: 'application/json', extension: 'json', needs: null, write: writeFrictionless },
  {
    name: 'dhis2-json',
    mediaType: 'application/json',
    extension: 'json',
    needs: 'mapping',
    write: (table, { mapping }) => writeDhis2Json(table, needed('mapping', mapping)),
  },
  {
    name: 'dhis2-csv',
    mediaType: 'application/csv',
    extension: 'csv',
    needs: 'mapping',
    write: (table, { mapping }) => writeDhis2Csv(table, needed('mapping', mapping)),
  },
  {
    name: 'ifad-logframe',
    mediaType: csv,
    extension: 'csv',
    needs: 'logframe',
    write: (table, { logframe }) => writeLogframe(table, needed('logframe', logframe)),
  },
] as const satisfies readonly Format[]

export type FormatName = (typeof formats)[number]['name']

function needed<Part>(path: keyof Given, part: Part | undefined): Part {
  if (part !== undefined) return part
  const message = 'is needed for this format'
  throw new Refusal('request-invalid', `${path} ${message}`, { fields: [{ path, message }] })
}
