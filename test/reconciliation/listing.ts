import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import type { Answer } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says; the tests look at them.
type Told = any

/** A book in soles with savers, an agent and two people of the office, whose bank lists balances. */
export type Listing = Banking & {
  checkerKey: string
  agentId: string
  said(address: string, body: object): Promise<Told>
  /** Opens a saver's account under a number; answers its id. */
  saver(number: string | null, more?: object): Promise<string>
  deposit(accountId: string, amount: string, day: string, more?: object): Promise<Told>
  /** Hands in a list; rows without the header, unless the first is one. */
  list(asOf: string, rows: readonly string[], more?: { query?: string; id?: string; key?: string }): Promise<Answer>
  /** The lines of the newest comparison: number, outcome and what they come to. */
  lines(list: Told, query?: string): Promise<Told[]>
  decide(listId: string, body?: object, key?: string): Promise<Answer>
  balance(accountId: string): Promise<string>
}

export async function openListing(service: TestApp): Promise<Listing> {
  const banking = await openBanking(service, 'PEN', '2026-01-01')
  const checkerKey = await service.key('administrator')
  const agentId = uuid()
  async function said(address: string, body: object): Promise<Told> {
    const answer = await banking.post(address, body)
    expect([address, answer.status, answer.body.detail]).toEqual([address, 201, undefined])
    return answer.body
  }
  await said('/agents', { id: agentId, code: 'A-1', name: 'Rosa', startsOn: '2026-01-02' })
  return {
    ...{ ...banking, checkerKey, agentId, said },
    async saver(bankAccountNumber, more) {
      const [saverId, id] = [uuid(), uuid()]
      const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
      await said('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
      const account = {
        id,
        saverId,
        openedOn: '2026-01-05',
        ...(bankAccountNumber !== null && { bankAccountNumber }),
        ...more,
      }
      await said('/savings-accounts', account)
      return id
    },
    deposit: (savingsAccountId, amount, valueDate, more = { channel: 'branch' }) =>
      said('/deposits', { id: uuid(), savingsAccountId, amount, valueDate, ...more }),
    async list(asOf, rows, { query = '', id = uuid(), key = banking.bankKey } = {}) {
      const header = rows[0]?.includes('balance') ? [] : ['bankAccountNumber,balance,interest,fees,status,currency']
      const answer = await service.app.inject({
        method: 'POST',
        url: `${banking.book}/balance-lists?asOf=${asOf}${query}`,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv', 'idempotency-key': id },
        payload: `${[...header, ...rows].join('\r\n')}\r\n`,
      })
      return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
    },
    async lines(list, query = '') {
      const at = `/balance-lists/${list.id}/comparisons/${list.comparison.id}/lines`
      return (await banking.get(`${at}?limit=200${query}`)).body.items
    },
    decide: (listId, body = {}, key = checkerKey) =>
      banking.post(
        `/balance-lists/${listId}/decisions`,
        { id: uuid(), outcome: 'approved', accounts: 'waiting', ...body },
        key,
      ),
    async balance(accountId) {
      return (await banking.get(`/savings-accounts/${accountId}/balance`, banking.administratorKey)).body.total.posted
    },
  }
}

/** What a line says, in short. */
export function short({ bankAccountNumber, outcome, ours, theirs, difference, explanations }: Told): string {
  const causes = explanations.map((set: string[]) => set.join(' + ')).join(' or ')
  return [bankAccountNumber ?? '–', outcome, ours, theirs, difference, causes]
    .filter(part => part !== null && part !== '')
    .join(' ')
}
