import { type Client, type Schemas, told } from './client.ts'

type Book = { id: string; code: string; currency: string }

/** Prints what came of it: balances, one statement, cash on its way to the bank, and the trial balances. */
export async function show(client: Client, books: readonly Book[]): Promise<void> {
  const [first] = books
  const bookId = first!.id
  const query = { limit: 200 }
  const { items } = await told(
    client.GET('/v1/books/{bookId}/savings-accounts', { params: { path: { bookId }, query } }),
  )
  const numbered = items.toSorted((one, other) => (numberOf(one) < numberOf(other) ? -1 : 1))
  const accounts = numbered.slice(0, 6)
  console.log(`\nBalances in ${first!.code} (${first!.currency})`)
  table(
    ['account', 'balance', 'last deposit'],
    accounts.map(account => [numberOf(account), account.total.posted, account.lastDepositOn ?? 'none']),
  )

  // Hers has some of everything: deposits, also brought by another, transfers of the State, withdrawals, interest.
  const chosen = accounts.find(({ bankAccountNumber }) => bankAccountNumber === '110-21-000103')!
  const path = { bookId, savingsAccountId: chosen.id }
  const statement = await told(
    client.GET('/v1/books/{bookId}/savings-accounts/{savingsAccountId}/statement', { params: { path, query } }),
  )
  console.log(`\nStatement of ${numberOf(chosen)}, own money`)
  table(
    ['date', 'what', 'amount', 'balance'],
    statement.items.map(line => [
      line.valueDate,
      line.kind,
      line.direction === 'credit' ? line.amount : `-${line.amount}`,
      line.balance,
    ]),
  )

  for (const { id, code, currency } of books) {
    const params = { path: { bookId: id } }
    const { items: bags } = await told(client.GET('/v1/books/{bookId}/cash-in-transit', { params }))
    const agents = bags.toSorted((one, other) => (one.agentCode < other.agentCode ? -1 : 1))
    console.log(`\nCash on its way to the bank, ${code} (${currency})`)
    table(
      ['agent', 'cash', 'since'],
      agents.map(agent => [agent.agentCode, agent.cash, agent.oldestOn ?? '']),
    )
  }

  for (const { id, code, currency } of books) {
    const params = { path: { bookId: id } }
    const trial = await told(client.GET('/v1/books/{bookId}/trial-balance', { params }))
    console.log(`\nTrial balance of ${code} (${currency})`)
    table(
      ['control', 'accounts', 'debits', 'credits'],
      [
        ...trial.lines.map(line => [
          [line.control, line.name].join(' '),
          String(line.accounts),
          line.debits,
          line.credits,
        ]),
        ['total', '', trial.debits, trial.credits],
      ],
    )
    console.log(trial.debits === trial.credits ? 'Debits equal credits.' : 'DEBITS AND CREDITS DIFFER')
  }
}

function numberOf({ bankAccountNumber, id }: Schemas['SavingsAccount']): string {
  return bankAccountNumber ?? id
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => row[column]!.length)))
  for (const row of [heads, ...rows]) {
    console.log(
      `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ')}`.trimEnd(),
    )
  }
}
