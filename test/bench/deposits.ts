import type { BaselineResult } from './baseline.ts'
import { makeBaseline } from './baseline.ts'
import { judge, median, row } from './figures.ts'
import type { HttpLoad } from './http-load.ts'
import { type BenchBook, inProcess, type Stage } from './stage.ts'

/** Deposits at a branch: they debit the bank's account, which so is hot. */
export function depositRequests(books: readonly BenchBook[]): HttpLoad['requests'] {
  return books.flatMap(({ id, accounts }) =>
    accounts.map(savingsAccountId => ({
      path: `/v1/books/${id}/deposits`,
      body: JSON.stringify({
        id: '{id}',
        savingsAccountId,
        amount: '10.00',
        valueDate: '2026-03-14',
        channel: 'branch',
      }),
    })),
  )
}

const widths = [24, 14, 14, 10, 14, 12, 12]

/**
 * Single deposits by HTTP against hand-written transactions on as many direct connections: in one book, whose bank account every
 * deposit touches, and over 20 books.
 */
export async function deposits(stage: Stage, { seconds, rounds }: { seconds: number; rounds: number }): Promise<void> {
  await makeBaseline(stage.url)
  const mixes = [
    { name: 'one book', requests: depositRequests(stage.books.slice(0, 1)), books: 1 },
    {
      name: '20 books',
      requests: depositRequests(stage.books.map(book => ({ ...book, accounts: book.accounts.slice(0, 500) }))),
      books: 20,
    },
  ]
  // Caches, plans and statistics as in a service that has run for a while.
  for (const { requests } of mixes) await stage.load({ connections: 16, seconds: 2, requests })
  await inProcess('baseline.ts', { url: stage.url, connections: 16, seconds: 2, books: 20, prepared: false })
  await stage.database.query('analyze')

  console.log(`\nSingle deposits a second (medians of ${rounds} alternating rounds of ${seconds} s)`)
  console.log(row(['mix', 'hand-written', 'Qullqi', 'ratio', 'prepared SQL', 'p50 ms', 'p99 ms'], widths))
  for (const { name, requests, books } of mixes) {
    for (const connections of [1, 16, 64, 256]) {
      const plain: number[] = []
      const prepared: number[] = []
      const ours: number[] = []
      const p50: number[] = []
      const p99: number[] = []
      for (let round = 0; round < rounds; round++) {
        const baseline = { url: stage.url, connections, seconds, books }
        plain.push((await inProcess<BaselineResult>('baseline.ts', { ...baseline, prepared: false })).perSecond)
        const result = await stage.load({ connections, seconds, requests })
        ours.push(result.perSecond)
        p50.push(result.p50)
        p99.push(result.p99)
        prepared.push((await inProcess<BaselineResult>('baseline.ts', { ...baseline, prepared: true })).perSecond)
      }
      const ratio = median(ours) / median(plain)
      const cells = [`${name}, ${connections} connections`]
      const rates = [median(plain), median(ours)].map(rate => rate.toFixed(0))
      const rest = [median(prepared).toFixed(0), median(p50).toFixed(2), median(p99).toFixed(2)]
      console.log(row([...cells, ...rates, ratio.toFixed(2), ...rest], widths))
      const figure = `${name}, ${connections} connections: ${ratio.toFixed(2)} times the hand-written transaction`
      if (books === 1 && connections === 64) judge(`${figure} (at least 10)`, ratio >= 10)
      else if (connections >= 16) judge(`${figure} (at least 1)`, ratio >= 1)
    }
  }
  // The money is there: every deposit that was answered is in the books.
  const { rows } = await stage.database.query(
    `select count(*) as wrong from account a where debits - credits <> (
       select coalesce(sum(case direction when 'debit' then amount else -amount end), 0) from entry e
       where e.book_id = a.book_id and e.account_id = a.id)`,
  )
  judge('balances equal the sums of their entries after the load', rows[0].wrong === '0')
}
