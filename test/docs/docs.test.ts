import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { difference, readSteps, runSteps } from './run.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)]
/** The pages ask with curl, which a machine need not have; CI installs it. */
const hasCurl = spawnSync('curl', ['--version']).status === 0
const dataDir = await mkdtemp(join(tmpdir(), 'qullqi-docs-'))
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** Nobody is refused because the machine is busy with other tests. */
const PRESSURE_DELAY = '0'

/** Starts the service as `npm start` does and gives its address and the first administrator key. */
async function launch(databaseUrl: string): Promise<{ child: ChildProcess; url: string; key: string }> {
  const env = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: databaseUrl, LOG_LEVEL: 'error', PRESSURE_DELAY }
  const child = spawn(process.execPath, [join(root, 'src', 'main.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout!.on('data', chunk => (out += chunk))
  for (let waited = 0; waited < 30_000 && child.exitCode === null; waited += 20) {
    const [url, key] = [/Health +(\S+)\/health/.exec(out)?.[1], /^ {2}(qk_\w+)$/m.exec(out)?.[1]]
    if (url && key) return { child, url, key }
    await pause(20)
  }
  child.kill('SIGKILL')
  throw new Error(`the service did not start: ${out}`)
}

for (const page of pages) {
  test.skipIf(!hasCurl)(`${page} says what its commands print`, { timeout: 90_000 }, async () => {
    const steps = readSteps(await readFile(join(root, page), 'utf8'))
    expect(steps.length).toBeGreaterThan(0)
    const { ownerUrl, close } = await testDatabase()
    const { child, url, key } = await launch(ownerUrl)
    try {
      const env = { QULLQI_URL: url, QULLQI_KEY: key, DATABASE_URL: ownerUrl, DATA_DIR: dataDir, PRESSURE_DELAY }
      const printed = await runSteps(steps, env)
      const lies = steps.flatMap(({ command, expected, line }, index) => {
        const found = difference(expected, printed[index] ?? ['(it did not run)'])
        return found === null ? [] : [`${page}:${line}: ${command}\n${found}`]
      })
      expect(lies.join('\n\n')).toBe('')
    } finally {
      child.kill('SIGTERM')
      await once(child, 'exit')
      await close()
    }
  })
}

test('every npm command that a page names is there', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object }
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8')
    const named = [...text.matchAll(/\bnpm run (?:--silent )?([a-z:-]+)/g)].map(([, name]) => name!)
    expect([page, named.filter(name => !(name in scripts))]).toEqual([page, []])
  }
})

test('a changed line, a missing one and one too many are each found', () => {
  const printed = ['{"available":"12.50"}', 'ok']
  expect(difference(['{"available":"12.50"}', 'ok'], printed)).toBeNull()
  expect(difference(['{"available":"12.51"}', 'ok'], printed)).toContain('12.51')
  expect(difference(['{"available":"12.50"}'], printed)).toContain('it printed:    ok')
  expect(difference([...printed, 'more'], printed)).toContain('the page says: more')
  expect(difference(['{"available".*"12.50"}', 'ok'], printed)).not.toBeNull()
})

test('a placeholder stands for one token of its shape', () => {
  const time = '2026-01-12T15:04:05.123Z'
  expect(difference(['at <time>, <number> of <date>'], [`at ${time}, 4 of 2026-01-12`])).toBeNull()
  expect(difference(['"<hash>"'], [`"${'0f'.repeat(32)}"`])).toBeNull()
  expect(difference(['"<hash>"'], ['"0f"'])).not.toBeNull()
  expect(difference(['<number>'], ['4 and 5'])).not.toBeNull()
  expect(difference(['kept …'], ['kept in a folder'])).toBeNull()
  expect(difference(['lost …'], ['kept in a folder'])).not.toBeNull()
})

test('what a page says is run in order in one shell, and a planted lie is found', async () => {
  const page = [
    '```console no-run',
    '$ exit 1',
    '```',
    '```console',
    '$ SUM=$((40 +',
    '> 2))',
    '$ echo $SUM',
    '42',
    '$ echo $SUM',
    '43',
    '```',
  ].join('\n')
  const steps = readSteps(page)
  expect(steps.map(({ line }) => line)).toEqual([5, 7, 9])
  const printed = await runSteps(steps, {})
  const found = steps.map(({ expected }, index) => difference(expected, printed[index]!))
  expect(found).toEqual([null, null, 'the page says: 43\nit printed:    42'])
})

test('the operator’s page names every variable of the environment with its default, and no other', async () => {
  const operator = await readFile(join(root, 'docs', 'operator.md'), 'utf8')
  const source = await readFile(join(root, 'src', 'config.ts'), 'utf8')
  const schema = source.slice(source.indexOf('const environment'), source.indexOf('\n})\n'))
  const variables = schema.split(/^ {2}(?=[A-Z_]+:)/m).slice(1)
  const settings = operator.split(/^## /m).find(part => part.startsWith('Settings\n')) ?? ''
  const told = [...settings.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\|/gm)].map(([, name, cell]) => [
    name,
    defaultTold(cell!),
  ])
  expect(told).toEqual(variables.map(text => [/^[A-Z_]+/.exec(text)![0], defaultOf(text)]))
})

test('the compose file sets what the operator is told that it sets, and keeps the owner’s address from the service', async () => {
  const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8')
  for (const setting of ['autovacuum_naptime=5s', 'log_error_verbosity=terse']) expect(compose).toContain(setting)
  const services = new Map(compose.split(/^ {2}(?=\w+:$)/m).map(text => [/^\w+/.exec(text)?.[0], text]))
  expect(services.get('migrate')).toContain('DATABASE_OWNER_URL')
  expect(services.get('qullqi')).not.toMatch(/DATABASE_OWNER_URL|POSTGRES_PASSWORD/)
})

/** What a cell of the table says the default is; null when it says in words that there is none. */
function defaultTold(cell: string): string | null {
  return /^`(.*)`$/.exec(cell)?.[1] ?? null
}

function defaultOf(variable: string): string | null {
  const literal = /\.default\((.*?)\)/.exec(variable)?.[1] ?? '[]'
  return literal === '[]' ? null : literal.replaceAll(/[_']/g, '')
}
