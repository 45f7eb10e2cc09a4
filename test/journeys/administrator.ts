import { randomUUID } from 'node:crypto'
import { systemClock } from '../../src/dates.ts'
import type { Db } from '../../src/db/client.ts'
import { makeKey } from '../../src/http/keys.ts'

/** The text of a new administrator's key, as the service reads it from the database. */
export async function administratorKey(db: Db): Promise<string> {
  const id = randomUUID()
  const terms = { books: 'all' as const, agentId: null, readOnly: false, expiresAt: null }
  const { text } = await makeKey(db, systemClock, { id, clientId: id, name: 'Tester', role: 'administrator', ...terms })
  return text!
}
