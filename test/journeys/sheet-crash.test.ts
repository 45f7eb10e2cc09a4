import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Db, openDatabase } from '../../src/db/client.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { verifySavings } from '../../src/savings/verify.ts'
import { openClient } from '../support/http-client.ts'
import { removeServers } from '../support/server.ts'
import { launchService, type Service } from '../support/service.ts'
import { chanceFrom, lost } from './load.ts'

/** SHEET_CRASH_ROUNDS=100 goes on for longer; CRASH_SEED chooses the moments. */
const rounds = Number(process.env.SHEET_CRASH_ROUNDS ?? 4)
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 2 ** 31)
const chance = chanceFrom(seed)
const day = '2026-03-14'
const lineCount = 8

let dataDir: string
let service: Service
let target: { base: string; key: string }
let db: Db
const [bookId, agentId, groupId, coordinator] = [uuid(), uuid(), uuid(), uuid()]
const accounts = Array.from({ length: lineCount }, () => uuid())

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(dataDir, 0o711)
  service = launchService({ DATA_DIR: dataDir })
  const base = await service.base
  target = { base, key: /^ {2}(qk_\w+)$/m.exec(service.out())![1]! }
  const [password, port] = await Promise.all(
    ['password', 'port'].map(async name => (await readFile(join(dataDir, `postgres.${name}`), 'utf8')).trim()),
  )
  db = openDatabase({ url: `postgres://qullqi:${password}@127.0.0.1:${port}/qullqi`, max: 1 })
  await openTheBook()
}, 120_000)
afterAll(async () => {
  await db?.$client.end()
  await service.kill('SIGTERM')
  await removeServers(dataDir)
}, 60_000)

async function openTheBook(): Promise<void> {
  const client = openClient(target)
  const made = async (path: string, body: object) => {
    const answer = await client.ask('POST', path, { id: uuid(), ...body })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body.id as string
  }
  const institutionId = await made('/v1/institutions', { code: 'CMAC', name: 'Caja', kind: 'caja' })
  const opening = { code: 'CMAC-PEN', name: 'Caja, soles', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
  await made('/v1/books', { id: bookId, ...opening })
  const book = `/v1/books/${bookId}`
  const [place, startsOn] = [{ districtCode: '080101' }, '2026-01-15']
  await made(`${book}/agents`, { id: agentId, code: 'PR-07', name: 'Rosa', startsOn })
  await made(`${book}/groups`, { id: groupId, code: 'GR-1', name: 'Sumaq', formedOn: '2026-01-10', ...place })
  for (const [n, id] of accounts.entries()) {
    const names = { givenNames: 'Juana', familyNames: `Condori ${'ABCDEFGH'[n]}`, sex: 'female', ...place }
    const saverId = await made(`${book}/savers`, {
      ...(n === 0 && { id: coordinator }),
      ...names,
      registeredOn: startsOn,
    })
    await made(`${book}/memberships`, { groupId, saverId, startsOn })
    await made(`${book}/savings-accounts`, { id, saverId, openedOn: startsOn })
  }
  await made(`${book}/coordinations`, { groupId, saverId: coordinator, startsOn })
  client.close()
}

let written = 0

/** The pages of the book of sheets are numbered through, so that no two sheets are the same. */
function sheet(id: string, lines: number) {
  const first = (written++ * accounts.length) % 9_900
  return {
    id,
    groupId,
    agentId,
    meetingDate: day,
    cashCount: `${lines}.00`,
    signedBy: { coordinator, agent: agentId },
    ...(chance.below(2) === 0 && { onRefusal: 'post-without' }),
    lines: accounts
      .slice(0, lines)
      .map((savingsAccountId, n) => ({ line: first + n + 1, savingsAccountId, deposit: '1.00' })),
  }
}

it(
  `a service that is killed leaves sheets whole or not at all, ${rounds} times`,
  async () => {
    const path = `/v1/books/${bookId}/collection-sheets`
    const answered = new Set<string>()
    let corrected = 0
    for (let round = 0; round < rounds; round++) {
      let going = true
      const open = new Set<string>()
      const working = Array.from({ length: 4 }, async () => {
        const client = openClient({ ...target, patience: 5_000 })
        while (going) {
          const id = uuid()
          open.add(id)
          const answer = await client.ask('POST', path, sheet(id, lineCount)).catch(lost)
          if (answer === undefined) break
          expect(answer.status, JSON.stringify(answer.body)).toBe(201)
          open.delete(id)
          answered.add(id)
        }
        client.close()
      })
      await pause(200 + chance.below(400))
      await service.kill('SIGKILL')
      going = false
      await Promise.all(working)
      service = launchService({ DATA_DIR: dataDir })
      target = { ...target, base: await service.base }
      const stored = await sheets()
      for (const id of answered) expect(stored.get(id), `seed ${seed}`).toEqual(whole(lineCount))
      // What nobody was told of is corrected on paper and handed in again: there is the one or the other.
      const client = openClient(target)
      for (const id of open) {
        const { status } = await client.ask('POST', path, sheet(id, lineCount - 1))
        expect(status, `seed ${seed}`).toBe(stored.has(id) ? 409 : 201)
        corrected += 1
      }
      client.close()
      const after = await sheets()
      for (const id of open) expect(after.get(id)).toEqual(whole(stored.has(id) ? lineCount : lineCount - 1))
      expect(after.size).toBe(answered.size + corrected)
    }
    expect(answered.size).toBeGreaterThan(0)
    expect(corrected).toBeGreaterThan(0)
    expect(await verifyBook(db, bookId, { further: [verifySavings] })).toMatchObject({ ok: true })
  },
  60_000 + rounds * 20_000,
)

const whole = (lines: number) => ({ lines, transactions: lines })

/** How many lines and how many transactions each sheet has, whichever of the two there are. */
async function sheets(): Promise<Map<string, { lines: number; transactions: number }>> {
  const { rows } = await db.$client.query<{ id: string; lines: number; transactions: number }>(
    `select id, sum(line)::int as lines, sum(transaction)::int as transactions from (
       select sheet_id::text as id, 1 as line, 0 as transaction from collection_sheet_line where book_id = $1
       union all
       select evidence ->> 'collectionSheetId', 0, 1 from transaction where book_id = $1
     ) moved group by id`,
    [bookId],
  )
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}
