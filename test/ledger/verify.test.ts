import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/verify.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventfulBook } from './eventful-book.ts'

describe('verifying', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.close())

  it('finds nothing wrong with books that the ledger has kept, whatever happened in them', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const { id } = await eventfulBook(test.db, { seed, steps: 200 })
      const verified = await verifyBook(test.db, id, { most: 10 })
      expect(verified.faults).toEqual([])
    }
  })
})
