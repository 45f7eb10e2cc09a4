import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import type { Db } from '../../src/db/client.ts'
import { openClient } from '../support/http-client.ts'
import { type Accounts, note, type Order, type Target } from './load.ts'

/** Opens a book of an institution of its own, with accounts for the load. */
export async function openTheBook(target: Target, book: string, { bank, savers }: Accounts): Promise<void> {
  const client = openClient(target)
  const made = async (path: string, body: unknown) => {
    const answer = await client.ask('POST', path, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  }
  const institutionId = uuid()
  const code = book.slice(-12)
  await made('/v1/institutions', { id: institutionId, code, name: 'Caja', kind: 'caja' })
  const opening = { id: book, code, name: 'Caja, soles', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
  await made('/v1/books', opening)
  const account = { name: 'Account', openedOn: '2026-01-01' }
  await made(`/v1/books/${book}/accounts`, { ...account, id: bank, code: '7010', type: 'asset' })
  for (const [n, id] of savers.entries()) {
    await made(`/v1/books/${book}/accounts`, { ...account, id, code: `7020.${n}`, type: 'liability', floor: '0.00' })
  }
  client.close()
}

/** Everything acknowledged is stored once and as it was told; atomic lists whole or not at all; nothing else is there. */
export async function expectAllThere(db: Db, book: string, orders: readonly Order[]): Promise<void> {
  const { rows } = await db.$client.query<{ id: string; sequence: string; hash: string }>(
    `select id, sequence, encode(hash, 'hex') as hash from transaction where book_id = $1`,
    [book],
  )
  const stored = new Map(rows.map(({ id, sequence, hash }) => [id, { sequence: Number(sequence), hash }]))
  expect(stored.size).toBe(rows.length)
  const asked = new Set<string>()
  for (const { ids, told, atomic, settled } of orders) {
    for (const id of ids) {
      asked.add(id)
      const one = told.get(id)
      if (one && 'sequence' in one) expect(stored.get(id)).toEqual(one)
      // Refused is refused; only what nobody was told may be there or not.
      else if (settled) expect(stored.get(id)).toBeUndefined()
    }
    if (atomic) expect([0, ids.length]).toContain(ids.filter(id => stored.has(id)).length)
  }
  for (const id of stored.keys()) expect(asked.has(id)).toBe(true)
}

/** Whatever was left open is asked again with the same ids, and then every client knows. */
export async function settleTheRest(target: Target, orders: readonly Order[]): Promise<void> {
  const client = openClient(target)
  const open = orders.filter(({ settled }) => !settled)
  for (const order of open) expect(note(order, await client.ask('POST', order.path, order.body))).toBe(true)
  for (const order of orders.slice(-50)) note(order, await client.ask('POST', order.path, order.body))
  client.close()
}
