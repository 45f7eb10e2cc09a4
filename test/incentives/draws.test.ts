import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlState } from '../../src/db/errors.ts'
import { type Candidate, eligibleFor } from '../../src/incentives/juntos/draws/eligible.ts'
import { drawPlaces, listHash, listText, readList } from '../../src/incentives/juntos/draws/list.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

const root = join(import.meta.dirname, '..', '..')
const lottery = { seed: '04-17-22-31-38-45', reference: 'TINKA-1123', drawnOn: '2026-03-05' }

let service: TestApp
let folder: string
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-03-03T15:00:00Z') })
  folder = await mkdtemp(join(tmpdir(), 'qullqi-draw-'))
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

/** The service's own command, which knows nothing but the file and the seed. */
async function redo(list: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, `${uuid()}.txt`)
  await writeFile(path, list)
  return new Promise(settle => {
    const command = [join(root, 'src', 'draw.ts'), path, ...args]
    execFile(process.execPath, command, { env: {} }, (error, out, err) =>
      settle({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

async function deposit({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate = '2026-02-10') {
  const id = uuid()
  await said(`${book}/deposits`, { id, savingsAccountId: accountId, amount, valueDate, channel: 'branch' })
  return id
}

/** Savers of two districts with own money, some of one household, and some who have no chance. */
async function raffle() {
  service.clock.set('2026-03-03T15:00:00Z')
  const started = { preset: 'JUNTOS-RAFFLE-2011', currency: 'PEN', openedOn: '2026-01-01' }
  const paying = await payingProgramme(service, started)
  const inDistrict = async (districtCode: string, more: object = {}) => {
    const saver = await paying.saver({ districtCode, ...more })
    await deposit(paying, saver, '10.00')
    return saver
  }
  const many = async (count: number, districtCode: string) => {
    const savers: Saver[] = []
    for (let n = 0; n < count; n++) savers.push(await inDistrict(districtCode))
    return savers
  }
  const [cusco, puno] = [await many(5, '080101'), await many(1, '210101')]
  const home = { householdReference: 'H-080101-0417' }
  const [mother, daughter] = [await inDistrict('080101', home), await inDistrict('080101', home)]
  const empty = await paying.saver({ districtCode: '080101' })
  const late = await paying.saver({ districtCode: '080101' })
  await deposit(paying, late, '10.00', '2026-03-01')
  const gone = await inDistrict('080101')
  await paying.said(`${paying.book}/enrolment-ends`, {
    ...{ enrolmentId: gone.enrolmentId, endsOn: '2026-02-27', reason: 'withdrew' },
  })
  return { paying, cusco, puno, mother, daughter, empty, late, gone }
}

const request = ({ programmeId }: Paying, id = uuid()) => ({ id, programmeId, bimester: '2026-B1' })

async function listOf({ book }: Paying, drawId: string): Promise<string> {
  const headers = { authorization: `Bearer ${await service.key('bank')}` }
  const answer = await service.app.inject({ url: `${book}/draws/${drawId}/list`, headers })
  expect(answer.headers['content-type']).toContain('text/plain')
  return answer.body
}

type Entry = { districtCode: string; saverId: string; outcome: string; place: number | null; prize: string | null }
const entriesOf = async ({ administrator, book }: Paying, drawId: string, filter = ''): Promise<Entry[]> =>
  (await administrator.get(`${book}/draws/${drawId}/entries?limit=200${filter}`)).body.items

describe('a draw', () => {
  it('freezes its list and publishes the hash; who has no chance is told why', async () => {
    const { paying, cusco, puno, mother, daughter, empty, late, gone } = await raffle()
    const body = request(paying)
    const { status, body: draw } = await paying.administrator.post(`${paying.book}/draws`, body)
    expect(status).toBe(201)
    expect(draw).toMatchObject({
      ...{ bimester: '2026-B1', cutOff: '2026-02-28', winnersPerDistrict: 2, prize: '180.00', currency: 'PEN' },
      ...{ entries: 7, districts: 2, excluded: 4, seed: null, replayed: false },
    })
    const list = await listOf(paying, draw.id)
    expect(createHash('sha256').update(list).digest('hex')).toBe(draw.listSha256)
    const [oldest] = [mother, daughter].map(({ saverId }) => saverId)
    const chances = (district: string, savers: string[]) => savers.sort().map(saverId => `${district} ${saverId}`)
    expect(list.split('\n').slice(9)).toEqual([
      'entries 7',
      ...chances('080101', [...cusco.map(({ saverId }) => saverId), oldest!]),
      ...chances('210101', [puno[0]!.saverId]),
      '',
    ])
    expect(list.split('\n').slice(0, 9)).toEqual([
      ...['qullqi-draw 1', `book ${paying.bookId}`, `programme ${paying.programmeId}`, `rule ${draw.ruleId}`],
      ...['bimester 2026-B1', 'cut-off 2026-02-28', `known-through ${draw.knownThrough}`],
      ...['winners-per-district 2', 'prize 180.00 PEN'],
    ])
    const { body: excluded } = await paying.administrator.get(`${paying.book}/draws/${draw.id}/exclusions`)
    expect(new Map(excluded.items.map(({ saverId, reason }: Record<string, string>) => [saverId, reason]))).toEqual(
      new Map([
        [daughter.saverId, 'counted-with-household'],
        [empty.saverId, 'no-balance'],
        [late.saverId, 'no-balance'],
        [gone.saverId, 'no-contract-that-day'],
      ]),
    )

    // What becomes known later changes nothing of it.
    await deposit(paying, empty, '50.00', '2026-02-20')
    expect(await listOf(paying, draw.id)).toBe(list)
    expect(await paying.administrator.post(`${paying.book}/draws`, body)).toMatchObject({
      status: 200,
      body: { ...draw, replayed: true },
    })
    expect((await entriesOf(paying, draw.id)).map(({ outcome }) => outcome)).toEqual(Array(7).fill('waiting'))
  })

  it('is decided by a seed that another actor gives, once, and anybody gets the same winners from list and seed', async () => {
    const { paying } = await raffle()
    const { body: draw } = await paying.administrator.post(`${paying.book}/draws`, request(paying))
    const seeding = (by: Paying['approver'], more: object = {}) =>
      by.post(`${paying.book}/draws/${draw.id}/seed`, { ...lottery, ...more })
    service.clock.set('2026-03-06T15:00:00Z')
    const trial = (await paying.administrator.get(`${paying.book}/trial-balance`)).body
    expect((await seeding(paying.administrator)).body.code).toBe('second-actor-needed')
    expect((await seeding(paying.approver, { drawnOn: '2026-03-02' })).body.code).toBe('date-too-early')
    expect((await seeding(paying.approver, { drawnOn: '2026-03-07' })).body.code).toBe('date-in-future')
    expect((await seeding(paying.approver, { seed: ' 1' })).body.code).toBe('request-invalid')
    const done = await seeding(paying.approver)
    expect(done).toMatchObject({ status: 201, body: { seed: { ...lottery, givenAt: '2026-03-06T15:00:00.000Z' } } })
    expect(await seeding(paying.approver)).toMatchObject({ status: 200, body: { ...done.body, replayed: true } })
    const again = await seeding(paying.approver, { seed: '1' })
    expect(again).toMatchObject({ status: 409, body: { code: 'draw-already-seeded', facts: { seed: lottery.seed } } })

    const won = await entriesOf(paying, draw.id, '&outcome=won')
    expect(won.map(({ districtCode, place, prize }) => [districtCode, place, prize].join(' ')).sort()).toEqual([
      '080101 1 180.00',
      '080101 2 180.00',
      '210101 1 180.00',
    ])
    expect(await entriesOf(paying, draw.id, '&outcome=lost')).toHaveLength(4)

    // The rule in three lines, beside the service's command and the service.
    const list = await listOf(paying, draw.id)
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const inCusco = list
      .split('\n')
      .filter(line => line.startsWith('080101'))
      .map(line => line.slice(7))
    const ranked = inCusco.toSorted((a, b) =>
      sha256(lottery.seed + draw.listSha256 + a) < sha256(lottery.seed + draw.listSha256 + b) ? -1 : 1,
    )
    const winners = won.sort((a, b) => (`${a.districtCode} ${a.place}` < `${b.districtCode} ${b.place}` ? -1 : 1))
    expect(winners.slice(0, 2).map(({ saverId }) => saverId)).toEqual(ranked.slice(0, 2))
    const printed = winners.map(({ districtCode, place, saverId }) => `${districtCode} ${place} ${saverId}`)
    const redone = await redo(list, '--seed', lottery.seed, '--sha256', draw.listSha256)
    expect(redone.out.split('\n').slice(3, -1)).toEqual(printed)
    expect(redone.code).toBe(0)

    // A prize in kind moves no money.
    expect((await paying.administrator.get(`${paying.book}/trial-balance`)).body).toEqual(trial)
  })

  it('is one for a programme and a bimester, after its end, where a rule has one and somebody can win', async () => {
    const { paying } = await raffle()
    const prepare = (by: Paying['approver'], more: object = {}) =>
      by.post(`${paying.book}/draws`, { ...request(paying), ...more })
    expect(await prepare(paying.administrator, { bimester: '2026-B2' })).toMatchObject({
      status: 409,
      body: { code: 'bimester-not-over', facts: { cutOff: '2026-04-30' } },
    })
    expect((await prepare(paying.administrator, { bimester: '2025-B6' })).body.code).toBe('incentive-rule-not-found')
    expect((await prepare(paying.administrator, { programmeId: uuid() })).body.code).toBe('programme-not-found')
    const answers = await Promise.all([prepare(paying.administrator), prepare(paying.approver)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await prepare(paying.approver)).body.code).toBe('draw-already-prepared')

    const started = { preset: 'JUNTOS-RAFFLE-2011', currency: 'PEN', openedOn: '2026-01-01' }
    const lonely = await payingProgramme(service, started)
    const nobody = await lonely.administrator.post(`${lonely.book}/draws`, request(lonely))
    expect(nobody).toMatchObject({ status: 422, body: { code: 'draw-without-entries' } })
    expect((await lonely.administrator.get(`${lonely.book}/draws/${uuid()}`)).body.code).toBe('draw-not-found')
    expect((await lonely.administrator.get(`${lonely.book}/draws`)).body.items).toEqual([])
  })

  it('is kept by PostgreSQL as well: nothing of it changes, and the same actor cannot do both', async () => {
    const { paying } = await raffle()
    const { body: draw } = await paying.administrator.post(`${paying.book}/draws`, request(paying))
    const attempt = async (text: string) =>
      sqlState(
        await service.owner.$client.query(text, [draw.id]).then(
          () => undefined,
          error => error,
        ),
      )
    const seed = (by: string) =>
      `update draw set seed = '1', seed_reference = '1', seed_drawn_on = '2026-03-03', seeded_by = ${by}, seeded_at = now() + interval '20 years' where id = $1`
    expect(await attempt(seed('actor'))).toBe('23514')
    expect(await attempt(`update draw set seed = '1' where id = $1`)).toBe('23514')
    expect(await attempt(`update draw set list_sha256 = repeat('0', 64) where id = $1`)).toBe('QL003')
    expect(await attempt(seed("'another'"))).toBeUndefined()
    expect(await attempt(seed("'third'"))).toBe('QL003')
    for (const table of ['draw', 'draw_entry', 'draw_exclusion']) {
      const key = table === 'draw' ? 'id' : 'draw_id'
      expect([table, await attempt(`delete from ${table} where ${key} = $1`)]).toEqual([table, 'QL901'])
    }
    const twin = `insert into draw select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).* from draw d where id = $1`
    expect(await attempt(twin)).toBe('23505')
  })
})

describe('the command that redoes a draw', () => {
  const entries = Array.from({ length: 40 }, (_, n) => ({
    districtCode: n < 30 ? '080101' : '210101',
    saverId: `0198c5f2-0000-7000-8000-${String(n).padStart(12, '0')}`,
  }))
  const terms = {
    ...{ bookId: uuid(), programmeId: uuid(), ruleId: uuid(), bimester: '2026-B1', cutOff: '2026-02-28' },
    ...{ knownThrough: '12', winnersPerDistrict: '2', prize: '180.00 PEN' },
  }
  const list = listText({ ...terms, entries })
  const winnersBy = (text: string, seed: string) =>
    drawPlaces(text, seed).flatMap(({ wins, saverId }) => (wins ? [saverId] : []))

  it('reads to the letter what was written', () => {
    expect(listText(readList(list))).toBe(list)
    expect(winnersBy(list, 'a')).toHaveLength(4)
    expect(winnersBy(list, 'a')).toEqual(winnersBy(list, 'a'))
  })

  it('gives other winners for another seed, and for a list with one saver less', () => {
    expect(winnersBy(list, 'b')).not.toEqual(winnersBy(list, 'a'))
    const loser = drawPlaces(list, 'a').find(({ wins }) => !wins)!
    const without = listText({ ...terms, entries: entries.filter(({ saverId }) => saverId !== loser.saverId) })
    expect(winnersBy(without, 'a')).not.toEqual(winnersBy(list, 'a'))
  })

  it.each([
    ['an entry taken out', list.replace(/\n080101 [^\n]+/, '')],
    ['two entries changed about', list.replace(/\n(080101 \S+)\n(080101 \S+)/, '\n$2\n$1')],
    ['an entry twice', list.replace(/\n(080101 \S+)/, '\n$1\n$1').replace('entries 40', 'entries 41')],
    ['other ends of lines', list.replaceAll('\n', '\r\n')],
    ['no end', list.slice(0, -1)],
    ['something after its end', `${list}\n`],
    ['a term that is missing', list.replace(/cut-off .*\n/, '')],
    ['a capital letter', list.replace('0198c5f2', '0198C5F2')],
    ['nothing', ''],
  ])('refuses a list with %s', (_, text) => {
    expect(() => readList(text)).toThrow()
  })

  it('fails on a changed list, another hash, a missing seed, and says why', async () => {
    const right = await redo(list, '--seed', '1')
    expect(right).toMatchObject({ code: 0, err: '' })
    expect(right.out.split('\n').slice(0, 3)).toEqual([
      `list ${listHash(list)}`,
      'seed 1',
      '2026-B1, 40 entries, 2 a district, prizes of 180.00 PEN',
    ])
    expect((await redo(list, '--seed', '2')).out.split('\n').slice(3)).not.toEqual(right.out.split('\n').slice(3))
    expect((await redo(list, '--seed', '1', '--all')).out.split('\n').slice(3, -1)).toHaveLength(40)
    const changed = list.replace('prize 180.00', 'prize 18.00')
    const failed = await redo(changed, '--seed', '1', '--sha256', listHash(list))
    expect(failed).toMatchObject({ code: 1, out: '' })
    expect(failed.err).toContain('the list is another')
    expect((await redo(list.slice(0, -2), '--seed', '1')).err).toContain('not a draw’s list')
    expect((await redo(list)).err).toContain('usage: npm run draw')
  })
})

describe('who takes part', () => {
  const candidate = (saverId: string, more: Partial<Candidate> = {}): Candidate => ({
    ...{ saverId, enrolmentId: `e-${saverId}`, startsOn: '2025-01-01', contractMonths: 48, endsOn: null },
    ...{ enteredByMistake: false, household: null, districtCode: '080101', balance: 1n },
    ...more,
  })
  const outcome = (...candidates: Candidate[]) => {
    const { entries, exclusions } = eligibleFor(candidates, '2026-02-28')
    return [
      ...entries.map(({ saverId }) => saverId),
      ...exclusions.map(({ saverId, reason }) => `${saverId}: ${reason}`),
    ]
  }

  it('is whoever is under contract on the cut-off day and has own money', () => {
    expect(
      outcome(
        candidate('a'),
        candidate('b', { balance: 0n }),
        candidate('c', { balance: -1n }),
        candidate('d', { startsOn: '2026-03-01' }),
        candidate('e', { startsOn: '2026-02-28' }),
        candidate('f', { endsOn: '2026-02-27' }),
        candidate('g', { endsOn: '2026-02-28' }),
        candidate('h', { startsOn: '2022-03-01' }),
        candidate('i', { startsOn: '2022-02-28' }),
        candidate('j', { enteredByMistake: true }),
        candidate('k', { endsOn: '2025-05-01' }),
        candidate('k', { startsOn: '2025-06-01', enrolmentId: 'second' }),
      ),
    ).toEqual([
      ...['a', 'e', 'g', 'h', 'k'],
      ...['b: no-balance', 'c: no-balance', 'd: no-contract-that-day', 'f: no-contract-that-day'],
      ...['i: no-contract-that-day', 'j: no-contract-that-day'],
    ])
  })

  it('is one of a household: the oldest contract of those who have money', () => {
    const home = { household: 'H-1' }
    expect(
      outcome(
        candidate('a', { ...home, startsOn: '2024-01-01', balance: 0n }),
        candidate('b', { ...home, startsOn: '2025-03-01' }),
        candidate('c', { ...home, startsOn: '2025-02-01' }),
        candidate('d', { household: 'H-2' }),
      ),
    ).toEqual(['c', 'd', 'a: no-balance', 'b: counted-with-household'])
  })
})
