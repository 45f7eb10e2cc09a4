import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { presets } from '../../../src/statistics/definitions/presets.ts'
import { causesOf } from '../../../src/statistics/releases/differences.ts'
import { type Asking, asking } from '../../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../../support/app.ts'
import { openStage, type Stage, type Woman } from '../stage.ts'

let service: TestApp
let analyst: Asking
const [pas] = presets

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z') })
  analyst = asking(service, await service.key('analyst'))
})

afterAll(() => service.close())

/** A book with women enough for every status to be shown in Cusco and in Puno. */
async function opened(): Promise<{ stage: Stage; active: Woman[]; elsewhere: Woman[] }> {
  const stage = await openStage(service)
  await stage.women(20)
  const active = await stage.women(20, { days: ['2010-02-10', '2010-05-10', '2010-08-10'] })
  await stage.women(12, { district: '210101' })
  const elsewhere = await stage.women(12, { district: '210101', days: ['2010-02-10'] })
  service.clock.advance(1_000)
  return { stage, active, elsewhere }
}

async function made(stage: Stage, more: object = {}) {
  const id = uuid()
  const tables = [{ name: 'districts', asOf: '2010-12-31', by: 'district' }]
  const body = { id, code: id, title: 'Savers', bookId: stage.bookId, tables, ...more }
  const answer = await analyst.post('/v1/releases', body)
  expect([answer.status, answer.body.detail]).toEqual([201, undefined])
  service.clock.advance(1_000)
  return answer.body
}

type Difference = { place: { district: string }; figure: string; was: number; is: number; causes: string[] }

/** Of one place, the figures that changed: by how much, and why. */
function changes({ differences }: { differences: Difference[] }, district = '080101') {
  const here = differences.filter(({ place, figure }) => place.district === district && figure !== 'rate')
  return Object.fromEntries(here.map(({ figure, was, is, causes }) => [figure, [is - was, ...causes]]))
}

function deposit(stage: Stage, { accountId }: Woman, valueDate: string) {
  const told = { savingsAccountId: accountId, amount: '20.00', channel: 'branch', valueDate }
  return stage.said(`${stage.book}/deposits`, told)
}

async function reverse(stage: Stage, id: string): Promise<void> {
  const reason = { valueDate: '2010-12-31', reason: 'entered twice' }
  await stage.said(`${stage.book}/transactions/${id}/reversal`, reason)
}

test('what no step explains is of other software, or unexplained, and never a cause that did not happen', () => {
  const walk = { published: 65, again: 65, defined: 65, registered: 65, posted: 65, reversed: 65, now: 26 }
  expect(causesOf(Object.values(walk), true)).toEqual(['unexplained'])
  expect(causesOf(Object.values(walk), false)).toEqual(['software'])
  const counted = { ...walk, again: 26, defined: 26, registered: 26, posted: 26, reversed: 26 }
  expect(causesOf(Object.values(counted), false)).toEqual(['software'])
  expect(causesOf(Object.values(counted), true)).toEqual(['unexplained'])
  expect(causesOf(Object.values({ ...walk, reversed: 26 }), true)).toEqual(['reversal'])
})

describe('a revision lists what changed, and why', () => {
  test('nothing, when nothing was recorded', async () => {
    const { stage } = await opened()
    const first = await made(stage)
    expect((await made(stage, { revises: first.manifest.id })).differences).toEqual([])
  })

  test('deposits that came late, reversals, and who was registered since, each by its cause', async () => {
    const { stage, active, elsewhere } = await opened()
    const wrong = []
    for (const woman of active.slice(0, 6)) wrong.push(await deposit(stage, woman, '2010-11-10'))
    service.clock.advance(1_000)
    const first = await made(stage)
    for (const woman of active.slice(6, 14)) await deposit(stage, woman, '2010-11-10')
    for (const { id } of wrong) await reverse(stage, id)
    await stage.women(7, { opened: '2009-05-10' })
    for (const woman of elsewhere.slice(0, 6)) await reverse(stage, (await deposit(stage, woman, '2010-12-10')).id)
    service.clock.advance(1_000)
    const second = await made(stage, { revises: first.manifest.id })
    expect(second.manifest.revises).toBe(first.manifest.id)
    expect(changes(second)).toEqual({
      ...{ registered: [7, 'register'], denominator: [7, 'register'] },
      permanentActive: [8 - 6 + 7, 'late-sync', 'reversal'],
      active: [6 - 8, 'late-sync', 'reversal'],
    })
    // What was posted and reversed, both since, changed nothing there.
    expect(changes(second, '210101')).toEqual({})
  })

  test('a reversal alone', async () => {
    const { stage, active } = await opened()
    const wrong = []
    for (const woman of active.slice(0, 6)) wrong.push(await deposit(stage, woman, '2010-11-10'))
    service.clock.advance(1_000)
    const first = await made(stage)
    for (const { id } of wrong) await reverse(stage, id)
    service.clock.advance(1_000)
    const second = await made(stage, { revises: first.manifest.id })
    expect(changes(second)).toEqual({ permanentActive: [-6, 'reversal'], active: [6, 'reversal'] })
  })

  test('another definition, told apart from late deposits', async () => {
    const { stage, active } = await opened()
    const first = await made(stage)
    await analyst.post('/v1/definitions', {
      ...{ id: uuid(), name: 'THREE', title: 'Three months', source: 'Tried' },
      terms: { ...pas.terms, minimumActive: 3, recency: null },
    })
    for (const woman of active.slice(0, 9)) await deposit(stage, woman, '2010-11-10')
    service.clock.advance(1_000)
    const second = await made(stage, { revises: first.manifest.id, definition: 'THREE' })
    // All twenty are permanent active by three months, whatever came late.
    expect(changes(second)).toEqual({ permanentActive: [20, 'definition'], active: [-20, 'definition'] })
  })

  test('nothing of a figure that either of them hides', async () => {
    const { stage, active } = await opened()
    const first = await made(stage)
    for (const woman of active.slice(0, 18)) await deposit(stage, woman, '2010-11-10')
    service.clock.advance(1_000)
    const second = await made(stage, { revises: first.manifest.id })
    const rows = (await analyst.get(`/v1/releases/${second.manifest.id}/tables/districts`)).body.rows
    const hidden = rows.flatMap((row: Record<string, unknown>) =>
      Object.keys(row).flatMap(name => (row[name] === ':c' ? [`${row.district} ${name}`] : [])),
    )
    expect(hidden).toContain('080101 active')
    const told = second.differences.map(({ place, figure }: Difference) => `${place.district} ${figure}`)
    expect(told.filter((name: string) => hidden.includes(name))).toEqual([])
  })

  test('but not of a release of other books, or of a later one', async () => {
    const { stage } = await opened()
    const first = await made(stage)
    const body = { code: uuid(), title: 'x', revises: first.manifest.id, tables: first.manifest.tables }
    expect((await analyst.post('/v1/releases', { ...body, id: uuid() })).body).toMatchObject({
      fields: [{ path: 'revises' }],
    })
    const early = { ...body, id: uuid(), bookId: stage.bookId, knownAt: '2011-03-01T15:00:00Z' }
    expect((await analyst.post('/v1/releases', early)).body).toMatchObject({ fields: [{ path: 'knownAt' }] })
  })
})
