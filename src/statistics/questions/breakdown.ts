import type { Month } from '../../dates.ts'
import { addMonths } from '../../dates.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import { byPrefix, type Dimension, flat } from '../disclosure/dimension.ts'
import type { Column, Wording } from '../table.ts'
import { invalid, type MonthSpan } from './question.ts'

/** What each dimension is called. */
export const dimensionTitles: Record<DimensionName, Wording> = {
  department: { es: 'Departamento', en: 'Department' },
  province: { es: 'Provincia', en: 'Province' },
  district: { es: 'Distrito', en: 'District' },
  programme: { es: 'Programa', en: 'Programme' },
  cohort: { es: 'Cohorte', en: 'Cohort' },
  institution: { es: 'Institución', en: 'Institution' },
  group: { es: 'Grupo de ahorro', en: 'Savings group' },
  age: { es: 'Grupo de edad', en: 'Age band' },
  sex: { es: 'Sexo', en: 'Sex' },
  motherTongue: { es: 'Lengua materna', en: 'Mother tongue' },
  juntos: { es: 'Recibe JUNTOS', en: 'Receives JUNTOS' },
}

const prefixes: Partial<Record<DimensionName, number[]>> = { province: [2], district: [2, 4] }

/** The codes that were met, each dimension with its total; a level of territory with the levels above it as sums. */
export function treesOf(by: readonly DimensionName[], cells: readonly { codes: readonly string[] }[]): Dimension[] {
  return by.map((name, at) => {
    const codes = [...new Set(cells.map(cell => cell.codes[at]!))].sort()
    const lengths = prefixes[name]
    return lengths === undefined ? flat(name, codes) : byPrefix(name, codes, lengths)
  })
}

export function dimensionColumns(by: readonly DimensionName[]): Column[] {
  return by.map(name => ({ name, kind: 'code', title: dimensionTitles[name] }))
}

export const monthColumn: Column = { name: 'month', kind: 'month', title: { es: 'Mes', en: 'Month' } }

/** As many rows as a table has at most. */
const mostRows = 250_000

/** @throws Refusal `request-invalid` for a table of more rows than anybody reads */
export function refuseTooLarge(trees: readonly Dimension[], { length }: MonthSpan): void {
  const rows = trees.reduce((product, { codes }) => product * codes.length, length)
  if (rows > mostRows) throw invalid('by', `would make ${rows} rows, more than ${mostRows}; ask for fewer months`)
}

export function eachMonth({ first, length }: MonthSpan): Month[] {
  return Array.from({ length }, (_, nth) => addMonths(first, nth))
}
