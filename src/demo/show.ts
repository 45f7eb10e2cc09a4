import type { Client } from './client.ts'

type Book = { id: string; code: string; currency: string }
type Money = { posted: string; available: string }
type Account = { id: string; bankAccountNumber: string | null; total: Money; lastDepositOn: string | null }
type Line = { valueDate: string; kind: string; direction: string; amount: string; balance: string }
type Cash = { agentCode: string; cash: string; oldestOn: string | null }
type Trial = {
  lines: { control: string; name: string | null; accounts: number; debits: string; credits: string }[]
  debits: string
  credits: string
}

/** Prints what came of it: balances, one statement, cash on its way to the bank, and the trial balances. */
export async function show(client: Client, books: readonly Book[]): Promise<void> {
  const [first] = books
  const path = `/v1/books/${first!.id}`
  const { items } = await client.get<{ items: Account[] }>(`${path}/savings-accounts?limit=200`)
  const numbered = items.toSorted((one, other) => (numberOf(one) < numberOf(other) ? -1 : 1))
  const accounts = numbered.slice(0, 6)
  console.log(`\nBalances in ${first!.code} (${first!.currency})`)
  table(
    ['account', 'balance', 'last deposit'],
    accounts.map(account => [numberOf(account), account.total.posted, account.lastDepositOn ?? 'none']),
  )

  // Hers has some of everything: deposits, also brought by another, transfers of the State, withdrawals, interest.
  const chosen = accounts.find(({ bankAccountNumber }) => bankAccountNumber === '110-21-000103')!
  const statement = await client.get<{ opening: string; closing: string; items: Line[] }>(
    `${path}/savings-accounts/${chosen.id}/statement?limit=200`,
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
    const { items: bags } = await client.get<{ items: Cash[] }>(`/v1/books/${id}/cash-in-transit`)
    const agents = bags.toSorted((one, other) => (one.agentCode < other.agentCode ? -1 : 1))
    console.log(`\nCash on its way to the bank, ${code} (${currency})`)
    table(
      ['agent', 'cash', 'since'],
      agents.map(agent => [agent.agentCode, agent.cash, agent.oldestOn ?? '']),
    )
  }

  for (const { id, code, currency } of books) {
    const trial = await client.get<Trial>(`/v1/books/${id}/trial-balance`)
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

function numberOf({ bankAccountNumber, id }: Account): string {
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
