import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { answerMade, clientId, made, requestId } from '../../src/http/idempotency.ts'
import type { App } from '../../src/http/openapi.ts'
import { authorization, serverWith } from './server.ts'

let app: App
const done = new Set<string>()

beforeAll(async () => {
  ;({ app } = await serverWith(server => {
    server.route({
      method: 'POST',
      url: '/v1/things',
      config: { access: ['agent'], idempotent: true },
      schema: {
        operationId: 'makeThing',
        body: z.strictObject({ id: clientId }),
        response: made(z.object({ id: z.uuid(), replayed: z.boolean() })),
      },
      handler: async (request, reply) => {
        const id = requestId(request, request.body.id)
        const replayed = done.has(id)
        done.add(id)
        return answerMade(reply, { id, replayed })
      },
    })
  }))
})

afterAll(() => app.close())

async function make(payload: object, key?: string) {
  const headers = { authorization, ...(key !== undefined && { 'idempotency-key': key }) }
  const answer = await app.inject({ method: 'POST', url: '/v1/things', headers, payload })
  return { status: answer.statusCode, body: answer.json(), replay: answer.headers['idempotent-replay'] }
}

const id = '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'

test('the id comes from the body or from the header, quoted or not, in whatever case, and means the same', async () => {
  expect(await make({ id })).toEqual({ status: 201, body: { id, replayed: false }, replay: undefined })
  const again = { status: 200, body: { id, replayed: true }, replay: 'true' }
  expect(await make({ id: id.toUpperCase() })).toEqual(again)
  expect(await make({}, id)).toEqual(again)
  expect(await make({}, `"${id.toUpperCase()}"`)).toEqual(again)
  expect(await make({ id }, id.toUpperCase())).toEqual(again)
})

test.each([
  ['neither is given', {}, undefined, 'id'],
  ['the header is no UUID', {}, 'order-7', 'Idempotency-Key'],
  ['they differ', { id }, '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', 'Idempotency-Key'],
  ['the body has no UUID', { id: '7' }, undefined, 'id'],
])('it is refused when %s', async (_, payload, key, path) => {
  const { status, body } = await make(payload, key)
  expect([status, body.code, body.fields[0].path]).toEqual([400, 'request-invalid', path])
})
