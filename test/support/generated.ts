import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { buildApp } from '../../src/app.ts'
import { systemClock } from '../../src/dates.ts'
import { openDatabase } from '../../src/db/client.ts'
import { migrationsFolder } from '../../src/db/migrate.ts'
import { openapiDocument } from '../../src/http/openapi.ts'
import { testConfig } from './config.ts'
import { dumpSchema } from './schema-dump.ts'
import { databaseUrl, template, testServer } from './server.ts'

const root = join(import.meta.dirname, '..', '..')

/** The files that are made from the sources and committed, with what they have to hold now. */
export const generated: { path: string; command: string; make(): Promise<string> }[] = [
  { path: join(root, 'openapi', 'openapi.json'), command: 'npm run openapi', make: makeOpenapi },
  { path: join(root, 'client', 'src', 'api.ts'), command: 'npm run openapi', make: makeClient },
  { path: join(migrationsFolder, 'schema.sql'), command: 'npm run db:dump', make: makeSchema },
]

/** The OpenAPI document needs no database: the pool is never used. */
async function makeOpenapi(): Promise<string> {
  const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const app = await buildApp({ db, config: testConfig(), clock: systemClock })
  const text = `${JSON.stringify(openapiDocument(app), null, 2)}\n`
  await app.close()
  await db.$client.end()
  return text
}

/** The types of the client, from the document that is committed, which is checked before. */
async function makeClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-client-'))
  const made = join(folder, 'api.ts')
  try {
    const program = join(root, 'node_modules/@qullqi/client/node_modules/openapi-typescript/bin/cli.js')
    await promisify(execFile)(process.execPath, [program, join(root, 'openapi', 'openapi.json'), '--output', made])
    return await readFile(made, 'utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function makeSchema(): Promise<string> {
  const server = await testServer()
  try {
    const client = new pg.Client({ connectionString: databaseUrl(server.url, await template(server.url)) })
    await client.connect()
    const text = await dumpSchema(client)
    await client.end()
    return text
  } finally {
    await server.stop()
  }
}

/**
 * What drizzle-kit would generate because a schema.ts changed without its migration; empty when there is nothing. It works
 * on a copy, and inside the project because it takes relative paths only.
 */
export async function missingMigrations(): Promise<string[]> {
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const copy = await mkdtemp(join(cache, 'migrations-'))
  try {
    await cp(migrationsFolder, copy, { recursive: true })
    const before = new Set(await readdir(copy))
    const outcome = await generate(relative(root, copy))
    const added = (await readdir(copy)).filter(name => !before.has(name))
    if (added.length === 0 && !outcome.includes('No schema changes')) return [outcome]
    return added
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** Without a terminal drizzle-kit cannot ask about renames: it fails, and says so. */
function generate(out: string): Promise<string> {
  const kit = join(root, 'node_modules', 'drizzle-kit', 'bin.cjs')
  const args = [kit, 'generate', '--dialect=postgresql', '--schema=./src/**/schema.ts', `--out=./${out}`]
  return new Promise(settle => {
    const child = execFile(process.execPath, args, { cwd: root }, (_, stdout, stderr) => settle(`${stdout}${stderr}`))
    child.stdin?.end()
  })
}
