import { sql } from 'drizzle-orm'
import { afterAll, expect, test } from 'vitest'
import { openDatabase, transact } from '../../src/db/client.ts'
import { sqlState, translateDatabaseError } from '../../src/db/errors.ts'
import { readSnapshot } from '../../src/db/stream.ts'
import type { Refusal } from '../../src/refusals.ts'
import { testDatabase } from '../support/database.ts'

const { db, owner, url, ownerUrl, close } = await testDatabase()
afterAll(close)

test('a date stays a text, an instant is a Date, whole numbers and decimals are texts', async () => {
  const { rows } = await db.$client.query(
    `select date '2026-03-31' as day, 9007199254740993::bigint as whole, 1.10::numeric as decimal, timestamptz '2026-03-31 18:05-05' as instant`,
  )
  expect(rows[0]).toEqual({
    day: '2026-03-31',
    whole: '9007199254740993',
    decimal: '1.10',
    instant: new Date('2026-03-31T23:05:00Z'),
  })
})

test('every session acts as the service role, which owns nothing', async () => {
  const { rows } = await db.$client.query(
    `select current_user, (select count(*) from pg_class where relowner = current_user::regrole) as owned`,
  )
  expect(rows[0]).toEqual({ current_user: 'qullqi_service', owned: '0' })
})

test('a role in the URL is kept beside our own settings', async () => {
  const again = openDatabase({ url, statementTimeout: 1234 })
  const { rows } = await again.$client.query(`select current_user, current_setting('statement_timeout') as timeout`)
  await again.$client.end()
  expect(rows[0]).toEqual({ current_user: 'qullqi_service', timeout: '1234ms' })
})

test('a statement that takes too long is ended and told as an unavailable database; what reads much has a limit of its own', async () => {
  const hasty = openDatabase({ url, statementTimeout: 50, longTimeout: 300 })
  const sleeps = (seconds: number) => `select pg_sleep(${seconds})`
  const taken = async (work: Promise<unknown>) => {
    try {
      await work
      return 'done'
    } catch (error) {
      return (translateDatabaseError(error) as Refusal).code
    }
  }
  expect(await taken(hasty.$client.query(sleeps(0.2)))).toBe('database-unavailable')
  expect(await taken(transact(hasty, tx => tx.execute(sql.raw(sleeps(0.2)))))).toBe('database-unavailable')
  expect(await taken(readSnapshot(hasty, session => session.query(sleeps(0.2))))).toBe('done')
  expect(await taken(readSnapshot(hasty, session => session.query(sleeps(0.6))))).toBe('database-unavailable')
  // The limit is the snapshot's and not its connection's.
  expect(await taken(hasty.$client.query(sleeps(0.2)))).toBe('database-unavailable')
  await hasty.$client.end()
  const patient = openDatabase({ url, statementTimeout: 50 })
  expect(await taken(readSnapshot(patient, session => session.query(sleeps(0.2))))).toBe('done')
  await patient.$client.end()
})

test('a transaction given up for another one is run again', async () => {
  let runs = 0
  const answer = await transact(db, async tx => {
    runs++
    if (runs < 3) await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
    return 'done'
  })
  expect({ runs, answer }).toEqual({ runs: 3, answer: 'done' })
})

test('a deadlock is resolved by running the loser again', async () => {
  await owner.$client.query('create table seat (id int primary key, taken int not null)')
  await owner.$client.query('insert into seat values (1, 0), (2, 0)')
  const take = (first: number, second: number) =>
    transact(owner, async tx => {
      await tx.execute(sql`update seat set taken = taken + 1 where id = ${first}`)
      await tx.execute(sql`select pg_sleep(0.1)`)
      await tx.execute(sql`update seat set taken = taken + 1 where id = ${second}`)
    })
  await Promise.all([take(1, 2), take(2, 1)])
  const { rows } = await owner.$client.query('select taken from seat order by id')
  expect(rows).toEqual([{ taken: 2 }, { taken: 2 }])
})

test('a connection ended by the server is refused as database-unavailable, and the pool goes on', async () => {
  const lost: Error[] = []
  const pool = openDatabase({ url: ownerUrl, onLost: error => lost.push(error) })
  const ended = transact(pool, async tx => {
    const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await owner.$client.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    // Idle in its transaction when the server ends it: nobody waits for an answer in that moment.
    await new Promise(settle => setTimeout(settle, 100))
    await tx.execute(sql`select 1`)
  })
  await expect(ended).rejects.toMatchObject({ code: 'database-unavailable' })
  expect(lost.length).toBeGreaterThan(0)
  expect((await pool.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }])
  await pool.$client.end()
})

test('a server that is not there is refused as database-unavailable', async () => {
  const nowhere = openDatabase({ url: 'postgres://qullqi:secret@127.0.0.1:1/qullqi' })
  await expect(transact(nowhere, tx => tx.execute(sql`select 1`))).rejects.toMatchObject({
    code: 'database-unavailable',
  })
  await nowhere.$client.end()
})

test('a constraint that is broken keeps its SQLSTATE, however it is wrapped', async () => {
  const error = await owner.execute(sql`select 1 / 0`).catch((error: unknown) => error)
  expect(sqlState(error)).toBe('22012')
})
