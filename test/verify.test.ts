import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../src/dates.ts'
import { openDatabase } from '../src/db/client.ts'
import { postmasterPid, startEmbedded } from '../src/db/embedded.ts'
import { migrateDatabase } from '../src/db/migrate.ts'
import { noteClients, tokenClientId } from '../src/http/tokens/client.ts'
import { verifyBook } from '../src/ledger/index.ts'
import { keepKey } from '../src/signing/keys.ts'
import { openSigner } from '../src/signing/signing.ts'
import { eventfulBook } from './ledger/eventful-book.ts'
import { testDatabase } from './support/database.ts'
import { removeServers } from './support/server.ts'

const source = join(import.meta.dirname, '..', 'src')
const { ownerUrl, owner, db, close } = await testDatabase()
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(dataDir, 0o711)
})
afterAll(async () => {
  await close()
  await removeServers(dataDir)
})

function launch(program: string, env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [join(source, program), ...args], { env: { DATA_DIR: dataDir, ...env } })
  const launched = { child, out: '', err: '', closed: once(child, 'close') }
  child.stdout.on('data', chunk => (launched.out += chunk))
  child.stderr.on('data', chunk => (launched.err += chunk))
  return launched
}

async function verify(env: Record<string, string>, ...args: string[]) {
  const launched = launch('verify.ts', env, args)
  const [code] = await launched.closed
  return { code, out: launched.out, err: launched.err }
}

test('says of every book in one line that it is right, and where it ends', async () => {
  expect(await verify({ DATABASE_URL: ownerUrl })).toEqual({ code: 0, out: 'There are no books yet.\n', err: '' })
  const one = await eventfulBook(db, { seed: 1, steps: 10 })
  const other = await eventfulBook(db, { seed: 2, steps: 10, currency: 'USD' })
  const { code, out, err } = await verify({ DATABASE_URL: ownerUrl })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  for (const [place, { id, code }] of [one, other].entries()) {
    const { sequence, hash, eventNumber, eventHash, counts } = await verifyBook(db, id)
    expect(lines[place]).toMatch(
      new RegExp(
        `^${code}: right; ${sequence} transactions, ${counts.entries} entries, .* transactions/s; ` +
          `ends at transaction ${sequence} ${hash}, event ${eventNumber} ${eventHash}$`,
      ),
    )
  }
  for (const name of [other.code, other.id]) {
    expect((await verify({ DATABASE_URL: ownerUrl }, '--book', name)).out).toMatch(/^B2-USD: right.*\n$/)
  }
}, 90_000)

/** What only an owner can, with every trigger off. */
async function tamper(text: string, values: unknown[] = []): Promise<void> {
  const client = await owner.$client.connect()
  try {
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    await client.query(text, values)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/** As if there had never been a row in the table; the audit log is not linked here, and so has to be told only once. */
async function forget(table: string): Promise<void> {
  await tamper(`delete from ${table}`)
  await tamper('delete from audit_pending where subject = $1', [table])
}

test('names every key that anything is signed by, and exits 1 at one that is not the key of its id', async () => {
  const signer = openSigner(Buffer.alloc(32, 3))
  const { keyId } = signer
  await keepKey(db, signer, new Date('2026-03-01T12:00:00Z'))
  const right = await verify({ DATABASE_URL: ownerUrl })
  expect(right.code).toBe(0)
  expect(right.out).toContain(`Signing keys: ${keyId} since 2026-03-01T12:00:00.000Z; hold them against yours\n`)
  const unchecked = 'alter table signing_key drop constraint signing_key_is_its_thumbprint'
  const other = openSigner(Buffer.alloc(32, 4)).publicKey
  await expect(tamper('update signing_key set public_key = $1', [other])).rejects.toMatchObject({ code: '23514' })
  await tamper(unchecked)
  await tamper('update signing_key set public_key = $1', [other])
  const wrong = await verify({ DATABASE_URL: ownerUrl })
  expect(wrong.code).toBe(1)
  expect(wrong.out).toContain(`Signing key ${keyId}: WRONG, it is not the key of that id\n`)
  await forget('signing_key')
})

test('exits 1 and names a definition that is not what was registered', async () => {
  const asked = (minimum: number) =>
    `update definition set terms = jsonb_set(terms, '{minimumActive}', '${minimum}') where name = 'PAS-v1'`
  await tamper(asked(1))
  const { code, out } = await verify({ DATABASE_URL: ownerUrl })
  expect(code).toBe(1)
  expect(out).toContain('\nDefinition PAS-v1: WRONG, it is not what was registered\n')
  await tamper(asked(4))
  expect(await verify({ DATABASE_URL: ownerUrl })).toMatchObject({ code: 0 })
}, 90_000)

test.each(['issuer', 'claim', 'subject', 'id'])(
  'exits 1 and names a client of tokens that is told for somebody else: %s',
  async field => {
    const subject = { issuer: 'https://login.example', claim: 'sub', subject: 'ana' } as const
    const id = tokenClientId(subject)
    await noteClients(db, systemClock)(subject, 'auditor')
    expect(await verify({ DATABASE_URL: ownerUrl })).toMatchObject({ code: 0 })
    const other = { issuer: 'https://login.example/', claim: 'client_id', subject: 'berta', id: id.replace(/.$/, 'g') }
    const value = other[field as keyof typeof other].replace('g', id.endsWith('0') ? '1' : '0')
    await tamper(`update token_client set ${field} = $1`, [value])
    const { code, out } = await verify({ DATABASE_URL: ownerUrl })
    expect(code).toBe(1)
    expect(out).toContain(
      `Client ${field === 'id' ? value : id} of tokens: WRONG, it is not that of its issuer and subject\n`,
    )
    await forget('token_client')
  },
  90_000,
)

test('exits 1 and names the first wrong transaction', async () => {
  const { id, code } = await eventfulBook(db, { seed: 3, steps: 10 })
  await tamper(`update entry set amount = amount + 1 where book_id = $1 and sequence in (9, 33) and position = 1`, [id])
  const verified = await verify({ DATABASE_URL: ownerUrl })
  expect(verified.code).toBe(1)
  const lines = verified.out.split('\n')
  const wrong = lines.indexOf(`${code}: WRONG, first at transaction 9`)
  expect(lines[wrong + 1]).toBe(
    '  transaction 9: the debits and credits of a transaction differ (debits-differ-from-credits): expected 0, found 1',
  )
  expect(lines[wrong + 2]).toMatch(/^ {2}transaction 33: /)
  expect(lines.filter(line => /^B\d-\w+: right/.test(line))).toHaveLength(2)
  const { out } = await verify({ DATABASE_URL: ownerUrl }, '--book', code, '--faults', '1')
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/^ {2}… and \d+ more$/)
}, 90_000)

test('exits 2 and says why when it cannot verify', async () => {
  expect(await verify({ DATABASE_URL: ownerUrl }, '--book', 'NONE')).toMatchObject({
    code: 2,
    err: 'qullqi: there is no book NONE.\n',
  })
  expect(await verify({ DATABASE_URL: ownerUrl }, '--boook', 'x')).toMatchObject({ code: 2 })
  expect(await verify({ DATABASE_URL: 'file:x' })).toMatchObject({
    code: 2,
    err: expect.stringContaining('DATABASE_URL'),
  })
  const empty = { code: 2, out: '', err: `qullqi: there is no database in ${dataDir}.\n` }
  expect(await verify({})).toEqual(empty)
  expect(await readdir(dataDir)).toEqual([])
}, 90_000)

test('starts the embedded database when nobody uses it and stops it, and leaves it to a service that does', async () => {
  const server = await startEmbedded({ dataDir })
  await migrateDatabase(server.ownerUrl)
  const embedded = openDatabase({ url: server.url })
  await eventfulBook(embedded, { seed: 4, steps: 0 })
  await embedded.$client.end()
  await server.stop()
  expect(await postmasterPid(dataDir)).toBeUndefined()

  const right = {
    code: 0,
    out: expect.stringMatching(/^B4-PEN: right; .*\n(Audit log of the office: right; \d+ entries\n)?$/),
    err: '',
  }
  expect(await verify({})).toEqual(right)
  expect(await postmasterPid(dataDir)).toBeUndefined()

  const running = launch('main.ts', { PORT: '0', IDENTITY_KEY: '5a'.repeat(32) })
  try {
    let address: string | undefined
    for (let waited = 0; address === undefined && waited < 30_000 && running.child.exitCode === null; waited += 20) {
      address = /Health +(\S+)\/health/.exec(running.out)?.[1]
      await pause(20)
    }
    if (address === undefined) throw new Error(`the service did not start: ${running.err}`)
    const pid = await postmasterPid(dataDir)
    expect(pid).toBeDefined()
    expect(await verify({})).toEqual(right)
    expect(await postmasterPid(dataDir)).toBe(pid)
    expect((await fetch(`${address}/ready`)).status).toBe(200)
  } finally {
    running.child.kill('SIGTERM')
    await running.closed
  }
  expect(await postmasterPid(dataDir)).toBeUndefined()
}, 90_000)
