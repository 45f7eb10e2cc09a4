import { v7 as uuid } from 'uuid'
import { depositRequests } from './deposits.ts'
import { judge, median, row } from './figures.ts'
import type { Stage } from './stage.ts'

const large = 1_000_000
const small = 100

/** Balance reads beside deposits; and views of an account of 1,000,000 entries beside the same of an account of 100. */
export async function reads(stage: Stage): Promise<void> {
  const widths = [44, 14, 14, 10]
  const [book] = stage.books
  const path = `/v1/books/${book!.id}`
  console.log('\nReads beside deposits: median milliseconds of one client, and of nine alternating rounds of each')
  console.log(row(['', 'deposit', 'read', 'ratio'], widths))
  const balances = book!.accounts.map(id => ({ path: `${path}/savings-accounts/${id}/balance`, body: null }))
  const deposits: number[] = []
  const looks: number[] = []
  for (let round = 0; round < 9; round++) {
    deposits.push((await stage.load({ connections: 1, seconds: 1, requests: depositRequests([book!]) })).p50)
    looks.push((await stage.load({ connections: 1, seconds: 1, requests: balances })).p50)
  }
  const [deposit, look] = [median(deposits), median(looks)]
  console.log(row(['a balance', deposit.toFixed(3), look.toFixed(3), (look / deposit).toFixed(2)], widths))
  judge(
    `a balance read takes ${(look / deposit).toFixed(2)} of the time of a deposit (at most 0.33)`,
    look <= deposit / 3,
  )

  const { bank, saver } = await makeLarge(stage)
  console.log(
    `\nViews of an account of ${large.toLocaleString('en')} entries beside one of ${small}: median milliseconds`,
  )
  console.log(row(['', `${small} entries`, '1,000,000', 'ratio'], widths))
  const views = {
    'balance as of a day': 'balance?asOf=2023-06-15',
    'balance as of a day in the first month': 'balance?asOf=2021-01-15',
    'first page of a statement': 'statement?limit=50',
    'a page of a statement from mid-history': 'statement?limit=50&from=2023-06-15',
    'balance as of a day, as known at an instant': `balance?asOf=2023-06-15&knownAt=${new Date().toISOString()}`,
    'balance now': 'balance',
  }
  for (const [name, view] of Object.entries(views)) {
    const time = async (account: string) => {
      const requests = [{ path: `/v1/books/${large1.id}/accounts/${account}/${view}`, body: null }]
      return (await stage.load({ connections: 1, seconds: 2, requests })).p50
    }
    const large1 = { id: largeBook }
    const [few, many] = [await time(saver), await time(bank)]
    console.log(row([name, few.toFixed(3), many.toFixed(3), (many / few).toFixed(2)], widths))
    if (!name.includes('known'))
      judge(`${name}: ${(many / few).toFixed(2)} times on 1,000,000 entries (at most 5)`, many / few <= 5)
  }
}

const largeBook = uuid()

/** A book whose bank account has 1,000,000 entries over five years, posted in lists, and one saver's account of 100. */
async function makeLarge({ call, database }: Stage): Promise<{ bank: string; saver: string }> {
  const institutions = await call<{ items: { id: string }[] }>('GET', '/v1/institutions')
  const opening = {
    id: largeBook,
    code: 'LARGE',
    name: 'Large',
    currency: 'PEN',
    institutionId: institutions.items[0]!.id,
    openedOn: '2021-01-01',
  }
  await call('POST', '/v1/books', opening)
  const accounts = await call<{ items: { id: string }[] }>('GET', `/v1/books/${largeBook}/accounts?control=1010`)
  const bank = accounts.items[0]!.id
  const savers = Array.from({ length: 1000 }, () => uuid())
  const saver = uuid()
  for (const id of [saver, ...savers]) {
    const account = { id, code: `L.${id}`, name: 'Large', type: 'liability', openedOn: '2021-01-01' }
    await call('POST', `/v1/books/${largeBook}/accounts`, account)
  }
  let posted = 0
  const days = 5 * 365
  const started = performance.now()
  const post = async (count: number, accountOf: (place: number) => string, dayOf: (place: number) => number) => {
    const drafts = Array.from({ length: count }, (_, place) => ({
      id: uuid(),
      kind: 'imported',
      valueDate: new Date(Date.UTC(2021, 0, 1 + dayOf(place))).toISOString().slice(0, 10),
      entries: [
        { accountId: bank, direction: 'debit', amount: '10.00' },
        { accountId: accountOf(place), direction: 'credit', amount: '10.00' },
      ],
    }))
    const answer = await call<{ posted: number }>('POST', `/v1/books/${largeBook}/transaction-lists`, {
      mode: 'atomic',
      drafts,
    })
    if (answer.posted !== count) throw new Error('a list was not posted')
    posted += count
  }
  await post(
    small,
    () => saver,
    place => place * 18,
  )
  const worker = async (first: number) => {
    for (let list = first; list < (large - small) / 1000; list += 2) {
      await post(
        Math.min(1000, large - posted),
        () => savers[(Math.random() * savers.length) | 0]!,
        // Mostly in order, some late, as offline field work is.
        place => Math.max(0, Math.floor(((list * 1000 + place) / large) * days) - (Math.random() < 0.1 ? 20 : 0)),
      )
    }
  }
  await Promise.all([worker(0), worker(1)])
  const seconds = (performance.now() - started) / 1000
  console.log(`(posted ${posted.toLocaleString('en')} transactions in lists in ${seconds.toFixed(0)} s)`)
  await database.query('analyze')
  return { bank, saver }
}
