import { type Currency, formatAmount } from '../../src/money.ts'
import { agentCash, bank, fundMoney, moneyAccount, moneyKinds } from '../../src/savings/chart.ts'

type Entry = { accountId: string; direction: 'debit' | 'credit'; amount: bigint }

/** Whom a test calls by which name. */
export type Cast = {
  book: string
  currency?: Currency
  /** Savings accounts. */
  savers?: Record<string, string>
  agents?: Record<string, string>
  funds?: Record<string, string>
}

/**
 * A transaction, or a draft of one, as it would stand in a paper journal: debits left, credits indented; so that a test
 * of money reads as books.
 */
export function journal(cast: Cast) {
  const names = new Map([[bank(cast.book), 'bank']])
  for (const [name, id] of Object.entries(cast.savers ?? {})) {
    for (const kind of moneyKinds) names.set(moneyAccount(id, kind.name), `${name}: ${kind.name}`)
  }
  for (const [name, id] of Object.entries(cast.agents ?? {})) names.set(agentCash(cast.book, id), `cash with ${name}`)
  for (const [name, id] of Object.entries(cast.funds ?? {})) names.set(fundMoney(id), `fund ${name}`)

  return (transaction: { kind: string; valueDate: string; entries: readonly Entry[] }): string => {
    const lines = transaction.entries.map(({ accountId, direction, amount }) => {
      const side = direction === 'debit' ? '  ' : '     '
      const name = names.get(accountId) ?? accountId
      return `${side}${name.padEnd(26)}${formatAmount(amount, cast.currency ?? 'PEN').padStart(9)}`
    })
    return [`${transaction.valueDate} ${transaction.kind}`, ...lines].join('\n')
  }
}

/** The expected text of a journal, without the indentation that it has in a test. */
export function books(text: string): string {
  const lines = text.replace(/^\n|\n *$/g, '').split('\n')
  const indent = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  return lines.map(line => line.slice(indent)).join('\n')
}
