import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Owner, run as runAs } from '../src/db/place.ts'
import { run, startPosting } from './support/backups.ts'
import { launchService } from './support/service.ts'

/** Where Debian has its PostgreSQL, with pg_dump beside the server; the embedded one has neither pg_dump nor pg_restore. */
const root = '/usr/lib/postgresql'
const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
const bin = versions
  .map(version => join(root, version, 'bin'))
  .find(path => existsSync(join(path, 'pg_dump')) && existsSync(join(path, 'initdb')))
if (bin === undefined)
  console.warn('SKIPPED: PostgreSQL is not installed (apt-get install postgresql), so nobody restores a dump.')

function ownerOfServer(): Owner {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

describe.skipIf(bin === undefined)('a backup of a PostgreSQL of yours', () => {
  let folder: string
  let port: number
  const owner = ownerOfServer()
  const pathOf = (name: string) => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
    await chmod(folder, 0o711)
    await mkdir(pathOf('server'), { mode: 0o700 })
    if (owner) await chown(pathOf('server'), owner.uid, owner.gid)
    await writeFile(pathOf('password'), 's@crit', { mode: 0o644 })
    port = 20_000 + (process.pid % 20_000)
    const asked = [
      `--pgdata=${pathOf('server')}`,
      '--username=owner',
      `--pwfile=${pathOf('password')}`,
      '--auth=scram-sha-256',
    ]
    expect(
      await runAs(join(bin!, 'initdb'), [...asked, '--encoding=UTF8', '--locale=C', '--no-sync'], owner),
    ).toMatchObject({ code: 0 })
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c timezone=UTC`
    const start = ['start', '-D', pathOf('server'), '-w', '-s', '-l', join(pathOf('server'), 'log'), '-o', settings]
    expect(await runAs(join(bin!, 'pg_ctl'), start, owner)).toMatchObject({ code: 0 })
    const client = new pg.Client({ connectionString: urlOf('postgres') })
    await client.connect()
    for (const name of ['here', 'there']) await client.query(`create database ${name}`)
    await client.end()
  }, 60_000)

  afterAll(async () => {
    await runAs(join(bin!, 'pg_ctl'), ['stop', '-D', pathOf('server'), '-m', 'immediate', '-w'], owner)
    await rm(folder, { recursive: true, force: true })
  })

  const urlOf = (name: string, user = 'owner') => `postgres://${user}:s%40crit@127.0.0.1:${port}/${name}`
  const settingsOf = (name: string, dataDir: string) => ({
    ...{ DATA_DIR: pathOf(dataDir), DATABASE_URL: urlOf(name, 'qullqi_login'), DATABASE_OWNER_URL: urlOf(name) },
    PATH: `${bin}:${process.env.PATH}`,
  })

  test('is a dump with its keys, restored into an empty database and nowhere else, and verified', async () => {
    const here = settingsOf('here', 'data')
    expect(await run('migrate.ts', here)).toMatchObject({ code: 0 })
    const service = launchService(here)
    const posting = await startPosting(service)
    await posting.until(20)
    await posting.stop()
    const made = await run('backup.ts', here, pathOf('backup'))
    await service.kill('SIGTERM')
    expect(made, made.err).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/backup: a dump of the database, 3 files/)

    const there = settingsOf('there', 'other')
    const restored = await run('restore.ts', there, pathOf('backup'))
    expect(restored, restored.err).toMatchObject({ code: 0 })
    expect(restored.out).toMatch(/is restored\.\nCAJA-PEN: right; \d+ transactions/)
    const again = launchService(there)
    const headers = { authorization: `Bearer ${posting.key}` }
    for (const id of posting.answered) {
      expect((await fetch(`${await again.base}/v1/${posting.address}/${id}`, { headers })).status).toBe(200)
    }
    await again.kill('SIGTERM')
    const twice = await run('restore.ts', there, pathOf('backup'))
    expect([twice.code, /has \d+ tables already/.test(twice.err)]).toEqual([2, true])
  }, 120_000)

  test('says so where pg_dump is not at hand, and leaves nothing behind', async () => {
    const { code, err } = await run(
      'backup.ts',
      { ...settingsOf('here', 'data'), PATH: pathOf('nothing') },
      pathOf('none'),
    )
    expect([code, err]).toEqual([2, expect.stringContaining('pg_dump is not on this machine')])
    expect(existsSync(pathOf('none'))).toBe(false)
    expect(readdirSync(folder).filter(name => name.startsWith('none'))).toEqual([])
  })
})
