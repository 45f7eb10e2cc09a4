import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkExport } from '../../src/trail/exported.ts'
import { linkAll } from '../../src/trail/linking.ts'
import { office } from '../../src/trail/schema.ts'
import { type Asking, type Field, newSaver, openField } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp
let field: Field
let auditor: Asking
let savers: string[]

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
  savers = [await newSaver(field), await newSaver(field), await newSaver(field)]
  await field.administrator.get(`${field.book}/savers/${savers[1]}`)
  auditor = await field.as('auditor', { books: [field.bookId] })
  await linkAll(service.db)
})
afterAll(() => service.close())

async function exported(address: string): Promise<string[]> {
  const key = await service.key('auditor')
  const { statusCode, body } = await service.app.inject({ url: address, headers: { authorization: `Bearer ${key}` } })
  expect(statusCode).toBe(200)
  return body.trimEnd().split('\n')
}

async function* of(lines: string[]): AsyncGenerator<string> {
  yield* lines
}

test('entries are listed page by page, and by what and whom they tell of', async () => {
  const all = (await auditor.get(`${field.book}/audit-entries?limit=200`)).body
  expect(all.next).toBeNull()
  expect(all.items.map(({ number }: { number: number }) => number)).toEqual(
    all.items.map((_: unknown, at: number) => at + 1),
  )
  const found: unknown[] = []
  for (let after = ''; ; ) {
    const { items, next } = (await auditor.get(`${field.book}/audit-entries?limit=2${after}`)).body
    found.push(...items)
    if (next === null) break
    after = `&after=${next}`
  }
  expect(found).toEqual(all.items)
  const ofHer = (await auditor.get(`${field.book}/audit-entries?key=${savers[1]}`)).body.items
  expect(ofHer.map(({ action, subject }: { action: string; subject: string }) => [action, subject])).toEqual([
    ['insert', 'saver'],
    ['identity-read', 'getSaver'],
  ])
  const read = (await auditor.get(`${field.book}/audit-entries?action=identity-read`)).body.items
  expect(read).toHaveLength(1)
  expect((await auditor.get(`${field.book}/audit-entries?subject=agent`)).body.items).toHaveLength(1)
})

test('the office’s log is for keys that reach all books', async () => {
  for (const address of ['/v1/audit-entries', '/v1/audit-log'])
    expect(await auditor.get(address)).toMatchObject({ status: 403, body: { code: 'access-denied' } })
  const everywhere = await field.as('auditor')
  const { items } = (await everywhere.get('/v1/audit-entries?subject=partner_institution')).body
  expect(items).toMatchObject([{ action: 'insert', keys: [field.institutionId] }])
  expect(await checkExport(of(await exported('/v1/audit-log')))).toMatchObject({ ok: true, auditLogOf: office })
})

test('an export is right by itself, whole or from where one has it, and goes on from what was kept', async () => {
  const lines = await exported(`${field.book}/audit-log`)
  const whole = await checkExport(of(lines))
  expect(whole).toEqual({
    ok: true,
    auditLogOf: field.bookId,
    after: 0,
    endsAt: lines.length - 2,
    hash: expect.any(String),
  })
  const rest = await exported(`${field.book}/audit-log?afterNumber=2`)
  expect(JSON.parse(rest[0]!)).toMatchObject({ after: 2, hash: JSON.parse(lines[2]!).hash })
  expect(rest.slice(1)).toEqual(lines.slice(3))
  expect(await checkExport(of(rest))).toEqual({ ...whole, after: 2 })
  expect(lines.join()).not.toContain('Condori')
  const unsalted = lines.slice(1, -1).flatMap(line => Object.keys(JSON.parse(line)))
  expect(unsalted).not.toContain('salt')
})

test('an export in which anything was changed, left out, put in or cut off is wrong', async () => {
  const lines = await exported(`${field.book}/audit-log`)
  const changed: [string, string[]][] = []
  for (const [at, line] of lines.entries()) {
    const value = JSON.parse(line)
    for (const [name, was] of Object.entries(value)) {
      const other =
        typeof was === 'number'
          ? was + 1
          : was === null
            ? field.agentId
            : Array.isArray(was)
              ? [...was, savers[0]]
              : otherText(name, was as string)
      changed.push([`${at}.${name}`, lines.with(at, JSON.stringify({ ...value, [name]: other }))])
    }
    changed.push([`${at} left out`, lines.toSpliced(at, 1)])
    changed.push([`${at} twice`, lines.toSpliced(at, 0, line)])
  }
  changed.push(['cut off', lines.slice(0, -1)], ['nothing', []], ['more', [...lines, lines[1]!]])
  const missed: string[] = []
  for (const [what, wrong] of changed) if ((await checkExport(of(wrong))).ok) missed.push(what)
  expect(missed).toEqual([])
  expect(changed.length).toBeGreaterThan(50)
})

function otherText(name: string, was: string): string {
  if (name === 'at') return new Date(new Date(was).getTime() + 1).toISOString()
  if (name === 'action') return was === 'insert' ? 'update' : 'insert'
  if (name === 'auditLogOf') return field.agentId
  return was.replace(/.$/, last => (last === '0' ? '1' : '0'))
}

test('npm run audit-log says of a file whether it is right', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-audit-log-'))
  try {
    const lines = await exported(`${field.book}/audit-log`)
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')]
    await writeFile(right, `${lines.join('\n')}\n`)
    await writeFile(wrong, lines.toSpliced(2, 1).join('\n'))
    const program = join(import.meta.dirname, '..', '..', 'src', 'audit-log.ts')
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
      return { status, stdout, stderr }
    }
    const { hash, endsAt } = JSON.parse(lines.at(-1)!)
    const said = `Right: audit log of the book ${field.bookId}, entries 1 to ${endsAt}; ends at ${hash}\n`
    expect(run(right, '--hash', hash)).toEqual({ status: 0, stdout: said, stderr: '' })
    expect(run(right, '--hash', '0'.repeat(64))).toMatchObject({ status: 1, stdout: expect.stringContaining('WRONG') })
    expect(run(wrong)).toMatchObject({ status: 1, stdout: 'WRONG, line 3: entry 2 is missing.\n' })
    expect(run(join(folder, 'none'))).toMatchObject({ status: 2, stderr: expect.stringContaining('ENOENT') })
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('usage') })
  } finally {
    await rm(folder, { recursive: true })
  }
})
