import { randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor, Role } from '../../src/http/actor.ts'
import { refuseSameHand } from '../../src/http/hands.ts'
import { payingProgramme } from '../incentives/programme.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type IssuerKey, issuerKey, type KeyServer, keyServer, settingsFile, signed, tokenSettings } from './issuer.ts'

let service: TestApp
let issuer: KeyServer
let key: IssuerKey
let file: Awaited<ReturnType<typeof settingsFile>>
/** A first administrator's: the service made it. */
let first: Asking

beforeAll(async () => {
  key = await issuerKey('EdDSA', 'one')
  issuer = await keyServer(key)
  file = await settingsFile(tokenSettings(issuer.address))
  service = await testApp({ env: { TOKENS_FILE: file.path }, clock: testClock('2026-12-31T15:00:00Z') })
  first = asking(service, await service.key('administrator'))
})

afterAll(async () => {
  await service.close()
  await issuer.close()
  await file.remove()
})

type Person = Asking & { actor: Actor }

async function person(text: string): Promise<Person> {
  const asked = asking(service, text)
  return { ...asked, actor: (await asked.get('/v1/me')).body }
}

/** Somebody by a token; a bank's names all books. */
async function byToken(sub = randomUUID() as string, roles = 'office'): Promise<Person> {
  return person(await signed(key, service.clock.now(), { claims: { sub, roles, ledger: { books: 'all' } } }))
}

/** Somebody by a key that `maker` made. */
async function byKey(maker: Asking, role: Role = 'administrator', clientId?: string): Promise<Person> {
  const { status, body } = await maker.post('/v1/api-keys', { id: uuid(), name: 'x', role, books: 'all', clientId })
  expect(status).toBe(201)
  return person(body.key)
}

async function areTwo(one: Person, other: Person): Promise<boolean> {
  const judged = [
    [one, other],
    [other, one],
  ].map(async ([before, after]) => {
    try {
      await refuseSameHand(service.db, after!.actor, [before!.actor.clientId], 'No.')
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'second-actor-needed' })
      return false
    }
  })
  const [forth, back] = await Promise.all(judged)
  // Whoever comes first.
  expect(forth).toBe(back)
  return forth!
}

describe('two actors are', () => {
  test('two subjects of the issuer', async () => {
    expect(await areTwo(await byToken(), await byToken())).toBe(true)
  })

  test('not two tokens of one, whatever their roles', async () => {
    const subject = randomUUID()
    expect(await areTwo(await byToken(subject), await byToken(subject, 'bank'))).toBe(false)
  })

  test('not a token and a key that it made, nor two keys that it made, nor along a chain', async () => {
    const ana = await byToken()
    const [one, other] = [await byKey(ana), await byKey(ana, 'bank')]
    const below = await byKey(one, 'bank')
    const own = await byKey(ana, 'administrator', ana.actor.clientId)
    const byOwn = await byKey(own, 'bank')
    for (const [left, right] of [
      ...[
        [ana, one],
        [ana, other],
        [ana, below],
        [one, other],
        [other, below],
        [ana, own],
        [own, one],
        [ana, byOwn],
        [own, byOwn],
        [other, byOwn],
      ],
    ] as [Person, Person][]) {
      expect(await areTwo(left, right)).toBe(false)
    }
    expect(await areTwo(one, await byToken())).toBe(true)
    expect(await areTwo(one, await byKey(await byToken()))).toBe(true)
  })

  test('not a token and a key of the office, for they may be one person’s', async () => {
    const key = await byKey(first)
    expect(await areTwo(await byToken(), key)).toBe(false)
    expect(await areTwo(await byToken(), await byKey(first, 'auditor'))).toBe(false)
    expect(await areTwo(await byToken(), await byKey(key))).toBe(false)
    expect(await areTwo(await byToken(), await person(await service.key('administrator')))).toBe(false)
    // A bank's key that somebody of the office made for himself.
    expect(await areTwo(await byToken(), await byKey(key, 'bank'))).toBe(false)
  })

  test('a token of the office and a bank’s key, and a bank’s token and a key of the office', async () => {
    const bank = await byKey(first, 'bank')
    expect(await areTwo(await byToken(), bank)).toBe(true)
    expect(await areTwo(await byToken(undefined, 'bank'), await byKey(first))).toBe(true)
    expect(await areTwo(await byToken(undefined, 'bank'), bank)).toBe(false)
  })

  test('not a bank’s key and a token that came in for the bank, and for the office as well', async () => {
    const subject = randomUUID()
    await byToken(subject, 'bank')
    expect(await areTwo(await byToken(subject, 'office'), await byKey(first, 'bank'))).toBe(false)
  })
})

test('a run that one prepares by a token is approved by another token, not by a key of the office', async () => {
  const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
  const [ana, berta, keyed] = [await byToken(), await byToken(), await byKey(first)]
  const id = uuid()
  const run = `${paying.book}/incentive-runs`
  const asked = { id, programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-02-01' }
  expect((await ana.post(run, asked)).body.preparedBy).toBe(ana.actor.clientId)
  for (const wrong of [ana, keyed]) {
    expect((await wrong.post(`${run}/${id}/approve`, {})).body.code).toBe('second-actor-needed')
  }
  const { body } = await berta.post(`${run}/${id}/approve`, {})
  expect(body).toMatchObject({ status: 'posted', approvedBy: berta.actor.clientId })
})
