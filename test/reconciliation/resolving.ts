import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import type { Answer } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'
import { mt940, type WrittenDay } from './written.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says; the tests look at them.
type Told = any

/** A break as a test tells it from others. */
type Wanted = { of?: string; reason?: string; amount?: string }

/** A book in soles with two savers, an account at the bank, accounts of fees and income, and two people who decide. */
export type Resolving = Banking & {
  bankAccountId: string
  /** Address of the account at the bank. */
  of: string
  checkerKey: string
  /** Savings accounts by number. */
  accounts: ReadonlyMap<string, string>
  fees: string
  income: string
  deposit(money: { amount: string; day: string; reference?: string; account?: string }): Promise<Told>
  statement(...days: WrittenDay[]): Promise<void>
  match(more?: object): Promise<Told>
  breaks(query?: string): Promise<Told[]>
  /** Ids of the open breaks that are like these. */
  like(...wanted: Wanted[]): Promise<string[]>
  /** Proposes as the administrator, unless another key is told. */
  propose(body: object, key?: string): Promise<Answer>
  decide(id: string, body?: object, key?: string): Promise<Answer>
  /** Proposes, has it approved by another, and answers the resolution as it explains itself. */
  resolve(body: object): Promise<Told>
  proof(day: string): Promise<Told>
  balance(accountId: string): Promise<string>
}

export const savers = ['110-01-0000001', '110-01-0000002'] as const

export async function openResolving(service: TestApp): Promise<Resolving> {
  const banking = await openBanking(service, 'PEN', '2026-01-01')
  const checkerKey = await service.key('administrator')
  const bankAccountId = await banking.account('191-2345678-0-12')
  const of = `/bank-accounts/${bankAccountId}`
  const accounts = new Map<string, string>()
  const [fees, income] = [uuid(), uuid()]
  for (const number of savers) {
    const [saverId, id] = [uuid(), uuid()]
    const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
    await said('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
    await said('/savings-accounts', { id, saverId, bankAccountNumber: number, openedOn: '2026-01-05' })
    accounts.set(number, id)
  }
  const opened = { openedOn: '2026-01-01' }
  await said('/accounts', { id: fees, code: '6390', name: 'Fees of banks', type: 'expense', ...opened })
  await said('/accounts', { id: income, code: '7720', name: 'Other income', type: 'income', ...opened })

  async function said(address: string, body: object): Promise<Told> {
    const answer = await banking.post(address, body)
    if (answer.status !== 201 && answer.status !== 200) throw new Error(`${address}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const breaks = async (query = '') => (await banking.get(`${of}/breaks?limit=200${query}`)).body.items
  const propose = (body: object, key = banking.administratorKey) =>
    banking.post(`${of}/resolutions`, { id: uuid(), reason: 'as agreed', ...body }, key)
  const decide = (id: string, body: object = {}, key = checkerKey) =>
    banking.post(`${of}/resolutions/${id}/decision`, { id: uuid(), outcome: 'approved', ...body }, key)
  return {
    ...banking,
    ...{ bankAccountId, of, checkerKey, accounts, fees, income, breaks, propose, decide },
    deposit: ({ amount, day, reference, account = savers[0] }) =>
      said('/deposits', {
        ...{
          id: uuid(),
          savingsAccountId: accounts.get(account)!,
          amount,
          valueDate: day,
          channel: 'branch',
          reference,
        },
      }),
    async statement(...days) {
      // What tells of fees and interest is the bank's text, and no reference.
      const file = mt940(days).replaceAll(/NTRF(COMISION|INTERES)/g, 'NTRFNONREF\r\n:86:$1')
      const answer = await banking.send(file)
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
    },
    match: more => said(`${of}/matchings`, { id: uuid(), ...more }),
    async like(...wanted) {
      const open = await breaks()
      return wanted.map(one => {
        const found = open.filter((told: Told) => Object.entries(one).every(([name, value]) => told[name] === value))
        expect([one, open, found.length]).toEqual([one, open, 1])
        return found[0].id
      })
    },
    async resolve(body) {
      const proposed = await propose(body)
      expect([proposed.status, proposed.body.detail]).toEqual([201, undefined])
      const decided = await decide(proposed.body.id)
      expect([decided.status, decided.body.detail]).toEqual([201, undefined])
      return (await banking.get(`${of}/resolutions/${proposed.body.id}`)).body
    },
    async proof(day) {
      return (await banking.get(`${of}/proofs?from=${day}&to=${day}`)).body.items[0]
    },
    async balance(accountId) {
      return (await banking.get(`/accounts/${accountId}/balance`, banking.administratorKey)).body.posted
    },
  }
}
