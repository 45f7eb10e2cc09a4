import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approveRun } from '../../src/incentives/runs/approve.ts'
import { postNext } from '../../src/incentives/runs/post.ts'
import { prepareNext } from '../../src/incentives/runs/prepare.ts'
import { openRun } from '../../src/incentives/runs/run.ts'
import { type Ledger, openLedger, verifyBook } from '../../src/ledger/index.ts'
import type { Parts } from '../../src/savings/parts.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

class Killed extends Error {}

/** The ledger of a process that is killed at its n-th posting: before the ledger was asked, or after it had posted. */
function mortal(ledger: Ledger, dies: 'before' | 'after'): Ledger {
  async function die<T>(work: () => Promise<T>): Promise<T> {
    if (dies === 'before') throw new Killed()
    await work()
    throw new Killed()
  }
  return {
    ...ledger,
    postListsWithin: (...given) => die(() => ledger.postListsWithin(...given)),
  }
}

describe('a run that is killed', () => {
  let service: TestApp
  let parts: Parts
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
    const { db, clock } = service
    parts = { db, clock, ledger: openLedger({ db, clock }), identityKey: testConfig().identityKey }
  })
  afterAll(async () => {
    await parts.ledger.drain()
    await service.close()
  })

  const actor = (clientId: string) => ({
    ...{
      clientId,
      role: 'administrator' as const,
      books: 'all' as const,
      agentId: null,
      keyId: uuid(),
      readOnly: false,
    },
  })

  async function village(): Promise<{ paying: Paying; women: Saver[] }> {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    await paying.fund('1000.00', '2026-01-02')
    const women: Saver[] = []
    for (let n = 0; n < 4; n++) {
      const woman = await paying.saver()
      const body = {
        savingsAccountId: woman.accountId,
        amount: `${n + 4}.00`,
        valueDate: '2026-01-10',
        channel: 'branch',
      }
      await paying.said(`${paying.book}/deposits`, { id: uuid(), ...body })
      women.push(woman)
    }
    return { paying, women }
  }

  async function prepared({ programmeId, bookId }: Paying): Promise<string> {
    const id = uuid()
    await openRun(parts, bookId, actor('preparer'), { id, programmeId, month: '2026-01', valueDate: '2026-02-01' })
    while (await prepareNext(parts, bookId, id));
    return id
  }

  async function expectPaidOnce({ administrator, book, bookId, fundId }: Paying, women: Saver[]): Promise<void> {
    const locked: string[] = []
    for (const { account } of women)
      locked.push((await administrator.get(account)).body.balances.incentiveLocked.posted)
    expect(locked).toEqual(['4.00', '5.00', '6.00', '7.00'])
    expect((await administrator.get(`${book}/funds/${fundId}`)).body.posted).toBe('978.00')
    const { rows } = await service.db.$client.query('select count(*)::int as n from incentive where book_id = $1', [
      bookId,
    ])
    expect(rows[0].n).toBe(4)
    expect(await verifyBook(service.db, bookId)).toMatchObject({ ok: true })
  }

  it.for(['before', 'after'] as const)(
    '%s the ledger has set aside its money pays everybody once all the same',
    async dies => {
      const { paying, women } = await village()
      const { bookId } = paying
      const id = await prepared(paying)
      const dying = { ...parts, ledger: mortal(parts.ledger, dies) }
      await expect(approveRun(dying, bookId, id, actor('approver'))).rejects.toThrow(Killed)
      await approveRun(parts, bookId, id, actor('approver'))
      while (await postNext(parts, bookId, id));
      await expectPaidOnce(paying, women)
    },
  )

  it.for(['before', 'after'] as const)(
    '%s the ledger has posted a chunk pays everybody once all the same',
    async dies => {
      const { paying, women } = await village()
      const { bookId } = paying
      const id = await prepared(paying)
      await approveRun(parts, bookId, id, actor('approver'))
      const dying = { ...parts, ledger: mortal(parts.ledger, dies) }
      await expect(postNext(dying, bookId, id)).rejects.toThrow(Killed)
      await expect(postNext(dying, bookId, id)).rejects.toThrow(Killed)
      while (await postNext(parts, bookId, id));
      await expectPaidOnce(paying, women)
    },
  )

  it('while its money is set aside has set nothing aside, and can be given up', async () => {
    const { paying } = await village()
    const { bookId, book, fundId, administrator, said } = paying
    const id = await prepared(paying)
    const dying = { ...parts, ledger: mortal(parts.ledger, 'after') }
    await expect(approveRun(dying, bookId, id, actor('approver'))).rejects.toThrow(Killed)
    expect((await administrator.get(`${book}/funds/${fundId}`)).body.posted).toBe('1000.00')
    expect((await said(`${book}/incentive-runs/${id}/cancel`, {})).status).toBe('cancelled')
    expect((await administrator.get(`${book}/funds/${fundId}`)).body.posted).toBe('1000.00')
  })

  it('is gone on with by whichever service looks next', async () => {
    const { paying, women } = await village()
    const { bookId } = paying
    const id = await prepared(paying)
    await approveRun(parts, bookId, id, actor('approver'))
    // Nobody is told of it: the service's own look, every other second, finds it.
    for (let tries = 0; tries < 200; tries++) {
      const { body } = await paying.administrator.get(`${paying.book}/incentive-runs/${id}`)
      if (body.status === 'posted') break
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    await expectPaidOnce(paying, women)
  })
})

describe('the database itself', () => {
  it('refuses what runs may never do, whoever asks', async () => {
    const service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
    try {
      const paying = await payingProgramme(service, {
        preset: 'CORREDOR-2003',
        currency: 'PEN',
        openedOn: '2026-01-01',
      })
      await paying.fund('1000.00', '2026-01-02')
      const rosa = await paying.saver()
      const body = { savingsAccountId: rosa.accountId, amount: '4.00', valueDate: '2026-01-10', channel: 'branch' }
      await paying.said(`${paying.book}/deposits`, { id: uuid(), ...body })
      await paying.run('2026-01', '2026-02-01')
      const asService = (text: string) => service.db.$client.query(text)
      const asOwner = (text: string) => service.owner.$client.query(text)
      const copy = (change: string) =>
        `insert into incentive select ${change} from incentive where saver_id = '${rosa.saverId}'`
      const columns = (revision: string, follows: string) =>
        `book_id, saver_id, rule_id, period, ${revision}, ${follows}, enrolment_id, savings_account_id, money, amount, household, turn, run_id, line, gen_random_uuid(), recorded_at`
      for (const ask of [asService, asOwner]) {
        await expect(ask(copy(columns('0', 'null')))).rejects.toMatchObject({ constraint: 'incentive_pkey' })
        await expect(ask(copy(columns('2', '1')))).rejects.toThrow()
        await expect(ask(copy(columns('1', 'null')))).rejects.toMatchObject({ code: '23514' })
        await expect(ask('update incentive set amount = amount + 1')).rejects.toThrow()
        await expect(ask('delete from incentive')).rejects.toThrow()
        await expect(ask(`update incentive_run set status = 'prepared'`)).rejects.toThrow()
        await expect(ask(`update incentive_run_line set outcome = 'due'`)).rejects.toThrow()
      }
      await expect(asService(`update incentive_rule set terms = '{}'`)).rejects.toMatchObject({ code: '42501' })
    } finally {
      await service.close()
    }
  })

  it('is not gone round by reversing or posting incentives by hand', async () => {
    const service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
    try {
      const paying = await payingProgramme(service, {
        preset: 'CORREDOR-2003',
        currency: 'PEN',
        openedOn: '2026-01-01',
      })
      await paying.fund('1000.00', '2026-01-02')
      const rosa = await paying.saver()
      const body = { savingsAccountId: rosa.accountId, amount: '4.00', valueDate: '2026-01-10', channel: 'branch' }
      await paying.said(`${paying.book}/deposits`, { id: uuid(), ...body })
      await paying.run('2026-01', '2026-02-01')
      const { body: page } = await paying.administrator.get(`${paying.book}/savers/${rosa.saverId}/incentives`)
      const address = `${paying.book}/transactions/${page.items[0].transactionId}/reversal`
      const reversal = { id: uuid(), valueDate: '2026-03-01', reason: 'by hand' }
      expect(await paying.administrator.post(address, reversal)).toMatchObject({
        status: 409,
        body: { code: 'reversal-not-reversible' },
      })
      const draft = { id: uuid(), kind: 'incentive', valueDate: '2026-03-01', entries: [] }
      expect((await paying.administrator.post(`${paying.book}/transactions`, draft)).status).toBe(400)
    } finally {
      await service.close()
    }
  })
})
