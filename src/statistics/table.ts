/** What stands in a figure's place when it was hidden, so that nobody can be known by it. */
export const hidden = Symbol('hidden')

/** Amounts and rates are decimal strings, counts integers; null where there is nothing to tell. */
export type Value = string | number | null | typeof hidden

/** Codes, months and days say which figure it is; counts, amounts and rates are figures. */
export type ColumnKind = 'code' | 'month' | 'day' | 'count' | 'amount' | 'rate'

export type Wording = { es: string; en: string }

export type Column = { name: string; kind: ColumnKind; title: Wording }

/** Whatever has to be known of a figure to count it again. */
export type Notes = {
  definition: string | null
  parameters: Record<string, unknown> | null
  currency: string
  /** A day, or the first and last month of a series, `2010-01/2014-12`. */
  asOf: string
  knownAt: string
  population: string
  suppression: { profile: string; k: number } | null
}

/** Figures in rows, as every export, release and page takes them. */
export type Table = { name: string; title: Wording; columns: Column[]; rows: Value[][]; notes: Notes }

/** The code of a total in the place of a dimension's; SDMX's own. */
export const total = '_T'
