import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '../../src/config.ts'
import { personOfDni, personOfSaver, requireIdentityKey } from '../../src/savings/identity.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.close())

test('the same DNI is the same person under one key, and nobody known under another', () => {
  expect(personOfDni(key, '10117410')).toEqual(personOfDni(key, '10117410'))
  expect(personOfDni(key, '10117410')).not.toEqual(personOfDni(key, '10117411'))
  expect(personOfDni(key, '10117410')).not.toEqual(personOfDni(other, '10117410'))
  expect(personOfDni(key, '10117410')).not.toEqual(personOfSaver(key, '10117410'))
})

test('the first start settles the key of a database, and a service with another is refused', async () => {
  await Promise.all([requireIdentityKey(database.db, key), requireIdentityKey(database.db, key)])
  await requireIdentityKey(database.db, key)
  await expect(requireIdentityKey(database.db, other)).rejects.toThrow(ConfigError)
  await expect(requireIdentityKey(database.db, other)).rejects.toThrow('IDENTITY_KEY')
  const { rows } = await database.owner.$client.query('select value from identity_check')
  expect(rows).toHaveLength(1)
  expect(rows[0].value).not.toEqual(key)
})
