import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { judge, median, row } from './figures.ts'
import type { HttpLoad } from './http-load.ts'
import type { Stage } from './stage.ts'

const perList = 1000
const seconds = 6

/**
 * Lists of 1,000 transactions by HTTP, two senders at once, against COPY of the same rows into tables of the same shape, their
 * indexes and foreign keys in place. COPY is given its rows ready made.
 */
export async function lists(stage: Stage, { rounds }: { rounds: number }): Promise<void> {
  const [book] = stage.books
  const accounts = await stage.call<{ items: { id: string; code: string }[] }>(
    'GET',
    `/v1/books/${book!.id}/accounts?limit=200&control=1010`,
  )
  const bank = accounts.items[0]!.id
  const { rows: savers } = await stage.database.query<{ id: string }>(
    `select id from account where book_id = $1 and code like '2010.%' limit 10000`,
    [book!.id],
  )
  const requests = Array.from({ length: 8 }, () => ({
    path: `/v1/books/${book!.id}/transaction-lists`,
    body: JSON.stringify({
      mode: 'independent',
      drafts: Array.from({ length: perList }, () => ({
        id: '{id}',
        kind: 'imported',
        valueDate: '2026-03-14',
        entries: [
          { accountId: bank, direction: 'debit', amount: '10.00' },
          { accountId: savers[(Math.random() * savers.length) | 0]!.id, direction: 'credit', amount: '10.00' },
        ],
        evidence: { channel: 'branch' },
      })),
    }),
  })) satisfies HttpLoad['requests']

  await copyTables(stage.database)
  await stage.load({ connections: 2, seconds: 2, requests })
  const ours: number[] = []
  const copied: number[] = []
  for (let round = 0; round < rounds; round++) {
    copied.push(await copyRate(stage))
    ours.push((await stage.load({ connections: 2, seconds, requests })).perSecond * perList)
  }
  const ratio = median(ours) / median(copied)
  const widths = [24, 14, 14, 10]
  console.log('\nLists of 1,000, in transactions a second')
  console.log(row(['', 'COPY', 'Qullqi', 'ratio'], widths))
  console.log(row(['lists of 1,000', median(copied).toFixed(0), median(ours).toFixed(0), ratio.toFixed(2)], widths))
  judge(`lists of 1,000: ${ratio.toFixed(2)} of the rate of COPY (at least 0.4)`, ratio >= 0.4)
}

/** Empty tables of the shape of ours, keys, checks and indexes included, with the foreign keys among them. */
async function copyTables(database: pg.Client): Promise<void> {
  await database.query(`
    drop schema if exists copied cascade;
    create schema copied;
    create table copied.account (like account including all);
    create table copied.transaction (like transaction including all);
    create table copied.entry (like entry including all);
    alter table copied.entry add foreign key (book_id, sequence) references copied.transaction (book_id, sequence);
    alter table copied.entry add foreign key (book_id, account_id) references copied.account (book_id, id);
    insert into copied.account select * from account;
    analyze copied.account;`)
}

/** Copies the rows of the last 20,000 transactions and their entries, in commits of 1,000 transactions as ours have. */
async function copyRate({ url, database }: Stage): Promise<number> {
  await database.query('truncate copied.transaction, copied.entry')
  const { rows: last } = await database.query(
    'select book_id, max(sequence) as sequence from transaction group by book_id order by 2 desc limit 1',
  )
  const bookId = last[0].book_id
  const through = BigInt(last[0].sequence)
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  let seconds = 0
  const lists = 20
  for (let list = 0; list < lists; list++) {
    const range = [
      bookId,
      (through - BigInt((lists - list) * perList)).toString(),
      (through - BigInt((lists - list - 1) * perList)).toString(),
    ]
    const text = async (table: string) => {
      const { rows } = await database.query(
        `select t::text as line from ${table} t where book_id = $1 and sequence > $2 and sequence <= $3 order by sequence`,
        range,
      )
      return rows.map(({ line }) => csvOfRow(line))
    }
    const transactions = await text('transaction')
    const entries = await text('entry')
    const started = performance.now()
    await client.query('begin')
    await copy(client, 'copied.transaction', transactions)
    await copy(client, 'copied.entry', entries)
    await client.query('commit')
    seconds += (performance.now() - started) / 1000
  }
  await client.end()
  return (lists * perList) / seconds
}

/** A row's text form is CSV between parentheses. */
const csvOfRow = (line: string) => `${line.slice(1, -1)}\n`

async function copy(client: pg.Client, table: string, lines: string[]): Promise<void> {
  await pipeline(Readable.from([lines.join('')]), client.query(copyFrom(`copy ${table} from stdin (format csv)`)))
}
