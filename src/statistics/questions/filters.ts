import type { Db } from '../../db/client.ts'
import { ageBands, type DimensionName, none, untold } from '../counting/dimensions.ts'
import type { AskedBooks } from './knowledge.ts'
import { invalid } from './question.ts'

type Only = readonly { dimension: DimensionName; code: string }[]

/** Codes that there are of themselves. */
const fixed: Partial<Record<DimensionName, readonly string[]>> = {
  age: [...ageBands, untold],
  sex: ['female', 'male'],
  juntos: ['yes', 'no'],
}

/** How a code is looked for, in the books that are asked about ($2) where it is one of theirs. */
const registered: Partial<Record<DimensionName, string>> = {
  department: 'select from territory where code = $1 and cardinality($2::uuid[]) >= 0',
  province: 'select from territory where code = $1 and cardinality($2::uuid[]) >= 0',
  district: 'select from territory where code = $1 and cardinality($2::uuid[]) >= 0',
  programme: 'select from programme where code = $1 and cardinality($2::uuid[]) >= 0',
  institution: 'select from partner_institution where code = $1 and cardinality($2::uuid[]) >= 0',
  group: `select from savings_group g join book b on b.id = g.book_id where b.id = any($2::uuid[]) and b.code || '/' || g.code = $1`,
}

/**
 * A code that there is not would be answered with zeros, which somebody might believe.
 * @throws Refusal `request-invalid`; of cohorts and languages, which are texts of anybody's, nothing is refused
 */
export async function refuseUnknown(db: Db, books: AskedBooks['books'], only: Only): Promise<void> {
  for (const { dimension, code } of only) {
    const codes = fixed[dimension]
    if (codes !== undefined && !codes.includes(code)) throw invalid(dimension, `is none of ${codes.join(', ')}`)
    const text = registered[dimension]
    // Whoever is in no programme is not asked for by one.
    if (text === undefined || (code === none && dimension !== 'programme')) continue
    const { rowCount } = await db.$client.query(text, [code, books.map(({ id }) => id)])
    if (rowCount === 0) throw invalid(dimension, 'is the code of none that there is')
  }
}
