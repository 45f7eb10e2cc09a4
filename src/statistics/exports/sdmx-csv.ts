import { csvRow } from '../../csv.ts'
import { addMonths, firstDay } from '../../dates.ts'
import { hidden, type Notes, type Table } from '../table.ts'
import { codeOf, dimensionsOf, figureOf, measuresOf, type Pieces, pieces, timeOf } from './figures.ts'

/** Of SDMX's code lists CL_OBS_STATUS (2.x) and CL_CONF_STATUS (1.x): what is told of a figure beside its value. */
const told = { observation: 'A', confidentiality: 'F' } as const // normal value; free
const missing = { observation: 'O', confidentiality: 'F' } as const // missing value
/** Suppressed; not for publication. Whether for its own sake or another's (C or D) is not said: that would tell something. */
const suppressed = { observation: 'Q', confidentiality: 'N' } as const

/** The code for a dimension that a row has not; it may not be empty. */
const notApplicable = '_Z'

/**
 * A table as SDMX-CSV 2.0: an observation a line, its measure a dimension, `MEASURE`. The action is R, replace: whoever has
 * an earlier value of a figure that is hidden now loses it, where after an append it would stay. Codes are not marked as in
 * other CSV, for this file is read by programs, which match them to the letter.
 * Field guide: github.com/sdmx-twg/sdmx-csv, v2.0.0.
 */
export function writeSdmxCsv(table: Table): Pieces {
  return pieces(lines(table))
}

function* lines(table: Table): Generator<string> {
  const time = timeOf(table)
  const dimensions = dimensionsOf(table).filter(column => column.at !== time?.at)
  const measures = measuresOf(table).map(measure => ({ measure, id: idOf(measure.name) }))
  const structure = `QULLQI:${idOf(table.name)}(1.0.0)`
  const period = periodOf(table.notes.asOf)
  const { currency, definition, knownAt } = table.notes
  yield csvRow([
    ...[
      'STRUCTURE',
      'STRUCTURE_ID',
      'ACTION',
      ...dimensions.map(column => idOf(column.name)),
      'MEASURE',
      'TIME_PERIOD',
    ],
    ...['OBS_VALUE', 'OBS_STATUS', 'CONF_STATUS', 'CURRENCY', 'DEFINITION', 'KNOWN_AT'],
  ])
  for (const row of table.rows) {
    const codes = dimensions.map(column => codeOf(row, column) || notApplicable)
    for (const { measure, id } of measures) {
      const figure = figureOf(row, measure)
      const status = figure === hidden ? suppressed : figure === null ? missing : told
      yield csvRow([
        ...['dataflow', structure, 'R', ...codes, id, time ? codeOf(row, time) : period],
        ...[typeof figure === 'string' ? figure : '', status.observation, status.confidentiality],
        ...[measure.kind === 'amount' ? currency : '', definition ?? '', knownAt],
      ])
    }
  }
}

/** An identifier as SDMX writes them: `districtCode` is DISTRICT_CODE. */
export function idOf(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}

/** A day as it is; months from and to as SDMX's time range, which is a beginning and a duration. */
function periodOf(asOf: Notes['asOf']): string {
  const [first, last] = asOf.split('/') as [string, string?]
  if (last === undefined) return first
  let months = 1
  while (addMonths(first, months - 1) < last) months += 1
  return `${firstDay(first)}/P${months}M`
}
