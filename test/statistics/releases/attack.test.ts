import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellOf, layoutOf } from '../../../src/statistics/disclosure/cube.ts'
import { suppress } from '../../../src/statistics/disclosure/suppress.ts'
import { treesOf } from '../../../src/statistics/questions/breakdown.ts'
import { byStatus } from '../../../src/statistics/questions/savers-table.ts'
import { layoutOfCounted, unpack } from '../../../src/statistics/releases/counted.ts'
import { total } from '../../../src/statistics/table.ts'
import { type Asking, asking } from '../../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../../support/app.ts'
import { knowledgeOfAll, type Published, pinned, solvedFor } from '../disclosure/attack.ts'
import { openStage, type Stage, usualDays, type Woman } from '../stage.ts'

let service: TestApp
let analyst: Asking

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z') })
  analyst = asking(service, await service.key('analyst'))
})

afterAll(() => service.close())

const columns = {
  ...{ registered: total, closed: 'CLOSED', tooNew: 'TOO_NEW', denominator: 'DENOMINATOR' },
  ...{ permanentActive: 'PERMANENT_ACTIVE', active: 'ACTIVE', dormant: 'DORMANT', empty: 'EMPTY' },
}

/** What everybody reads of releases of one table, beside what is true, laid out alike. */
async function published(ids: readonly string[]): Promise<Published[]> {
  const answers: Record<string, string | number>[][] = []
  for (const id of ids) answers.push((await analyst.get(`/v1/releases/${id}/tables/districts`)).body.rows)
  const codes = [...new Set(answers.flat().map(({ district }) => String(district)))].filter(code => code.length === 6)
  const layout = layoutOf([
    ...treesOf(
      ['district'],
      codes.map(code => ({ codes: [code] })),
    ),
    byStatus,
  ])
  const releases: Published[] = []
  for (const [nth, id] of ids.entries()) {
    const { rows } = await service.db.$client.query('select counted from release where id = $1', [id])
    const [counted] = unpack(rows[0].counted)
    const then = layoutOfCounted(counted!)
    const truth = counted!.months.get('2010-12')!.counts
    const [counts, hidden] = [new Int32Array(layout.size), new Uint8Array(layout.size)]
    for (const row of answers[nth]!) {
      const place = [String(row.district), total]
      const [to, from] = [cellOf(layout, place), cellOf(then, place)]
      for (let status = 0; status < byStatus.codes.length; status++) counts[to + status] = truth[from + status]!
      for (const [name, code] of Object.entries(columns)) {
        const status = byStatus.codes.indexOf(code)
        if (row[name] === ':c') hidden[to + status] = 1
        else expect([name, row[name]]).toEqual([name, counts[to + status]])
      }
      // No column tells those of the denominator that are not in the numerator; whoever has both subtracts.
      const complement = to + byStatus.codes.indexOf('COMPLEMENT')
      hidden[complement] = row.denominator === ':c' || row.permanentActive === ':c' ? 1 : 0
      if (counts[complement] === 0) hidden[complement] = 0
    }
    releases.push({ layout, counts, hidden })
  }
  return releases
}

/** Numbers that are the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

const districts = ['080101', '080102', '210101']

async function women(stage: Stage, below: (most: number) => number): Promise<Woman[]> {
  const all: Woman[] = []
  for (const district of districts) {
    for (const days of [usualDays, usualDays.slice(0, 3), []]) {
      all.push(...(await stage.women(below(9), { district, days })))
    }
  }
  return all
}

test.each([1, 2, 3, 4])(
  'a release and its revisions after late deposits give no hidden cell: %i',
  { timeout: 90_000 },
  async seed => {
    const below = random(seed)
    const stage = await openStage(service)
    const all = await women(stage, below)
    const ids: string[] = []
    for (let round = 0; round < 4; round++) {
      service.clock.advance(1_000)
      const id = uuid()
      const tables = [{ name: 'districts', asOf: '2010-12-31', by: 'district' }]
      const revises = ids.length === 0 ? {} : { revises: ids.at(-1) }
      const body = { id, code: id, title: 'Savers', bookId: stage.bookId, tables, ...revises }
      const { status, body: answer } = await analyst.post('/v1/releases', body)
      expect([201, 422]).toContain(status)
      if (status === 201) ids.push(id)
      else expect(answer.code).toBe('release-discloses')
      for (let late = 0; late < 4; late++) {
        const { accountId: savingsAccountId } = all[below(all.length)]!
        const valueDate = `2010-${10 + below(3)}-15`
        await stage.said(`${stage.book}/deposits`, { savingsAccountId, amount: '20.00', channel: 'branch', valueDate })
      }
      if (below(2) === 0) all.push(...(await stage.women(1 + below(3), { district: districts[below(3)]!, days: [] })))
    }
    expect(ids.length).toBeGreaterThanOrEqual(2)
    const releases = await published(ids)
    expect(releases.some(({ hidden }) => hidden.includes(1))).toBe(true)
    const knowledge = knowledgeOfAll(releases, 5)
    expect(solvedFor(knowledge)).toEqual([])
    expect(pinned(knowledge)).toEqual([])
  },
)

test('a small count beside two others is not told by a revision; where releases know nothing of each other it is', async () => {
  const stage = await openStage(service)
  const [counts, apart] = [
    [3, 10, 20],
    ['080101', '210101', '150101'],
  ]
  for (const [at, count] of counts.entries()) await stage.women(count, { district: apart[at]!, days: [] })
  const ids: string[] = []
  for (const more of [0, 20]) {
    await stage.women(more, { district: apart[1]!, days: [] })
    service.clock.advance(1_000)
    const id = uuid()
    const tables = [{ name: 'districts', asOf: '2010-12-31', by: 'district' }]
    const body = { id, code: id, title: 'Savers', bookId: stage.bookId, tables }
    expect((await analyst.post('/v1/releases', body)).status).toBe(201)
    ids.push(id)
  }
  const releases = await published(ids)
  expect(solvedFor(knowledgeOfAll(releases, 5))).toEqual([])
  const careless = releases.map(one => ({ ...one, hidden: suppress(one, { k: 5 }).hidden }))
  expect(solvedFor(knowledgeOfAll(careless, 5))).not.toEqual([])
})

test('tables with sums in common are published together where these are shown, and refused where they are not', async () => {
  const stage = await openStage(service)
  await stage.women(12, { cohort: '1' })
  await stage.women(9, { district: '210101', cohort: '2', days: [] })
  service.clock.advance(1_000)
  const tables = [
    { name: 'districts', asOf: '2010-12-31', by: 'district' },
    { name: 'cohorts', asOf: '2010-12-31', by: 'cohort' },
    { name: 'cohorts-of-puno', asOf: '2010-12-31', by: 'cohort', department: '21' },
  ]
  const ask = async (asked: object[]) => {
    const id = uuid()
    const body = { id, code: id, title: 'Savers', bookId: stage.bookId, tables: asked }
    const { status, body: answer } = await analyst.post('/v1/releases', body)
    service.clock.advance(1_000)
    return [status, answer.code]
  }
  expect(await ask(tables)).toEqual([201, undefined])
  // Three that are too new: hidden in every total.
  await stage.women(3, { district: '210101', opened: '2010-11-10', days: [], cohort: '2' })
  service.clock.advance(1_000)
  expect(await ask(tables)).toEqual([422, 'release-discloses'])
  expect(await ask(tables.slice(0, 1))).toEqual([422, 'release-discloses'])
  const other = tables.map(table => ({ ...table, asOf: '2010-11-30' }))
  expect(await ask(other.slice(0, 1))).toEqual([201, undefined])
  expect(await ask(other.slice(1, 2))).toEqual([422, 'release-discloses'])
  expect(await ask(other.slice(2))).toEqual([422, 'release-discloses'])
  expect(await ask([{ name: 'sexes', asOf: '2010-09-30', by: 'sex' }])).toEqual([201, undefined])
})
