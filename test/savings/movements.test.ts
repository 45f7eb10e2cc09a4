import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Answer, newSaver } from './asking.ts'
import { books } from './journal.ts'
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

describe('a deposit', () => {
  it('in cash is the agent’s to bank and the saver’s to have', async () => {
    const answer = await money.deposit(money.ana, '12.50')
    expect(answer).toMatchObject({
      status: 201,
      body: {
        sequence: 1,
        kind: 'deposit',
        valueDate: day,
        recordedAt: '2026-03-31T15:00:00.000Z',
        amount: '12.50',
        savingsAccountId: money.ana.accountId,
        agentId: money.agentId,
        replayed: false,
      },
    })
    expect(answer.body.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 deposit
          cash with agent               12.50
             Ana: own                      12.50`),
    )
    expect(await money.balance(money.ana)).toEqual({ own: '12.50', total: '12.50' })
    expect(await money.cash()).toEqual({ cash: '12.50', ageDays: 17 })
  })

  it('at a branch is the bank’s at once', async () => {
    const answer = await money.deposit(money.ana, '7.00', { channel: 'branch', agentId: undefined, reference: 'OP-1' })
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 deposit
          bank                           7.00
             Ana: own                       7.00`),
    )
    expect(await money.cash()).toEqual({ cash: '0.00', ageDays: null })
  })

  it('is the saver’s, whoever brought it', async () => {
    const brought = await newSaver(money)
    const answer = await money.deposit(money.ana, '9.00', { depositorId: brought })
    expect(answer.status).toBe(201)
    expect(await money.balance(money.ana)).toMatchObject({ own: '9.00' })
    const { body } = await money.administrator.get(`${money.book}/transactions/${answer.body.id}`)
    expect(body.evidence).toMatchObject({ savingsAccountId: money.ana.accountId, depositorId: brought })
  })

  it('names what it does not find: the account, the agent, the depositor', async () => {
    const nobody = uuid()
    const [account, agent, depositor] = [
      await money.deposit({ saverId: nobody, accountId: nobody }, '1.00'),
      await money.deposit(money.ana, '1.00', { agentId: nobody }, money.administrator),
      await money.deposit(money.ana, '1.00', { depositorId: nobody }),
    ]
    expect(account).toMatchObject({
      status: 404,
      body: {
        code: 'savings-account-not-found',
        facts: { savingsAccountId: nobody, money: 'own' },
        fields: [{ path: 'savingsAccountId' }],
      },
    })
    expect(agent).toMatchObject({ status: 404, body: { code: 'agent-not-found', facts: { agentId: nobody } } })
    expect(depositor).toMatchObject({
      status: 404,
      body: { code: 'saver-not-found', fields: [{ path: 'depositorId' }] },
    })
    expect(await money.balance(money.ana)).toEqual({ own: '0.00', total: '0.00' })
  })

  it('to a blocked account is refused until it is open again, and to a closed one for good', async () => {
    const status = (body: object) =>
      money.administrator.post(`${money.book}/savings-accounts/${money.ana.accountId}/status`, {
        id: uuid(),
        reason: 'she asked',
        ...body,
      })
    expect((await status({ status: 'blocked' })).status).toBe(201)
    expect(await money.deposit(money.ana, '1.00')).toMatchObject({
      status: 422,
      body: { code: 'account-blocked', facts: { savingsAccountId: money.ana.accountId } },
    })
    await status({ status: 'open' })
    expect((await money.deposit(money.ana, '1.00')).status).toBe(201)
    await money.withdraw(money.ana, '1.00')
    await status({ status: 'closed', closedOn: '2026-03-20' })
    expect(await money.deposit(money.ana, '1.00')).toMatchObject({ status: 422, body: { code: 'account-closed' } })
  })

  it('has a day that has come, on which the account was open, in a month that is not closed', async () => {
    const on = (valueDate: string) => money.deposit(money.ana, '1.00', { valueDate })
    expect((await on('2026-04-01')).body).toMatchObject({ code: 'value-date-in-future' })
    expect((await on('2026-01-11')).body).toMatchObject({ code: 'account-not-effective' })
    expect((await on('2026-02-02')).status).toBe(201)
    for (const month of ['2026-01', '2026-02']) {
      expect((await money.administrator.post(`${money.book}/closings`, { month })).status).toBe(200)
    }
    expect(await on('2026-02-28')).toMatchObject({
      status: 409,
      body: { code: 'month-closed', facts: { nextOpenDate: '2026-03-01' } },
    })
    expect((await on('2026-03-01')).status).toBe(201)
  })

  it('has a kind that no transaction told to the ledger may take', async () => {
    const answer = await money.administrator.post(`${money.book}/transactions`, {
      id: uuid(),
      kind: 'deposit',
      valueDate: day,
      entries: [
        { accountId: uuid(), direction: 'debit', amount: '1.00' },
        { accountId: uuid(), direction: 'credit', amount: '1.00' },
      ],
    })
    expect(answer).toMatchObject({ status: 422, body: { code: 'draft-invalid', fields: [{ path: 'kind' }] } })
  })
})

describe('a replay', () => {
  it('weeks later, in another spelling, answers as at first and moves nothing', async () => {
    const id = uuid()
    const first = await money.deposit(money.ana, '12.50', { id })
    service.clock.advance(40 * 24 * 60 * 60 * 1000)
    const again = await money.deposit(money.ana, '12.5', {
      id: id.toUpperCase(),
      savingsAccountId: money.ana.accountId.toUpperCase(),
    })
    expect(again.status).toBe(200)
    expect(again.headers['idempotent-replay']).toBe('true')
    expect(again.body).toEqual({ ...first.body, replayed: true })
    expect(await money.balance(money.ana)).toMatchObject({ own: '12.50' })
  })

  it('is one of the first transaction even when its account was closed since', async () => {
    const id = uuid()
    await money.deposit(money.ana, '5.00', { id })
    await money.withdraw(money.ana, '5.00')
    const address = `${money.book}/savings-accounts/${money.ana.accountId}/status`
    expect(
      (await money.administrator.post(address, { id: uuid(), status: 'closed', reason: 'she asked', closedOn: day }))
        .status,
    ).toBe(201)
    expect((await money.deposit(money.ana, '5.00', { id })).status).toBe(200)
  })

  it('with other content is refused, and moves nothing', async () => {
    const id = uuid()
    await money.deposit(money.ana, '12.50', { id })
    for (const other of [{ amount: '12.51' }, { valueDate: '2026-03-13' }, { reference: 'OP-2' }]) {
      const answer = await money.deposit(money.ana, '12.50', { id, ...other })
      expect(answer).toMatchObject({ status: 409, body: { code: 'id-reused' } })
    }
    expect(await money.balance(money.ana)).toMatchObject({ own: '12.50' })
  })

  it('may be told by the header Idempotency-Key', async () => {
    const body = { savingsAccountId: money.ana.accountId, amount: '3.00', valueDate: day, channel: 'branch' }
    const headers = { 'idempotency-key': uuid() }
    const address = `${money.book}/deposits`
    expect((await money.administrator.post(address, body, headers)).status).toBe(201)
    expect((await money.administrator.post(address, body, headers)).status).toBe(200)
    expect((await money.administrator.post(address, body)).body).toMatchObject({ code: 'request-invalid' })
  })
})

describe('a withdrawal', () => {
  it('is of what there is, and says what there is', async () => {
    await money.deposit(money.ana, '10.00')
    expect(await money.withdraw(money.ana, '10.01')).toMatchObject({
      status: 422,
      body: {
        code: 'balance-below-floor',
        facts: { savingsAccountId: money.ana.accountId, money: 'own', available: '10.00' },
        fields: [{ path: 'savingsAccountId' }],
      },
    })
    const answer = await money.withdraw(money.ana, '10.00', { purpose: 'education' })
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 withdrawal
          Ana: own                      10.00
             bank                          10.00`),
    )
    expect(await money.balance(money.ana)).toEqual({ own: '0.00', total: '0.00' })
  })

  it('paid in cash is of what the agent holds', async () => {
    await money.deposit(money.ana, '10.00', { channel: 'branch', agentId: undefined })
    await money.deposit(money.rosa, '4.00')
    const inCash = { channel: 'agent-cash', agentId: money.agentId }
    expect(await money.withdraw(money.ana, '4.01', inCash)).toMatchObject({
      status: 422,
      body: { code: 'balance-below-floor', facts: { agentId: money.agentId, available: '4.00' } },
    })
    const answer = await money.withdraw(money.ana, '4.00', inCash)
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 withdrawal
          Ana: own                       4.00
             cash with agent                4.00`),
    )
    expect(await money.cash()).toMatchObject({ cash: '0.00' })
  })

  it('two at once never overdraw', async () => {
    await money.deposit(money.ana, '10.00')
    const answers = await Promise.all(['6.00', '6.00', '6.00'].map(amount => money.withdraw(money.ana, amount)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422])
    expect(await money.balance(money.ana)).toMatchObject({ own: '4.00' })
  })

  it('of interest takes interest', async () => {
    await money.move('interest', { savingsAccountId: money.ana.accountId, amount: '1.35' })
    expect((await money.withdraw(money.ana, '1.00')).status).toBe(422)
    const answer = await money.withdraw(money.ana, '1.00', { money: 'interest' })
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 withdrawal
          Ana: interest                  1.00
             bank                           1.00`),
    )
    expect(await money.balance(money.ana)).toEqual({ own: '0.00', total: '0.35' })
  })
})

describe('a transfer', () => {
  it('is between two accounts of one holder', async () => {
    const second = await newHolder(money, money.ana.saverId)
    await money.deposit(money.ana, '10.00')
    const to = (accountId: string) => ({
      fromSavingsAccountId: money.ana.accountId,
      toSavingsAccountId: accountId,
      amount: '4.00',
    })
    expect((await money.move('transfers', to(second.accountId))).status).toBe(201)
    expect(await money.balance(money.ana)).toMatchObject({ own: '6.00' })
    expect(await money.balance(second)).toMatchObject({ own: '4.00' })
    expect(await money.move('transfers', to(money.rosa.accountId))).toMatchObject({
      status: 422,
      body: { code: 'holders-differ', fields: [{ path: 'toSavingsAccountId' }] },
    })
    const nobody = uuid()
    expect(await money.move('transfers', to(nobody))).toMatchObject({
      status: 404,
      body: { code: 'savings-account-not-found', fields: [{ path: 'toSavingsAccountId' }] },
    })
    expect(await money.move('transfers', { ...to(second.accountId), amount: '6.01' })).toMatchObject({
      body: { code: 'balance-below-floor', facts: { fromSavingsAccountId: money.ana.accountId, available: '6.00' } },
    })
    expect(await money.balance(money.rosa)).toMatchObject({ own: '0.00' })
  })
})

describe('a movement of an account named by its number', () => {
  const numbered = (bankAccountNumber: string, more: object = {}) => ({
    id: uuid(),
    bankAccountNumber,
    amount: '10.00',
    valueDate: day,
    channel: 'agent-cash',
    agentId: money.agentId,
    ...more,
  })

  it('is the movement of the account itself, and a replay of it', async () => {
    const holder = await newHolder(money, undefined, { bankAccountNumber: '110-01-77' })
    const body = numbered('110-01-77')
    const answer = await money.agent.post(`${money.book}/deposits`, body)
    expect(answer).toMatchObject({ status: 201, body: { savingsAccountId: holder.accountId, replayed: false } })
    const { bankAccountNumber: _, ...rest } = body
    const byId = { ...rest, savingsAccountId: holder.accountId }
    for (const same of [body, byId]) {
      expect(await money.agent.post(`${money.book}/deposits`, same)).toMatchObject({
        status: 200,
        body: { ...answer.body, replayed: true },
      })
    }
    const withdrawn = numbered('110-01-77', { amount: '4.00', purpose: 'education' })
    expect((await money.agent.post(`${money.book}/withdrawals`, withdrawn)).status).toBe(201)
    const overdrawn = numbered('110-01-77', { amount: '6.01', purpose: 'education' })
    expect((await money.agent.post(`${money.book}/withdrawals`, overdrawn)).body).toMatchObject({
      code: 'balance-below-floor',
      facts: { available: '6.00', savingsAccountId: holder.accountId },
    })
    const operations = [{ type: 'deposit', bookId: money.bookId, body }]
    expect((await money.agent.post('/v1/sync', { operations })).body).toMatchObject({ duplicate: 1 })
  })

  it('names one account of this book, in one way', async () => {
    const elsewhere = await openMoney(service)
    await newHolder(elsewhere, undefined, { bankAccountNumber: '110-01-78' })
    for (const path of ['deposits', 'withdrawals']) {
      const purpose = path === 'withdrawals' ? { purpose: 'education' } : {}
      expect(await money.agent.post(`${money.book}/${path}`, numbered('110-01-78', purpose))).toMatchObject({
        status: 404,
        body: { code: 'savings-account-not-found', fields: [{ path: 'bankAccountNumber' }] },
      })
      const both = numbered('110-01-78', { savingsAccountId: money.ana.accountId, ...purpose })
      const neither = { ...numbered('110-01-78', purpose), bankAccountNumber: undefined }
      for (const body of [both, neither]) {
        expect(await money.agent.post(`${money.book}/${path}`, body)).toMatchObject({
          status: 400,
          body: { fields: [{ path: 'savingsAccountId' }] },
        })
      }
    }
  })
})

describe('banking', () => {
  it('brings an agent’s cash to the bank, oldest first, and no more than she holds', async () => {
    await money.deposit(money.ana, '10.00', { valueDate: '2026-03-01' })
    await money.deposit(money.ana, '5.00', { valueDate: '2026-03-10' })
    expect(await money.cash()).toEqual({ cash: '15.00', ageDays: 30 })
    const bank = (amount: string) =>
      money.move('bankings', { agentId: money.agentId, amount, reference: 'OP-7' }, money.agent)
    const answer = await bank('10.00')
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 banking
          bank                          10.00
             cash with agent               10.00`),
    )
    expect(await money.cash()).toEqual({ cash: '5.00', ageDays: 21 })
    expect((await bank('5.01')).body).toMatchObject({ code: 'balance-below-floor', facts: { available: '5.00' } })
    await bank('4.00')
    expect(await money.cash()).toEqual({ cash: '1.00', ageDays: 21 })
    await bank('1.00')
    expect(await money.cash()).toEqual({ cash: '0.00', ageDays: null })
    const { body } = await money.administrator.get(`${money.book}/cash-in-transit`)
    expect(body.items).toMatchObject([{ agentId: money.agentId, agentCode: 'PR-07', cash: '0.00' }])
  })

  it('is reversed as if it had not been, and so is a deposit: what stays in the bag is as old as it was', async () => {
    const undo = async (answer: Answer, valueDate: string) => {
      const address = `${money.book}/transactions/${answer.body.id}/reversal`
      const reversal = { id: uuid(), valueDate, reason: 'entered twice' }
      expect((await money.administrator.post(address, reversal)).status).toBe(201)
    }
    const cash = async (asOf: string) => {
      const { body } = await money.agent.get(`${money.book}/agents/${money.agentId}/cash?asOf=${asOf}`)
      return [body.cash, body.oldestOn]
    }
    await money.deposit(money.ana, '10.00', { valueDate: '2026-03-01' })
    const later = await money.deposit(money.rosa, '10.00', { valueDate: '2026-03-05' })
    await undo(later, '2026-03-06')
    expect(await cash('2026-03-05')).toEqual(['20.00', '2026-03-01'])
    expect(await cash('2026-03-06')).toEqual(['10.00', '2026-03-01'])
    const slip = { agentId: money.agentId, amount: '10.00', reference: 'OP-7', valueDate: '2026-03-08' }
    await undo(await money.move('bankings', slip, money.agent), '2026-03-10')
    expect(await cash('2026-03-08')).toEqual(['0.00', null])
    expect(await cash('2026-03-10')).toEqual(['10.00', '2026-03-01'])
  })

  it('is told with the agent’s cash and its age on any day, by default today in Lima', async () => {
    service.clock.set('2026-04-01T03:00:00Z')
    await money.deposit(money.ana, '10.00', { valueDate: '2026-03-01' })
    await money.deposit(money.ana, '5.00', { valueDate: '2026-03-10' })
    const banking = { agentId: money.agentId, amount: '12.00', reference: 'OP-7', valueDate: '2026-03-20' }
    expect((await money.move('bankings', banking, money.agent)).status).toBe(201)
    const told = async (asOf?: string) => {
      const query = asOf === undefined ? '' : `?asOf=${asOf}`
      const { body } = await money.agent.get(`${money.book}/agents/${money.agentId}/cash${query}`)
      const { body: page } = await money.agent.get(`${money.book}/cash-in-transit${query}`)
      expect(page.items).toEqual([body])
      return [body.asOf, body.cash, body.oldestOn, body.ageDays]
    }
    expect(await told()).toEqual(['2026-03-31', '3.00', '2026-03-10', 21])
    expect(await told('2026-03-20')).toEqual(['2026-03-20', '3.00', '2026-03-10', 10])
    expect(await told('2026-03-19')).toEqual(['2026-03-19', '15.00', '2026-03-01', 18])
    expect(await told('2026-03-09')).toEqual(['2026-03-09', '10.00', '2026-03-01', 8])
    expect(await told('2026-02-28')).toEqual(['2026-02-28', '0.00', null, null])
    const wrong = await money.agent.get(`${money.book}/agents/${money.agentId}/cash?asOf=2026-02-30`)
    expect(wrong.status).toBe(400)
  })
})

describe('what the bank credits', () => {
  it('of the state is the saver’s own, with its source and its months', async () => {
    const answer = await money.move('state-transfers', {
      savingsAccountId: money.ana.accountId,
      amount: '200.00',
      source: 'JUNTOS',
      periodFrom: '2026-01',
      periodTo: '2026-02',
    })
    expect(await money.written(answer)).toBe(
      books(`
        2026-03-14 state-transfer
          bank                         200.00
             Ana: own                     200.00`),
    )
    const { body } = await money.administrator.get(`${money.book}/transactions/${answer.body.id}`)
    expect(body.evidence).toMatchObject({ source: 'JUNTOS', periodFrom: '2026-01', periodTo: '2026-02' })
  })

  it('as interest is told in a list, all or none, once', async () => {
    const id = uuid()
    const line = (savingsAccountId: string, amount: string) => ({ savingsAccountId, amount })
    const lines = [line(money.ana.accountId, '1.35'), line(money.rosa.accountId, '0.82')]
    const list = (more: object) => money.move('interest-lists', { id, valueDate: '2026-03-31', lines, ...more })
    const strangers = [uuid(), uuid()]
    expect(await list({ lines: [...lines, ...strangers.map(stranger => line(stranger, '1.00'))] })).toMatchObject({
      status: 422,
      body: {
        code: 'lines-refused',
        facts: {
          lines: [
            { line: 3, code: 'savings-account-not-found', savingsAccountId: strangers[0] },
            { line: 4, code: 'savings-account-not-found', savingsAccountId: strangers[1] },
          ],
        },
        fields: [{ path: 'lines.2' }, { path: 'lines.3' }],
      },
    })
    expect(await money.balance(money.ana)).toMatchObject({ total: '0.00' })
    const first = await list({})
    expect(first).toMatchObject({ status: 201, body: { total: '2.17', replayed: false } })
    expect(await list({})).toMatchObject({ status: 200, body: { ...first.body, replayed: true } })
    expect(await list({ lines: [...lines, line((await newHolder(money)).accountId, '1.00')] })).toMatchObject({
      status: 409,
      body: { code: 'id-reused' },
    })
    expect(await money.balance(money.rosa)).toEqual({ own: '0.00', total: '0.82' })
  })

  it('to accounts by their numbers, which are all that the bank’s lists have', async () => {
    const { accountId } = await newHolder(money, undefined, { bankAccountNumber: '110-01-79' })
    const bank = await money.as('bank')
    const credit = (path: string, body: object) =>
      bank.post(`${money.book}/${path}`, { id: uuid(), amount: '2.00', valueDate: '2026-03-31', ...body })
    const numbered = { bankAccountNumber: '110-01-79' }
    const period = { periodFrom: '2026-01', periodTo: '2026-02' }
    for (const answer of [
      await credit('state-transfers', { ...numbered, source: 'JUNTOS', ...period }),
      await credit('interest', numbered),
    ]) {
      expect(answer).toMatchObject({ status: 201, body: { savingsAccountId: accountId } })
    }
    expect((await credit('interest', { ...numbered, savingsAccountId: accountId })).status).toBe(400)
    expect((await credit('interest', { bankAccountNumber: '110-01-80' })).body.code).toBe('savings-account-not-found')

    const id = uuid()
    const list = (...lines: object[]) =>
      bank.post(`${money.book}/interest-lists`, { id, valueDate: '2026-03-31', lines })
    const byNumber = { ...numbered, amount: '1.00' }
    const other = { savingsAccountId: money.ana.accountId, amount: '1.00' }
    const twice = { savingsAccountId: accountId, amount: '3.00' }
    const unknown = { bankAccountNumber: '110-01-80', amount: '1.00' }
    expect(await list(byNumber, other, twice, unknown)).toMatchObject({
      status: 422,
      body: {
        code: 'lines-refused',
        facts: {
          lines: [
            { line: 3, code: 'line-repeated' },
            { line: 4, code: 'savings-account-not-found' },
          ],
        },
        fields: [{ path: 'lines.2' }, { path: 'lines.3' }],
      },
    })
    expect(await money.balance(money.ana)).toMatchObject({ total: '0.00' })
    const first = await list(byNumber, other)
    expect(first).toMatchObject({ status: 201, body: { total: '2.00', lines: [{ savingsAccountId: accountId }, {}] } })
    expect(await list({ savingsAccountId: accountId, amount: '1.00' }, other)).toMatchObject({
      status: 200,
      body: { ...first.body, replayed: true },
    })
  })
})

describe('a fund', () => {
  it('is paid into, and pays groups, organisations and talents on a committee’s act, down to zero', async () => {
    const { administrator, book } = money
    const fundId = uuid()
    const opening = { id: fundId, code: 'LRAC-1', name: 'LRAC', fundingSource: 'FIDA', openedOn: '2026-01-15' }
    expect((await administrator.post(`${book}/funds`, opening)).status).toBe(201)
    expect((await administrator.post(`${book}/funds`, opening)).status).toBe(200)
    expect((await administrator.post(`${book}/funds`, { ...opening, id: uuid() })).body.code).toBe('code-taken')
    const early = { ...opening, id: uuid(), code: 'LRAC-2', openedOn: '2025-12-31' }
    expect((await administrator.post(`${book}/funds`, early)).body).toMatchObject({
      code: 'date-too-early',
      facts: { began: '2026-01-01' },
    })
    const receipt = await money.move('fund-receipts', { fundId, amount: '100.00', reference: 'SIAF-1' })
    expect(receipt.status).toBe(201)
    const act = { reference: 'ACTA-7', date: '2026-03-01' }
    const pay = (path: string, amount: string) =>
      money.move(path, { fundId, savingsAccountId: money.ana.accountId, amount, act })
    for (const path of ['lrac-transfers', 'competition-prizes', 'talent-payments']) {
      expect((await pay(path, '30.00')).status).toBe(201)
    }
    expect(await pay('lrac-transfers', '10.01')).toMatchObject({
      status: 422,
      body: { code: 'balance-below-floor', facts: { fundId, available: '10.00' } },
    })
    expect(await money.move('fund-receipts', { fundId: uuid(), amount: '1.00', reference: 'S' })).toMatchObject({
      status: 404,
      body: { code: 'fund-not-found' },
    })
    const { accountId } = await newHolder(money, undefined, { bankAccountNumber: '110-01-81' })
    const byNumber = { fundId, bankAccountNumber: '110-01-81', amount: '0.50', act }
    expect(await money.move('talent-payments', byNumber)).toMatchObject({ body: { savingsAccountId: accountId } })
    expect(await money.balance(money.ana)).toMatchObject({ own: '90.00' })
    const { body } = await administrator.get(`${book}/funds/${fundId}`)
    expect(body).toMatchObject({ code: 'LRAC-1', posted: '9.50', available: '9.50', currency: 'PEN' })
    expect((await administrator.get(`${book}/funds`)).body.items).toEqual([body])
  })
})

describe('a reversal', () => {
  it('takes a deposit back from saver and agent', async () => {
    const deposit = await money.deposit(money.ana, '10.00')
    const address = `${money.book}/transactions/${deposit.body.id}/reversal`
    const body = { id: uuid(), valueDate: '2026-03-20', reason: 'entered twice' }
    const answer = await money.administrator.post(address, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    expect(await money.written(answer)).toContain('reversal')
    expect(await money.balance(money.ana)).toMatchObject({ own: '0.00' })
    expect(await money.cash()).toEqual({ cash: '0.00', ageDays: null })
    const again = await money.administrator.post(address, { ...body, id: uuid() })
    expect(again).toMatchObject({ status: 409, body: { code: 'transaction-already-reversed' } })
    expect(again.body.detail).toBe(`It was reversed by ${body.id}.`)
    expect((await money.administrator.post(address, body)).body.replayed).toBe(true)
  })
})

describe('who may', () => {
  it('record deposits: the agent of the cash and administrators', async () => {
    const other = await money.as('agent', { agentId: uuid() })
    const noOne = await money.as('agent')
    for (const asking of [other, noOne]) {
      expect(await money.deposit(money.ana, '1.00', {}, asking)).toMatchObject({
        status: 404,
        body: { code: 'book-not-found' },
      })
    }
    for (const role of ['bank', 'analyst', 'auditor'] as const) {
      expect(await money.deposit(money.ana, '1.00', {}, await money.as(role))).toMatchObject({
        status: 403,
        body: { code: 'access-denied' },
      })
    }
    expect((await money.deposit(money.ana, '1.00', {}, money.administrator)).status).toBe(201)
  })

  it('record interest and transfers of the state: the bank, and no agent', async () => {
    const bank = await money.as('bank', { books: [money.bookId] })
    const interest = { savingsAccountId: money.ana.accountId, amount: '1.00' }
    expect((await money.move('interest', interest, bank)).status).toBe(201)
    expect((await money.move('interest', interest, money.agent)).status).toBe(403)
    expect((await money.withdraw(money.ana, '1.00', {}, bank)).status).toBe(403)
  })

  it('reach a book: its own; another’s is not there', async () => {
    const elsewhere = await openMoney(service)
    const there = { ...money.ana }
    const answer = await elsewhere.deposit(there, '1.00', {}, elsewhere.agent)
    expect(answer.body.code).toBe('savings-account-not-found')
    const address = `${money.book}/deposits`
    const body = { id: uuid(), savingsAccountId: there.accountId, amount: '1.00', valueDate: day, channel: 'branch' }
    const refused = await elsewhere.agent.post(address, body)
    const unknown = await elsewhere.agent.post(`/v1/books/${uuid()}/deposits`, body)
    expect(refused).toMatchObject({ status: 404, body: { code: 'book-not-found' } })
    expect({ ...refused.body, instance: '' }).toEqual({ ...unknown.body, instance: '' })
    expect((await money.administrator.post(`/v1/books/${uuid()}/deposits`, body)).body.code).toBe('book-not-found')
  })
})
