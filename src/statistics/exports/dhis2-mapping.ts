import { z } from 'zod'
import { type FieldProblem, Refusal } from '../../refusals.ts'
import type { Table, Value } from '../table.ts'
import { codeOf, dimensionsOf, measuresOf, type Placed, timeOf } from './figures.ts'

/** What a thing of ours is called there; null leaves it out, on purpose. */
const called = z.string().min(1).nullable()

const optionCombos = z
  .strictObject({
    columns: z
      .array(z.string())
      .min(1)
      .meta({ description: 'The columns whose codes, in this order, make a combination' }),
    combos: z.array(z.strictObject({ codes: z.array(z.string()), id: called }).meta({ id: 'Dhis2OptionCombo' })),
  })
  .meta({ id: 'Dhis2OptionCombos' })

/** How a table's codes are called in somebody's DHIS2. Totals (`_T`) are codes too: DHIS2 adds up by itself, so mostly null. */
export const dhis2Mapping = z
  .strictObject({
    idScheme: z.enum(['CODE', 'UID']).meta({ id: 'Dhis2IdScheme' }).default('CODE'),
    dataSet: z.string().min(1).optional(),
    dataElements: z.record(z.string(), called).meta({ description: 'By measure' }),
    orgUnits: z.strictObject({ column: z.string(), codes: z.record(z.string(), called) }).meta({ id: 'Dhis2OrgUnits' }),
    categoryOptionCombos: optionCombos.optional(),
    attributeOptionCombos: optionCombos.optional(),
  })
  .meta({ id: 'Dhis2Mapping' })
export type Dhis2Mapping = z.infer<typeof dhis2Mapping>

export type Named = { orgUnit: string; categoryOptionCombo?: string; attributeOptionCombo?: string }

export type Names = {
  /** Of each measure that is not left out. */
  elements: { measure: Placed; dataElement: string }[]
  /** What a row is called there, or null if it is left out. */
  of: (row: readonly Value[]) => Named | null
}

/**
 * Finds the names of all that a table holds, before anything is written.
 * @throws Refusal `request-invalid` with a problem for each column and code without a name, and for each figure that two
 * rows would claim, one of which DHIS2 would lose
 */
export function namesOf(table: Table, mapping: Dhis2Mapping): Names {
  const problems = columnProblems(table, mapping)
  if (problems.length > 0) throw unfit(problems)
  const elements = measuresOf(table).flatMap(measure => {
    const dataElement = mapping.dataElements[measure.name]
    return typeof dataElement === 'string' ? [{ measure, dataElement }] : []
  })
  const of = rowNames(table, mapping)
  const found = codeProblems(table, of)
  if (found.length > 0) throw unfit(found)
  return { elements, of: row => of(row).named ?? null }
}

function unfit(fields: FieldProblem[]): Refusal {
  const first = fields.slice(0, 3).map(({ path, message }) => `${path} ${message}`)
  const more = fields.length > 3 ? ` and ${fields.length - 3} more` : ''
  return new Refusal('request-invalid', `The mapping does not fit the table: ${first.join('; ')}${more}`, { fields })
}

function columnProblems(table: Table, mapping: Dhis2Mapping): FieldProblem[] {
  const { orgUnits, categoryOptionCombos: categories, attributeOptionCombos: attributes } = mapping
  const used = [orgUnits.column, ...(categories?.columns ?? []), ...(attributes?.columns ?? [])]
  const names = dimensionsOf(table).flatMap(column => (column.at === timeOf(table)?.at ? [] : [column.name]))
  const elements = measuresOf(table).filter(({ name }) => !Object.hasOwn(mapping.dataElements, name))
  const { dataElements } = mapping
  const unknown = Object.keys(dataElements).filter(name => !measuresOf(table).some(measure => measure.name === name))
  const twice = Object.entries(dataElements).filter(([, id], at, all) => {
    return id !== null && all.findIndex(([, other]) => other === id) < at
  })
  const wrong = [categories, attributes].flatMap(
    part => part?.combos.filter(({ codes }) => codes.length !== part.columns.length) ?? [],
  )
  return [
    ...unknown.map(name => ({ path: `dataElements.${name}`, message: 'is no measure of the table' })),
    ...twice.map(([name, id]) => ({ path: `dataElements.${name}`, message: `has the data element of another, ${id}` })),
    ...elements.map(({ name }) => ({ path: `dataElements.${name}`, message: 'has no data element' })),
    ...names
      .filter(name => !used.includes(name))
      .map(name => ({ path: name, message: 'is a column that no option combination takes in' })),
    ...used
      .filter((name, at) => !names.includes(name) || used.indexOf(name) !== at)
      .map(name => ({ path: name, message: 'is no column of the table, or named twice' })),
    ...wrong.map(({ codes }) => ({ path: codes.join(', '), message: 'are not as many codes as columns' })),
  ]
}

/** What a row is called, and what it lacks a name for: `path` of each such code. A row left out in one is left out. */
type RowNames = (row: readonly Value[]) => { named?: Named; lacks: string[] }

function rowNames(table: Table, mapping: Dhis2Mapping): RowNames {
  const { column, codes } = mapping.orgUnits
  const orgUnit = lookUp(table, {
    columns: [column],
    combos: Object.entries(codes).map(([code, id]) => ({ codes: [code], id })),
  })
  const category = mapping.categoryOptionCombos && lookUp(table, mapping.categoryOptionCombos)
  const attribute = mapping.attributeOptionCombos && lookUp(table, mapping.attributeOptionCombos)
  return row => {
    const found = {
      orgUnits: orgUnit(row),
      categoryOptionCombos: category?.(row),
      attributeOptionCombos: attribute?.(row),
    }
    const all = Object.entries(found).flatMap(([part, name]) => (name ? [{ part, ...name }] : []))
    if (all.some(({ id }) => id === null)) return { lacks: [] }
    const lacks = all.filter(({ id }) => id === undefined).map(({ part, code }) => `${part}.${code}`)
    if (lacks.length > 0) return { lacks }
    return {
      named: {
        orgUnit: found.orgUnits.id!,
        ...(found.categoryOptionCombos && { categoryOptionCombo: found.categoryOptionCombos.id! }),
        ...(found.attributeOptionCombos && { attributeOptionCombo: found.attributeOptionCombos.id! }),
      },
      lacks,
    }
  }
}

type LookUp = (row: readonly Value[]) => { code: string; id: string | null | undefined }

function lookUp(table: Table, { columns, combos }: z.infer<typeof optionCombos>): LookUp {
  const dimensions = dimensionsOf(table)
  const placed = columns.map(name => dimensions.find(column => column.name === name)!)
  const known = new Map(combos.map(({ codes, id }) => [JSON.stringify(codes), id]))
  return row => {
    const codes = placed.map(column => codeOf(row, column))
    return { code: codes.join(', '), id: known.get(JSON.stringify(codes)) }
  }
}

function codeProblems(table: Table, of: RowNames): FieldProblem[] {
  const time = timeOf(table)
  const problems = new Map<string, FieldProblem>()
  const claimed = new Set<string>()
  for (const row of table.rows) {
    const { named, lacks } = of(row)
    for (const path of lacks) problems.set(path, { path, message: 'has no name there' })
    if (!named) continue
    const { orgUnit, categoryOptionCombo: category, attributeOptionCombo: attribute } = named
    const place = [orgUnit, time && codeOf(row, time), category, attribute].filter(name => name !== undefined)
    const key = JSON.stringify(place)
    if (claimed.has(key)) problems.set(key, { path: place.join(', '), message: 'is the place of two rows' })
    claimed.add(key)
  }
  return [...problems.values()]
}
