import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyIncentives } from '../../src/incentives/verify.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { change, changes, columns, someRows, tampering } from '../support/tampering.ts'
import { type Paying, payingProgramme } from './programme.ts'

const covered = ['incentive', 'incentive_counted', 'incentive_share', 'lock_end']

/** Another programme of the book pays by household: two who live together, and one who was counted alone. */
async function matchHouseholds({ said, book, fundId, approver }: Paying): Promise<void> {
  const [programmeId, runId] = [uuid(), uuid()]
  const code = programmeId.slice(-12)
  await said('/v1/programmes', { id: programmeId, code, name: 'Match', contractMonths: 48, validFrom: '2026-01-01' })
  await said(`/v1/programmes/${programmeId}/incentive-rules`, {
    ...{ id: uuid(), code: 'MATCH', title: 'A tenth', currency: 'PEN', validFrom: '2026-01-01' },
    terms: { award: 'credit', basis: 'NET_GROWTH', rate: '0.1', cadence: 'two-monthly', unit: 'household' },
  })
  const shares = [{ fundId, budgetCode: '2.5.31', share: '1' }]
  await said(`${book}/financings`, { id: uuid(), programmeId, validFrom: '2026-01-01', shares })
  const [person, day] = [{ familyNames: 'Condori', sex: 'female', districtCode: '080101' }, '2026-01-01']
  for (const [givenNames, householdReference] of [['Ana', 'H-1'], ['Eva', 'H-1'], ['Sol']]) {
    const [saverId, savingsAccountId] = [uuid(), uuid()]
    await said(`${book}/savers`, { id: saverId, givenNames, householdReference, ...person, registeredOn: day })
    await said(`${book}/savings-accounts`, { id: savingsAccountId, saverId, openedOn: day })
    await said(`${book}/enrolments`, { id: uuid(), saverId, programmeId, startsOn: day, cohort: '1' })
    const deposit = { id: uuid(), savingsAccountId, amount: '30.00', valueDate: '2026-01-10', channel: 'branch' }
    await said(`${book}/deposits`, deposit)
  }
  await said(`${book}/incentive-runs`, { id: runId, programmeId, month: '2026-02', valueDate: '2026-03-01' })
  const { body } = await approver.post(`${book}/incentive-runs/${runId}/approve`, {})
  expect(body).toMatchObject({ status: 'posted', totals: { paid: '9.00' } })
}

/** Of a posted line that all is found; these say how a run was made, which no transaction tells. */
const uncovered = ['incentive_run_line.decision_id changed', 'incentive_run_line.decision_id taken away']

describe('tampering with what was paid', () => {
  let service: TestApp
  let client: pg.PoolClient
  let paying: Paying
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2030-02-01T15:00:00Z') })
    client = await service.owner.$client.connect()
    paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    const { book, said } = paying
    await paying.fund('500.00', '2026-01-02')
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    let double = ''
    for (const { accountId } of [rosa, luz]) {
      for (const [amount, valueDate] of [
        ['9.00', '2026-01-10'],
        ['20.00', '2026-02-10'],
        ['12.00', '2026-02-20'],
      ]) {
        double = uuid()
        await said(`${book}/deposits`, {
          id: double,
          savingsAccountId: accountId,
          amount,
          valueDate,
          channel: 'branch',
        })
      }
    }
    await paying.run('2026-02', '2026-03-01')
    await said(`${book}/transactions/${double}/reversal`, {
      id: uuid(),
      valueDate: '2026-03-02',
      reason: 'counted twice',
    })
    await paying.run('2026-03', '2026-04-01')
    await said(`${book}/enrolment-ends`, { enrolmentId: luz.enrolmentId, endsOn: '2026-05-01', reason: 'withdrew' })
    await said(`${book}/lock-endings`, {})
    await matchHouseholds(paying)
  }, 60_000)
  afterAll(async () => {
    client.release()
    await service.close()
  })

  const faultsAfter = async (tamper: () => Promise<unknown>) => {
    const look = () =>
      verifyWithin(sessionOf(client), paying.bookId, {
        most: 20,
        further: [verifyIncentives],
      })
    return (await tampering(client, tamper, look)).faults
  }

  it('the books as they are are right, with payments, a clawback, a release and a forfeiture in them', async () => {
    expect(await faultsAfter(async () => {})).toEqual([])
    const { rows } = await client.query(
      `select kind, count(*)::int as n from transaction where book_id = $1 and kind ~ '^incentive' group by kind order by kind`,
      [paying.bookId],
    )
    expect(rows).toEqual([
      { kind: 'incentive', n: 6 },
      { kind: 'incentive-clawback', n: 1 },
      { kind: 'incentive-forfeiture', n: 1 },
      { kind: 'incentive-release', n: 1 },
      { kind: 'incentive-set-aside', n: 2 },
    ])
  })

  it('every change of every field is found, of a posted line too', { timeout: 120_000 }, async () => {
    const missed: string[] = []
    let tried = 0
    for (const one of await columns(client, [...covered, 'incentive_run_line'])) {
      for (const { ctid } of await someRows(client, paying.bookId, one)) {
        if (one.table === 'incentive_run_line') {
          const { rows } = await client.query('select outcome from incentive_run_line where ctid = $1', [ctid])
          if (rows[0].outcome !== 'posted') continue
        }
        for (const [place, ways] of changes(one).entries()) {
          let isDone = false
          const faults = await faultsAfter(async () => {
            for (const sql of ways) {
              const text = `update "${one.table}" set ${one.column} = ${sql} where ctid = $1`
              if ((await change(client, text, [ctid])) === 'done') {
                isDone = true
                return
              }
            }
          })
          expect(isDone, `${one.table}.${one.column}`).toBe(true)
          tried += 1
          const { rows } = await client.query(
            `select ${one.column} is null as "isNull" from ${one.table} where ctid = $1`,
            [ctid],
          )
          // What was null and is to be taken away stays as it was.
          if (place === 1 && rows[0].isNull === false && faults.length === 0)
            missed.push(`${one.table}.${one.column} taken away`)
          if (place === 0 && faults.length === 0) missed.push(`${one.table}.${one.column} changed`)
        }
      }
    }
    expect([...new Set(missed)].filter(miss => !uncovered.includes(miss))).toEqual([])
    expect(tried).toBeGreaterThan(100)
  })

  it.each(covered)('a row taken out of %s is found', async table => {
    const { rows } = await client.query<{ ctid: string }>(`select ctid::text from ${table}`)
    expect(rows.length).toBeGreaterThan(0)
    for (const { ctid } of rows) {
      const faults = await faultsAfter(() => client.query(`delete from ${table} where ctid = $1`, [ctid]))
      expect(faults.map(({ rule }) => rule)).toContainEqual(expect.stringMatching(/^record-/))
    }
  })

  it('a share that is of no incentive, and an incentive that was not posted, are found', async () => {
    const share = `insert into incentive_share select book_id, gen_random_uuid(), fund_id, amount from incentive_share limit 1`
    expect(await faultsAfter(() => client.query(share))).toMatchObject([
      { rule: 'record-unregistered', table: 'incentive_share' },
    ])
    const paid = `insert into incentive select book_id, saver_id, rule_id, period, 7, 6, enrolment_id, savings_account_id, money, amount,
      household, turn, run_id, line + 1000, gen_random_uuid(), recorded_at from incentive limit 1`
    expect(await faultsAfter(() => client.query(paid))).toMatchObject([{ rule: 'record-unposted', table: 'incentive' }])
  })

  it('that somebody was counted in another household, or alone, or not at all, is found', async () => {
    const changed = async (household: string, where: string) =>
      faultsAfter(() => client.query(`update incentive_counted set household = ${household} where household ${where}`))
    for (const [household, where] of [
      ["''", 'is null'],
      ['null', "= 'H-1'"],
      ["'H-2'", "= 'H-1'"],
    ] as const) {
      const faults = await changed(household, where)
      expect(faults.length).toBe(where === 'is null' ? 1 : 2)
      for (const fault of faults) expect(fault).toMatchObject({ rule: 'record-differs', table: 'incentive_counted' })
    }
    const more =
      "insert into incentive_counted select book_id, saver_id, rule_id, '2026-B9', household from incentive_counted limit 1"
    expect(await faultsAfter(() => client.query(more))).toMatchObject([
      { rule: 'record-unregistered', table: 'incentive_counted' },
    ])
  })

  it('a trigger that is off is found', async () => {
    const off = 'alter table incentive disable trigger incentive_is_final'
    expect(await faultsAfter(() => client.query(off))).toMatchObject([{ rule: 'guard-missing' }])
  })
})
