import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { balancesOf, openAccounts, openBook, openLedger } from '../../src/ledger/index.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { catalogueRules } from './catalogue-rules.ts'
import { functionRules } from './function-rules.ts'
import { faults, textFaults } from './planted-faults.ts'
import { readTexts, type Texts, textRules } from './text-rules.ts'

const rules = { ...catalogueRules, ...functionRules }

describe('the database grows: rule', () => {
  let test: TestDatabase
  let client: pg.PoolClient
  let texts: Texts
  beforeAll(async () => {
    test = await testDatabase()
    client = await test.owner.$client.connect()
    texts = readTexts()
  })
  afterAll(async () => {
    client.release()
    await test.close()
  })

  it('has a planted fault for each rule', () => {
    expect(Object.keys(faults).sort()).toEqual(Object.keys(rules).sort())
    expect(Object.keys(textFaults).sort()).toEqual(Object.keys(textRules).sort())
    const numbers = [...Object.keys(rules), ...Object.keys(textRules)].map(name => Number.parseInt(name, 10))
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  describe.each(Object.entries(rules))('%s', (name, rule) => {
    it('is kept', async () => {
      expect(await rule(client)).toEqual([])
    })

    it.each(faults[name]!)('finds: %s', async (sql, told) => {
      await client.query('begin')
      try {
        await client.query(sql)
        expect(await rule(client)).toContainEqual(expect.stringMatching(told))
      } finally {
        await client.query('rollback')
      }
    })
  })

  describe.each(Object.entries(textRules))('%s', (name, rule) => {
    it('is kept', () => {
      expect(rule(texts)).toEqual([])
    })

    it.each(textFaults[name]!)('finds, in %s: %s', (path, text, told) => {
      expect(rule(new Map([...texts, [path, `${texts.get(path) ?? ''}\n${text}`]]))).toContainEqual(
        expect.stringMatching(told),
      )
    })
  })

  it.each([{ prepares: false }, { prepares: true }])(
    '9: posting and reading leave a named statement only when prepares is $prepares',
    async ({ prepares }) => {
      const db = openDatabase({ url: test.url, max: 1, prepares })
      const clock = { now: () => new Date('2026-11-24T15:00:00Z') }
      const ledger = openLedger({ db, clock })
      const [book, bank, fund] = [uuid(), uuid(), uuid()]
      await openBook(db, { id: book, code: book, name: 'Book', currency: 'PEN' }, clock.now(), 'tester')
      const opening = { name: 'Account', floor: null, openedOn: '2026-01-01' }
      await openAccounts(
        db,
        book,
        [
          { ...opening, id: bank, code: '1010', type: 'asset' },
          { ...opening, id: fund, code: '5010', type: 'equity' },
        ],
        clock.now(),
        'tester',
      )
      await ledger.post(
        book,
        {
          ...{ id: uuid(), kind: 'move', valueDate: '2026-11-01' },
          entries: [
            { accountId: bank, direction: 'debit', amount: 1n },
            { accountId: fund, direction: 'credit', amount: 1n },
          ],
        },
        'tester',
      )
      await balancesOf(db, book, [bank], clock)
      const { rows } = await db.$client.query('select name from pg_prepared_statements')
      await db.$client.end()
      expect(rows.length > 0).toBe(prepares)
    },
  )
})
