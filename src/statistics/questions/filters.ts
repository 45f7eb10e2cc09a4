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
  programme:
    'select from enrolment e join programme p on p.id = e.programme_id where p.code = $1 and e.book_id = any($2::uuid[]) limit 1',
  cohort: 'select from enrolment where cohort = $1 and book_id = any($2::uuid[]) limit 1',
  institution:
    'select from savings_book s join partner_institution i on i.id = s.institution_id where i.code = $1 and s.book_id = any($2::uuid[]) limit 1',
  group: `select from savings_group g join book b on b.id = g.book_id where b.id = any($2::uuid[]) and b.code || '/' || g.code = $1`,
}

/**
 * A code that there is not would be answered with zeros, which somebody might believe.
 * @throws Refusal `request-invalid`; of languages nothing is refused, for nobody is to learn by asking whether somebody told hers
 */
export async function refuseUnknown(db: Db, books: AskedBooks['books'], only: Only): Promise<void> {
  refuseApart(only)
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

/** A district has the codes of its province and department before its own. */
function refuseApart(only: Only): void {
  const places = only.filter(({ dimension }) => ['department', 'province', 'district'].includes(dimension))
  for (const [nth, { dimension, code }] of places.entries()) {
    const apart = places.slice(0, nth).find(around => !code.startsWith(around.code))
    if (apart !== undefined) throw invalid(dimension, `is not in ${apart.dimension} ${apart.code}`)
  }
}
