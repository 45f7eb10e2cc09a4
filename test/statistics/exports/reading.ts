import { parse } from 'csv-parse/sync'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import type { Pieces } from '../../../src/statistics/exports/figures.ts'
import { hidden, type Table } from '../../../src/statistics/table.ts'

/** A figure as any format can tell it: its digits without zeros that say nothing, that it is hidden, or that there is none. */
export type Figure = string | 'hidden' | 'none'
export type Read = Record<string, Figure>[]

export async function bytesOf(file: Pieces): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of file) all.push(Buffer.from(piece as string))
  return Buffer.concat(all)
}

export async function textOf(file: Pieces): Promise<string> {
  return (await bytesOf(file)).toString('utf8')
}

export function digits(text: string): string {
  const [whole = '', fraction = ''] = text.split('.')
  const rest = fraction.replace(/0+$/, '')
  return rest === '' ? whole : `${whole}.${rest}`
}

const figureKinds = ['count', 'amount', 'rate']

/** What a table holds, in the common form. */
export function held(table: Table): Read {
  return table.rows.map(row =>
    Object.fromEntries(
      table.columns.map(({ name, kind }, at) => {
        const value = row[at]!
        if (!figureKinds.includes(kind)) return [name, String(value)]
        return [name, value === hidden ? 'hidden' : value === null ? 'none' : digits(String(value))]
      }),
    ),
  )
}

function figure(text: string): Figure {
  return text === ':c' ? 'hidden' : text === '' ? 'none' : digits(text)
}

/** A file of CSV as a careful reader of its schema would: he takes a mark against formulas away, and reads figures as such. */
export function readCsv(table: Table, text: string, style: 'plain' | 'es-PE'): Read {
  const semicolons = style === 'es-PE'
  const options = { bom: true, columns: true, delimiter: semicolons ? ';' : ',', recordDelimiter: '\r\n' } as const
  const rows = parse(text, options) as Record<string, string>[]
  return rows.map(row =>
    Object.fromEntries(
      table.columns.map(({ name, kind }) => {
        const cell = row[name]!
        if (figureKinds.includes(kind)) return [name, figure(semicolons ? cell.replace(',', '.') : cell)]
        return [name, /^'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(cell) ? cell.slice(1) : cell]
      }),
    ),
  )
}

export function readJson(table: Table, text: string): Read {
  const { rows } = JSON.parse(text) as { rows: Record<string, string | number | null>[] }
  return rows.map(row =>
    Object.fromEntries(
      table.columns.map(({ name, kind }) => {
        const value = row[name]!
        return [name, figureKinds.includes(kind) ? figure(value === null ? '' : String(value)) : String(value)]
      }),
    ),
  )
}

/** Decimals are read as the integers that they are stored as: the reader's own way would make doubles of them. */
export async function readParquet(table: Table, bytes: Buffer): Promise<Read> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  const metadata = parquetMetadata(file)
  const scales = new Map(metadata.schema.map(element => [element.name, element.scale ?? 0]))
  for (const element of metadata.schema) {
    if (element.converted_type !== 'DECIMAL') continue
    delete element.converted_type
    delete element.logical_type
  }
  const rows = await parquetReadObjects({ file, metadata })
  return rows.map(row =>
    Object.fromEntries(
      table.columns.map(({ name, kind }) => {
        const value = row[name]
        if (kind === 'day') return [name, (value as Date).toISOString().slice(0, 10)]
        if (!figureKinds.includes(kind)) return [name, value]
        if (value !== null) return [name, row[`${name}_hidden`] === false ? unscaled(value, scales.get(name)!) : 'both']
        return [name, row[`${name}_hidden`] === true ? 'hidden' : 'none']
      }),
    ),
  )
}

function unscaled(value: bigint, scale: number): string {
  const text = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  return digits(scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`)
}

const statuses: Record<string, (value: string) => Figure> = { A: digits, O: () => 'none', Q: () => 'hidden' }

/** Observations are put together again, a row those of the same codes and time. */
export function readSdmx(table: Table, text: string, ids: Record<string, string>): Read {
  const observations = parse(text, { columns: true, recordDelimiter: '\r\n' }) as Record<string, string>[]
  const rows = new Map<string, Record<string, Figure>>()
  const measures = table.columns.filter(({ kind }) => figureKinds.includes(kind))
  const dimensions = table.columns.filter(({ kind }) => !figureKinds.includes(kind))
  for (const observation of observations) {
    const codes = dimensions.map(({ name }): [string, string] => [name, observation[ids[name]!]!])
    const row = rows.get(JSON.stringify(codes)) ?? Object.fromEntries(codes)
    rows.set(JSON.stringify(codes), row)
    const { name } = measures.find(({ name }) => ids[name] === observation.MEASURE)!
    row[name] = statuses[observation.OBS_STATUS!]!(observation.OBS_VALUE!)
    if (observation.OBS_STATUS !== 'A' && observation.OBS_VALUE !== '') row[name] = 'both'
  }
  return [...rows.values()]
}
