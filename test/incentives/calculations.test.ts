import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
})
afterAll(async () => service.close())

const corredor = () => payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })

async function move({ said, book }: Paying, { accountId }: Saver, amount: number, valueDate: string) {
  const id = uuid()
  const body = { id, savingsAccountId: accountId, amount: Math.abs(amount).toFixed(2), valueDate, channel: 'branch' }
  if (amount > 0) await said(`${book}/deposits`, body)
  else await said(`${book}/withdrawals`, { ...body, purpose: 'household' })
  return id
}

async function prepared({ said, book, programmeId }: Paying, month: string, valueDate: string): Promise<string> {
  const id = uuid()
  await said(`${book}/incentive-runs`, { id, programmeId, month, valueDate })
  return id
}

type Told = [saver: Saver, rule: string, period: string, amount: string]

const csvOf = (told: readonly Told[]) =>
  [
    'savingsAccountId,rule,period,amount',
    ...told.map(([{ accountId }, ...rest]) => [accountId, ...rest].join(',')),
  ].join('\n')

const csv = { 'content-type': 'text/csv' }

async function handIn(by: Asking, { book }: Paying, runId: string, told: readonly Told[] | string, id = uuid()) {
  const text = typeof told === 'string' ? told : csvOf(told)
  const headers = { ...csv, 'idempotency-key': id }
  return by.post(`${book}/incentive-runs/${runId}/calculations`, text as unknown as object, headers)
}

const compared = async (by: Asking, { book }: Paying, id: string, query = '') =>
  (await by.get(`${book}/incentive-calculations/${id}/lines${query}`)).body.items

const decide = ({ administrator, book }: Paying, id: string, body: object) =>
  administrator.post(`${book}/incentive-calculations/${id}/decisions`, {
    id: uuid(),
    reason: 'agreed in 2026',
    ...body,
  })

const linesOf = async ({ administrator, book }: Paying, runId: string) =>
  (await administrator.get(`${book}/incentive-runs/${runId}/lines`)).body.items as Record<string, never>[]

const locked = async ({ administrator }: Paying, { account }: Saver) =>
  (await administrator.get(account)).body.balances.incentiveLocked.posted

const approve = ({ approver, book }: Paying, runId: string) =>
  approver.post(`${book}/incentive-runs/${runId}/approve`, {})

/** Rosa took 10.00 of what she saved in February out again: net she grew by 30.00, gross by 40.00. */
async function rosaAndLuz() {
  const paying = await corredor()
  const [rosa, luz] = [await paying.saver(), await paying.saver()]
  await paying.fund('100.00', '2026-01-02')
  await move(paying, rosa, 8, '2026-01-10')
  await move(paying, luz, 5, '2026-01-10')
  const february = await move(paying, rosa, 40, '2026-02-10')
  await move(paying, rosa, -10, '2026-02-20')
  const runId = await prepared(paying, '2026-02', '2026-03-01')
  return { paying, rosa, luz, february, runId }
}

describe('the calculation of an institution', () => {
  it('is compared line by line, and the bank sees it in its own book', async () => {
    const { paying, rosa, luz, runId } = await rosaAndLuz()
    const { said, book, programmeId } = paying
    const eva = await paying.saver({ givenNames: 'Eva' })
    const [strangerId, accountId] = [uuid(), uuid()]
    const person = { givenNames: 'Ana', familyNames: 'Quispe', sex: 'female', districtCode: '080101' }
    await said(`${book}/savers`, { id: strangerId, ...person, registeredOn: '2026-01-01' })
    await said(`${book}/savings-accounts`, {
      ...{ id: accountId, saverId: strangerId, openedOn: '2026-01-01' },
      bankAccountNumber: '110-01-7',
    })
    const bank = asking(service, await service.key('bank', { books: [paying.bookId] }))
    expect((await bank.get(`${book}/incentive-runs/${runId}`)).body).toMatchObject({ status: 'prepared', programmeId })

    const id = uuid()
    const file = `id;${id}

bankAccountNumber;savingsAccountId;rule;period;amount
;${rosa.accountId};OPENING;once;8,00
;${rosa.accountId};GROWTH;2026-02;10,00
;${luz.accountId};GROWTH;2026-02;1,23
;${eva.accountId};GROWTH;2026-03;4,00
110-01-7;;GROWTH;2026-02;7,50
`.replaceAll('\n', '\r\n')
    const address = `${book}/incentive-runs/${runId}/calculations`
    const { status, body } = await bank.post(address, file as unknown as object, csv)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...{ id, runId, lines: 5, currency: 'PEN', unexplained: 0, replayed: false },
      totals: {
        equal: { lines: 1, ours: '8.00', theirs: '8.00', difference: '0.00' },
        differs: { lines: 1, ours: '7.50', theirs: '10.00', difference: '2.50' },
        onlyOurs: { lines: 1, ours: '5.00', theirs: '0.00', difference: '-5.00' },
        onlyTheirs: { lines: 3, ours: '0.00', theirs: '12.73', difference: '12.73' },
      },
      explanations: [{ readings: ['gross-deposits'], lines: 1 }],
    })
    const again = await bank.post(address, file as unknown as object, csv)
    expect([again.status, again.body.replayed]).toEqual([200, true])
    expect(await bank.post(address, file.replace('1,23', '1,24') as unknown as object, csv)).toMatchObject({
      ...{ status: 409, body: { code: 'id-reused' } },
    })

    const lines = await compared(bank, paying, id)
    expect(lines.map((line: never) => Object.values(pick(line)).join(' '))).toEqual([
      '1 equal OPENING once 8.00 8.00 0.00',
      '2 differs GROWTH 2026-02 7.50 10.00 2.50',
      '3 only-theirs GROWTH 2026-02  1.23 1.23',
      '4 only-theirs GROWTH 2026-03  4.00 4.00',
      '5 only-theirs GROWTH 2026-02  7.50 7.50',
      '6 only-ours OPENING once 5.00  -5.00',
    ])
    expect(lines).toMatchObject([
      { explanations: [], stranger: null },
      { explanations: [['gross-deposits']], bankAccountNumber: null },
      { explanations: [], reason: 'no-growth', stranger: 'nothing-owed', ruleId: expect.any(String) },
      { stranger: 'no-such-period', runLine: null },
      { stranger: 'no-contract', bankAccountNumber: '110-01-7', savingsAccountId: accountId },
      { saverId: luz.saverId, savingsAccountId: luz.accountId },
    ])
    // Whom our rules owe nothing, no decision pays; that she is paid as we have it, may be said.
    expect(await decide(paying, id, { pay: 'theirs', lines: [3] })).toMatchObject({
      status: 422,
      body: {
        code: 'lines-refused',
        facts: { lines: [{ line: 3, code: 'incentive-not-payable', reason: 'nothing-owed' }] },
      },
    })
    expect((await decide(paying, id, { pay: 'ours', lines: [3] })).status).toBe(201)
    const growth = (await linesOf(paying, runId)).find(({ rule, amount }) => rule === 'GROWTH' && amount === '7.50')
    expect(lines[1].runLine).toBe(growth!.number)

    const numbers = async (query: string) =>
      (await compared(bank, paying, id, query)).map(({ number }: { number: number }) => number)
    expect(await numbers('?comparison=differs')).toEqual([2])
    expect(await numbers('?rule=OPENING')).toEqual([1, 6])
    expect(await numbers(`?saverId=${luz.saverId}`)).toEqual([3, 6])
    expect(await numbers('?reading=gross-deposits')).toEqual([2])
    expect(await numbers('?reading=unexplained')).toEqual([])
    const { body: odd } = await handIn(paying.administrator, paying, runId, [[rosa, 'GROWTH', '2026-02', '9.99']])
    expect(odd).toMatchObject({ unexplained: 1, totals: { differs: { lines: 1 } } })
    expect(await compared(bank, paying, odd.id, '?reading=unexplained')).toMatchObject([{ number: 1 }])
    const page = (await bank.get(`${book}/incentive-calculations/${id}/lines?limit=4`)).body
    expect(page.items).toHaveLength(4)
    expect(await numbers(`?limit=4&after=${page.next}`)).toEqual([5, 6])
    expect((await bank.get(address)).body.items).toMatchObject([
      { id, unexplained: 0 },
      { id: odd.id, unexplained: 1 },
    ])

    const other = asking(service, await service.key('bank', { books: [(await corredor()).bookId] }))
    expect((await other.get(`${book}/incentive-calculations/${id}/lines`)).status).toBe(404)
    expect((await other.post(address, file as unknown as object, csv)).body.code).toBe('book-not-found')
    expect((await bank.post(`${book}/incentive-calculations/${id}/decisions`, {})).status).toBe(403)
  })

  it('that is wrong is refused whole, with every reason by the row of the file', async () => {
    const { paying, rosa, luz, runId } = await rosaAndLuz()
    const head = 'savingsAccountId,rule,period,amount'
    const refused = async (rows: string[], above = head) => {
      const { status, body } = await handIn(paying.administrator, paying, runId, [above, ...rows].join('\n'))
      if (body.code !== 'file-refused') return [status, body.code, body.detail]
      const problems = body.facts.problems as { row: number; field: string | null; message: string }[]
      expect(body.facts).toMatchObject({ lines: rows.filter(row => row !== '').length, problemCount: problems.length })
      return [status, body.code, ...problems.map(({ row, field, message }) => `${row} ${field}: ${message}`)]
    }
    const fine = `${rosa.accountId},GROWTH,2026-02,7.50`
    const [about, id] = [`${luz.accountId},GROWTH,2026-02`, luz.accountId]
    const wrongAmount = 'must be a decimal string such as "12.50", at most 13 digits before the point and 2 after'
    expect(
      await refused([
        ...[fine, `${about},-1.00`, '', `${about},a lot`, `${uuid()},GROWTH,2026-02,1`, `${id},BONUS,2026-02,1`],
        ...[
          `${about},1`,
          fine,
          `${about},2,3`,
          ',GROWTH,2026-02,1',
          `${id},GROWTH,2026-B1,1`,
          `${id},OPENING,2026-02,1`,
        ],
      ]),
    ).toEqual([
      ...[422, 'file-refused'],
      ...[`3 amount: ${wrongAmount}`, `5 amount: ${wrongAmount}`],
      '6 savingsAccountId: is no savings account of this book',
      '7 rule: is no rule of the programme that pays money',
      '9 null: row 2 has this contract, rule and period already',
      '10 null: has more cells than the table has columns',
      '11 savingsAccountId: or bankAccountNumber is needed, and only one of them',
      '12 period: of GROWTH is written like 2026-03',
      '13 period: of OPENING is written like once',
    ])
    expect(await refused([])).toEqual([400, 'request-invalid', 'There is no line in it.'])
    expect(await refused([fine], 'account,rule,period,amount')).toEqual([
      ...[400, 'request-invalid'],
      'row 1: columns are bankAccountNumber, savingsAccountId, enrolmentId, rule, period, amount, each once',
    ])
    expect((await refused(['1,2'], 'one,two'))[2]).toMatch(/^row 1: no row has the names/)
    expect((await refused([fine], `name,x\n${head}`))[2]).toMatch(/^row 1: above the table/)
    const address = `${paying.book}/incentive-runs/${runId}/calculations`
    expect((await paying.administrator.get(address)).body.items).toEqual([])
    expect((await approve(paying, runId)).body.status).toBe('posted')
    expect((await handIn(paying.administrator, paying, runId, [[rosa, 'GROWTH', '2026-02', '1']])).body).toMatchObject({
      ...{ code: 'incentive-run-not-prepared', facts: { status: 'posted' } },
    })
  })

  it('of 5,000 lines takes a second or two', async () => {
    const paying = await corredor()
    const savers: Saver[] = []
    for (let n = 0; n < 50; n += 1) savers.push(await paying.saver())
    for (const saver of savers) await move(paying, saver, 12.5, '2026-01-10')
    const runId = await prepared(paying, '2026-11', '2026-12-01')
    // A hundred periods a saver: as much to read and write as with as many savers, and more to compute.
    const months = Array.from(
      { length: 99 },
      (_, n) => `${2026 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`,
    )
    const told = savers.flatMap((saver): Told[] => [
      [saver, 'OPENING', 'once', '12.50'],
      ...months.map((month): Told => [saver, 'GROWTH', month, '1.11']),
    ])
    const began = process.cpuUsage()
    const { status, body } = await handIn(paying.administrator, paying, runId, told)
    // Of this process, for others may keep the machine busy.
    const { user } = process.cpuUsage(began)
    expect([status, body.totals?.differs.lines, body.totals?.onlyTheirs.lines]).toEqual([201, 50, 4950])
    expect(body.explanations).toEqual([{ readings: ['without-cap'], lines: 50 }])
    expect(user).toBeLessThan(3_000_000)
  })
})

describe('a decision', () => {
  it('pays what the institution says, approved by another, and is neither taken back nor topped up by later runs', async () => {
    const { paying, rosa, luz, february, runId } = await rosaAndLuz()
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'OPENING', 'once', '8.00'],
      [rosa, 'GROWTH', '2026-02', '10.00'],
      [luz, 'OPENING', 'once', '5.00'],
    ])
    const id = uuid()
    const taken = { id, pay: 'theirs', lines: 'all', reason: 'The agreement counts gross deposits' }
    const { status, body } = await decide(paying, calculation.id, taken)
    expect([status, body]).toMatchObject([201, { pay: 'theirs', whole: true, lines: 1, replayed: false }])
    expect(await decide(paying, calculation.id, taken)).toMatchObject({ status: 200, body: { replayed: true } })
    const growth = (await linesOf(paying, runId)).find(({ rule, outcome }) => rule === 'GROWTH' && outcome === 'due')
    expect(growth).toMatchObject({
      ...{ amount: '10.00', outcome: 'due' },
      explanation: { owed: '10.00', paidBefore: '0.00', decision: 'institution', decisionId: id, owedByRule: '7.50' },
    })
    expect((growth!.explanation as unknown as { steps: unknown[] }).steps).toMatchObject([
      { step: 'deposits', amount: '40.00' },
      { step: 'withdrawals', amount: '-10.00' },
      { step: 'base', amount: '30.00' },
      { step: 'rate', rate: '0.25' },
      { step: 'owed', amount: '7.50' },
    ])
    expect((await compared(paying.administrator, paying, calculation.id, '?comparison=differs'))[0]).toMatchObject({
      ...{ ours: '7.50', decisionId: id },
    })
    const run = (await paying.administrator.get(`${paying.book}/incentive-runs/${runId}`)).body
    expect(run).toMatchObject({ totals: { due: '23.00' }, funds: [{ needed: '23.00', after: '77.00' }] })
    expect((await approve(paying, runId)).body).toMatchObject({ status: 'posted', totals: { paid: '23.00' } })
    expect(await locked(paying, rosa)).toBe('18.00')

    // The next run finds nothing to correct.
    expect((await paying.run('2026-03', '2026-04-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
    // Not even when the institution tells its figure again: what was decided is what we owe.
    const third = await prepared(paying, '2026-03', '2026-04-02')
    const retold = await handIn(paying.administrator, paying, third, [[rosa, 'GROWTH', '2026-02', '10.00']])
    expect(retold.body.totals.equal).toMatchObject({ lines: 1, ours: '10.00' })
    expect((await approve(paying, third)).body.totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })

    // New facts: the deposit is reversed, so that the rule gives something else and the decision holds no more.
    await move(paying, rosa, 20, '2026-02-11')
    const reversal = { id: uuid(), valueDate: '2026-04-03', reason: 'counted twice' }
    await paying.said(`${paying.book}/transactions/${february}/reversal`, reversal)
    const fourth = await paying.run('2026-04', '2026-05-01')
    const posted = (await linesOf(paying, fourth.id)).filter(({ outcome }) => outcome === 'posted')
    expect(posted).toMatchObject([
      {
        ...{ rule: 'GROWTH', period: '2026-02', revision: 1, amount: '-7.50' },
        explanation: { owed: '2.50', paidBefore: '10.00', decision: 'lapsed', decisionId: id },
      },
    ])
    expect(await locked(paying, rosa)).toBe('10.50')
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('is refused, and nothing is decided, where caps, contracts and rules say no', async () => {
    const { paying, rosa, luz, runId } = await rosaAndLuz()
    const withdrawal = (await linesOf(paying, runId)).find(({ rule }) => rule === 'WITHDRAWAL')!
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'OPENING', 'once', '12.00'],
      [rosa, 'GROWTH', '2026-02', '10.00'],
      [rosa, 'WITHDRAWAL', '2026-02-20', '1.00'],
      [luz, 'GROWTH', '2026-04', '3.00'],
    ])
    expect((await compared(paying.administrator, paying, calculation.id, '?rule=WITHDRAWAL'))[0]).toMatchObject({
      ...{ period: withdrawal.period, reason: 'rule-to-be-set', explanations: [] },
    })
    const before = await linesOf(paying, runId)
    expect(await decide(paying, calculation.id, { pay: 'theirs', lines: 'all' })).toMatchObject({
      status: 422,
      body: {
        code: 'lines-refused',
        facts: {
          lines: [
            { line: 3, code: 'incentive-not-payable', reason: 'rule-to-be-set' },
            { line: 1, code: 'cap-exceeded', wanted: '12.00', most: '10.00' },
            { line: 4, code: 'incentive-not-payable', reason: 'no-such-period' },
          ],
        },
      },
    })
    expect(await linesOf(paying, runId)).toEqual(before)
    const address = `${paying.book}/incentive-calculations/${calculation.id}/decisions`
    expect((await paying.administrator.get(address)).body.items).toEqual([])
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: [2, 99] })).body).toMatchObject({
      ...{ code: 'request-invalid', fields: [{ path: 'lines.1' }] },
    })
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: [2], except: [2] })).status).toBe(400)
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: 'all', reason: '' })).status).toBe(400)

    const taken = await decide(paying, calculation.id, { pay: 'theirs', lines: 'all', except: [1, 3, 4] })
    expect([taken.status, taken.body.lines]).toEqual([201, 1])
    expect((await paying.administrator.get(address)).body.items).toMatchObject([{ id: taken.body.id, whole: true }])
    // Whoever decided is not the one who approves, and nor is whoever prepared.
    expect(
      (await paying.approver.post(address, { id: uuid(), pay: 'theirs', lines: [2], reason: 'so be it' })).status,
    ).toBe(201)
    expect((await approve(paying, runId)).body.code).toBe('second-actor-needed')
    const third = asking(service, await service.key('administrator'))
    const { body } = await third.post(`${paying.book}/incentive-runs/${runId}/approve`, {})
    expect(body).toMatchObject({ status: 'posted', totals: { paid: '23.00' } })
    expect((await decide(paying, calculation.id, { pay: 'ours', lines: 'all' })).body.code).toBe(
      'incentive-run-not-prepared',
    )
  })

  it('line by line pays theirs, nothing where only we have it, and ours again', async () => {
    const { paying, rosa, luz, runId } = await rosaAndLuz()
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'GROWTH', '2026-01', '2.00'],
      [rosa, 'GROWTH', '2026-02', '10.00'],
      [luz, 'GROWTH', '2026-02', '0.00'],
    ])
    const lines = await compared(paying.administrator, paying, calculation.id, '?comparison=only-ours')
    expect(lines.map(({ saverId, rule }: Record<string, string>) => [saverId === rosa.saverId, rule])).toEqual([
      [true, 'OPENING'],
      [false, 'OPENING'],
    ])
    // Of January we had nothing to say to rosa, and they count her opening; of luz's opening the institution has nothing.
    const numbers = [1, 2, lines[1].number]
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: numbers })).status).toBe(201)
    const due = async () => {
      const all = await linesOf(paying, runId)
      return all
        .filter(({ outcome }) => outcome === 'due')
        .map(({ rule, period, amount }) => `${rule} ${period} ${amount}`)
    }
    expect(await due()).toEqual(['OPENING once 8.00', 'GROWTH 2026-02 10.00', 'GROWTH 2026-01 2.00'])
    expect((await decide(paying, calculation.id, { pay: 'ours', lines: [1, lines[1].number] })).status).toBe(201)
    expect(await due()).toEqual(['OPENING once 8.00', 'GROWTH 2026-02 10.00', 'OPENING once 5.00'])
    expect((await approve(paying, runId)).body.totals).toMatchObject({ paid: '23.00' })
    expect([await locked(paying, rosa), await locked(paying, luz)]).toEqual(['18.00', '5.00'])
    expect((await paying.run('2026-03', '2026-04-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
  })

  it('of a run that is given up is void, and what was decided before can be undone by a later run', async () => {
    const { paying, rosa, runId } = await rosaAndLuz()
    const given = async (run: string, amount: string) =>
      (await handIn(paying.administrator, paying, run, [[rosa, 'GROWTH', '2026-02', amount]])).body
    const first = await given(runId, '9.00')
    expect((await decide(paying, first.id, { pay: 'theirs', lines: 'all' })).status).toBe(201)
    await paying.said(`${paying.book}/incentive-runs/${runId}/cancel`, {})
    const second = await prepared(paying, '2026-02', '2026-03-01')
    const again = await given(second, '9.00')
    expect(again.totals.differs).toMatchObject({ lines: 1, ours: '7.50' })
    expect((await decide(paying, again.id, { pay: 'theirs', lines: 'all' })).status).toBe(201)
    expect((await approve(paying, second)).body.totals.paid).toBe('22.00')

    // The institution comes round to our figure: it differs from what is owed by the decision, and says why.
    const third = await prepared(paying, '2026-03', '2026-04-01')
    const recanted = await given(third, '7.50')
    expect(recanted).toMatchObject({ explanations: [{ readings: ['without-the-decision'], lines: 1 }] })
    expect((await decide(paying, recanted.id, { pay: 'ours', lines: 'all' })).status).toBe(201)
    expect((await approve(paying, third)).body.totals).toMatchObject({ paid: '0.00', takenBack: '1.50' })
    expect(await locked(paying, rosa)).toBe('15.50')
    expect((await paying.run('2026-04', '2026-05-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
  })

  it('to pay nothing says so of the line, in that run and in later ones', async () => {
    const { paying, rosa, runId } = await rosaAndLuz()
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'GROWTH', '2026-02', '0.00'],
    ])
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: [1] })).status).toBe(201)
    const growth = async (run: string) =>
      (await linesOf(paying, run)).filter(
        ({ rule, period, saverId }) => rule === 'GROWTH' && period === '2026-02' && saverId === rosa.saverId,
      )
    const nothing = { amount: '0.00', outcome: 'nothing', reason: 'decided-nothing' }
    expect(await growth(runId)).toMatchObject([{ ...nothing, explanation: { owed: '0.00', owedByRule: '7.50' } }])
    expect((await approve(paying, runId)).body.totals.paid).toBe('13.00')
    expect(await growth((await paying.run('2026-02', '2026-03-02')).id)).toMatchObject([nothing])
  })

  it('leaves less of a cap over all rules for what comes after it, in the same run and in later ones', async () => {
    const agreed = {
      OPENING: {
        caps: [
          { amount: '10.00', per: 'event' },
          { amount: '20.00', per: 'lifetime', over: 'programme' },
        ],
      },
      GROWTH: { caps: [{ amount: '20.00', per: 'lifetime', over: 'programme' }] },
    }
    const paying = await payingProgramme(service, {
      ...{ preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01', agreed },
    })
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await move(paying, rosa, 8, '2026-01-10')
    await move(paying, rosa, 20, '2026-02-10')
    await move(paying, rosa, 16, '2026-03-10')
    const runId = await prepared(paying, '2026-03', '2026-04-01')
    const brief = async (run: string) =>
      (await linesOf(paying, run)).map(({ period, amount, outcome, reason }) =>
        [period, amount, outcome, reason].join(' '),
      )
    expect(await brief(runId)).toEqual(['once 8.00 due ', '2026-02 5.00 due ', '2026-03 4.00 due '])
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'GROWTH', '2026-02', '9.50'],
      [rosa, 'GROWTH', '2026-03', '6.00'],
    ])
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: 'all' })).body.facts).toEqual({
      lines: [{ line: 2, code: 'cap-exceeded', wanted: '6.00', most: '2.50' }],
    })
    expect((await decide(paying, calculation.id, { pay: 'theirs', lines: [1] })).status).toBe(201)
    expect(await brief(runId)).toEqual(['once 8.00 due ', '2026-02 9.50 due ', '2026-03 2.50 due cap-reached'])
    expect((await approve(paying, runId)).body.totals.paid).toBe('20.00')
    await move(paying, rosa, 16, '2026-04-10')
    expect((await paying.run('2026-04', '2026-05-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
    expect(await locked(paying, rosa)).toBe('20.00')
  })

  it('and calculation are kept as they were told, and a line changes by a decision only, by the database’s word too', async () => {
    const { paying, rosa, runId } = await rosaAndLuz()
    const { body: calculation } = await handIn(paying.administrator, paying, runId, [
      [rosa, 'GROWTH', '2026-02', '10.00'],
    ])
    await decide(paying, calculation.id, { pay: 'theirs', lines: 'all' })
    const refused = (statement: string) =>
      service.db.$client.query(statement).then(
        () => 'done',
        (error: Error & { code: string }) => error.code,
      )
    expect(await refused('update incentive_calculation_line set theirs = 1')).not.toBe('done')
    expect(await refused('delete from incentive_decided')).not.toBe('done')
    expect(
      await refused(`update incentive_run_line set amount = amount + 1 where run_id = '${runId}' and amount > 0`),
    ).toBe('QL003')
    expect((await approve(paying, runId)).body.status).toBe('posted')
    expect(await refused(`update incentive_run_line set decision_id = null where run_id = '${runId}'`)).toBe('QL003')
    expect(await refused(`update incentive_run set deciders = '{me}' where id = '${runId}'`)).toBe('QL003')
  })
})

function pick({ number, comparison, rule, period, ours, theirs, difference }: Record<string, unknown>) {
  return { number, comparison, rule, period, ours, theirs, difference }
}
