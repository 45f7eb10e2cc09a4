import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

const bill = 'ab'.repeat(32)
const other = 'cd'.repeat(32)

describe('the proof of a withdrawal', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  })
  afterAll(async () => service.close())

  const sierra = async () => {
    const paying = await payingProgramme(service, { preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' })
    await paying.fund('1000.00', '2026-01-02')
    return paying
  }

  async function saves({ said, book, saver }: Paying, amount: string): Promise<Saver> {
    const woman = await saver()
    const deposit = { savingsAccountId: woman.accountId, amount, valueDate: '2026-01-10', channel: 'branch' }
    await said(`${book}/deposits`, { id: uuid(), ...deposit })
    return woman
  }

  async function takes({ said, book }: Paying, { accountId }: Saver, valueDate: string, document: string, more = {}) {
    const id = uuid()
    const withdrawal = { id, savingsAccountId: accountId, amount: '50.00', valueDate, channel: 'branch' }
    const proof = { purpose: 'education', reference: 'BOL-7', documentSha256: document, ...more }
    await said(`${book}/withdrawals`, { ...withdrawal, ...proof })
    return id
  }

  /** What became of withdrawals in a run: amount, reason and the earlier one, by withdrawal. */
  async function retiros({ administrator, book }: Paying, runId: string): Promise<Record<string, unknown>> {
    const { items } = (await administrator.get(`${book}/incentive-runs/${runId}/lines?limit=200`)).body
    const lines = items.filter(({ rule }: { rule: string }) => rule === '3-RETIRO')
    return Object.fromEntries(
      lines.map((line: { period: string; amount: string; reason: string; explanation: { earlier?: string } }) => [
        line.period,
        [line.amount, line.reason, line.explanation.earlier ?? null],
      ]),
    )
  }

  it('earns once, and the run names the withdrawal that it has earned for, whosever it was', async () => {
    const paying = await sierra()
    const [rosa, luz] = [await saves(paying, '300.00'), await saves(paying, '300.00')]
    const first = await takes(paying, rosa, '2026-01-20', bill)
    const second = await takes(paying, rosa, '2026-01-21', bill)
    const hers = await takes(paying, luz, '2026-01-15', bill)
    const own = await takes(paying, luz, '2026-01-16', other)
    const run = await paying.run('2026-01', '2026-02-01')
    expect(await retiros(paying, run.id)).toEqual({
      [first]: ['5.00', null, null],
      [second]: ['0.00', 'document-used', first],
      [hers]: ['0.00', 'document-used', first],
      [own]: ['5.00', null, null],
    })

    // What comes later, or is dated earlier and comes later, changes nothing of that.
    const third = await takes(paying, luz, '2026-02-03', bill)
    const late = await takes(paying, luz, '2026-01-11', bill)
    const next = await paying.run('2026-02', '2026-03-01')
    expect(next.totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
    expect(await retiros(paying, next.id)).toEqual({ [third]: ['0.00', 'document-used', first] })
    expect(late).toBeDefined()

    // Taken back, it may earn for another.
    await paying.said(`${paying.book}/transactions/${first}/reversal`, {
      ...{ id: uuid(), valueDate: '2026-03-02', reason: 'another saver’s slip' },
    })
    expect((await paying.run('2026-03', '2026-04-01')).totals.takenBack).toBe('5.00')
    const again = await paying.run('2026-03', '2026-04-02')
    expect(await retiros(paying, again.id)).toEqual({ [second]: ['5.00', null, null] })
    expect((await paying.run('2026-03', '2026-04-03')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('earns once in a programme, and in another by its own agreement', async () => {
    const paying = await sierra()
    const rosa = await saves(paying, '300.00')
    const programmeId = uuid()
    const { said, book, fundId } = paying
    const rules = { preset: 'SIERRA-SUR-II', validFrom: '2026-01-01', currency: 'PEN' }
    const other = { id: programmeId, code: programmeId.slice(-12), name: 'Another', contractMonths: 48 }
    await said('/v1/programmes', { ...other, validFrom: '2026-01-01' })
    await said(`/v1/programmes/${programmeId}/incentive-rules/presets`, { ...rules, agreed: {} })
    await said(`${book}/financings`, {
      ...{ id: uuid(), programmeId, validFrom: '2026-01-01' },
      shares: [{ fundId, budgetCode: '2.5.32', share: '1' }],
    })
    const contract = { saverId: rosa.saverId, programmeId, startsOn: '2026-01-01', cohort: '1' }
    await said(`${book}/enrolments`, { id: uuid(), ...contract })
    const [first, second] = [
      await takes(paying, rosa, '2026-01-20', bill),
      await takes(paying, rosa, '2026-01-21', bill),
    ]
    const expected = { [first]: ['5.00', null, null], [second]: ['0.00', 'document-used', first] }
    expect(await retiros(paying, (await paying.run('2026-01', '2026-02-01')).id)).toEqual(expected)
    const run = { id: uuid(), programmeId, month: '2026-01', valueDate: '2026-02-01' }
    await said(`${book}/incentive-runs`, run)
    expect(await retiros(paying, run.id)).toEqual(expected)
  })

  it('is the reference where a rule asks for no more', async () => {
    const paying = await sierra()
    const retiro = (
      await paying.administrator.get(`/v1/programmes/${paying.programmeId}/incentive-rules`)
    ).body.items.find(({ code }: { code: string }) => code === '3-RETIRO')
    await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules`, {
      ...{ id: uuid(), code: '3-RETIRO', title: retiro.title, currency: 'PEN', validFrom: '2026-02-01' },
      terms: { ...retiro.terms, evidence: 'reference' },
    })
    const rosa = await saves(paying, '300.00')
    const first = await takes(paying, rosa, '2026-02-20', bill)
    const second = await takes(paying, rosa, '2026-02-21', other)
    const third = await takes(paying, rosa, '2026-02-22', other, { reference: 'BOL-8' })
    expect(await retiros(paying, (await paying.run('2026-02', '2026-03-01')).id)).toEqual({
      [first]: ['5.00', null, null],
      [second]: ['0.00', 'document-used', first],
      [third]: ['5.00', null, null],
    })
  })

  it('earns once by the database too', async () => {
    const paying = await sierra()
    const rosa = await saves(paying, '300.00')
    await takes(paying, rosa, '2026-01-20', bill)
    await paying.run('2026-01', '2026-02-01')
    const columns = `book_id, saver_id, rule_id, gen_random_uuid()::text, 0, null, enrolment_id, savings_account_id, money, amount, household, turn`
    const twice = service.owner.$client.query(
      `insert into incentive (book_id, saver_id, rule_id, period, revision, follows, enrolment_id, savings_account_id, money, amount, household, turn,
         document, document_use, run_id, line, transaction_id, recorded_at)
       select ${columns}, document, document_use, run_id, line + 1, gen_random_uuid(), recorded_at
       from incentive where book_id = $1 and document is not null`,
      [paying.bookId],
    )
    await expect(twice).rejects.toMatchObject({ constraint: 'incentive_document_unique' })
  })
})
