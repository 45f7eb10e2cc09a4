import { setTimeout as pause } from 'node:timers/promises'
import { addDays, addMonths, firstDay, type Month } from '../../dates.ts'
import { type Client, type Schemas, told } from '../client.ts'
import { idOf } from '../ids.ts'
import { type Count, counted, type Progress, plus } from '../progress.ts'
import { monthsUntil } from './months.ts'

/** What the donor pays in for each bank: enough for all its groups. */
const received = '1200000.00'

/**
 * What the programme adds to what was saved, by the rules of Sierra Sur: at the end of each year and of the last quarter a run
 * is prepared for each bank, and approved by `approver`, who is another person. Without one the first run waits for approval.
 */
export async function payIncentives(
  client: Client,
  approver: Client | null,
  { programmeId, books, last }: { programmeId: string; books: readonly { id: string; code: string }[]; last: Month },
  progress: Progress,
): Promise<Count> {
  const [validFrom] = [firstDay(monthsUntil(last)[0]!)]
  let total: Count = { made: 0, there: 0 }
  const add = async (answer: Promise<{ replayed: boolean }>) => {
    total = plus(total, counted(await answer))
  }
  const preset = { preset: 'SIERRA-SUR-II', validFrom, agreed: {} } as const
  const ofProgramme = { path: { programmeId } }
  await add(
    told(client.POST('/v1/programmes/{programmeId}/incentive-rules/presets', { params: ofProgramme, body: preset })),
  )
  for (const { id: bookId, code } of books) {
    const params = { path: { bookId } }
    const fundId = idOf('fund', code)
    const fund = { id: fundId, code: `FIDA-${code}`, name: 'FIDA (demo)', fundingSource: 'FIDA', openedOn: validFrom }
    await add(told(client.POST('/v1/books/{bookId}/funds', { params, body: fund })))
    const receipt = { id: idOf('receipt', code), fundId, valueDate: validFrom, reference: `DEMO-${code}` }
    const paidIn = { ...receipt, amount: received }
    await add(told(client.POST('/v1/books/{bookId}/fund-receipts', { params, body: paidIn })))
    const shares = [{ fundId, budgetCode: '2.5.31.12', share: '1' }]
    const financing = { id: idOf('financing', code), programmeId, validFrom, shares }
    await add(told(client.POST('/v1/books/{bookId}/financings', { params, body: financing })))
  }
  progress.done('incentives', 'rules of Sierra Sur, a fund at each bank', total)

  for (const month of runMonths(last).slice(0, approver === null ? 1 : undefined)) {
    const runs = await Promise.all(
      books.map(async ({ id: bookId, code }) => {
        const id = idOf('incentive-run', code, month)
        const valueDate = addDays(firstDay(addMonths(month, 1)), 9)
        const body = { id, programmeId, month, valueDate }
        const params = { path: { bookId } }
        const { replayed } = await told(client.POST('/v1/books/{bookId}/incentive-runs', { params, body }))
        const path = { bookId, runId: id }
        const prepared = await settled(client, path, 'preparing')
        if (approver === null || prepared.status !== 'prepared') return { replayed, run: prepared }
        const approval = { params: { path } }
        await told(approver.POST('/v1/books/{bookId}/incentive-runs/{runId}/approve', approval))
        return { replayed, run: await settled(client, path, 'posting') }
      }),
    )
    const count = runs.map(counted).reduce(plus)
    total = plus(total, count)
    progress.done(month, runs.map(({ run }) => `${run.status} ${run.totals.paid}`).join(', '), count)
  }
  return total
}

/** Each year's last month, and that of the last quarter that is over. */
function runMonths(last: Month): Month[] {
  const months = monthsUntil(last)
  const quarter = months.findLast(month => Number(month.slice(5)) % 3 === 0)
  return months.filter(month => month.endsWith('-12') || month === quarter)
}

/** The run as soon as it is no longer under way. */
async function settled(
  client: Client,
  path: { bookId: string; runId: string },
  underWay: string,
): Promise<Schemas['IncentiveRun']> {
  for (;;) {
    const run = await told(client.GET('/v1/books/{bookId}/incentive-runs/{runId}', { params: { path } }))
    if (run.status !== underWay) return run
    await pause(200)
  }
}
