import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from '../../src/statistics/counting/counter.ts'
import { makeCountry } from '../bench/country.ts'
import { countedStatuses, knowledgeAt, plainStatuses, statusQuestion } from '../bench/statuses.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const country = { savers: 2_000, firstMonth: '2021-01', months: 24 }
const asked = { first: '2021-01', last: '2022-12' }
let service: TestDatabase
let owner: pg.Client
let counter: Counter

beforeAll(async () => {
  service = await testDatabase()
  owner = new pg.Client(service.ownerUrl)
  await owner.connect()
  await makeCountry(owner, country)
  counter = openCounter(service.db)
})

afterAll(async () => {
  await counter.close()
  await owner.end()
  await service.close()
})

test.each([
  { by: 'department', digits: 2, known: 'now' },
  { by: 'district', digits: 6, known: 'now' },
  { by: 'district', digits: 6, known: '2022-03-15T12:00:00Z' },
] as const)('savers by $by, as known at $known, are those that a statement over entries counts', async one => {
  const at = one.known === 'now' ? new Date() : new Date(one.known)
  const knowledge = one.known === 'now' ? null : await knowledgeAt(owner, at)
  const { cells } = await counter.ask(statusQuestion(asked, [one.by], knowledge))
  const counted = countedStatuses(cells, asked.first)
  expect(counted).toEqual(await plainStatuses(owner, { ...asked, digits: one.digits, knownAt: at }))
  for (const status of ['ACTIVE', 'CLOSED', 'DORMANT', 'EMPTY', 'PERMANENT_ACTIVE', 'TOO_NEW']) {
    expect(counted.join('\n')).toContain(` ${status} `)
  }
})
