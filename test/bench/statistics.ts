import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { addMonths, lastDay, monthOf } from '../../src/dates.ts'
import { actingRole, openDatabase } from '../../src/db/client.ts'
import { width } from '../../src/statistics/counting/count.ts'
import { type Answer, type Counter, openCounter } from '../../src/statistics/counting/counter.ts'
import { type DimensionName, dimensionNames } from '../../src/statistics/counting/dimensions.ts'
import { statuses } from '../../src/statistics/definitions/terms.ts'
import { makeCountry } from './country.ts'
import { depositRequests } from './deposits.ts'
import { judge, median, row, verdicts } from './figures.ts'
import { type Stage, startBench } from './stage.ts'
import { countedStatuses, knowledgeAt, plainStatuses, statusQuestion } from './statuses.ts'

/**
 * `npm run bench:statistics`: makes a country in a PostgreSQL of its own, and counts it by the service's counter beside the plain
 * statement over entries in the same run. The statement looks at `--plain-months` only, for it takes minutes at a country's size.
 *   npm run bench:statistics -- --savers 1000000 --months 60 --plain-months 60 --seconds 4 --rounds 3
 */
const { values } = parseArgs({
  options: {
    savers: { type: 'string', default: '1000000' },
    months: { type: 'string', default: '60' },
    'plain-months': { type: 'string', default: '60' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
  },
})
const [savers, months] = [Number(values.savers), Number(values.months)]
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)]
const last = addMonths(monthOf(new Date().toISOString().slice(0, 10)), -1)
const series = { first: addMonths(last, 1 - months), last }
const plain = { first: addMonths(last, 1 - Math.min(months, Number(values['plain-months']))), last }
const single = { first: last, last }
const widths = [50, 12, 12, 20, 8]

const stage = await startBench(async ({ database }) => {
  const began = performance.now()
  const books = await makeCountry(database, { savers, firstMonth: series.first, months }, step => {
    if (process.stdout.isTTY) process.stdout.write(`\rmaking a country: ${step}               `)
    else console.log(`making a country: ${step}, ${((performance.now() - began) / 1000).toFixed(0)} s`)
  })
  console.log(`\rmade a country in ${((performance.now() - began) / 1000).toFixed(0)} s                    `)
  return books.map(book => ({ ...book, agentId: '' }))
})
const counter = openCounter(openDatabase({ url: stage.url, role: actingRole }))
try {
  await beginning()
  await beside()
  await fresh()
  await upkeep(stage)
} finally {
  await counter.close()
  await stage.stop()
}
console.log('')
for (const { figure, reached } of verdicts) console.log(`${reached ? 'reached    ' : 'NOT REACHED'}  ${figure}`)
process.exit(verdicts.every(({ reached }) => reached) ? 0 : 1)

function ms(time: number): string {
  return `${time.toFixed(0)} ms`
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const began = performance.now()
  const result = await work()
  return [result, performance.now() - began]
}

/** Asks nothing of anybody: what it takes is the reading. */
function idle(): Promise<Answer> {
  return counter.ask({ ...statusQuestion(single, []), books: new Set() })
}

async function beginning(): Promise<void> {
  const { rows } = await stage.database.query(
    `select (select count(*) from saver) as savers, (select count(*) from entry) as entries, (select count(*) from transaction) as transactions`,
  )
  const { savers, entries, transactions } = rows[0]
  console.log(`${savers} savers, ${transactions} transactions, ${entries} entries; ${months} months to ${last}`)
  const [{ bytes }, cold] = await timed(idle)
  console.log(row(['the counter reads all of it', `${(cold / 1000).toFixed(1)} s`], widths))
  console.log(row(['columns, bytes a saver', (bytes / savers).toFixed(0)], widths))
  console.log(row(['columns, MiB', (bytes / 2 ** 20).toFixed(0)], widths))
  console.log(row(['process, MiB at the most', (process.resourceUsage().maxRSS / 1024).toFixed(0)], widths))
  judge(`columns take ${(bytes / 2 ** 30).toFixed(2)} GiB (at most 2)`, bytes <= 2 * 2 ** 30)
}

async function asked(question: Parameters<Counter['ask']>[0]): Promise<{ answer: Answer; time: number }> {
  const times: number[] = []
  let answer: Answer | undefined
  for (let round = 0; round < rounds; round++) {
    const [result, time] = await timed(() => counter.ask(question))
    times.push(time)
    answer = result
  }
  return { answer: answer!, time: median(times) }
}

async function beside(): Promise<void> {
  console.log(`\nmedians of ${rounds}; load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`)
  console.log(row(['permanent active savers', 'counter', 'of a core', 'plain SQL', 'equal'], widths))
  const then = new Date(`${lastDay(addMonths(last, -9))}T12:00:00Z`)
  const knowledge = await knowledgeAt(stage.database, then)

  async function compare(
    by: 'department' | 'district',
    span: typeof series,
    known: boolean,
  ): Promise<[string, string]> {
    const digits = by === 'department' ? 2 : 6
    const knownAt = known ? then : new Date()
    const [expected, time] = await timed(() => plainStatuses(stage.database, { ...span, digits, knownAt }))
    const { cells } = await counter.ask(statusQuestion(span, [by], known ? knowledge : null))
    const counted = countedStatuses(cells, span.first)
    const equal = counted.length > 0 && JSON.stringify(counted) === JSON.stringify(expected)
    const name = `${by}, ${span.first} to ${span.last}${known ? ', as known nine months ago' : ''}`
    judge(`${name}: the same ${counted.length} figures as the plain statement`, equal)
    return [`${(time / 1000).toFixed(1)} s`, equal ? 'yes' : 'NO']
  }

  async function figure(
    name: string,
    by: DimensionName[],
    span: typeof series,
    most: number,
    more: string[],
    known = false,
  ) {
    const { time, answer } = await asked(statusQuestion(span, by, known ? knowledge : null))
    console.log(row([name, ms(time), ms(answer.counting), ...more], widths))
    judge(`${name}: ${ms(time)} (at most ${most.toFixed(0)})`, time <= most)
    return time
  }

  const whole = `${months} months`
  const note = plain.first === series.first ? '' : ` (${values['plain-months']} months)`
  const told = async (...args: Parameters<typeof compare>) => {
    const [time, equal] = await compare(...args)
    return [time + (args[1] === plain ? note : ''), equal]
  }
  await figure(`${whole} by department`, ['department'], series, 1_000, await told('department', plain, false))
  await figure(`${whole} by district`, ['district'], series, 3_000, await told('district', plain, false))
  const now = await told('district', single, false)
  const before = await told('district', single, true)
  for (const name of dimensionNames) {
    const isPlain = name === 'district'
    const time = await figure(`one month by ${name}`, [name], single, 500, isPlain ? now : [])
    await figure(`  by ${name}, as known nine months before`, [name], single, 10 * time, isPlain ? before : [], true)
  }
}

/** Counts of this month by status. */
async function thisMonth(): Promise<Record<string, number>> {
  const today = monthOf(new Date().toISOString().slice(0, 10))
  const { cells } = await counter.ask(statusQuestion({ first: today, last: today }, []))
  return Object.fromEntries(statuses.map((status, place) => [status, cells[0]!.counts[place % width]!]))
}

/** Her who never saved, and whose account is open: with a deposit she is active and no longer empty. */
async function fresh(): Promise<void> {
  const [book] = stage.books
  const before = await thisMonth()
  const valueDate = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 10)
  const deposit = { id: crypto.randomUUID(), savingsAccountId: book!.accounts[10], amount: '20.00', channel: 'branch' }
  await stage.call('POST', `/v1/books/${book!.id}/deposits`, { ...deposit, valueDate })
  const [after, time] = await timed(thisMonth)
  const isThere = after.ACTIVE === before.ACTIVE! + 1 && after.EMPTY === before.EMPTY! - 1
  console.log(row(['one month, asked when a deposit was just answered', ms(time)], widths))
  judge('a deposit that was just answered is counted', isThere)
}

/** Postings with a counter that catches up each second beside those without, in alternating rounds. */
async function upkeep({ books, load }: Stage): Promise<void> {
  const open = (accounts: string[]) => accounts.filter((_, n) => n % 20 !== 0).slice(0, 400)
  const requests = depositRequests(books.map(book => ({ ...book, accounts: open(book.accounts) })))
  const posting = { connections: 16, seconds, requests }
  await load(posting)
  await idle()
  const rates: { without: number[]; caught: number[] } = { without: [], caught: [] }
  const readings: number[] = []
  for (let round = 0; round < rounds * 2; round++) {
    // The order changes, for the machine is another one from minute to minute.
    for (const kind of round % 2 === 0 ? (['without', 'caught'] as const) : (['caught', 'without'] as const)) {
      const watching = setInterval(() => {
        if (kind === 'caught') void idle().then(({ reading }) => readings.push(reading))
      }, 1_000)
      rates[kind].push((await load(posting)).perSecond)
      clearInterval(watching)
      await idle()
    }
  }
  const cost = 1 - median(rates.caught) / median(rates.without)
  console.log(`\nDeposits a second, 16 connections (medians of ${rounds * 2} alternating rounds of ${seconds} s)`)
  console.log(row(['nobody counts', median(rates.without).toFixed(0)], widths))
  console.log(row(['a counter catches up each second', median(rates.caught).toFixed(0)], widths))
  console.log(row(['  each catching up', ms(median(readings))], widths))
  judge(`catching up each second costs posting ${(100 * cost).toFixed(0)} % (at most 15)`, cost <= 0.15)
}
