import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import type { App } from '../../src/http/openapi.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { payingProgramme } from './programme.ts'

let service: TestApp
let other: App
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  other = await buildApp({ db: service.db, config: testConfig(), clock: service.clock })
})
afterAll(async () => {
  await other.close()
  await service.close()
})

const rounds = 20

it('of two approvals at once that want more than their fund has, one is told by how much', async () => {
  const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
  const { book, said, fundId, administrator, approverKey } = paying
  const programmes = [paying.programmeId, uuid()]
  const [second, started] = [programmes[1]!, { startsOn: '2026-01-01', cohort: '1' }]
  const code = second.slice(-12)
  await said('/v1/programmes', { id: second, code, name: 'The other', contractMonths: 48, validFrom: '2026-01-01' })
  await said(`/v1/programmes/${second}/incentive-rules`, {
    ...{ id: uuid(), code: 'GROWTH', title: 'A quarter', currency: 'PEN', validFrom: '2026-01-01' },
    terms: { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly', openingCounts: false },
  })
  const shares = [{ fundId, budgetCode: '2.5.31', share: '1' }]
  await said(`${book}/financings`, { id: uuid(), programmeId: second, validFrom: '2026-01-01', shares })
  const { saverId, accountId } = await paying.saver()
  await said(`${book}/enrolments`, { id: uuid(), saverId, programmeId: second, ...started })
  await said(`${book}/deposits`, deposit(accountId, '1.00', '2026-01-02'))
  // The opening is paid, so that both programmes are owed the same from here on.
  await paying.fund('1.00', '2026-01-02')
  await paying.run('2026-01')

  for (let round = 0; round < rounds; round++) {
    await said(`${book}/deposits`, deposit(accountId, '40.00', '2026-02-10'))
    await paying.fund('15.00', '2026-01-02')
    const runs = programmes.map(programmeId => ({ id: uuid(), programmeId, month: '2026-02' }))
    for (const run of runs) await said(`${book}/incentive-runs`, run)
    const answers = await Promise.all(
      runs.map(({ id }, place) =>
        [service.app, other][(place + round) % 2]!.inject({
          ...{ method: 'POST', url: `${book}/incentive-runs/${id}/approve`, payload: {} },
          headers: { authorization: `Bearer ${approverKey}` },
        }),
      ),
    )
    const loser = answers.findIndex(({ statusCode }) => statusCode !== 200)
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 422])
    expect(answers[loser]!.json(), `round ${round}`).toMatchObject({
      code: 'fund-exceeded',
      facts: { funds: [{ fundId, needed: '10.00', available: '5.00', short: '5.00' }] },
    })
    await paying.fund('5.00', '2026-01-02')
    const late = `${book}/incentive-runs/${runs[loser]!.id}`
    expect((await paying.approver.post(`${late}/approve`, {})).status).toBe(200)
    // Whichever service came first posts them.
    for (const { id } of runs) {
      const paid = async () => (await administrator.get(`${book}/incentive-runs/${id}`)).body
      await expect.poll(paid, { timeout: 20_000 }).toMatchObject({ status: 'posted', totals: { paid: '10.00' } })
    }
  }
  expect((await administrator.get(`${book}/funds/${fundId}`)).body.posted).toBe('0.00')
  expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
}, 120_000)

function deposit(savingsAccountId: string, amount: string, valueDate: string) {
  return { id: uuid(), savingsAccountId, amount, valueDate, channel: 'branch' }
}
