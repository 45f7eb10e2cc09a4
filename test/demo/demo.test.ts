import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { addMonths, limaDate, monthOf, systemClock } from '../../src/dates.ts'
import { makeGroups } from '../../src/demo/highlands/people.ts'
import { idOf } from '../../src/demo/ids.ts'
import { testDatabase } from '../support/database.ts'
import { demoFiles } from './files.ts'
import { money, theYear } from './year.ts'

const root = join(import.meta.dirname, '..', '..')

type Ended = { code: number | null; said: string }

function start(env: Record<string, string>, args = ['--groups', '3']) {
  const child = spawn(process.execPath, [join(root, 'src', 'demo.ts'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => {
      said += chunk
    })
  }
  const ended = new Promise<Ended>(settle => child.once('close', code => settle({ code, said })))
  return { child, ended, said: () => said }
}

/** A database of its own, and a folder for the identity key. */
async function withDatabase(
  work: (env: Record<string, string>, database: Awaited<ReturnType<typeof testDatabase>>) => Promise<void>,
): Promise<void> {
  const database = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-demo-'))
  try {
    await work({ DATABASE_URL: database.ownerUrl, DATA_DIR: folder }, database)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await database.close()
  }
}

test('the demo loads programmes whose books balance, and a second run changes nothing', {
  timeout: 240_000,
}, async () => {
  await withDatabase(async (env, database) => {
    const first = await start(env).ended
    expect(first.said).toContain(' made, 0 there already')
    expect(first.said.match(/Debits equal credits\./g)).toHaveLength(2)
    const again = await start(env).ended
    expect(again.said).toContain('\n0 made, ')
    expect(again.said).toContain('nothing was done twice')
    expect([first.code, again.code]).toEqual([0, 0])
    const shown = (said: string) => said.slice(said.indexOf('\nBalances in'))
    expect(shown(again.said)).toBe(shown(first.said))

    // Each bank's incentives were approved by a second person, and paid.
    const paid = first.said.match(/posted [1-9]\d*\.\d\d, posted [1-9]\d*\.\d\d, posted [1-9]\d*\.\d\d/g)
    expect(paid?.length).toBeGreaterThanOrEqual(4)

    // Women of the large programme save to this day: some permanently, some not.
    const last = addMonths(monthOf(limaDate(systemClock.now())), -1)
    expect(first.said).toContain(`\n  ${last}    3 sheets, `)
    const { rows } = await database.owner.$client.query<{ steady: boolean; women: string }>(
      `select months >= 4 as steady, count(*) as women from (
         select s.id, count(distinct date_trunc('month', t.value_date)) as months
         from saver s join savings_account a on a.book_id = s.book_id and a.saver_id = s.id
         left join (entry e join transaction t on t.book_id = e.book_id and t.sequence = e.sequence and t.kind = 'deposit'
           and t.value_date >= ($1 || '-01')::date - interval '11 months')
           on e.book_id = a.book_id and e.account_id = a.own_account_id
         where s.id = any($2) group by s.id) w group by 1 order by 1`,
      [last, makeGroups(3).flatMap(({ women }) => women.map(({ code }) => idOf('saver', code)))],
    )
    expect(rows.map(({ steady }) => steady)).toEqual([false, true])
    expect(rows.every(({ women }) => Number(women) > 5)).toBe(true)

    // What was made up holds the same money as the books, counted without them.
    const { savers } = theYear()
    const [soles, dollars] = Object.values(Object.groupBy(savers, ({ account }) => account.slice(0, 3)))
    const prize = 600_00
    expect(ownMoney(first.said)).toEqual([sumOf(soles!) + prize, sumOf(dollars!)].map(money))
  })
})

function sumOf(savers: readonly { own: number }[]): number {
  return savers.reduce((sum, { own }) => sum + own, 0)
}

/** Credits less debits of the line of savers' own money, in each trial balance. */
function ownMoney(said: string): string[] {
  const minor = (text: string) => Number(text.replace('.', ''))
  return [...said.matchAll(/2010 Own money of savers +\d+ +(\d+\.\d\d) +(\d+\.\d\d)/g)].map(([, debits, credits]) =>
    money(minor(credits!) - minor(debits!)),
  )
}

test('a demo that is stopped leaves no usable key, and goes on where it was', { timeout: 120_000 }, async () => {
  await withDatabase(async (env, { owner }) => {
    const { child, ended, said } = start(env)
    while (!said().includes('register') && child.exitCode === null) await pause(20)
    child.kill('SIGINT')
    const stopped = await ended
    expect(stopped.code).toBe(1)
    expect(stopped.said).toContain('Stopped. Run it again')
    const keys = await owner.$client.query('select from api_key where revoked_at is null')
    expect(keys.rowCount).toBe(0)
    const again = await start(env).ended
    expect(again.code).toBe(0)
    expect(again.said).not.toContain(' 0 there already')
    expect(again.said.match(/Debits equal credits\./g)).toHaveLength(2)
  })
})

test('an address without a key, and a wrong setting, are told in a line', { timeout: 120_000 }, async () => {
  const nobody = await start({ QULLQI_URL: 'http://127.0.0.1:1' }).ended
  expect([nobody.code, nobody.said.trim()]).toEqual([1, expect.stringMatching(/^qullqi: QULLQI_URL was given without/)])
  const away = await start({ QULLQI_URL: 'http://127.0.0.1:1', QULLQI_KEY: 'qk_x' }).ended
  expect(away.code).toBe(1)
  expect(away.said).toContain('http://127.0.0.1:1 does not answer')
  const wrong = await start({ DATABASE_POOL_SIZE: 'many' }).ended
  expect([wrong.code, wrong.said.trim()]).toEqual([1, 'qullqi: DATABASE_POOL_SIZE must be a whole number'])
})

test('of the large programme as many groups are loaded as there are, and what is not understood is told', {
  timeout: 120_000,
}, async () => {
  const said = '--groups says how many groups the large programme has: 0 to 462.'
  const only = 'There is only --groups, and a number behind it'
  for (const [args, told] of [
    [['--groups', '463'], said],
    [['--groups', 'all'], said],
    [['--groups', ''], said],
    [['--groups'], only],
    [['--groops', '5'], only],
  ] as const) {
    const ended = await start({}, [...args]).ended
    expect([args, ended.code, ended.said]).toEqual([args, 1, expect.stringContaining(told)])
  }
})

test('the large programme is the same in any number of groups, and has all of 462 times 20 women', () => {
  const all = makeGroups(462)
  expect(all.slice(0, 5)).toEqual(makeGroups(5))
  expect(new Set(all.flatMap(({ women }) => women.map(({ account }) => account))).size).toBe(9_240)
})

test('the files of demo/ are what the made-up year writes', async () => {
  const folder = join(root, 'demo')
  const kept = (await readdir(folder, { recursive: true })).filter(name => /\.(csv|json)$/.test(name))
  const files = demoFiles()
  expect(kept.sort()).toEqual([...files.keys()].sort())
  for (const [name, text] of files) expect([name, await readFile(join(folder, name), 'utf8')]).toEqual([name, text])
})
