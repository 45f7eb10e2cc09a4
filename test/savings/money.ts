import { v7 as uuid } from 'uuid'
import { transactionById } from '../../src/ledger/index.ts'
import type { TestApp } from '../support/app.ts'
import { type Answer, type Asking, type Field, newSaver, openField } from './asking.ts'
import { journal } from './journal.ts'

/** A field with savers who have accounts, and ways to move their money that a test can say in one line. */
export type Money = Field & {
  ana: Holder
  rosa: Holder
  /** Moves money by a verb's address; whatever is not said has a usual value. */
  move(path: string, body: object, by?: Asking): Promise<Answer>
  deposit(holder: Holder, amount: string, more?: object, by?: Asking): Promise<Answer>
  withdraw(holder: Holder, amount: string, more?: object, by?: Asking): Promise<Answer>
  /** The transaction of an answer as a journal writes it. */
  written(answer: Answer): Promise<string>
  /** What is in an account: `own`, and the total when it differs. */
  balance(holder: Holder): Promise<Record<string, string>>
  cash(): Promise<{ cash: string; ageDays: number | null }>
}

export type Holder = { saverId: string; accountId: string }

export const day = '2026-03-14'

/** Opens a savings account of a new saver, or of `saverId`. */
export async function newHolder(field: Field, saverId?: string, more: object = {}): Promise<Holder> {
  const holder = { saverId: saverId ?? (await newSaver(field)), accountId: uuid() }
  const opening = { id: holder.accountId, saverId: holder.saverId, openedOn: '2026-01-12', ...more }
  const { status, body } = await field.agent.post(`${field.book}/savings-accounts`, opening)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return holder
}

export async function openMoney(service: TestApp): Promise<Money> {
  const field = await openField(service)
  const [ana, rosa] = [await newHolder(field), await newHolder(field)]
  const move: Money['move'] = (path, body, by = field.administrator) =>
    by.post(`${field.book}/${path}`, { id: uuid(), valueDate: day, ...body })
  const inBooks = journal({
    book: field.bookId,
    savers: { Ana: ana.accountId, Rosa: rosa.accountId },
    agents: { agent: field.agentId },
  })
  return {
    ...field,
    ana,
    rosa,
    move,
    deposit: (holder, amount, more = {}, by = field.agent) =>
      move(
        'deposits',
        { savingsAccountId: holder.accountId, amount, channel: 'agent-cash', agentId: field.agentId, ...more },
        by,
      ),
    withdraw: (holder, amount, more = {}, by = field.agent) =>
      move(
        'withdrawals',
        { savingsAccountId: holder.accountId, amount, channel: 'branch', purpose: 'household', ...more },
        by,
      ),
    async written(answer) {
      return inBooks(await transactionById(service.db, field.bookId, answer.body.id))
    },
    async balance(holder) {
      const { body } = await field.administrator.get(`${field.book}/savings-accounts/${holder.accountId}`)
      return { own: body.balances.own.available, total: body.total.available }
    },
    async cash() {
      const { body } = await field.administrator.get(`${field.book}/agents/${field.agentId}/cash`)
      return { cash: body.cash, ageDays: body.ageDays }
    },
  }
}
