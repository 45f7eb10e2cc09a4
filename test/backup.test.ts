import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionOf } from '../src/db/backup/dump.ts'
import { type Posting, type Ran, run, startPosting } from './support/backups.ts'
import { removeServers } from './support/server.ts'
import { launchService, type Service } from './support/service.ts'

let folder: string
let dataDir: string
let backup: string
let service: Service
let posting: Posting
let answeredBefore: string[]
let made: Ran

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(folder, 0o711)
  dataDir = join(folder, 'data')
  backup = join(folder, 'backup')
  service = launchService({ DATA_DIR: dataDir })
  posting = await startPosting(service)
  await posting.until(50)
  answeredBefore = [...posting.answered]
  made = await run('backup.ts', { DATA_DIR: dataDir }, backup)
  await posting.until(posting.answered.length + 20)
  await posting.stop()
  await service.kill('SIGTERM')
}, 120_000)

afterAll(() => removeServers(folder))

describe('a backup of the embedded server, made while money is posted', () => {
  test('says what it holds, and is for nobody else to read', async () => {
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(
      /^.*backup: the files of the embedded PostgreSQL, \d+ files, \d+ MiB\n {2}CAJA-PEN, at the least to transaction \d+ [0-9a-f]{64}\n {2}with identity.key and signing.key\n$/,
    )
    expect((await stat(backup)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(backup, { recursive: true, withFileTypes: true })) {
      if (name.isFile())
        expect([name.name, (await stat(join(name.parentPath, name.name))).mode & 0o077]).toEqual([name.name, 0])
    }
  })

  test('is restored into an empty place, verified, with everything that was answered before it was begun', async () => {
    const restoredDir = join(folder, 'restored')
    const restored = await run('restore.ts', { DATA_DIR: restoredDir }, backup)
    expect(restored, restored.err).toMatchObject({ code: 0 })
    expect(restored.out).toMatch(/is restored\.\nCAJA-PEN: right; /)
    const again = launchService({ DATA_DIR: restoredDir })
    const url = await again.base
    const headers = { authorization: `Bearer ${posting.key}` }
    for (const id of answeredBefore) {
      expect((await fetch(`${url}/v1/${posting.address}/${id}`, { headers })).status).toBe(200)
    }
    expect(answeredBefore.length).toBeGreaterThanOrEqual(50)
    await again.kill('SIGTERM')
    expect(await run('restore.ts', { DATA_DIR: restoredDir }, backup)).toMatchObject({
      code: 2,
      err: /there is a database in/,
    })
  }, 60_000)

  test('in which a byte is another one is not restored, and nothing is left of the attempt', async () => {
    const { files } = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'))
    const largest = files.toSorted((a: { bytes: number }, b: { bytes: number }) => b.bytes - a.bytes)[0].path
    const path = join(backup, largest)
    const whole = await readFile(path)
    const target = join(folder, 'nothing')
    const fails = async (why: RegExp) => {
      const { code, err } = await run('restore.ts', { DATA_DIR: target }, backup)
      expect([code, why.test(err), existsSync(join(target, 'postgres'))], err).toEqual([2, true, false])
    }
    await writeFile(path, whole.with(1000, whole[1000]! ^ 1))
    await fails(/is not what was written into the backup/)
    await writeFile(path, whole)
    await appendFile(path, 'x')
    await fails(/is not what was written into the backup/)
    await rm(path)
    await fails(/is missing in the backup/)
    await writeFile(path, whole, { mode: 0o600 })
  }, 60_000)

  test('is not laid over another key, nor over a folder, and may be made without keys', async () => {
    const target = join(folder, 'keys')
    await run('verify.ts', { DATA_DIR: target })
    const other = launchService({ DATA_DIR: target })
    await other.base
    await other.kill('SIGTERM')
    expect(await run('backup.ts', { DATA_DIR: target }, backup)).toMatchObject({ code: 2, err: /is there already/ })
    const bare = join(folder, 'bare')
    const { code, out } = await run('backup.ts', { DATA_DIR: target }, bare, '--without-keys')
    expect([code, /with no keys, as asked/.test(out)]).toEqual([0, true])
    expect(existsSync(join(bare, 'identity.key'))).toBe(false)
    for (const name of ['postgres', 'postgres.password', 'postgres.port']) {
      await rm(join(target, name), { recursive: true, force: true })
    }
    const refused = await run('restore.ts', { DATA_DIR: target }, backup)
    expect([refused.code, /identity.key is another one/.test(refused.err)]).toEqual([2, true])
    expect(existsSync(join(target, 'postgres'))).toBe(false)
  }, 60_000)

  test.each([
    [[], /say into which folder\nusage:/],
    [['a', 'b'], /say into which folder/],
    [['a', '--fast'], /Unknown option/],
  ])('asked by %j, says how it is asked', async (args, why) => {
    const { code, err } = await run('backup.ts', { DATA_DIR: dataDir }, ...args)
    expect([code, why.test(err)]).toEqual([2, true])
  })
})

describe('the programs of PostgreSQL', () => {
  test('learn by their environment what an address says, so that no argument shows a password', () => {
    expect(connectionOf('postgres://me:s%40crit@[::1]:5433/my%20books?sslmode=require')).toEqual({
      ...{ PGHOST: '::1', PGPORT: '5433', PGUSER: 'me', PGPASSWORD: 's@crit', PGDATABASE: 'my books' },
      PGSSLMODE: 'require',
    })
  })
})
