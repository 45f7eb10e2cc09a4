import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestDisbursement } from '../../src/incentives/disbursements/request.ts'
import { takeStep } from '../../src/incentives/disbursements/steps.ts'
import { approveRun } from '../../src/incentives/runs/approve.ts'
import { postNext } from '../../src/incentives/runs/post.ts'
import { openLedger } from '../../src/ledger/index.ts'
import { asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { paidVillage, village } from './paper.ts'

const [opening, growth] = ['1-APERTURA', '2-MANTENIMIENTO-CRECIMIENTO']

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
})
afterAll(async () => service.close())

const centavos = (amount: string) => Number(amount.replace('.', ''))
const sum = (items: readonly { amount: string }[]) => items.reduce((all, { amount }) => all + centavos(amount), 0)

describe('a disbursement request', () => {
  it('asks for what a fund pays by a rule, a line a group, and ties to the centavo', async () => {
    const place = await paidVillage(service)
    const { runId, book, fundId, otherFundId, administrator, women } = place
    const run = (await administrator.get(`${book}/incentive-runs/${runId}`)).body
    const made = []
    for (const rule of [opening, growth]) {
      for (const fund of [fundId, otherFundId]) made.push((await place.request(runId, rule, fund)).body)
    }
    expect(made.map(({ number }) => number)).toEqual(['2026-0001', '2026-0002', '2026-0003', '2026-0004'])
    expect(sum(made)).toBe(centavos(run.totals.paid))
    const { body: demands } = await administrator.get(`${book}/incentive-runs/${runId}/disbursements`)
    expect(demands).toMatchObject({ total: run.totals.paid, requested: run.totals.paid })
    expect(demands.items.map(({ number }: { number: string }) => number)).toEqual(made.map(({ number }) => number))

    const { rows: shares } = await service.db.$client.query(
      `select r.code, s.fund_id, sum(s.amount)::int as amount from incentive i
       join incentive_share s on s.book_id = i.book_id and s.transaction_id = i.transaction_id
       join incentive_rule r on r.id = i.rule_id where i.book_id = $1 and i.run_id = $2 group by 1, 2`,
      [place.bookId, runId],
    )
    expect(shares).toHaveLength(4)
    for (const { code, fund_id, amount } of shares) {
      const request = made.find(({ rule, fundId }) => rule === code && fundId === fund_id)
      expect(centavos(request.amount)).toBe(amount)
      expect(sum(request.lines)).toBe(amount)
    }

    const [first] = made
    expect(first).toMatchObject({
      ...{ status: 'requested', requestedOn: '2026-12-31', month: '2026-03', valueDate: '2026-04-01' },
      ...{ rule: opening, basis: 'OPENING_DEPOSIT', fundingSource: 'FIDA', budgetCode: '2.5.31.12' },
      ...{ institutionName: 'Caja Cusco', currency: 'PEN', savers: 6, transactions: 6, ledger: null, replayed: false },
      history: [{ status: 'requested', on: '2026-12-31', reference: null }],
    })
    expect(
      first.lines.map(({ number, groupCode, savers, authorisation }: Record<string, unknown>) => ({
        ...{ number, groupCode, savers, authorisation },
      })),
    ).toEqual([
      { number: 1, groupCode: 'GR-001', savers: 2, authorisation: null },
      { number: 2, groupCode: 'GR-002', savers: 3, authorisation: null },
      { number: 3, groupCode: null, savers: 1, authorisation: null },
    ])

    const address = `${book}/disbursement-requests/${first.id}/items`
    const { items: all } = (await administrator.get(address)).body
    expect(all).toHaveLength(6)
    for (const line of first.lines) {
      const { items } = (await administrator.get(`${address}?line=${line.number}`)).body
      expect(sum(items)).toBe(centavos(line.amount))
      for (const item of items) {
        const paid = (await administrator.get(`${book}/incentives/${item.transactionId}`)).body
        expect(paid).toMatchObject({ saverId: item.saverId, amount: item.incentive })
        expect(paid.paidBy).toContainEqual({ fundId, amount: item.amount })
      }
    }
    const page = (await administrator.get(`${address}?limit=4`)).body
    const rest = (await administrator.get(`${address}?limit=4&after=${page.next}`)).body
    expect([...page.items, ...rest.items]).toEqual(all)
    expect(all.at(-1).saverId).toBe(women[5]!.saverId)
  })

  it('counts a saver for the group that she was in on the value date, and one who was paid twice once', async () => {
    const place = await village(service)
    const [rosa, luz] = [await place.saver(), await place.saver()]
    const early = await place.group('A', 'Early', [rosa, luz])
    const membership = (await place.administrator.get(`${place.book}/memberships?saverId=${rosa.saverId}`)).body
      .items[0]
    await place.said(`${place.book}/membership-ends`, { membershipId: membership.id, endsOn: '2026-06-30' })
    const late = await place.group('B', 'Late', [rosa], '2026-07-01')
    for (const woman of [rosa, luz]) {
      await place.deposit(woman, '20.00', '2026-01-10')
      await place.deposit(woman, '50.00', '2026-02-10')
      await place.deposit(woman, '50.00', '2026-05-10')
    }
    const run = await place.run('2026-06', '2026-07-01')
    const { body } = await place.request(run.id, growth, place.fundId)
    expect(body).toMatchObject({
      ...{ savers: 2, transactions: 4 },
      lines: [
        { groupId: early, savers: 1, transactions: 2, amount: '19.20' },
        { groupId: late, savers: 1, transactions: 2, amount: '19.20' },
      ],
    })
  })

  it('is numbered without a gap, whoever asks at the same time and whatever is refused', async () => {
    const place = await paidVillage(service)
    const { runId, fundId, otherFundId } = place
    const id = uuid()
    const answers = await Promise.all([
      ...[place.request(runId, opening, fundId, id), place.request(runId, opening, fundId, id)],
      ...[place.request(runId, opening, otherFundId), place.request(runId, opening, otherFundId)],
      ...[place.request(runId, growth, fundId), place.request(runId, '3-RETIRO', fundId)],
      ...[place.request(runId, growth, uuid()), place.request(runId, growth, otherFundId)],
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201, 201, 201, 201, 409, 422, 422])
    expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({
      code: 'disbursement-requested-already',
      facts: { number: expect.stringMatching(/^2026-000\d$/) },
    })
    const { body } = await place.administrator.get(`${place.book}/disbursement-requests`)
    expect(body.items.map(({ number }: { number: string }) => number)).toEqual([1, 2, 3, 4].map(n => `2026-000${n}`))
    expect((await place.request(runId, growth, fundId, id)).body.code).toBe('id-reused')

    // The year is that of Lima, where at this instant it is still the old one; and then numbers begin anew.
    const paidLater = async (month: string, day: string) => {
      const run = await place.run(month, day)
      return place.request(run.id, growth, fundId)
    }
    try {
      for (const woman of place.women) await place.deposit(woman, '9.00', '2026-10-10')
      service.clock.set('2027-01-01T04:59:59Z')
      expect((await paidLater('2026-11', '2026-12-31')).status).toBe(422)
      service.clock.set('2027-01-01T05:00:01Z')
      expect((await paidLater('2026-12', '2027-01-01')).body.number).toBe('2027-0001')
    } finally {
      service.clock.set('2026-12-31T15:00:00Z')
    }
  })

  it('is made of an approved run only', async () => {
    const place = await village(service)
    await place.deposit(await place.saver(), '20.00', '2026-01-10')
    const runId = uuid()
    await place.said(`${place.book}/incentive-runs`, { id: runId, programmeId: place.programmeId, month: '2026-01' })
    const refused = { status: 409, body: { code: 'incentive-run-not-approved', facts: { status: 'prepared' } } }
    expect(await place.request(runId, opening, place.fundId)).toMatchObject(refused)
    const address = `${place.book}/incentive-runs/${runId}/disbursements`
    expect(await place.administrator.get(address)).toMatchObject(refused)
    expect((await place.request(uuid(), opening, place.fundId)).body.code).toBe('incentive-run-not-found')
  })

  it('is authorised by another actor with a numbered authorisation a line, and then paid; not otherwise', async () => {
    const place = await paidVillage(service)
    const { id } = (await place.request(place.runId, opening, place.fundId)).body
    const other = (await place.request(place.runId, growth, place.fundId)).body
    const code = async (answer: ReturnType<typeof place.step>) => (await answer).body.code
    expect(await code(place.step('approver', id, 'payment'))).toBe('disbursement-status-conflict')
    expect(await code(place.step('administrator', id, 'authorisation'))).toBe('second-actor-needed')
    expect(await code(place.step('approver', id, 'authorisation', { on: '2026-12-30' }))).toBe('date-too-early')
    expect(await code(place.step('approver', id, 'authorisation', { on: '2027-01-01' }))).toBe('date-in-future')
    expect(await code(place.step('approver', uuid(), 'authorisation'))).toBe('disbursement-request-not-found')

    const steps = { id: uuid() }
    const [one, two] = await Promise.all([
      place.step('approver', id, 'authorisation', steps),
      place.step('approver', id, 'authorisation', steps),
    ])
    expect([one.status, two.status].sort()).toEqual([200, 201])
    expect(one.body.status).toBe('authorised')
    expect(one.body.lines.map(({ authorisation }: { authorisation: object }) => authorisation)).toEqual(
      [1, 2, 3].map(n => ({ number: `2026-000${n}`, reference: `RD-045-2026/${n}` })),
    )
    expect(await code(place.step('approver', id, 'authorisation'))).toBe('disbursement-status-conflict')
    expect(await code(place.step('approver', id, 'authorisation', { ...steps, reference: 'X' }))).toBe('id-reused')
    const [authorised, cancelled] = await Promise.all([
      place.step('approver', other.id, 'authorisation'),
      place.step('approver', other.id, 'cancellation'),
    ])
    expect([201, 409]).toContain(authorised.status)
    expect(cancelled.status === 201 || authorised.status === 201).toBe(true)

    const [paid, given] = await Promise.all([
      place.step('administrator', id, 'payment', { reference: 'OP-004711' }),
      place.step('approver', id, 'cancellation'),
    ])
    expect([paid.status, given.status].sort()).toEqual([201, 409])
  })

  it('when it is paid, keeps what the ledger’s entries of its transactions add up to', async () => {
    const place = await paidVillage(service)
    const { id, amount } = (await place.request(place.runId, opening, place.otherFundId)).body
    await place.step('approver', id, 'authorisation')
    const payment = { id: uuid(), reference: 'OP-004711' }
    const { status, body } = await place.step('administrator', id, 'payment', payment)
    expect(status).toBe(201)
    const { items } = (await place.administrator.get(`${place.book}/disbursement-requests/${id}/items`)).body
    const sequences = items.map(({ sequence }: { sequence: number }) => sequence)
    expect(body).toMatchObject({
      status: 'paid',
      ledger: {
        ...{ transactions: 6, amount, firstSequence: Math.min(...sequences), lastSequence: Math.max(...sequences) },
      },
      history: [{ status: 'requested' }, { status: 'authorised' }, { status: 'paid', reference: 'OP-004711' }],
    })
    expect(await place.step('administrator', id, 'payment', payment)).toMatchObject({
      ...{ status: 200, body: { ...body, replayed: true } },
    })
    const listed = async (query: string) =>
      (await place.administrator.get(`${place.book}/disbursement-requests?${query}`)).body.items
    expect(await listed('status=paid')).toMatchObject([{ id, status: 'paid' }])
    expect(await listed(`status=requested&runId=${place.runId}`)).toEqual([])
  })

  it('is for administrators to make; banks of the book read it, and nobody reads a name in it', async () => {
    const place = await paidVillage(service)
    const { book, bookId, runId, fundId } = place
    const { id } = (await place.request(runId, opening, fundId)).body
    for (const role of ['bank', 'analyst', 'auditor'] as const) {
      const reader = asking(service, await service.key(role, { books: [bookId] }))
      const { status, body } = await reader.get(`${book}/disbursement-requests/${id}`)
      expect(status).toBe(200)
      expect(JSON.stringify(body)).not.toMatch(/Fortunata|Mamanchura/)
      expect((await reader.get(`${book}/disbursement-requests/${id}/items`)).status).toBe(200)
      const written = { id: uuid(), runId, rule: growth, fundId }
      expect((await reader.post(`${book}/disbursement-requests`, written)).status).toBe(403)
      const step = { id: uuid(), reference: 'X', on: '2026-12-31' }
      expect((await reader.post(`${book}/disbursement-requests/${id}/authorisation`, step)).status).toBe(403)
    }
    const stranger = asking(service, await service.key('bank', { books: [uuid()] }))
    expect((await stranger.get(`${book}/disbursement-requests/${id}`)).status).toBe(404)
    const agent = asking(service, await service.key('agent', { books: [bookId] }))
    expect((await agent.get(`${book}/disbursement-requests/${id}`)).status).toBe(403)
  })
})

describe('the database', () => {
  it('says it too: papers are final, two act, numbers follow, and only what the ledger has is paid', async () => {
    const place = await paidVillage(service)
    const made = (await place.request(place.runId, opening, place.fundId)).body
    const client = await service.owner.$client.connect()
    const refused = async (statement: string, rule: RegExp) => {
      await client.query('begin')
      await expect(client.query(statement, [place.bookId, made.id])).rejects.toThrow(rule)
      await client.query('rollback')
    }
    const tables = ['request', 'line', 'item', 'step'].map(name => `disbursement_${name}`)
    for (const table of [...tables, 'transfer_authorisation']) {
      await refused(`delete from ${table} where book_id = $1 and $2::uuid is not null`, /posted_is_final/)
      await refused(
        `update ${table} set book_id = book_id where book_id = $1 and $2::uuid is not null`,
        /posted_is_final/,
      )
    }
    await refused(
      'update paper_counter set last = last - 1 where book_id = $1 and $2::uuid is not null',
      /numbers go up/,
    )
    const columns = 'book_id, request_id, requested_by, day, recorded_at, content_hash'
    const step = (more: string, values: string) => `insert into disbursement_step (${columns}, id, ${more})
      select ${columns}, gen_random_uuid(), ${values} from disbursement_step where book_id = $1 and request_id = $2 and status = 'requested'`
    const follows = 'status, follows, follows_on, reference, actor'
    await refused(step(follows, `'authorised', 'requested', day, 'X', actor`), /disbursement_step_two_actors/)
    await refused(step(follows, `'authorised', 'authorised', day, 'X', 'other'`), /disbursement_step_in_order/)
    await refused(step(follows, `'authorised', 'requested', day + 1, 'X', 'other'`), /disbursement_step_in_order/)
    await refused(step(follows, `'cancelled', 'authorised', day, 'X', 'other'`), /disbursement_step_follows_fkey/)
    await refused(step(follows, `'requested', null, null, null, actor`), /disbursement_step_pkey/)
    await place.step('approver', made.id, 'authorisation')
    await refused(step(follows, `'cancelled', 'requested', day, 'X', 'other'`), /disbursement_step_followed_once/)
    await refused(step(follows, `'paid', 'authorised', day, 'X', 'other'`), /disbursement_step_paid_is_in_ledger/)
    const paid = `${follows}, ledger_amount, ledger_transactions, first_sequence, last_sequence`
    await refused(step(paid, `'paid', 'authorised', day, 'X', 'other', 1, 6, 1, 2`), /disbursement_step_ledger_fkey/)
    const request = (number: number, more: string) => `insert into disbursement_request
      select (jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(), 'number', ${number}, 'follows', ${number - 1}) || ${more})).*
      from disbursement_request q where book_id = $1 and id = $2`
    await refused(request(3, `'{"rule_code": "X"}'`), /disbursement_request_follows_fkey/)
    await refused(request(2, `'{}'`), /disbursement_request_one_in_force/)
    const replacing = `jsonb_build_object('replaces', id, 'replaced_status', 'cancelled')`
    await refused(request(2, replacing), /disbursement_request_replaces_fkey/)
    client.release()
  })
})

describe('a request made while its run is still posting', () => {
  it('is paid when the ledger has all of it; what the ledger refused is requested anew without', async () => {
    const alone = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
    const place = await village(alone)
    const { bookId, programmeId, book, fundId } = place
    const [rosa, luz] = [await place.saver(), await place.saver()]
    await place.group('A', 'Rosa’s', [rosa])
    await place.group('B', 'Luz’s', [luz])
    for (const woman of [rosa, luz]) await place.deposit(woman, '20.00', '2026-01-10')
    const runId = uuid()
    await place.said(`${book}/incentive-runs`, { id: runId, programmeId, month: '2026-01', valueDate: '2026-02-01' })
    await place.said(`${luz.account}/status`, { id: uuid(), status: 'blocked', reason: 'card stolen' })
    // From here on nobody moves the run on but this test.
    await alone.app.close()
    const { db, clock } = alone
    const parts = { db, clock, ledger: openLedger({ db, clock }), identityKey: testConfig().identityKey }
    const actor = (clientId: string) => {
      const rest = { role: 'administrator' as const, books: 'all' as const, agentId: null, keyId: uuid() }
      return { ...rest, clientId, readOnly: false }
    }
    await approveRun(parts, bookId, runId, actor('approver'))

    const asked = { runId, rule: opening, fundId }
    const ask = (id: string) => requestDisbursement(parts, bookId, actor('asker'), { ...asked, id })
    const paper = (id: string) => ({ id, reference: 'X-1', on: '2026-12-31' })
    const pay = (id: string) => takeStep(parts, bookId, id, 'paid', actor('asker'), paper(uuid()))
    const authorise = (id: string) => takeStep(parts, bookId, id, 'authorised', actor('other'), paper(uuid()))
    const first = uuid()
    expect((await ask(first)).row).toMatchObject({ number: 1, transactions: 2, amount: 3200n })
    await authorise(first)
    await expect(pay(first)).rejects.toMatchObject({ code: 'incentive-run-not-posted' })
    while (await postNext(parts, bookId, runId));
    await expect(pay(first)).rejects.toMatchObject({
      ...{ code: 'disbursement-not-in-ledger', facts: { lines: [{ line: 2, missing: 1 }] } },
    })

    const second = uuid()
    await expect(ask(second)).rejects.toMatchObject({ code: 'disbursement-requested-already' })
    await takeStep(parts, bookId, first, 'cancelled', actor('asker'), paper(uuid()))
    expect((await ask(second)).row).toMatchObject({ number: 2, transactions: 1, amount: 1600n, replaces: first })
    await authorise(second)
    expect(await pay(second)).toEqual({ replayed: false })
    await parts.ledger.drain()
    await alone.close()
  })
})
