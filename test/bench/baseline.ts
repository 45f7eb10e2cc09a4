import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { quantile } from './figures.ts'

/**
 * The obvious hand-written way to record a deposit: begin, insert the transaction under its unique key, insert two entries,
 * update two balances, commit; foreign keys in place. The saver's balance is updated first and the bank's last, which holds
 * the contended row for the shortest time: the order that is kindest to this way. Run as a process of its own.
 */
export type BaselineLoad = { url: string; connections: number; seconds: number; books: number; prepared: boolean }

export type BaselineResult = { perSecond: number; p50: number }

export const saversPerBaseline = 10_000

/** Makes the tables, with a bank's account for each of 20 books and 10,000 savers' accounts, in the schema `baseline`. */
export async function makeBaseline(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`
    drop schema if exists baseline cascade;
    create schema baseline;
    create table baseline.account (id int primary key, balance bigint not null default 0);
    create table baseline.transaction (
      id uuid primary key, kind text not null, value_date date not null, recorded_at timestamptz not null default now());
    create table baseline.entry (
      transaction_id uuid not null references baseline.transaction, position int not null,
      account_id int not null references baseline.account, amount bigint not null, primary key (transaction_id, position));
    create index on baseline.entry (account_id);
    insert into baseline.account (id) select generate_series(1, ${20 + saversPerBaseline});
    analyze baseline.account;`)
  await client.end()
}

const statements = {
  transaction: `insert into baseline.transaction (id, kind, value_date) values ($1, 'deposit', $2)`,
  entries: 'insert into baseline.entry values ($1, 1, $2, $4), ($1, 2, $3, -$4::bigint)',
  balance: 'update baseline.account set balance = balance + $2 where id = $1',
}

async function run({ url, connections, seconds, books, prepared }: BaselineLoad): Promise<BaselineResult> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client(url)
      await client.connect()
      return client
    }),
  )
  const latencies: number[] = []
  const started = performance.now()
  const end = started + seconds * 1000
  await Promise.all(
    clients.map(async client => {
      const ask = (name: keyof typeof statements, values: unknown[]) =>
        client.query(prepared ? { name, text: statements[name], values } : { text: statements[name], values })
      while (performance.now() < end) {
        const sent = performance.now()
        const id = randomUUID()
        const saver = (Math.random() * saversPerBaseline) | 0
        const bank = 1 + (saver % books)
        await client.query('begin')
        await ask('transaction', [id, '2026-01-15'])
        await ask('entries', [id, bank, 21 + saver, 1000])
        await ask('balance', [21 + saver, -1000])
        await ask('balance', [bank, 1000])
        await client.query('commit')
        latencies.push(performance.now() - sent)
      }
    }),
  )
  const elapsed = (performance.now() - started) / 1000
  await Promise.all(clients.map(client => client.end()))
  return { perSecond: latencies.length / elapsed, p50: quantile(latencies, 0.5) }
}

process.once('message', async message => {
  process.send!(await run(message as BaselineLoad))
  process.disconnect()
})
