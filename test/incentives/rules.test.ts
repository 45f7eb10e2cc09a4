import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets } from '../../src/incentives/rules/presets.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { payingProgramme } from './programme.ts'

let service: TestApp
let administrator: Asking
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  administrator = asking(service, await service.key('administrator'))
})
afterAll(async () => service.close())

async function programme(): Promise<string> {
  const id = uuid()
  const body = { id, code: id.slice(-12), name: 'Programme', contractMonths: 48, validFrom: '2026-01-01' }
  expect((await administrator.post('/v1/programmes', body)).status).toBe(201)
  return `/v1/programmes/${id}/incentive-rules`
}

const growth = { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly' }
const version = (more: object = {}) => ({
  ...{ id: uuid(), code: 'GROWTH', title: 'Growth', currency: 'PEN', validFrom: '2026-01-01', terms: growth },
  ...more,
})

describe('a preset', () => {
  it('says of each of its terms whether a source tells it or an agreement is to set it', async () => {
    const { body } = await administrator.get('/v1/incentive-presets')
    const names = body.items.map(({ name }: { name: string }) => name)
    expect(names).toEqual(['CORREDOR-2003', 'SIERRA-SUR-II', 'JUNTOS-RAFFLE-2011', 'JUNTOS-MATCH'])
    for (const { rules } of body.items) {
      for (const { origins } of rules) {
        for (const { origin } of origins) expect(['source', 'to be set by agreement']).toContain(origin)
      }
    }
    for (const { name, rules } of presets) {
      for (const { code, terms, origins } of rules) {
        const told = new Set(['award', ...origins.flatMap(origin => origin.terms)])
        expect([name, code, Object.keys(terms).filter(term => !told.has(term))]).toEqual([name, code, []])
      }
    }
  })

  it('is loaded by name, with what was agreed in place of its own, and once', async () => {
    const address = await programme()
    const agreed = {
      OPENING: { caps: [{ amount: '15.00', per: 'event' }] },
      WITHDRAWAL: { rate: '0.1', caps: [{ amount: '40.00', per: 'year' }] },
    }
    const body = { preset: 'CORREDOR-2003', validFrom: '2026-01-01', currency: 'PEN', agreed }
    const first = await administrator.post(`${address}/presets`, body)
    expect(first).toMatchObject({ status: 201, body: { replayed: false } })
    const [opening, , withdrawal] = first.body.items
    expect(opening.terms.caps).toEqual([{ amount: '15.00', per: 'event', over: 'rule' }])
    expect(withdrawal.terms).toMatchObject({ rate: '0.1', caps: [{ amount: '40.00', per: 'year' }] })
    expect(opening.origins.at(-1)).toEqual({
      ...{ terms: ['caps'], origin: 'agreed', note: 'Set when the preset was loaded' },
    })
    expect(await administrator.post(`${address}/presets`, body)).toMatchObject({
      status: 200,
      body: { replayed: true },
    })
    expect(
      await administrator.post(`${address}/presets`, { ...body, agreed: { OPENING: agreed.OPENING } }),
    ).toMatchObject({
      status: 409,
      body: { code: 'id-reused' },
    })
  })

  it('marks what nobody agreed on, and takes no amount of another currency for one of its own', async () => {
    const address = await programme()
    const dollars = { preset: 'CORREDOR-2003', validFrom: '2026-01-01' }
    const refused = await administrator.post(`${address}/presets`, { ...dollars, currency: 'PEN' })
    expect(refused).toMatchObject({
      status: 400,
      body: { fields: [{ path: 'agreed.OPENING.caps', message: 'is needed in PEN: the preset’s is in USD' }] },
    })
    const half = { '1-APERTURA': { caps: [{ amount: '10.00', per: 'event' }] } }
    const other = { preset: 'SIERRA-SUR-II', validFrom: '2026-01-01', currency: 'USD', agreed: half }
    expect((await administrator.post(`${address}/presets`, other)).body.fields[0].path).toBe(
      'agreed.2-MANTENIMIENTO-CRECIMIENTO.caps',
    )
    const { status, body } = await administrator.post(`${address}/presets`, dollars)
    expect(status).toBe(201)
    expect(body.items[0].origins).toContainEqual({
      terms: ['caps'],
      origin: 'to be set by agreement',
      note: 'No source tells the cap: US$ 10.00 is for demonstration, and agreed with nobody',
    })
  })

  it.for([
    ['a rule that it has not', { NOTHING: { rate: '0.1' } }, 'agreed.NOTHING'],
    ['a rate for withdrawals without a cap', { WITHDRAWAL: { rate: '0.1' } }, 'agreed.WITHDRAWAL.caps'],
    ['an opening without a cap', { OPENING: { caps: [] } }, 'agreed.OPENING.caps'],
  ] as const)('does not take %s', async ([, agreed, path]) => {
    const address = await programme()
    const { status, body } = await administrator.post(`${address}/presets`, {
      preset: 'CORREDOR-2003',
      validFrom: '2026-01-01',
      agreed,
    })
    expect(status).toBe(400)
    expect(body.fields[0].path).toBe(path)
    expect((await administrator.get(address)).body.items).toEqual([])
  })
})

describe('terms that cannot be', () => {
  it.for([
    [
      'an opening doubled without a cap',
      { award: 'credit', basis: 'OPENING_DEPOSIT', rate: '1', cadence: 'once' },
      'terms.caps',
    ],
    [
      'withdrawals without a cap',
      { award: 'credit', basis: 'WITHDRAWAL', rate: '0.1', cadence: 'per-event', purposes: ['education'] },
      'terms.caps',
    ],
    ['gross deposits without a cap', { ...growth, basis: 'GROSS_DEPOSITS' }, 'terms.caps'],
    ['growth for each event', { ...growth, cadence: 'per-event' }, 'terms.cadence'],
    ['a cap for each event on a month', { ...growth, caps: [{ amount: '5.00', per: 'event' }] }, 'terms.caps.0.per'],
    ['a negative cap', { ...growth, caps: [{ amount: '-5.00', per: 'period' }] }, 'terms.caps.0.amount'],
    ['a cap of nothing', { ...growth, caps: [{ amount: '0.00', per: 'period' }] }, 'terms.caps.0.amount'],
    ['a negative rate', { ...growth, rate: '-0.1' }, 'terms.rate'],
    ['a rate that is a number', { ...growth, rate: 0.1 }, 'terms.rate'],
    ['purposes for growth', { ...growth, purposes: ['education'] }, 'terms.purposes'],
    ['statuses of months', { ...growth, periodStatuses: ['MET'] }, 'terms.periodStatuses'],
    ['a forfeit of what is not locked', { ...growth, earlyExit: 'forfeit' }, 'terms.earlyExit'],
    [
      'retained transfers of nobody',
      { ...growth, basis: 'RETAINED_TRANSFER', cadence: 'two-monthly' },
      'terms.transferSource',
    ],
    ['a term that is none', { ...growth, capp: '5.00' }, 'terms.capp'],
  ] as const)('are refused, and where: %s', async ([, terms, path]) => {
    const { status, body } = await administrator.post(await programme(), version({ terms }))
    expect([status, body.code]).toEqual([400, 'request-invalid'])
    expect(body.fields.map((field: { path: string }) => field.path)).toContain(path)
  })
})

describe('versions of a rule', () => {
  it('follow one another, and never overlap', async () => {
    const address = await programme()
    expect((await administrator.post(address, version())).body).toMatchObject({ version: 1, validTo: null })
    const second = version({ validFrom: '2026-07-01', terms: { ...growth, rate: '0.5' } })
    expect((await administrator.post(address, second)).body).toMatchObject({ version: 2, validTo: null })
    const { body } = await administrator.get(address)
    expect(
      body.items.map(({ version, validFrom, validTo }: Record<string, unknown>) => [version, validFrom, validTo]),
    ).toEqual([
      [1, '2026-01-01', '2026-06-30'],
      [2, '2026-07-01', null],
    ])
    for (const validFrom of ['2026-03-01', '2026-07-01']) {
      expect(await administrator.post(address, version({ validFrom }))).toMatchObject({
        status: 409,
        body: { code: 'period-overlaps' },
      })
    }
    expect(await administrator.post(address, second)).toMatchObject({ status: 200, body: { replayed: true } })
    expect(await administrator.post(address, { ...second, title: 'Other' })).toMatchObject({
      status: 409,
      body: { code: 'id-reused' },
    })
  })

  it('asked for at once by many come one after the other', async () => {
    const address = await programme()
    await administrator.post(address, version())
    const months = ['02', '03', '04', '05', '06', '07']
    const answers = await Promise.all(
      months.map(month => administrator.post(address, version({ validFrom: `2026-${month}-01` }))),
    )
    const { body } = await administrator.get(address)
    const made = answers.filter(({ status }) => status === 201).length
    expect(body.items.map(({ version }: { version: number }) => version)).toEqual(
      Array.from({ length: made + 1 }, (_, n) => n + 1),
    )
    const days = body.items.map(({ validFrom, validTo }: Record<string, string>) => [validFrom, validTo])
    for (const [n, [from]] of days.slice(1).entries()) expect(days[n][1] < from).toBe(true)
  })

  it('that have paid cannot be ended before what they paid for, nor be changed', async () => {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    for (const valueDate of ['2026-01-10', '2026-03-10']) {
      const body = { savingsAccountId: rosa.accountId, amount: '8.00', valueDate, channel: 'branch' }
      await paying.said(`${paying.book}/deposits`, { id: uuid(), ...body })
    }
    await paying.run('2026-03', '2026-04-01')
    const address = `/v1/programmes/${paying.programmeId}/incentive-rules`
    const { body } = await administrator.get(address)
    const rule = body.items.find(({ code }: { code: string }) => code === 'GROWTH')
    const end = (validTo: string) => administrator.post(`${address}/${rule.id}/end`, { validTo })
    expect(await end('2026-02-28')).toMatchObject({
      status: 409,
      body: { code: 'rule-has-paid', facts: { paidTo: '2026-03-31' } },
    })
    const early = version({ validFrom: '2026-03-01', code: 'GROWTH' })
    expect(await administrator.post(address, early)).toMatchObject({ status: 409, body: { code: 'rule-has-paid' } })
    expect(await end('2026-03-31')).toMatchObject({ status: 200, body: { validTo: '2026-03-31' } })
    expect(await end('2026-03-31')).toMatchObject({ status: 200 })
    expect(await end('2026-04-30')).toMatchObject({ status: 409, body: { code: 'already-ended' } })
  })
})

describe('a financing', () => {
  it('has shares that sum to 1, of funds that there are, and splits to the centavo', async () => {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    const { book, fundId, programmeId } = paying
    const ro = uuid()
    await paying.said(`${book}/funds`, {
      id: ro,
      code: 'RO-1',
      name: 'RO',
      fundingSource: 'RO',
      openedOn: '2026-01-01',
    })
    const financing = (shares: [string, string][], validFrom = '2026-02-01') => ({
      ...{ id: uuid(), programmeId, validFrom },
      shares: shares.map(([fundId, share]) => ({ fundId, share, budgetCode: '2.5.31' })),
    })
    const ask = (body: object) => administrator.post(`${book}/financings`, body)
    expect(
      (
        await ask(
          financing([
            [fundId, '0.7'],
            [ro, '0.2'],
          ]),
        )
      ).body.fields[0],
    ).toMatchObject({ path: 'shares', message: 'must sum to 1' })
    expect(
      (
        await ask(
          financing([
            [fundId, '0.7'],
            [fundId, '0.3'],
          ]),
        )
      ).status,
    ).toBe(400)
    expect((await ask(financing([[fundId, '1.5']]))).status).toBe(400)
    expect(await ask(financing([[uuid(), '1']]))).toMatchObject({ status: 404, body: { code: 'fund-not-found' } })
    expect(
      (
        await ask(
          financing([
            [fundId, '0.333333'],
            [ro, '0.666667'],
          ]),
        )
      ).status,
    ).toBe(201)
    expect(await ask(financing([[fundId, '1']]))).toMatchObject({ status: 409, body: { code: 'period-overlaps' } })

    await paying.fund('100.00', '2026-01-02')
    await paying.said(`${book}/fund-receipts`, {
      id: uuid(),
      fundId: ro,
      amount: '100.00',
      valueDate: '2026-01-02',
      reference: 'SIAF-2',
    })
    const rosa = await paying.saver()
    const body = { savingsAccountId: rosa.accountId, amount: '10.00', valueDate: '2026-01-10', channel: 'branch' }
    await paying.said(`${book}/deposits`, { id: uuid(), ...body })
    await paying.run('2026-01', '2026-02-01')
    const { body: page } = await administrator.get(`${book}/savers/${rosa.saverId}/incentives`)
    const paidBy = page.items[0].paidBy.map(({ fundId: id, amount }: Record<string, string>) => [
      id === ro ? 'RO' : 'FIDA',
      amount,
    ])
    expect(paidBy.sort()).toEqual([
      ['FIDA', '3.33'],
      ['RO', '6.67'],
    ])
  })
})
