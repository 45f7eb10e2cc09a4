import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isDormant } from '../../src/savings/accounts/dormancy.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { day, type Money, newHolder, openMoney } from './money.ts'

let service: TestApp
let money: Money
beforeAll(async () => {
  service = await testApp()
})
afterAll(() => service.close())
beforeEach(async () => {
  service.clock.set('2026-03-31T15:00:00Z')
  money = await openMoney(service)
})

const accounts = () => `${money.book}/savings-accounts`

describe('opening a savings account', () => {
  it('opens four ledger accounts, empty, and is done once', async () => {
    const body = { id: uuid(), saverId: money.ana.saverId, bankAccountNumber: '110-01-2345678', openedOn: '2026-01-12' }
    const answer = await money.agent.post(accounts(), body)
    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: body.id,
        saverId: money.ana.saverId,
        groupId: null,
        bankAccountNumber: '110-01-2345678',
        cci: null,
        warnings: [],
        agentId: money.agentId,
        replayed: false,
      },
    })
    expect(await money.agent.post(accounts(), body)).toMatchObject({ status: 200, body: { replayed: true } })
    for (const accountId of Object.values(answer.body.accounts)) {
      const { status, body } = await money.administrator.get(`${money.book}/accounts/${accountId}/balance`)
      expect({ status, posted: body.posted }).toEqual({ status: 200, posted: '0.00' })
    }
    expect(await money.agent.post(accounts(), { ...body, openedOn: '2026-01-13' })).toMatchObject({
      status: 409,
      body: { code: 'id-reused' },
    })
    expect(await money.agent.post(accounts(), { ...body, id: uuid() })).toMatchObject({
      status: 409,
      body: { code: 'bank-account-number-taken' },
    })
  })

  it('is the account of its number however that is written, so that no slip is another woman’s', async () => {
    const written = { bankAccountNumber: '77-AbC-0123' }
    const hers = await newHolder(money, undefined, written)
    for (const bankAccountNumber of ['77ABC0123', '77-abc-01-23', written.bankAccountNumber]) {
      const other = { id: uuid(), saverId: money.rosa.saverId, openedOn: '2026-01-12', bankAccountNumber }
      const taken = await money.agent.post(accounts(), other)
      expect(taken).toMatchObject({ status: 409, body: { code: 'bank-account-number-taken' } })
      const slip = { bankAccountNumber, amount: '1.00', channel: 'branch' }
      const deposit = await money.move('deposits', slip)
      expect(deposit).toMatchObject({ status: 201, body: { savingsAccountId: hers.accountId } })
      const { body } = await money.agent.get(`${accounts()}?bankAccountNumber=${bankAccountNumber}`)
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual([hers.accountId])
    }
    expect(await money.balance(hers)).toMatchObject({ own: '3.00' })
  })

  it('warns of a CCI whose check digits are wrong, and keeps it', async () => {
    const body = { saverId: money.ana.saverId, openedOn: '2026-01-12' }
    const open = (cci: string) => money.agent.post(accounts(), { id: uuid(), cci, ...body })
    expect((await open('01136600010003254221')).body).toMatchObject({ cci: '01136600010003254221', warnings: [] })
    const wrong = await open('011-366-000100032542-29')
    expect(wrong).toMatchObject({ status: 201, body: { cci: '01136600010003254229', warnings: ['cci-check-digits'] } })
    expect((await money.agent.get(`${accounts()}/${wrong.body.id}`)).body.warnings).toEqual(['cci-check-digits'])
    expect((await open('0113660001000325422')).body).toMatchObject({ code: 'request-invalid' })
  })

  it('is for one holder, who is in the book: a saver, a group or an organisation', async () => {
    const { agent, administrator, book } = money
    const [groupId, organisationId] = [uuid(), uuid()]
    const at = { districtCode: '080101' }
    await agent.post(`${book}/groups`, { id: groupId, code: 'GR-1', name: 'Sumaq', formedOn: '2026-01-10', ...at })
    const organisation = { id: organisationId, name: 'Comunidad Ccorca', kind: 'community', registeredOn: '2026-01-10' }
    expect((await administrator.post(`${book}/organisations`, { ...organisation, ...at })).status).toBe(201)
    const open = (holder: object) => agent.post(accounts(), { id: uuid(), openedOn: '2026-01-12', ...holder })
    expect((await open({ groupId })).body).toMatchObject({ groupId, saverId: null })
    expect((await open({ organisationId })).body).toMatchObject({ organisationId, saverId: null })
    expect((await open({})).status).toBe(400)
    expect((await open({ groupId, organisationId })).status).toBe(400)
    expect((await open({ saverId: uuid() })).body.code).toBe('saver-not-found')
    expect((await open({ groupId: uuid() })).body.code).toBe('group-not-found')
    expect((await open({ organisationId: uuid() })).body.code).toBe('organisation-not-found')
    expect((await open({ groupId, openedOn: '2026-04-01' })).body.code).toBe('date-in-future')
    for (const [holder, openedOn, began] of [
      [{ groupId }, '2026-01-09', '2026-01-10'],
      [{ saverId: money.ana.saverId }, '2025-12-31', '2026-01-01'],
    ] as const) {
      expect(await open({ ...holder, openedOn })).toMatchObject({
        status: 422,
        body: { code: 'date-too-early', facts: { began }, fields: [{ path: 'openedOn' }] },
      })
    }
    const listed = await agent.get(`${accounts()}?organisationId=${organisationId}`)
    expect(listed.body.items).toMatchObject([{ organisationId }])
  })

  it('is done by the agent of the key, or by an administrator for an agent', async () => {
    const body = { saverId: money.ana.saverId, openedOn: '2026-01-12', agentId: uuid() }
    expect((await money.agent.post(accounts(), { id: uuid(), ...body })).status).toBe(403)
    expect((await money.administrator.post(accounts(), { id: uuid(), ...body })).body.code).toBe('agent-not-found')
    const own = await money.administrator.post(accounts(), { id: uuid(), ...body, agentId: money.agentId })
    expect(own.body).toMatchObject({ agentId: money.agentId })
    const branch = await money.administrator.post(accounts(), { id: uuid(), ...body, agentId: undefined })
    expect(branch.body).toMatchObject({ agentId: null })
  })
})

describe('reading a savings account', () => {
  const read = (query = '') => money.agent.get(`${accounts()}/${money.ana.accountId}${query}`)

  it('gives each of its moneys and all together: posted, held, available', async () => {
    await money.deposit(money.ana, '10.00')
    await money.move('interest', { savingsAccountId: money.ana.accountId, amount: '1.35' })
    const opened = await read()
    const hold = { id: uuid(), accountId: opened.body.accounts.own, amount: '4.00' }
    expect((await money.administrator.post(`${money.book}/holds`, hold)).status).toBe(201)
    const { body } = await read()
    expect(body.balances).toEqual({
      own: { posted: '10.00', held: '4.00', available: '6.00' },
      incentiveLocked: { posted: '0.00', held: '0.00', available: '0.00' },
      incentiveReleased: { posted: '0.00', held: '0.00', available: '0.00' },
      interest: { posted: '1.35', held: '0.00', available: '1.35' },
    })
    expect(body.total).toEqual({ posted: '11.35', held: '4.00', available: '7.35' })
    expect(body).toMatchObject({ currency: 'PEN', status: 'open', closedOn: null, asOf: null, knownAt: null })
    expect((await money.withdraw(money.ana, '6.01')).body).toMatchObject({ facts: { available: '6.00' } })
    const looked = await money.agent.get(`${accounts()}/${money.ana.accountId}/balance`)
    expect(looked.body).toMatchObject({ balances: body.balances, total: body.total, status: 'open', sequence: 2 })
  })

  it('as of a day counts value dates, as known at an instant what was recorded by then', async () => {
    await money.deposit(money.ana, '10.00', { valueDate: '2026-03-01' })
    const before = service.clock.now().toISOString()
    service.clock.advance(86_400_000)
    await money.deposit(money.ana, '5.00', { valueDate: '2026-03-10' })
    const own = async (query: string) => {
      const { body } = await read(query)
      return [body.balances.own.posted, body.lastDepositOn]
    }
    expect(await own('')).toEqual(['15.00', '2026-03-10'])
    expect(await own('?asOf=2026-03-09')).toEqual(['10.00', '2026-03-01'])
    expect(await own('?asOf=2026-02-28')).toEqual(['0.00', null])
    expect(await own(`?knownAt=${before}`)).toEqual(['10.00', '2026-03-01'])
    expect(await own(`?knownAt=${before}&asOf=2026-02-28`)).toEqual(['0.00', null])
    expect(await read('?knownAt=2026-04-02T15:00:00Z')).toMatchObject({
      status: 422,
      body: { code: 'instant-in-future' },
    })
  })

  it('gives the statement of each of its moneys, with the balance after each line, to the agent as well', async () => {
    await money.deposit(money.ana, '10.00', { valueDate: '2026-03-10' })
    await money.deposit(money.ana, '5.00', { valueDate: '2026-03-01' })
    await money.withdraw(money.ana, '3.00', { valueDate: '2026-03-12' })
    await money.move('interest', { savingsAccountId: money.ana.accountId, amount: '1.35' })
    const statement = async (query: string) =>
      (await money.agent.get(`${accounts()}/${money.ana.accountId}/statement?${query}`)).body
    const lines = (body: { items: { kind: string; valueDate: string; balance: string }[] }) =>
      body.items.map(({ kind, valueDate, balance }) => `${valueDate} ${kind} ${balance}`)
    const first = await statement('limit=2')
    expect(lines(first)).toEqual(['2026-03-01 deposit 5.00', '2026-03-10 deposit 15.00'])
    expect(lines(await statement(`limit=2&after=${first.next}`))).toEqual(['2026-03-12 withdrawal 12.00'])
    expect(lines(await statement('money=interest'))).toEqual([`${day} interest 1.35`])
    expect(await statement('from=2026-03-10&to=2026-03-10')).toMatchObject({ opening: '5.00', closing: '15.00' })
    const unknown = await money.agent.get(`${accounts()}/${uuid()}/statement`)
    expect(unknown).toMatchObject({ status: 404, body: { code: 'savings-account-not-found' } })
  })

  it('gives the statement of every money to whoever may read the account, and to nobody else', async () => {
    const moneys = {
      own: 'own',
      'incentive-locked': 'incentiveLocked',
      'incentive-released': 'incentiveReleased',
      interest: 'interest',
    }
    const { accounts: ledgerAccounts } = (await read()).body
    for (const role of ['agent', 'bank', 'auditor', 'administrator', 'analyst'] as const) {
      const by = role === 'agent' ? money.agent : await money.as(role)
      for (const [name, onTheWire] of Object.entries(moneys)) {
        const { status, body } = await by.get(`${accounts()}/${money.ana.accountId}/statement?money=${name}`)
        if (role === 'analyst') expect(status).toBe(403)
        else expect(body).toMatchObject({ accountId: ledgerAccounts[onTheWire], closing: '0.00', items: [] })
      }
    }
  })

  it('of another book or of none is not there', async () => {
    const elsewhere = await openMoney(service)
    const answer = await money.agent.get(`${accounts()}/${elsewhere.ana.accountId}`)
    expect(answer).toMatchObject({ status: 404, body: { code: 'savings-account-not-found' } })
  })

  it('is for those who may know persons: no analyst', async () => {
    const status = async (role: 'bank' | 'auditor' | 'analyst') =>
      (await (await money.as(role)).get(`${accounts()}/${money.ana.accountId}`)).status
    expect([await status('bank'), await status('auditor'), await status('analyst')]).toEqual([200, 200, 403])
  })
})

describe('listing savings accounts', () => {
  it('goes through all of them by pages, and narrows by holder, group, number and status', async () => {
    const numbered = await newHolder(money, undefined, { bankAccountNumber: '110-77' })
    const all = [money.ana, money.rosa, numbered].map(({ accountId }) => accountId)
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const { body }: { body: { items: { id: string }[]; next: string | null } } = await money.agent.get(
        `${accounts()}?limit=2${next && `&after=${next}`}`,
      )
      seen.push(...body.items.map(({ id }) => id))
      next = body.next
    }
    expect(seen.sort()).toEqual(all.sort())

    const groupId = uuid()
    const group = { id: groupId, code: 'GR-2', name: 'Sumaq', formedOn: '2026-01-10', districtCode: '080101' }
    await money.agent.post(`${money.book}/groups`, group)
    const joining = { id: uuid(), groupId, saverId: money.rosa.saverId, startsOn: '2026-01-15' }
    expect((await money.agent.post(`${money.book}/memberships`, joining)).status).toBe(201)
    const block = `${accounts()}/${numbered.accountId}/status`
    await money.administrator.post(block, { id: uuid(), status: 'blocked', reason: 'her card was stolen' })
    const ids = async (query: string) =>
      (await money.agent.get(`${accounts()}?${query}`)).body.items.map(({ id }: { id: string }) => id)
    expect(await ids(`saverId=${money.ana.saverId}`)).toEqual([money.ana.accountId])
    expect(await ids(`memberOf=${groupId}`)).toEqual([money.rosa.accountId])
    expect(await ids('bankAccountNumber=110-77')).toEqual([numbered.accountId])
    expect(await ids('status=blocked')).toEqual([numbered.accountId])
    expect(await ids(`saverId=${uuid()}`)).toEqual([])
  })

  it('finds those that are dormant: no deposit of their holders for as many days as asked', async () => {
    const bank = await money.as('bank')
    const interest = (savingsAccountId: string) =>
      money.move('interest', { savingsAccountId, amount: '1.00', valueDate: '2026-03-30' }, bank)
    const reversed = await newHolder(money)
    await money.deposit(money.ana, '5.00', { valueDate: '2026-03-01' })
    await interest(money.rosa.accountId)
    const deposit = await money.deposit(reversed, '5.00', { valueDate: '2026-03-20' })
    await money.administrator.post(`${money.book}/transactions/${deposit.body.id}/reversal`, {
      id: uuid(),
      valueDate: '2026-03-21',
      reason: 'was never paid',
    })
    const ids = async (query: string) =>
      (await money.agent.get(`${accounts()}?${query}`)).body.items.map(({ id }: { id: string }) => id).sort()
    expect(await ids('dormant=true&dormantAfterDays=60')).toEqual([money.rosa.accountId, reversed.accountId].sort())
    expect(await ids('dormant=false&dormantAfterDays=60')).toEqual([money.ana.accountId])
    expect(await ids('dormant=true&dormantAfterDays=29')).toHaveLength(3)
    expect(await ids('dormant=true')).toEqual([])
    const { body } = await money.agent.get(`${accounts()}/${money.ana.accountId}?dormantAfterDays=29`)
    expect(body).toMatchObject({ dormant: true, lastDepositOn: '2026-03-01' })
  })
})

describe('dormancy', () => {
  const rows: [string, string | null, string, string, number, boolean][] = [
    ['the day after its last good day', '2026-01-01', 'open', '2026-01-31', 29, true],
    ['on its last good day', '2026-01-01', 'open', '2026-01-31', 30, false],
    ['counted from the opening while there is no deposit', null, 'open', '2025-12-31', 30, false],
    ['so counted, too long', null, 'open', '2026-01-01', 30, true],
    ['never of a closed account', '2020-01-01', 'closed', '2026-01-31', 30, false],
    ['of a blocked account too', '2020-01-01', 'blocked', '2026-01-31', 30, true],
  ]
  it.each(rows)('%s', (_, lastDepositOn, status, today, days, expected) => {
    expect(isDormant({ openedOn: '2025-12-01', lastDepositOn, status }, days, today)).toBe(expected)
  })
})

describe('a savings account’s status', () => {
  const change = (body: object, by = money.administrator) =>
    by.post(`${accounts()}/${money.ana.accountId}/status`, { id: uuid(), reason: 'she asked', ...body })
  const changes = async (query = '') =>
    (await money.agent.get(`${accounts()}/${money.ana.accountId}/status-changes${query}`)).body

  it('changes for all its moneys together', async () => {
    await money.deposit(money.ana, '5.00')
    expect(await change({ status: 'blocked' })).toMatchObject({ status: 201, body: { status: 'blocked' } })
    const refused = [
      await money.withdraw(money.ana, '1.00'),
      await money.move('interest', { savingsAccountId: money.ana.accountId, amount: '1.00' }),
    ]
    expect(refused.map(({ body }) => body.code)).toEqual(['account-blocked', 'account-blocked'])
    expect((await money.agent.get(`${accounts()}/${money.ana.accountId}`)).body.status).toBe('blocked')
  })

  it('is closed only when nothing is left, on a day not before its last movement', async () => {
    await money.deposit(money.ana, '5.00')
    await money.move('interest', { savingsAccountId: money.ana.accountId, amount: '1.00' })
    await money.withdraw(money.ana, '5.00')
    expect(await change({ status: 'closed', closedOn: day })).toMatchObject({
      status: 409,
      body: { code: 'account-not-empty', facts: { savingsAccountId: money.ana.accountId, money: 'interest' } },
    })
    await money.withdraw(money.ana, '1.00', { money: 'interest' })
    expect((await change({ status: 'closed', closedOn: '2026-03-13' })).body.code).toBe('account-not-effective')
    expect((await change({ status: 'closed', closedOn: '2026-04-01' })).body.code).toBe('date-in-future')
    const closing = { id: uuid(), status: 'closed', closedOn: day }
    expect((await change(closing)).status).toBe(201)
    expect((await change(closing)).status).toBe(200)
    expect((await change({ status: 'open' })).body.code).toBe('account-closed')
    const { body } = await money.agent.get(`${accounts()}/${money.ana.accountId}`)
    expect(body).toMatchObject({ status: 'closed', closedOn: day })
  })

  it('keeps every change with its day, its reason and who made it, for whoever may read the account', async () => {
    const block = { id: uuid(), status: 'blocked', reason: 'her card was stolen' }
    const open = { id: uuid(), status: 'open', reason: 'she has a new card' }
    const close = { id: uuid(), status: 'closed', reason: 'she moved away', closedOn: day }
    for (const body of [block, open, close]) {
      service.clock.advance(60_000)
      expect((await change(body)).status).toBe(201)
    }
    const { items } = await changes()
    const told = ({ recordedAt, actor, ...item }: { recordedAt: string; actor: string }) => item
    const savingsAccountId = money.ana.accountId
    expect(items.map(told)).toEqual([
      { ...block, savingsAccountId, closedOn: null },
      { ...open, savingsAccountId, closedOn: null },
      { ...close, savingsAccountId },
    ])
    expect(items[2].recordedAt).toBe(service.clock.now().toISOString())
    expect(new Set(items.map(({ actor }: { actor: string }) => actor)).size).toBe(1)
    const first = await changes('?limit=2')
    expect((await changes(`?limit=2&after=${first.next}`)).items).toEqual(items.slice(2))
    for (const role of ['bank', 'auditor', 'analyst'] as const) {
      const answer = await (await money.as(role)).get(`${accounts()}/${savingsAccountId}/status-changes`)
      expect(answer.status).toBe(role === 'analyst' ? 403 : 200)
    }
    expect((await money.agent.get(`${accounts()}/${uuid()}/status-changes`)).status).toBe(404)
  })

  it('said again, even weeks later, changes nothing; refused, it keeps nothing', async () => {
    const block = { id: uuid(), status: 'blocked', reason: 'her card was stolen' }
    await change(block)
    await change({ status: 'open' })
    service.clock.advance(30 * 86_400_000)
    expect(await change(block)).toMatchObject({ status: 200, body: { status: 'blocked', replayed: true } })
    expect((await money.agent.get(`${accounts()}/${money.ana.accountId}`)).body.status).toBe('open')
    expect((await change({ ...block, reason: 'another' })).body.code).toBe('id-reused')
    await money.deposit(money.ana, '5.00')
    expect((await change({ status: 'closed', closedOn: day })).body.code).toBe('account-not-empty')
    expect((await changes()).items).toHaveLength(2)
  })

  it('needs a reason, which nobody can change, not even who owns the database', async () => {
    const blocked = await change({ status: 'blocked', reason: undefined })
    expect(blocked).toMatchObject({ status: 400, body: { fields: [{ path: 'reason' }] } })
    expect((await change({ status: 'blocked', reason: ' ' })).status).toBe(400)
    await change({ status: 'blocked' })
    const table = 'savings_account_status_change'
    for (const statement of [`update ${table} set reason = 'other'`, `delete from ${table}`, `truncate ${table}`]) {
      await expect(service.owner.$client.query(statement)).rejects.toThrow('posted_is_final')
      await expect(service.db.$client.query(statement)).rejects.toThrow('permission denied')
    }
  })

  it('is an administrator’s to change, of an account that is there', async () => {
    expect((await change({ status: 'blocked' }, money.agent)).status).toBe(403)
    const answer = await money.administrator.post(`${accounts()}/${uuid()}/status`, {
      id: uuid(),
      status: 'blocked',
      reason: 'she asked',
    })
    expect(answer).toMatchObject({ status: 404, body: { code: 'savings-account-not-found' } })
    expect((await change({ status: 'closed' })).status).toBe(400)
  })
})
