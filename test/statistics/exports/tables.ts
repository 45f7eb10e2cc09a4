import fc from 'fast-check'
import {
  type Column,
  type ColumnKind,
  hidden,
  type Notes,
  type Table,
  total,
  type Value,
} from '../../../src/statistics/table.ts'

export const notes: Notes = {
  definition: 'PAS-v1',
  parameters: { window: 12, minimumMonths: 4 },
  currency: 'PEN',
  asOf: '2014-01/2014-12',
  knownAt: '2015-02-01T05:00:00.000Z',
  population: 'Persons with an account in the currency',
  suppression: { profile: 'public', k: 10 },
}

export function column(name: string, kind: ColumnKind): Column {
  return { name, kind, title: { es: `${name} (es)`, en: `${name} (en)` } }
}

export function table(columns: Column[], rows: Value[][], more: Partial<Notes> = {}): Table {
  const title = { es: 'Ahorradoras permanentes', en: 'Permanent active savers' }
  return { name: 'permanent-active-savers', title, columns, rows, notes: { ...notes, ...more } }
}

const code = fc.oneof(
  fc.constantFrom('080101', total, 'none', '=1+1', "'=x", '-2', 'Ñusta; "Sumaq", Warmi', 'two\nlines\r\n', ' spaces '),
  fc.string({ unit: 'grapheme', minLength: 1 }),
)
const month = fc.tuple(fc.integer({ min: 2000, max: 2030 }), fc.integer({ min: 1, max: 12 }))
const monthText = month.map(([year, at]) => `${year}-${String(at).padStart(2, '0')}`)
const decimal = (decimals: number) =>
  fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map(minor => {
    const digits = (minor < 0n ? -minor : minor).toString().padStart(decimals + 1, '0')
    return `${minor < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  })

const figures: Record<'count' | 'amount' | 'rate', fc.Arbitrary<Value>> = {
  count: fc.oneof(fc.constantFrom(0, 1, 3_000_000_000), fc.maxSafeNat()),
  amount: fc.oneof(fc.constantFrom('0.00', '12345678901.05', '-0.05'), decimal(2)),
  rate: fc.oneof(fc.constantFrom('0.0000', '1.0000', '0.4213'), decimal(4)),
}
const orNone = (value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constantFrom<Value[]>(null, hidden) })

export const columns: Column[] = [
  ...[column('month', 'month'), column('district', 'code'), column('motherTongue', 'code')],
  ...[column('savers', 'count'), column('balance', 'amount'), column('share', 'rate'), column('openedOn', 'day')],
]

/** Tables of those columns, whose rows are of different months, districts and tongues. */
export const anyTable: fc.Arbitrary<Table> = fc
  .uniqueArray(
    fc.tuple(
      ...([monthText, code, code, orNone(figures.count), orNone(figures.amount), orNone(figures.rate)] as const),
      monthText.map(text => `${text}-15`),
    ),
    { selector: ([at, district, tongue]) => JSON.stringify([at, district, tongue]), maxLength: 30 },
  )
  .map(rows => table(columns, rows))
