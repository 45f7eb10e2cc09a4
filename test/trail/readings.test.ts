import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkAll } from '../../src/trail/linking.ts'
import { furnishedBook } from '../http/furnished-book.ts'
import { documentOf, operationsOf, type Schema } from '../http/operations.ts'
import { asking, type Field, newSaver, openField, saverBody } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp
let client: pg.PoolClient
let field: Field
let ids: Record<string, string>

beforeAll(async () => {
  service = await testApp()
  client = await service.owner.$client.connect()
  ids = await furnishedBook(service)
  field = await openField(service)
}, 60_000)
afterAll(async () => {
  client.release()
  await service.close()
})

async function readingsBy(requestId: string) {
  const { rows } = await client.query<{ subject: string; actor: string; keys: string[] }>(
    `select subject, actor, keys from audit_pending where action = 'identity-read' and request_id = $1
     union all select subject, actor, keys from audit_entry where action = 'identity-read' and request_id = $1`,
    [requestId],
  )
  return rows
}

/** Names of fields that tell who a saver is. */
const identifying = ['givenNames', 'familyNames', 'birthDate', 'householdReference', 'dni']

/** Operations whose answer names a saver, and why that leaves no entry. */
const exempt: Record<string, string> = {
  registerSaver: 'answers what it was asked with, and the registration itself is logged',
}

/** What is handed out as it came from a bank, and may have names in it. */
const asItCame = ['getBankFileBytes', 'getBalanceListBytes']

function tellsIdentity(schema: Schema | undefined, all: Record<string, Schema>, seen = new Set<unknown>()): boolean {
  if (schema === undefined || seen.has(schema)) return false
  seen.add(schema)
  if (schema.$ref) return tellsIdentity(all[schema.$ref.split('/').at(-1)!], all, seen)
  if (Object.keys(schema.properties ?? {}).some(name => identifying.includes(name))) return true
  const parts = [
    ...Object.values(schema.properties ?? {}),
    schema.items,
    ...[schema.allOf, schema.anyOf, schema.oneOf].flat(),
  ]
  return parts.some(part => tellsIdentity(part, all, seen))
}

function tellingOperations() {
  const { schemas } = documentOf(service.app).components
  return operationsOf(service.app).filter(({ responses }) =>
    Object.entries(responses).some(
      ([status, { content }]) =>
        status < '300' && Object.values(content ?? {}).some(({ schema }) => tellsIdentity(schema, schemas)),
    ),
  )
}

describe('each operation whose answer tells who a saver is', () => {
  it('leaves an entry with who asked, by which request, and of whom', async () => {
    const asked: Record<string, () => object | undefined> = {
      listSavers: () => undefined,
      getSaver: () => undefined,
      listMembers: () => undefined,
      lookUpSaver: () => ({ dni: '45678911' }),
      correctSaver: () => ({
        id: randomUUID(),
        saverId: ids.saverId,
        reason: 'mistake',
        changes: { familyNames: 'Condori Quispe' },
      }),
    }
    const registered = saverBody({ dni: '45678911' })
    const administrator = asking(service, await service.key('administrator'))
    await administrator.post(`/v1/books/${ids.bookId}/savers`, registered)
    const missed: string[] = []
    const operations = tellingOperations()
    for (const { operationId, method, path } of operations) {
      if (operationId in exempt) continue
      const requestId = randomUUID()
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!)
      const payload = asked[operationId]?.()
      const key = await service.key('administrator')
      const answer = await service.app.inject({
        ...{ method, url, headers: { authorization: `Bearer ${key}`, 'x-request-id': requestId } },
        ...(payload && { payload }),
      })
      if (answer.statusCode >= 300) throw new Error(`say how to ask ${operationId}: ${answer.body}`)
      const told = [...new Set(JSON.stringify(answer.json()).match(/"(?:id|saverId)":"[^"]+"/g))].length
      const [entry, ...more] = await readingsBy(requestId)
      const right =
        entry?.subject === operationId && entry.keys.length > 0 && entry.keys.length <= told && more.length === 0
      if (!right) missed.push(operationId)
      const savers = await client.query('select from saver where book_id = $1 and id = any ($2::uuid[])', [
        ids.bookId,
        entry?.keys ?? [],
      ])
      expect([operationId, savers.rowCount]).toEqual([operationId, entry?.keys.length])
    }
    expect(missed).toEqual([])
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      [...Object.keys(asked), ...Object.keys(exempt)].sort(),
    )
  })

  it('says so in its route, and no other does but what hands out a bank’s own bytes', async () => {
    const wanted = tellingOperations().map(({ operationId }) => operationId)
    const declared = operationsOf(service.app)
      .filter(operation => (operation as unknown as Record<string, unknown>)['x-tells-identity'] === true)
      .map(({ operationId }) => operationId)
    expect(declared.sort()).toEqual([...wanted.filter(one => !(one in exempt)), ...asItCame].sort())
  })
})

describe('a reading', () => {
  it('of a list names everybody on the page, and of one who is not there nobody', async () => {
    const savers = [await newSaver(field), await newSaver(field)]
    const [list, vain] = [randomUUID(), randomUUID()]
    const ask = (method: 'GET' | 'POST', url: string, requestId: string, key: string, payload?: object) =>
      service.app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${key}`, 'x-request-id': requestId },
        ...(payload && { payload }),
      })
    const key = await service.key('auditor')
    await ask('GET', `${field.book}/savers?limit=2`, list, key)
    const agent = await service.key('agent', { books: [field.bookId], agentId: field.agentId })
    expect((await ask('POST', `${field.book}/savers/lookup`, vain, agent, { dni: '45678999' })).statusCode).toBe(404)
    expect((await readingsBy(list))[0]!.keys.toSorted()).toEqual(savers.toSorted())
    expect(await readingsBy(vain)).toMatchObject([{ subject: 'lookUpSaver', keys: [] }])
  })

  it('that cannot be logged is not answered', async () => {
    const saverId = await newSaver(field)
    await client.query('revoke execute on function audit_read from qullqi_service')
    try {
      const answer = await field.administrator.get(`${field.book}/savers/${saverId}`)
      expect(answer.status).toBe(500)
      expect(JSON.stringify(answer.body)).not.toContain('Condori')
    } finally {
      await client.query('grant execute on function audit_read to qullqi_service')
    }
    expect((await field.administrator.get(`${field.book}/savers/${saverId}`)).status).toBe(200)
  })

  it('among many at once leaves one entry each', async () => {
    const saverId = await newSaver(field)
    const key = await service.key('auditor')
    const requests = Array.from({ length: 40 }, () => randomUUID())
    await Promise.all(
      requests.map(id =>
        service.app.inject({
          url: `${field.book}/savers/${saverId}`,
          headers: { authorization: `Bearer ${key}`, 'x-request-id': id },
        }),
      ),
    )
    for (const id of requests) expect(await readingsBy(id)).toMatchObject([{ subject: 'getSaver', keys: [saverId] }])
    await linkAll(service.db)
    const { rows } = await client.query(
      `select count(*) as all, count(distinct request_id) as different from audit_entry where action = 'identity-read' and request_id = any ($1)`,
      [requests],
    )
    expect(rows[0]).toEqual({ all: '40', different: '40' })
  })
})
