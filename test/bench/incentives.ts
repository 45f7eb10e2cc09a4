import { v7 as uuid } from 'uuid'
import { row } from './figures.ts'
import type { Stage } from './stage.ts'

type Run = {
  status: string
  progress: { savers: number; lines: number; seenTo: number }
  totals: { paid: string; lines: { posted: number } }
}

/** Of each saver: how many movements a run reads besides the opening deposit. */
const months = 6
const atOnce = 100

/**
 * A run of incentives for many savers of one book, in savers a second: prepared (read, computed, written as lines) and
 * posted (an incentive each, of two funds), beside plain lists of 1,000 transactions posted in the same book.
 */
export async function incentives(stage: Stage, savers: number): Promise<void> {
  const { call } = stage
  const [bookId, institutionId, programmeId] = [uuid(), uuid(), uuid()]
  const book = `/v1/books/${bookId}`
  await call('POST', '/v1/institutions', { id: institutionId, code: 'CAJA-2', name: 'Caja', kind: 'caja' })
  const opening = { code: 'BENCH-INCENTIVES', name: 'Bench', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
  await call('POST', '/v1/books', { id: bookId, ...opening })
  const programme = { code: 'BENCH', name: 'Bench', contractMonths: 48, validFrom: '2026-01-01' }
  await call('POST', '/v1/programmes', { id: programmeId, ...programme })
  const agreed = { OPENING: { caps: [{ amount: '10.00', per: 'event' }] } }
  const preset = { preset: 'CORREDOR-2003', currency: 'PEN', validFrom: '2026-01-01', agreed }
  await call('POST', `/v1/programmes/${programmeId}/incentive-rules/presets`, preset)
  const funds = [uuid(), uuid()]
  for (const [place, fundId] of funds.entries()) {
    const fund = { code: `F-${place}`, name: 'Fund', fundingSource: ['FIDA', 'RO'][place], openedOn: '2026-01-01' }
    await call('POST', `${book}/funds`, { id: fundId, ...fund })
    const receipt = { fundId, amount: '90000000.00', valueDate: '2026-01-02', reference: 'SIAF-1' }
    await call('POST', `${book}/fund-receipts`, { id: uuid(), ...receipt })
  }
  const shares = funds.map((fundId, place) => ({ fundId, budgetCode: `2.5.${place}`, share: ['0.8', '0.2'][place] }))
  await call('POST', `${book}/financings`, { id: uuid(), programmeId, validFrom: '2026-01-01', shares })
  const accounts = await register(stage, bookId, programmeId, savers)

  const plain = await plainPosting(stage, bookId, accounts)
  const [preparing, approving] = [await hand(stage, 'preparer'), await hand(stage, 'approver')]
  const id = uuid()
  const run = `${book}/incentive-runs/${id}`
  const prepareMs = await timed(async () => {
    await preparing(`${book}/incentive-runs`, { id, programmeId, month: '2026-07', valueDate: '2026-08-01' })
    await until(stage, run, 'prepared', savers)
  })
  const postMs = await timed(async () => {
    await approving(`${run}/approve`, {})
    await until(stage, run, 'posted', savers)
  })
  const { totals, progress } = await call<Run>('GET', run)
  const posted = totals.lines.posted
  const widths = [44, 14]
  const rate = (count: number, ms: number) => ((count * 1000) / ms).toFixed(0)
  console.log(
    `\nA run of incentives: ${savers} savers with ${months + 1} deposits each, ${posted} incentives of 2 funds`,
  )
  console.log(row(['prepared, savers a second', rate(savers, prepareMs)], widths))
  console.log(row(['posted, incentives a second', rate(posted, postMs)], widths))
  console.log(row(['whole run, savers a second', rate(savers, prepareMs + postMs)], widths))
  console.log(row(['plain lists, transactions a second', plain.toFixed(0)], widths))
  console.log(row(['whole run, seconds', ((prepareMs + postMs) / 1000).toFixed(1)], widths))
  if (progress.savers !== savers) throw new Error(`the run saw ${progress.savers} savers`)
}

/** A person with a key of her own, for none of two hands is the stage's, which made both their keys. */
async function hand({ call, port }: Stage, name: string): Promise<(path: string, body: object) => Promise<void>> {
  const { key } = await call<{ key: string }>('POST', '/v1/api-keys', {
    ...{ id: uuid(), clientId: uuid(), name, role: 'administrator', books: 'all' },
  })
  return async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...{ method: 'POST', body: JSON.stringify(body) },
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
}

async function register({ call }: Stage, bookId: string, programmeId: string, savers: number): Promise<string[]> {
  const accounts: string[] = []
  const started = performance.now()
  while (accounts.length < savers) {
    const operations: object[] = []
    const add = (type: string, body: object) => operations.push({ bookId, type, body })
    for (let n = 0; n < 40 && accounts.length < savers; n++) {
      const [saverId, accountId] = [uuid(), uuid()]
      accounts.push(accountId)
      const person = { givenNames: 'Ana', familyNames: 'Quispe', sex: 'female', districtCode: '080101' }
      add('register-saver', { id: saverId, ...person, registeredOn: '2026-01-02' })
      add('open-savings-account', { id: accountId, saverId, openedOn: '2026-01-02' })
      add('enrol-saver', { id: uuid(), saverId, programmeId, startsOn: '2026-01-02', cohort: '1' })
      for (let month = 1; month <= months + 1; month++) {
        const deposit = { savingsAccountId: accountId, amount: `${10 + month}.00`, channel: 'branch' }
        add('deposit', { id: uuid(), ...deposit, valueDate: `2026-0${month}-10` })
      }
    }
    const answer = await call<{ results: { status: string }[] }>('POST', '/v1/sync', { operations })
    const bad = answer.results.find(({ status }) => status !== 'applied')
    if (bad !== undefined) throw new Error(`an operation was not applied: ${JSON.stringify(bad)}`)
    if (process.stdout.isTTY) process.stdout.write(`\rregistering: saver ${accounts.length} of ${savers}   `)
  }
  console.log(`\rregistered ${savers} savers in ${((performance.now() - started) / 1000).toFixed(0)} s          `)
  return accounts
}

/** Lists of 1,000 transactions of two entries, one after the other, in transactions a second. */
async function plainPosting({ call, database }: Stage, bookId: string, accounts: string[]): Promise<number> {
  const { rows } = await database.query<{ bank: string; own: string }>(
    `select (select id from account where book_id = $1 and code = '1010') as bank, own_account_id as own
     from savings_account where book_id = $1 limit 1000`,
    [bookId],
  )
  const lists = 10
  const ms = await timed(async () => {
    for (let list = 0; list < lists; list++) {
      const drafts = Array.from({ length: 1000 }, (_, n) => ({
        ...{ id: uuid(), kind: 'imported', valueDate: '2026-01-10', evidence: { list } },
        entries: [
          { accountId: rows[0]!.bank, direction: 'debit', amount: '0.01' },
          { accountId: rows[n % Math.min(1000, accounts.length)]!.own, direction: 'credit', amount: '0.01' },
        ],
      }))
      await call('POST', `/v1/books/${bookId}/transaction-lists`, { mode: 'independent', drafts })
    }
  })
  return (lists * 1000 * 1000) / ms
}

async function until({ call }: Stage, run: string, status: string, savers: number): Promise<void> {
  for (;;) {
    const found = await call<Run>('GET', run)
    if (found.status === status) return
    const { savers: seen, seenTo, lines } = found.progress
    if (process.stdout.isTTY)
      process.stdout.write(`\r${found.status}: ${seen} of ${savers} savers, ${seenTo} of ${lines} lines   `)
    await new Promise(resolve => setTimeout(resolve, atOnce))
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
