import { csvRow } from '../../csv.ts'
import { lastDay, monthOf } from '../../dates.ts'
import { Refusal } from '../../refusals.ts'
import type { Table } from '../table.ts'
import { type Dhis2Mapping, namesOf } from './dhis2-mapping.ts'
import { codeOf, figureOf, type Pieces, pieces, timeOf } from './figures.ts'

type DataValue = {
  dataElement: string
  period: string
  orgUnit: string
  categoryOptionCombo?: string
  attributeOptionCombo?: string
  value: string
}

/**
 * A table as a JSON `dataValueSets` of DHIS2 (docs.dhis2.org, Web API, Data). DHIS2 has no word for a hidden figure, so hidden
 * ones are left out, as those are that there is nothing to tell of. What an earlier import brought there stays until it is
 * deleted there: that is for whoever hides a figure later.
 * @throws Refusal `request-invalid`, see `namesOf`
 */
export function writeDhis2Json(table: Table, mapping: Dhis2Mapping): Pieces {
  const values = dataValues(table, mapping)
  const open = JSON.stringify({ idScheme: mapping.idScheme, dataSet: mapping.dataSet }).slice(0, -1)
  return pieces(json(open, values))
}

/** The same as CSV. It has no place for the scheme of ids: `?idScheme=CODE` in the address of the import says it. */
export function writeDhis2Csv(table: Table, mapping: Dhis2Mapping): Pieces {
  return pieces(csv(dataValues(table, mapping)))
}

function* json(open: string, values: Iterable<DataValue>): Generator<string> {
  yield `${open},"dataValues":[`
  let first = true
  for (const value of values) {
    yield `${first ? '\n' : ',\n'}${JSON.stringify(value)}`
    first = false
  }
  yield ']}\n'
}

function* csv(values: Iterable<DataValue>): Generator<string> {
  yield csvRow(['dataelement', 'period', 'orgunit', 'categoryoptioncombo', 'attributeoptioncombo', 'value'])
  for (const { dataElement, period, orgUnit, categoryOptionCombo, attributeOptionCombo, value } of values) {
    yield csvRow([dataElement, period, orgUnit, categoryOptionCombo ?? '', attributeOptionCombo ?? '', value])
  }
}

/** Whatever is refused is so at once, before the first value is asked for. */
function dataValues(table: Table, mapping: Dhis2Mapping): Iterable<DataValue> {
  const { elements, of } = namesOf(table, mapping)
  const time = timeOf(table)
  const always = time ? undefined : periodOf(table.notes.asOf)
  function* values(): Generator<DataValue> {
    for (const row of table.rows) {
      const named = of(row)
      if (!named) continue
      for (const { measure, dataElement } of elements) {
        const value = figureOf(row, measure)
        if (typeof value !== 'string') continue
        yield { dataElement, period: always ?? (time ? written(codeOf(row, time)) : ''), ...named, value }
      }
    }
  }
  return values()
}

/** The month that a day ends, or the day; a table over months has to have them as a column. */
function periodOf(asOf: string): string {
  if (asOf.includes('/')) {
    const message = 'is over several months, and the table has no column for them'
    throw new Refusal('request-invalid', `asOf ${message}`, { fields: [{ path: 'asOf', message }] })
  }
  const month = monthOf(asOf)
  return written(asOf === lastDay(month) ? month : asOf)
}

/** `2014-01` is 201401 there, `2014-01-31` is 20140131. */
function written(time: string): string {
  return time.replaceAll('-', '')
}
