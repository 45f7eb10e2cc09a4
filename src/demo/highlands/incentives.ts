import { setTimeout as pause } from 'node:timers/promises'
import { addDays, addMonths, firstDay, type Month } from '../../dates.ts'
import type { Client } from '../client.ts'
import { idOf } from '../ids.ts'
import { type Count, counted, type Progress, plus } from '../progress.ts'
import { monthsUntil } from './months.ts'

type Run = { id: string; status: string; totals: { due: string; paid: string } }
type Replayable = { replayed: boolean }

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
  const preset = { preset: 'SIERRA-SUR-II', validFrom, agreed: {} }
  let total = counted(await client.post<Replayable>(`/v1/programmes/${programmeId}/incentive-rules/presets`, preset))
  for (const { id, code } of books) {
    const fundId = idOf('fund', code)
    for (const [path, body] of [
      ['funds', { id: fundId, code: `FIDA-${code}`, name: 'FIDA (demo)', fundingSource: 'FIDA', openedOn: validFrom }],
      [
        'fund-receipts',
        { id: idOf('receipt', code), fundId, amount: received, valueDate: validFrom, reference: `DEMO-${code}` },
      ],
      [
        'financings',
        {
          ...{ id: idOf('financing', code), programmeId, validFrom },
          shares: [{ fundId, budgetCode: '2.5.31.12', share: '1' }],
        },
      ],
    ] as const) {
      total = plus(total, counted(await client.post<Replayable>(`/v1/books/${id}/${path}`, body)))
    }
  }
  progress.done('incentives', 'rules of Sierra Sur, a fund at each bank', total)

  for (const month of runMonths(last).slice(0, approver === null ? 1 : undefined)) {
    const runs = await Promise.all(
      books.map(async ({ id: bookId, code }) => {
        const path = `/v1/books/${bookId}/incentive-runs`
        const id = idOf('incentive-run', code, month)
        const valueDate = addDays(firstDay(addMonths(month, 1)), 9)
        const { replayed } = await client.post<Replayable>(path, { id, programmeId, month, valueDate })
        const prepared = await settled(client, `${path}/${id}`, 'preparing')
        if (approver === null || prepared.status !== 'prepared') return { replayed, run: prepared }
        await approver.post(`${path}/${id}/approve`, {})
        return { replayed, run: await settled(client, `${path}/${id}`, 'posting') }
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
async function settled(client: Client, path: string, underWay: string): Promise<Run> {
  for (;;) {
    const run = await client.get<Run>(path)
    if (run.status !== underWay) return run
    await pause(200)
  }
}
