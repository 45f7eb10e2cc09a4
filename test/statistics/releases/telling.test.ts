import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { width } from '../../../src/statistics/counting/count.ts'
import type { Definition } from '../../../src/statistics/definitions/definitions.ts'
import { cubeOf, layoutOf, nodeOf } from '../../../src/statistics/disclosure/cube.ts'
import { suppress } from '../../../src/statistics/disclosure/suppress.ts'
import { treesOf } from '../../../src/statistics/questions/breakdown.ts'
import { byStatus } from '../../../src/statistics/questions/savers-table.ts'
import { type Told, tellingPair } from '../../../src/statistics/releases/telling.ts'
import { total } from '../../../src/statistics/table.ts'
import { type Asking, asking } from '../../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../../support/app.ts'
import { openStage } from '../stage.ts'

const k = 5
const month = '2010-12'
const definition = { reference: 'PAS-v1', terms: { minimumAge: 12 } } as unknown as Definition

const kinds = { district: ['080101', '080102', '210101'], sex: ['female', 'male'], age: ['18-29', '30-44'] } as const
type Kind = keyof typeof kinds
type Person = Record<Kind, string> & { status: string }
const statuses = ['PERMANENT_ACTIVE', 'DORMANT'] as const

/** Everybody that there could be, one of each: whoever is in one figure and another follows from them. */
const everybody: Person[] = kinds.district.flatMap(district =>
  kinds.sex.flatMap(sex => kinds.age.flatMap(age => statuses.map(status => ({ district, sex, age, status })))),
)

const filters = fc.uniqueArray(
  fc.constantFrom(
    ...kinds.district.map(code => ({ dimension: 'district' as const, code })),
    { dimension: 'department' as const, code: '08' },
    { dimension: 'sex' as const, code: 'female' },
    { dimension: 'age' as const, code: '18-29' },
  ),
  { maxLength: 2, selector: ({ dimension }) => dimension },
)
const asked = fc.record({
  by: fc.uniqueArray(fc.constantFrom('district', 'sex', 'age'), { maxLength: 1 }) as fc.Arbitrary<Kind[]>,
  only: filters,
})
/** Also where nobody, or one in each place, is of some kind: then a filter by it takes nobody away, or few. */
const persons = fc
  .record({
    counts: fc.tuple(...everybody.map(() => fc.oneof(fc.constant(0), fc.nat(9), fc.nat(30)))),
    rare: fc.subarray(['male', '30-44', '080102']),
    most: fc.nat(1),
  })
  .map(({ counts, rare, most }) =>
    everybody.flatMap((person, at) => {
      const isRare = Object.values(person).some(code => rare.includes(code))
      return Array.from({ length: isRare ? Math.min(most, counts[at]!) : counts[at]! }, () => person)
    }),
  )

type Asked = { by: Kind[]; only: { dimension: Kind | 'department'; code: string }[] }

function fulfils(person: Person, { only }: Asked): boolean {
  return only.every(({ dimension, code }) =>
    dimension === 'department' ? person.district.startsWith(code) : person[dimension] === code,
  )
}

function told(asked: Asked, all: readonly Person[], name: string): Told {
  const { by, only } = asked
  const cells = everybody.map(person => ({ codes: by.map(kind => person[kind]), counts: new Int32Array(width) }))
  const layout = layoutOf([...treesOf(by, cells), byStatus])
  const counts = new Map<string, [string[], number]>()
  for (const person of all.filter(one => fulfils(one, asked))) {
    const codes = [...by.map(kind => person[kind]), person.status]
    counts.set(codes.join(), [codes, (counts.get(codes.join())?.[1] ?? 0) + 1])
  }
  const cube = cubeOf(layout, counts.values())
  const hidden = suppress(cube, { k }).hidden
  return { name, by, only, definition, layout, months: new Map([[month, { counts: cube.counts, hidden }]]) }
}

type Figure = { table: number; status: string; who: Set<Person>; count: number; isHidden: boolean }

/** Every figure of a table, with everybody that there could be in it. */
function figuresOf({ layout, months, by, only }: Told, table: number): Figure[] {
  const { counts, hidden } = months.get(month)!
  return Array.from({ length: layout.size }, (_, cell) => cell).flatMap(cell => {
    const status = byStatus.codes[nodeOf(layout, cell, by.length)]!
    if (status !== total && !(statuses as readonly string[]).includes(status)) return []
    const who = everybody.filter(
      person =>
        (status === total || person.status === status) &&
        fulfils(person, { by, only } as Asked) &&
        by.every((kind, at) => {
          const code = layout.dimensions[at]!.codes[nodeOf(layout, cell, at)]!
          return code === total || person[kind as Kind].startsWith(code)
        }),
    )
    return [{ table, status, who: new Set(who), count: counts[cell]!, isHidden: hidden[cell] === 1 }]
  })
}

/** Two figures of different tables, all of the one in the other, that tell of few, or what is hidden. */
function tells(one: Figure, other: Figure): boolean {
  if (one.status !== other.status || one.who.size >= other.who.size) return false
  if (![...one.who].every(person => other.who.has(person))) return false
  const rest = other.count - one.count
  if (one.isHidden && other.isHidden) return false
  return one.isHidden || other.isHidden ? one.count > 0 && rest < k : rest > 0 && rest < k
}

const haveBoth = (figures: readonly Figure[], one: Figure, other: Figure) => {
  const isIn = (table: number, { who }: Figure) =>
    figures.some(
      figure => figure.table === table && figure.who.size === who.size && [...who].every(one => figure.who.has(one)),
    )
  return isIn(one.table, other) || isIn(other.table, one)
}

test('whatever two tables tell together of few persons, or of what one of them hides, is found', () => {
  const seen = { told: 0, untold: 0 }
  fc.assert(
    fc.property(persons, asked, asked, (all, first, second) => {
      fc.pre(JSON.stringify(first) !== JSON.stringify(second))
      const tables = [told(first, all, 'one'), told(second, all, 'other')]
      const figures = tables.flatMap(figuresOf)
      const isTold = figures.some(one =>
        figures.some(other => one.table !== other.table && tells(one, other) && !haveBoth(figures, one, other)),
      )
      const found = tellingPair(tables, [], k) !== null
      seen[found ? 'told' : 'untold'] += 1
      if (isTold) expect(found).toBe(true)
      expect(tellingPair(tables.slice(0, 1), tables.slice(1), k) !== null).toBe(found)
      expect(tellingPair(tables.slice(1), tables.slice(0, 1), k) !== null).toBe(found)
      expect(tellingPair([], tables, k)).toBe(null)
    }),
    { numRuns: 1_500 },
  )
  expect(Math.min(seen.told, seen.untold)).toBeGreaterThan(50)
})

test('what several filtered tables leave of a whole is not told of few', () => {
  const some = (count: number, district: string): Person[] =>
    Array.from({ length: count }, () => ({ district, sex: 'female', age: '18-29', status: 'PERMANENT_ACTIVE' }))
  const place = (code: string): Asked => ({ by: [], only: [{ dimension: 'district', code }] })
  const find = (left: number, ...asked: Asked[]) => {
    const all = [...some(8, '080101'), ...some(left, '080102'), ...some(8, '210101')]
    return tellingPair(
      asked.map((one, at) => told(one, all, `${at}`)),
      [],
      k,
    )
  }
  const whole: Asked = { by: [], only: [] }
  expect(find(1, whole, place('080101'))).toBe(null)
  expect(find(1, whole, place('080101'), place('210101'))).not.toBe(null)
  expect(find(0, whole, place('080101'), place('210101'))).toBe(null)
  expect(find(9, whole, place('080101'), place('210101'))).toBe(null)
  // A department takes away what its districts take away.
  const department: Asked = { by: [], only: [{ dimension: 'department', code: '08' }] }
  expect(find(9, whole, department, place('080101'), place('210101'))).toBe(null)
})

describe('a release', () => {
  let service: TestApp
  let analyst: Asking

  beforeAll(async () => {
    service = await testApp({ clock: testClock('2011-03-01T15:00:00Z') })
    analyst = asking(service, await service.key('analyst'))
  })

  afterAll(() => service.close())

  test('is refused where a filter that everybody fulfils, or one that few do not, tells what another table hides', async () => {
    const stage = await openStage(service)
    await stage.women(8, { district: '080101' })
    await stage.women(1, { district: '080102' })
    const at = { asOf: '2010-12-31' }
    async function ask(...tables: object[]) {
      service.clock.advance(1_000)
      const id = uuid()
      const named = tables.map((table, nth) => ({ name: `t-${nth}`, ...at, ...table }))
      const body = { id, code: id, title: 'Savers', bookId: stage.bookId, tables: named }
      const answer = await analyst.post('/v1/releases', body)
      return answer.status === 201 ? 201 : answer.body.code
    }
    const place = { district: '080101' }
    expect(await ask({ by: 'district', sex: 'female' }, place)).toBe('release-discloses')
    expect(await ask({ by: 'district' }, { ...place, sex: 'female' })).toBe('release-discloses')
    expect(await ask({}, place)).toBe('release-discloses')
    expect(await ask({ by: 'district' })).toBe(201)
    for (const idle of [{ sex: 'female' }, { motherTongue: 'not-told' }, {}])
      expect(await ask({ ...place, ...idle })).toBe('release-discloses')
    expect(await ask({ by: 'district', sex: 'female' })).toBe('release-discloses')
  })
})
