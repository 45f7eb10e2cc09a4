import { createHash } from 'node:crypto'
import type { Column, Table } from '../table.ts'
import { type CsvStyle, noteColumnsOf, writeCsv } from './csv.ts'
import { hiddenMark, type Pieces } from './figures.ts'

/** A file of a package: its table, how it was written, and what `weigh` tells of its bytes. */
export type PackedFile = { table: Table; path: string; style: CsvStyle; bytes: number; hash: string }

const profiles = 'https://datapackage.org/profiles/2.0'

/** A Frictionless Data Package 2 (datapackage.org/standard) of tables written as CSV: the descriptor, `datapackage.json`. */
export function describePackage(name: string, title: string, files: readonly PackedFile[]): Record<string, unknown> {
  return { $schema: `${profiles}/datapackage.json`, name: slug(name), title, resources: files.map(resource) }
}

/** The descriptor of a table alone, whose file is its plain CSV, under its name. */
export async function* writeFrictionless(table: Table): Pieces {
  const file = { table, path: `${slug(table.name)}.csv`, style: 'plain' as const, ...(await weigh(writeCsv(table))) }
  yield `${JSON.stringify(describePackage(table.name, table.title.es, [file]), null, 2)}\n`
}

/** How many bytes a file has, and their hash as a data package writes it. */
export async function weigh(file: Pieces): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of file) {
    hash.update(piece)
    bytes += Buffer.byteLength(piece)
  }
  return { bytes, hash: `sha256:${hash.digest('hex')}` }
}

function resource({ table, path, style, bytes, hash }: PackedFile): Record<string, unknown> {
  const notes = noteColumnsOf(table).map(name => ({ name, type: 'string' }))
  return {
    $schema: `${profiles}/dataresource.json`,
    ...{ name: slug(table.name), path, type: 'table', title: table.title.es, description: table.title.en },
    ...{ format: 'csv', mediatype: 'text/csv', encoding: 'utf-8', bytes, hash },
    dialect: { $schema: `${profiles}/tabledialect.json`, delimiter: style === 'es-PE' ? ';' : ',' },
    schema: {
      $schema: `${profiles}/tableschema.json`,
      fields: [...table.columns.map(column => field(column, style)), ...notes],
      missingValues: [
        { value: '', label: 'Nothing to tell' },
        { value: hiddenMark, label: 'Hidden, so that nobody can be known by it' },
      ],
    },
    notes: table.notes,
  }
}

const types = {
  ...{ code: 'string', month: 'yearmonth', day: 'date' },
  ...{ count: 'integer', amount: 'number', rate: 'number' },
} as const

function field({ name, kind, title }: Column, style: CsvStyle): Record<string, unknown> {
  const type = types[kind]
  const comma = type === 'number' && style === 'es-PE' ? { decimalChar: ',' } : {}
  return { name, type, ...comma, title: title.es, description: title.en }
}

/** A name that may be a file's and a resource's. */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
}
