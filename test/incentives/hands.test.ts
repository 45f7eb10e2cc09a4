import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme } from './programme.ts'

describe('two actors', () => {
  let service: TestApp
  let paying: Paying
  /** A first administrator's: the service made it. */
  let first: Asking
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
    paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    first = asking(service, await service.key('administrator'))
  })
  afterAll(async () => service.close())

  async function makes(maker: Asking, clientId?: string): Promise<Asking & { clientId: string }> {
    const grant = { id: uuid(), name: 'Office', role: 'administrator', books: 'all', clientId }
    const { status, body } = await maker.post('/v1/api-keys', grant)
    expect(status).toBe(201)
    return { ...asking(service, body.key), clientId: body.clientId }
  }

  /** What comes of a run that one prepares and the other approves. */
  async function runBy(preparer: Asking, approver: Asking): Promise<string> {
    const id = uuid()
    const run = `${paying.book}/incentive-runs`
    await preparer.post(run, { id, programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-02-01' })
    const { body } = await approver.post(`${run}/${id}/approve`, {})
    if (body.code !== undefined) await preparer.post(`${run}/${id}/cancel`, {})
    return body.code ?? body.status
  }

  it('are keys that a first administrator gave to two people', async () => {
    const [ana, berta] = [await makes(first), await makes(first)]
    expect(await runBy(ana, berta)).toBe('posted')
    expect(await runBy(berta, ana)).toBe('posted')
    // A replacement for one of them, also by her own key, is hers.
    expect(await runBy(await makes(ana, ana.clientId), berta)).toBe('posted')
  })

  it('are never a key and one that it made, in either order, nor two that one made, nor along a chain', async () => {
    const ana = await makes(first)
    const [second, third] = [await makes(ana), await makes(ana)]
    const below = await makes(second)
    for (const [preparer, approver] of [
      ...[
        [ana, second],
        [second, ana],
        [second, third],
        [ana, below],
        [third, below],
        [first, ana],
        [ana, first],
        [first, below],
      ],
    ] as [Asking, Asking][]) {
      expect(await runBy(preparer, approver)).toBe('second-actor-needed')
    }
    expect(await runBy(below, await makes(first))).toBe('posted')
  })

  it('are each only themselves: nobody makes a key for the client of another, who goes on approving for whoever tried', async () => {
    const [ana, berta] = [await makes(first), await makes(first)]
    for (const maker of [ana, first]) {
      for (const role of ['administrator', 'auditor']) {
        const grant = { id: uuid(), name: 'Berta', role, books: 'all', clientId: berta.clientId }
        const { status, body } = await maker.post('/v1/api-keys', grant)
        expect([status, body.code]).toEqual([409, 'client-taken'])
        expect((await first.get(`/v1/api-keys/${grant.id}`)).status).toBe(404)
      }
    }
    const id = uuid()
    const run = `${paying.book}/incentive-runs`
    await ana.post(run, { id, programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-02-01' })
    const { body } = await berta.post(`${run}/${id}/approve`, {})
    expect(body).toMatchObject({ status: 'posted', approvedBy: berta.clientId })
  })

  it('are told by each key, which says who made it', async () => {
    const ana = await makes(first)
    const { body: me } = await first.get('/v1/me')
    const { body: mine } = await ana.get('/v1/me')
    expect((await first.get(`/v1/api-keys/${mine.keyId}`)).body.createdBy).toBe(me.keyId)
    expect((await first.get(`/v1/api-keys/${me.keyId}`)).body.createdBy).toBe(null)
  })
})
