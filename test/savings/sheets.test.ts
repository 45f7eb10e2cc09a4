import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Answer, type Asking, newSaver } from './asking.ts'
import { books } from './journal.ts'
import { day, type Holder, type Money, newHolder, openMoney } from './money.ts'

let service: TestApp
let money: Money
let groupId: string
beforeAll(async () => {
  service = await testApp()
})
afterAll(() => service.close())

/** Ana coordinates a group in which Rosa is. */
beforeEach(async () => {
  service.clock.set('2026-03-31T15:00:00Z')
  money = await openMoney(service)
  groupId = uuid()
  const { agent, book } = money
  const said = async (path: string, body: object) => {
    const answer = await agent.post(`${book}/${path}`, { id: uuid(), ...body })
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
  }
  await said('groups', { id: groupId, code: 'GR-1', name: 'Sumaq', formedOn: '2026-01-10', districtCode: '080101' })
  for (const { saverId } of [money.ana, money.rosa])
    await said('memberships', { groupId, saverId, startsOn: '2026-01-15' })
  await said('coordinations', { groupId, saverId: money.ana.saverId, startsOn: '2026-01-15' })
})

const address = () => `${money.book}/collection-sheets`

type WrittenLine = { deposit?: string; withdrawal?: string; purpose?: string; [more: string]: unknown }

/** A line of a holder's account, as a sheet of the day of the meeting writes it. */
function line(number: number, { accountId }: Holder, more: WrittenLine): WrittenLine & { line: number } {
  return { line: number, savingsAccountId: accountId, ...(more.withdrawal && { purpose: 'household' }), ...more }
}

function sheet(cashCount: string, lines: object[], more: object = {}) {
  const signedBy = { coordinator: money.ana.saverId, agent: money.agentId }
  return { id: uuid(), groupId, agentId: money.agentId, meetingDate: day, cashCount, signedBy, lines, ...more }
}

const handIn = (body: object, by: Asking = money.agent): Promise<Answer> => by.post(address(), body)

/** The book's journal, from the first transaction. */
async function journalOfBook(): Promise<string> {
  const { body } = await money.administrator.get(`${money.book}/transactions`)
  const texts = await Promise.all(
    body.items.map((item: { id: string }) => money.written({ status: 200, headers: {}, body: item })),
  )
  return texts.join('\n')
}

describe('a collection sheet', () => {
  it('is posted line by line, money in before money out', async () => {
    const body = sheet('17.50', [
      line(1, money.rosa, { deposit: '15.00' }),
      line(2, money.ana, { withdrawal: '5.00', purpose: 'education', deposit: '7.50' }),
    ])
    const answer = await handIn(body)
    expect(answer, JSON.stringify(answer.body)).toMatchObject({
      status: 201,
      body: {
        id: body.id,
        cashCount: '17.50',
        deposits: '22.50',
        withdrawals: '5.00',
        unposted: '0.00',
        currency: 'PEN',
        replayed: false,
        lines: [
          { line: 1, savingsAccountId: money.rosa.accountId, deposit: '15.00', withdrawal: null, refusal: null },
          { line: 2, deposit: '7.50', withdrawal: '5.00', purpose: 'education', refusal: null },
        ],
      },
    })
    expect(await journalOfBook()).toBe(
      books(`
        2026-03-14 deposit
          cash with agent               15.00
             Rosa: own                     15.00
        2026-03-14 deposit
          cash with agent                7.50
             Ana: own                       7.50
        2026-03-14 withdrawal
          Ana: own                       5.00
             cash with agent                5.00`),
    )
    expect(await money.cash()).toMatchObject({ cash: '17.50' })
    const { replayed: _, ...kept } = answer.body
    expect((await money.agent.get(`${address()}/${body.id}`)).body).toEqual(kept)
    const [first] = answer.body.lines
    const transaction = await money.administrator.get(`${money.book}/transactions/${first.depositTransactionId}`)
    expect(transaction.body.evidence).toMatchObject({
      collectionSheetId: body.id,
      collectionSheetLine: 1,
      channel: 'agent-cash',
      agentId: money.agentId,
    })
  })

  it('whose cash count differs is refused as a whole, with the difference', async () => {
    const lines = [
      line(1, money.rosa, { deposit: '15.00' }),
      line(2, money.ana, { deposit: '5.00', withdrawal: '2.00' }),
    ]
    expect(await handIn(sheet('17.90', lines))).toMatchObject({
      status: 422,
      body: {
        code: 'cash-count-differs',
        facts: { counted: '17.90', expected: '18.00', difference: '-0.10', deposits: '20.00', withdrawals: '2.00' },
        fields: [{ path: 'cashCount' }],
      },
    })
    expect(await journalOfBook()).toBe('')
    expect((await handIn(sheet('18.00', lines))).status).toBe(201)
  })

  describe('of which a line cannot be read', () => {
    const withFlaws = () => [
      line(1, money.rosa, { deposit: '15.00' }),
      line(2, money.ana, { deposit: '5.001', depositorDni: '123' }),
      { line: 3, savingsAccountId: uuid(), deposit: '1.00' },
      line(4, money.ana, { withdrawal: '80.00' }),
      line(1, money.ana, { deposit: '1.00' }),
      [],
    ]
    const everyReason = {
      status: 400,
      body: {
        code: 'request-invalid',
        facts: {
          lines: [
            { line: 2, code: 'request-invalid' },
            { line: 3, code: 'savings-account-not-found' },
            { line: 4, code: 'balance-below-floor', available: '0.00' },
            { line: 1, code: 'request-invalid' },
            { line: 0, code: 'request-invalid' },
          ],
        },
        fields: [
          { path: 'lines.1.deposit' },
          { path: 'lines.1.depositorDni' },
          { path: 'lines.2' },
          { path: 'lines.3' },
          { path: 'lines.4.line', message: 'is the number of a line before' },
          { path: 'lines.5' },
        ],
      },
    }

    it('is refused with every reason of every line, the ledger’s too', async () => {
      const answer = await handIn(sheet('16.00', withFlaws()))
      expect(answer, JSON.stringify(answer.body)).toMatchObject(everyReason)
      expect(await journalOfBook()).toBe('')
    })

    it('is not posted without it either, for the cash of that line was counted too', async () => {
      expect(await handIn(sheet('16.00', withFlaws(), { onRefusal: 'post-without' }))).toMatchObject(everyReason)
      expect(await journalOfBook()).toBe('')
    })

    it('is rejected by a synchronisation in the same words, and its id is free for the mended sheet', async () => {
      const body = sheet('15.00', withFlaws())
      const operation = { type: 'collection-sheet', bookId: money.book.slice('/v1/books/'.length), body }
      const synced = await money.agent.post('/v1/sync', { operations: [operation] })
      const { status: _, body: problem } = everyReason
      expect(synced.body.results[0]).toMatchObject({ status: 'rejected', problem })
      expect((await handIn({ ...body, lines: [body.lines[0]] })).status).toBe(201)
    })

    it('as CSV tells the rows of the file, those with a cell too many among them', async () => {
      const csv = [
        `id,${uuid()}`,
        `groupId,${groupId}`,
        `agentId,${money.agentId}`,
        `meetingDate,${day}`,
        'cashCount,3.00',
        `signedBy.coordinator,${money.ana.saverId}`,
        `signedBy.agent,${money.agentId}`,
        'line,savingsAccountId,deposit',
        `1,${money.rosa.accountId},1.00,more`,
        `2,${uuid()},1.00`,
        `3,${money.ana.accountId},one`,
      ].join('\n')
      const answer = await money.agent.post(address(), csv as unknown as object, { 'content-type': 'text/csv' })
      expect(answer).toMatchObject({
        status: 400,
        body: {
          facts: { lines: [{ line: 1 }, { line: 2, code: 'savings-account-not-found' }, { line: 3 }] },
          fields: [{ path: 'row 9' }, { path: 'row 10' }, { path: 'row 11, deposit' }],
        },
      })
    })
  })

  it('may pay out more than it takes in, out of what the agent holds', async () => {
    await money.deposit(money.ana, '10.00')
    expect((await handIn(sheet('-4.00', [line(1, money.ana, { withdrawal: '4.00' })]))).status).toBe(201)
    expect(await money.cash()).toMatchObject({ cash: '6.00' })
    await money.deposit(money.ana, '10.00', { channel: 'branch', agentId: undefined })
    expect(await handIn(sheet('-7.00', [line(1, money.ana, { withdrawal: '7.00' })]))).toMatchObject({
      status: 422,
      body: {
        code: 'lines-refused',
        facts: { lines: [{ line: 1, code: 'balance-below-floor', agentId: money.agentId, available: '6.00' }] },
        fields: [{ path: 'lines.0', message: 'agentId: The available balance is not enough' }],
      },
    })
  })

  it('uploaded twice, or by many at once, is posted once', async () => {
    const body = sheet('15.00', [line(1, money.rosa, { deposit: '15.00' })])
    const answers = await Promise.all([handIn(body), handIn(body), handIn(body)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
    service.clock.advance(50 * 86_400_000)
    const again = await handIn({ ...body, lines: [{ ...body.lines[0], deposit: '15' }] })
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replay': 'true' }, body: { replayed: true } })
    expect(again.body.lines).toEqual(answers[0]!.body.lines)
    expect(await money.balance(money.rosa)).toMatchObject({ own: '15.00' })
  })

  it('typed again under another id is refused, and told which it is; one whose lines are numbered otherwise is another', async () => {
    const body = sheet('15.00', [line(1, money.rosa, { deposit: '15.00' })])
    await handIn(body)
    const before = await money.balance(money.rosa)
    const twins = await Promise.all([1, 2, 3].map(() => handIn({ ...body, id: uuid() })))
    for (const twin of twins)
      expect(twin).toMatchObject({ status: 409, body: { code: 'sheet-repeated', facts: { sheetId: body.id } } })
    expect(await money.balance(money.rosa)).toEqual(before)
    expect((await handIn({ ...body, id: uuid(), lines: [{ ...body.lines[0], line: 2 }] })).status).toBe(201)
  })

  it('of another content under the same id is refused, whatever was kept of it', async () => {
    const body = sheet('15.00', [line(1, money.rosa, { deposit: '15.00' })])
    await handIn(body)
    const other = { ...body, cashCount: '16.00', lines: [line(1, money.rosa, { deposit: '16.00' })] }
    expect(await handIn(other)).toMatchObject({ status: 409, body: { code: 'id-reused' } })
    const longer = { ...body, cashCount: '16.00', lines: [...body.lines, line(2, money.ana, { deposit: '1.00' })] }
    expect(await handIn(longer)).toMatchObject({ status: 409 })
    // As only an owner can; the money stays posted, and is not posted again.
    await unguarded(
      `delete from collection_sheet_line where sheet_id = '${body.id}'`,
      `delete from collection_sheet where id = '${body.id}'`,
    )
    service.clock.advance(1_000)
    for (const again of [other, body, longer]) {
      expect(await handIn(again)).toMatchObject({ status: 409, body: { code: 'id-reused' } })
    }
    expect(await money.balance(money.rosa)).toMatchObject({ own: '15.00' })
    expect(await money.balance(money.ana)).toMatchObject({ own: '0.00' })
  })

  it('whose keeping fails posts nothing, so that it may be corrected and is posted once', async () => {
    const body = sheet('15.00', [line(1, money.rosa, { deposit: '15.00' })])
    const { $client } = service.owner
    await $client.query(`create function fail() returns trigger language plpgsql as $$ begin raise 'full'; end $$`)
    await $client.query('create trigger fail before insert on collection_sheet_line execute function fail()')
    for (const onRefusal of ['refuse-sheet', 'post-without']) {
      expect((await handIn({ ...body, onRefusal })).status).toBe(500)
    }
    await $client.query('drop function fail cascade')
    expect(await journalOfBook()).toBe('')
    const { body: members } = await money.administrator.get(`${money.book}/memberships`)
    const { id: membershipId } = members.items.find((one: { saverId: string }) => one.saverId === money.rosa.saverId)
    const end = { membershipId, endsOn: '2026-02-28' }
    expect((await money.agent.post(`${money.book}/membership-ends`, end)).status).toBe(201)
    expect(await handIn(body)).toMatchObject({ status: 422, body: { facts: { lines: [{ code: 'not-a-member' }] } } })
    const corrected = { ...body, lines: [line(1, money.ana, { deposit: '15.00' })] }
    expect((await handIn(corrected)).status).toBe(201)
    expect(await money.balance(money.rosa)).toMatchObject({ own: '0.00' })
    expect(await money.balance(money.ana)).toMatchObject({ own: '15.00' })
  })

  it('of two contents at once under one id is one of them', async () => {
    const id = uuid()
    const bodies = Array.from({ length: 8 }, (_, place) =>
      sheet(`${(place % 2) + 1}.00`, [line(1, money.rosa, { deposit: `${(place % 2) + 1}.00` })], { id }),
    )
    const answers = await Promise.all(bodies.map(body => handIn(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201, 409, 409, 409, 409])
    const { cashCount } = (await money.agent.get(`${address()}/${id}`)).body
    expect(await money.balance(money.rosa)).toMatchObject({ own: cashCount })
  })

  it('is complete for ever: the service can neither add a line to it nor change one', async () => {
    const body = sheet('15.00', [line(1, money.rosa, { deposit: '15.00' })])
    await handIn(body)
    const columns = 'book_id, sheet_id, position, line_count, line, deposit, refusal'
    const attempt = (text: string) =>
      service.db.$client.query(text, [body.id]).then(
        () => 'done',
        error => error.code,
      )
    const add = (position: string, count: string) =>
      attempt(
        `insert into collection_sheet_line (${columns})
         select book_id, sheet_id, ${position}, ${count}, 2, 100, 'not-a-member' from collection_sheet_line where sheet_id = $1`,
      )
    expect(await add('1', '1')).toBe('23505')
    expect(await add('2', '1')).toBe('23514')
    expect(await add('2', '2')).toBe('23503')
    const { rows } = await service.db.$client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'collection_sheet'`,
    )
    const all = rows.map(({ name }) => name)
    const other: Record<string, string> = {
      id: 'gen_random_uuid()',
      line_count: '2',
      content_hash: 'sha256(content_hash)',
    }
    const planted = all.map(name => other[name] ?? name)
    const half = `with sheet as (insert into collection_sheet (${all}) select ${planted} from collection_sheet where id = $1 returning *)
      insert into collection_sheet_line (${columns}) select book_id, id, 1, 2, 2, 100, 'not-a-member' from sheet`
    expect(await attempt(half)).toBe('QL902')
    expect(await attempt('update collection_sheet_line set deposit = 1 where sheet_id = $1')).toBe('42501')
    expect(await attempt('delete from collection_sheet_line where sheet_id = $1')).toBe('42501')
    const owner = service.owner.$client.query('update collection_sheet set cash_count = 1 where id = $1', [body.id])
    await expect(owner).rejects.toMatchObject({ code: 'QL901' })
  })
})

/** Does what only an owner can, with triggers and foreign keys off. */
async function unguarded(...statements: string[]): Promise<void> {
  const client = await service.owner.$client.connect()
  try {
    await client.query('set session_replication_role = replica')
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.query('reset session_replication_role')
    client.release()
  }
}

describe('a refused line', () => {
  const strangers = async () => {
    const outsider = await newHolder(money)
    const blocked = await newHolder(money, money.rosa.saverId)
    const status = `${money.book}/savings-accounts/${blocked.accountId}/status`
    await money.administrator.post(status, { id: uuid(), status: 'blocked', reason: 'she asked' })
    return { outsider, blocked, nobody: { saverId: uuid(), accountId: uuid() } }
  }

  it('refuses the sheet, with the reason of every one', async () => {
    const { outsider, blocked, nobody } = await strangers()
    const body = sheet('31.00', [
      line(1, money.rosa, { deposit: '10.00' }),
      line(2, nobody, { deposit: '1.00' }),
      line(3, outsider, { deposit: '2.00' }),
      line(4, blocked, { deposit: '3.00' }),
      line(5, money.ana, { withdrawal: '5.00' }),
      line(6, money.rosa, { deposit: '20.00' }),
    ])
    const answer = await handIn(body)
    expect(answer).toMatchObject({ status: 422, body: { code: 'lines-refused' } })
    expect(answer.body.facts.lines).toEqual([
      { line: 2, code: 'savings-account-not-found' },
      { line: 3, code: 'not-a-member' },
      { line: 4, code: 'account-blocked', savingsAccountId: blocked.accountId, money: 'own' },
      {
        line: 5,
        code: 'balance-below-floor',
        savingsAccountId: money.ana.accountId,
        money: 'own',
        available: '0.00',
      },
      { line: 6, code: 'line-repeated' },
    ])
    expect(answer.body.fields.map(({ path }: { path: string }) => path)).toEqual([
      'lines.1',
      'lines.2',
      'lines.3',
      'lines.4',
      'lines.5',
    ])
    expect(await journalOfBook()).toBe('')
    expect((await money.agent.get(`${address()}/${body.id}`)).body.code).toBe('collection-sheet-not-found')
    expect(await handIn({ ...body, cashCount: '10.00', lines: [body.lines[0]!] })).toMatchObject({ status: 201 })
  })

  it('is left out when the sheet asks to be posted without it', async () => {
    const { outsider, blocked, nobody } = await strangers()
    const lines = [
      line(1, money.rosa, { deposit: '10.00' }),
      line(2, nobody, { deposit: '1.00' }),
      line(3, outsider, { deposit: '2.00' }),
      line(4, blocked, { deposit: '3.00' }),
      line(5, money.ana, { deposit: '4.00', withdrawal: '5.00' }),
    ]
    const body = sheet('15.00', lines, { onRefusal: 'post-without' })
    const answer = await handIn(body)
    expect(answer).toMatchObject({
      status: 201,
      body: {
        deposits: '10.00',
        withdrawals: '0.00',
        unposted: '5.00',
        lines: [
          { line: 1, refusal: null },
          { line: 2, refusal: 'savings-account-not-found', depositTransactionId: null },
          { line: 3, refusal: 'not-a-member' },
          { line: 4, refusal: 'account-blocked' },
          { line: 5, refusal: 'balance-below-floor', depositTransactionId: null, withdrawalTransactionId: null },
        ],
      },
    })
    expect(await journalOfBook()).toBe(
      books(`
        2026-03-14 deposit
          cash with agent               10.00
             Rosa: own                     10.00`),
    )
    const open = `${money.book}/savings-accounts/${blocked.accountId}/status`
    await money.administrator.post(open, { id: uuid(), status: 'open', reason: 'she asked' })
    expect(await handIn(body)).toMatchObject({ status: 200, body: { ...answer.body, replayed: true } })
    expect(await money.balance(blocked)).toMatchObject({ own: '0.00' })
  })

  it('that is the only one refuses the sheet even so', async () => {
    const { outsider } = await strangers()
    const body = sheet('2.00', [line(1, outsider, { deposit: '2.00' })], { onRefusal: 'post-without' })
    expect(await handIn(body)).toMatchObject({ status: 422, body: { code: 'lines-refused' } })
  })

  it('may be one whose depositor nobody knows', async () => {
    const brought = await newSaver(money)
    const of = (depositorId: string) => sheet('2.00', [line(1, money.rosa, { deposit: '2.00', depositorId })])
    expect((await handIn(of(brought))).status).toBe(201)
    expect(await handIn(of(uuid()))).toMatchObject({
      status: 422,
      body: { facts: { lines: [{ line: 1, code: 'saver-not-found' }] } },
    })
  })
})

describe('a collection sheet’s signatures', () => {
  const one = () => [line(1, money.rosa, { deposit: '1.00' })]

  it('are of the group’s coordinator on that day and of the agent whose key it is', async () => {
    const signedBy = { coordinator: money.rosa.saverId, agent: money.agentId }
    expect(await handIn(sheet('1.00', one(), { signedBy }))).toMatchObject({
      status: 422,
      body: {
        code: 'coordinator-differs',
        facts: { coordinatorId: money.ana.saverId },
        fields: [{ path: 'signedBy.coordinator' }],
      },
    })
    const early = await handIn(sheet('1.00', one(), { meetingDate: '2026-01-14' }))
    expect(early.body).toMatchObject({ code: 'coordinator-differs', facts: { coordinatorId: null } })
    expect((await handIn(sheet('1.00', one()), await money.as('agent', { agentId: uuid() }))).status).toBe(404)
    const other = uuid()
    const forOther = sheet('1.00', one(), { agentId: other, signedBy: { ...signedBy, agent: other } })
    expect((await handIn(forOther, money.administrator)).body.code).toBe('agent-not-found')
  })

  it('come with a group that is there, a day that has come, and a role that may', async () => {
    expect((await handIn(sheet('1.00', one(), { groupId: uuid() }))).body.code).toBe('group-not-found')
    expect((await handIn(sheet('1.00', one(), { meetingDate: '2026-04-01' }))).body.code).toBe('date-in-future')
    for (const role of ['bank', 'analyst', 'auditor'] as const) {
      expect((await handIn(sheet('1.00', one()), await money.as(role))).status).toBe(403)
    }
  })
})

describe('a collection sheet written as people name things', () => {
  const dnis = { ana: '10117410', rosa: '40000001', carried: '40000002' }
  let carrier: string

  /** Ana and Rosa are known by their DNI; Carmen is, and has no account. */
  beforeEach(async () => {
    for (const name of ['ana', 'rosa'] as const) await correctDni(money[name].saverId, dnis[name])
    carrier = await newSaver(money, { dni: dnis.carried })
  })

  async function correctDni(saverId: string, dni: string) {
    const correction = { id: uuid(), saverId, reason: 'mistake', changes: { dni } }
    expect((await money.agent.post(`${money.book}/saver-corrections`, correction)).status).toBe(201)
  }

  /** As `sheet`, with words in place of ids. */
  function inWords(cashCount: string, lines: object[], more: object = {}) {
    const signedBy = { coordinatorDni: dnis.ana, agentCode: 'PR-07' }
    return { id: uuid(), groupCode: 'GR-1', agentCode: 'PR-07', meetingDate: day, cashCount, signedBy, lines, ...more }
  }

  const byDni = { line: 1, dni: dnis.rosa, deposit: '12.50', depositorDni: dnis.carried }

  it('is the sheet of those whom it names, and holds no DNI', async () => {
    const body = inWords('12.50', [byDni])
    const answer = await handIn(body)
    expect(answer, JSON.stringify(answer.body)).toMatchObject({
      status: 201,
      body: {
        groupId,
        agentId: money.agentId,
        coordinatorId: money.ana.saverId,
        lines: [{ savingsAccountId: money.rosa.accountId, depositorId: carrier, refusal: null }],
      },
    })
    for (const dni of Object.values(dnis)) expect(JSON.stringify(answer.body)).not.toContain(dni)
    const withIds = sheet('12.50', [line(1, money.rosa, { deposit: '12.50', depositorId: carrier })], { id: body.id })
    const { body: replayed } = await handIn(body)
    for (const same of [body, withIds, { ...body, groupCode: undefined, groupName: 'SUMAQ' }]) {
      expect(await handIn(same)).toMatchObject({ status: 200, body: replayed })
    }
    expect((await handIn(inWords('13.00', [{ ...byDni, deposit: '13.00' }], { id: body.id }))).body.code).toBe(
      'id-reused',
    )
    expect(await money.balance(money.rosa)).toEqual({ own: '12.50', total: '12.50' })
  })

  it('is the same sheet for ever, whatever becomes of names, accounts and DNIs', async () => {
    const body = inWords('12.50', [byDni], { groupCode: undefined, groupName: 'Sumaq' })
    expect((await handIn(body)).status).toBe(201)
    const group = { id: uuid(), code: 'GR-2', name: 'sumaq', formedOn: '2026-01-10', districtCode: '080101' }
    expect((await money.agent.post(`${money.book}/groups`, group)).status).toBe(201)
    await newHolder(money, money.rosa.saverId)
    await correctDni(money.ana.saverId, '40000009')
    service.clock.advance(40 * 86_400_000)
    expect(await handIn(body)).toMatchObject({ status: 200, body: { replayed: true } })
    const operations = [{ type: 'collection-sheet', bookId: money.bookId, body }]
    expect((await money.agent.post('/v1/sync', { operations })).body).toMatchObject({ duplicate: 1 })
  })

  it('is refused where a name or a DNI tells more than one, and says which', async () => {
    const group = { id: uuid(), code: 'GR-2', name: 'sumaq', formedOn: '2026-01-10', districtCode: '080101' }
    await money.agent.post(`${money.book}/groups`, group)
    const named = { groupCode: undefined, groupName: 'Sumaq' }
    expect(await handIn(inWords('12.50', [byDni], named))).toMatchObject({
      status: 422,
      body: {
        code: 'reference-ambiguous',
        facts: {
          groups: [
            { groupId, groupCode: 'GR-1' },
            { groupId: group.id, groupCode: 'GR-2' },
          ],
        },
        fields: [{ path: 'groupName' }],
      },
    })
    const second = await newHolder(money, money.rosa.saverId)
    const savingsAccountIds = [money.rosa.accountId, second.accountId].sort()
    const ambiguous = await handIn(inWords('12.50', [byDni]))
    expect(ambiguous.body).toMatchObject({
      code: 'lines-refused',
      facts: { lines: [{ line: 1, code: 'reference-ambiguous', savingsAccountIds: expect.any(Array) }] },
    })
    expect(ambiguous.body.facts.lines[0].savingsAccountIds.sort()).toEqual(savingsAccountIds)
    const close = { id: uuid(), status: 'closed', reason: 'she asked', closedOn: day }
    await money.administrator.post(`${money.book}/savings-accounts/${second.accountId}/status`, close)
    expect((await handIn(inWords('12.50', [byDni]))).status).toBe(201)
  })

  it('is refused with every reason where nobody answers to a name', async () => {
    const lines = [
      { line: 1, dni: '40000003', deposit: '1.00' },
      { line: 2, dni: dnis.carried, deposit: '1.00' },
      { line: 3, bankAccountNumber: '110-99', deposit: '1.00' },
      { line: 4, savingsAccountId: money.ana.accountId, deposit: '1.00', depositorDni: '40000003' },
      { line: 5, dni: dnis.rosa, deposit: '1.00' },
    ]
    const reasons = [
      { line: 1, code: 'saver-not-found' },
      { line: 2, code: 'savings-account-not-found' },
      { line: 3, code: 'savings-account-not-found' },
      { line: 4, code: 'saver-not-found' },
    ]
    expect((await handIn(inWords('5.00', lines))).body).toMatchObject({
      code: 'lines-refused',
      facts: { lines: reasons },
    })
    const without = inWords('5.00', lines, { onRefusal: 'post-without' })
    const posted = await handIn(without)
    expect(posted.body).toMatchObject({ deposits: '1.00', unposted: '4.00' })
    const refusals = posted.body.lines.map(({ refusal }: { refusal: string }) => refusal)
    expect(refusals).toEqual([...reasons.map(({ code }) => code), null])
    await newSaver(money, { dni: '40000003' })
    expect(await handIn(without)).toMatchObject({ status: 200, body: { deposits: '1.00', replayed: true } })
    const codes = await Promise.all(
      [
        { groupCode: 'GR-9' },
        { agentCode: 'PR-9' },
        { signedBy: { coordinatorDni: '40000009', agentCode: 'PR-07' } },
      ].map(async more => (await handIn(inWords('1.00', [lines[4]!], more))).body.code),
    )
    expect(codes).toEqual(['group-not-found', 'agent-not-found', 'saver-not-found'])
  })

  it('is of the agent whose key it is, by whichever name', async () => {
    const other = { id: uuid(), code: 'PR-08', name: 'Elena', startsOn: '2026-01-05' }
    await money.administrator.post(`${money.book}/agents`, other)
    const signedBy = { coordinatorDni: dnis.ana, agentCode: 'PR-08' }
    expect((await handIn(inWords('12.50', [byDni], { agentCode: 'PR-08', signedBy }))).status).toBe(403)
    expect(
      await handIn(inWords('12.50', [byDni], { agentCode: undefined, agentId: money.agentId, signedBy })),
    ).toMatchObject({
      status: 400,
      body: { fields: [{ path: 'signedBy.agentCode' }] },
    })
  })
})

describe('a collection sheet as CSV', () => {
  const upload = (csv: string, headers: Record<string, string> = {}) =>
    money.agent.post(address(), csv as unknown as object, { 'content-type': 'text/csv', ...headers })

  it('is the same sheet as in JSON, so that either is a replay of the other', async () => {
    await newHolder(money, money.rosa.saverId, { bankAccountNumber: '110-01-1' })
    const id = uuid()
    const csv = [
      `id;${id}`,
      `groupId;${groupId}`,
      `agentId;${money.agentId}`,
      `meetingDate;${day}`,
      'cashCount;12,50',
      `signedBy.coordinator;${money.ana.saverId}`,
      `signedBy.agent;${money.agentId}`,
      'line;bankAccountNumber;deposit',
      '1;110-01-1;12,50',
    ].join('\r\n')
    const answer = await upload(csv)
    expect(answer, JSON.stringify(answer.body)).toMatchObject({
      status: 201,
      body: { deposits: '12.50', lines: [{ line: 1, bankAccountNumber: '110-01-1', deposit: '12.50' }] },
    })
    expect((await upload(csv)).status).toBe(200)
    const json = sheet('12.50', [{ line: 1, bankAccountNumber: '110-01-1', deposit: '12.5' }], { id })
    expect((await handIn(json)).status).toBe(200)
    expect((await upload(csv.replace(`id;${id}\r\n`, ''), { 'idempotency-key': id })).status).toBe(200)
  })

  it('takes codes, numbers and DNIs, and tells the row of every refused line', async () => {
    await newHolder(money, money.rosa.saverId, { bankAccountNumber: '110-01-1' })
    const correction = { id: uuid(), saverId: money.ana.saverId, reason: 'mistake', changes: { dni: '10117410' } }
    await money.agent.post(`${money.book}/saver-corrections`, correction)
    const csv = [
      `id,${uuid()}`,
      'groupName,Sumaq',
      'agentCode,PR-07',
      `meetingDate,${day}`,
      'cashCount,6.00',
      'signedBy.coordinatorDni,10117410',
      'signedBy.agentCode,PR-07',
      '',
      'line,bankAccountNumber,dni,deposit',
      '1,110-01-1,,2.00',
      '2,,10117410,4.00',
    ].join('\n')
    const wrong = await upload(csv.replace('1,110-01-1', '1,110-01-9'))
    expect(wrong.body).toMatchObject({
      code: 'lines-refused',
      facts: { lines: [{ line: 1, code: 'savings-account-not-found' }] },
      fields: [{ path: 'row 10' }],
    })
    expect(await upload(csv.replace('cashCount,6.00', 'cashCount,5.00'))).toMatchObject({
      body: { code: 'cash-count-differs', fields: [{ path: 'row 5, cashCount' }] },
    })
    expect((await upload(csv.replace('10117410,4.00', '10117410,4.001'))).body).toMatchObject({
      code: 'request-invalid',
      detail: expect.stringMatching(/^row 11, deposit: /),
    })
    expect(await upload(csv)).toMatchObject({ status: 201, body: { deposits: '6.00' } })
    expect(await upload(csv)).toMatchObject({ status: 200, body: { replayed: true } })
  })

  it('says which row of the file is wrong, or cannot be read', async () => {
    const answer = await upload('line,savingsAccountId,deposit\n1,x,1.00')
    expect(answer).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
    expect(answer.body.fields).toContainEqual(expect.objectContaining({ path: 'row 2, savingsAccountId' }))
    expect(await upload('what is this')).toMatchObject({ status: 400, body: { fields: [{ path: 'lines' }] } })
    expect(await upload('')).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
    expect((await upload(`line\n${'1\n'.repeat(200_000)}`)).status).toBe(413)
    const other = await money.agent.post(`${money.book}/deposits`, 'a,b' as unknown as object, {
      'content-type': 'text/csv',
    })
    expect(other.status).toBe(415)
  })
})

describe('a collection sheet from a spreadsheet of Windows', () => {
  it('is read in UTF-8 as in Windows-1252, with names as they are written here', async () => {
    const field = { code: 'GR-3', name: 'Ñusta Wármi', formedOn: '2026-01-10', districtCode: '080101' }
    const group = await money.administrator.post(`${money.book}/groups`, { id: uuid(), ...field })
    const { saverId } = await newHolder(money, undefined, { bankAccountNumber: '110-01-3' })
    const joining = { groupId: group.body.id, saverId, startsOn: '2026-01-15' }
    for (const path of ['memberships', 'coordinations']) {
      expect((await money.administrator.post(`${money.book}/${path}`, { id: uuid(), ...joining })).status).toBe(201)
    }
    let number = 0
    const csv = (name: string) => {
      const signed = `signedBy.coordinator;${saverId}\nsignedBy.agent;${money.agentId}`
      const head = `id;${uuid()}\ngroupName;${name}\nagentId;${money.agentId}\nmeetingDate;${day}\ncashCount;1,50`
      // Each is a sheet of its own by the number of its line.
      number += 1
      return `${head}\n${signed}\n\nline;bankAccountNumber;deposit\n${number};110-01-3;1,50\n`
    }
    for (const [encoding, type] of [
      ['utf8', 'text/csv'],
      ['latin1', 'text/csv'],
      ['latin1', 'text/csv; charset=windows-1252'],
    ] as const) {
      for (const name of ['Ñusta Wármi', 'ÑUSTA WÁRMI']) {
        const file = Buffer.from(csv(name), encoding) as unknown as object
        const answer = await money.agent.post(address(), file, { 'content-type': type })
        expect(answer).toMatchObject({ status: 201, body: { groupId: group.body.id, deposits: '1.50' } })
      }
    }
  })
})

describe('collection sheets', () => {
  it('are listed by group and agent, oldest first', async () => {
    for (const cash of ['1.00', '2.00', '3.00']) {
      service.clock.advance(1000)
      await handIn(sheet(cash, [line(1, money.rosa, { deposit: cash })]))
    }
    const list = async (query: string) => (await money.agent.get(`${address()}?${query}`)).body
    const first = await list(`groupId=${groupId}&limit=2`)
    expect(first.items).toMatchObject([{ cashCount: '1.00' }, { cashCount: '2.00', meetingDate: day }])
    expect((await list(`agentId=${money.agentId}&after=${first.next}`)).items).toMatchObject([{ cashCount: '3.00' }])
    expect((await list(`groupId=${uuid()}`)).items).toEqual([])
  })
})
