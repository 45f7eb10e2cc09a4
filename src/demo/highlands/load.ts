import type { Month } from '../../dates.ts'
import type { Client } from '../client.ts'
import { idOf } from '../ids.ts'
import { makeAll, send } from '../load.ts'
import type { Operation } from '../operations.ts'
import { type Count, type Progress, plus } from '../progress.ts'
import { payIncentives } from './incentives.ts'
import { happenings, monthsUntil } from './months.ts'
import { agentsOfBank, makeGroups, womenOfGroup } from './people.ts'

const banks = [
  { code: 'CAJA-SALKANTAY', name: 'Caja Rural Salkantay (demo)', kind: 'caja' },
  { code: 'COOPAC-COLQUEPATA', name: 'Cooperativa Colquepata (demo)', kind: 'cooperative' },
  { code: 'BANCO-ALTIPLANO', name: 'Banco del Altiplano (demo)', kind: 'bank' },
] as const

const agentNames = [
  'Ana Ccama',
  'Bertha Luque',
  'César Pari',
  'Delia Ramos',
  'Efraín Sucari',
  'Flora Tapara',
  'Hugo Vilca',
  'Inés Zela',
]

const openedOn = '2022-11-01'

const programme = {
  ...{ id: idOf('programme', 'highlands'), code: 'SIERRA-SUR-DEMO', name: 'Sierra Sur (demo)' },
  ...{ contractMonths: 48, validFrom: openedOn },
}

/**
 * The programme of the Southern Highlands at three banks, month by month to `last`; all banks at once, as it happens. Then
 * what it earns them, approved by `approver`.
 */
export async function loadHighlands(
  client: Client,
  approver: Client | null,
  groupCount: number,
  last: Month,
  progress: Progress,
): Promise<Count> {
  const groups = makeGroups(groupCount)
  const books = banks.map(({ code }) => ({ id: idOf('book', code), code: `${code}-PEN` }))
  let total = await begin(client, books)
  progress.done('banks', `${groups.length} groups of ${womenOfGroup} women, at ${banks.length} banks`, total)
  const balances = new Map<string, number>()
  for (const month of monthsUntil(last)) {
    const counts = await Promise.all(
      books.map(async ({ id }, bank) => {
        const hers = groups.filter(group => group.bank === bank)
        const { registrations, sheets, movements } = happenings(id, programme.id, hers, month, balances)
        const steps = [registrations, sheets, movements]
        let count: Count = { made: 0, there: 0 }
        for (const step of steps) count = plus(count, (await send(client, step)).count)
        return { count, sheets: sheets.length, movements: movements.length }
      }),
    )
    const sum = (of: (one: (typeof counts)[number]) => number) => counts.reduce((all, one) => all + of(one), 0)
    const count = counts.map(one => one.count).reduce(plus)
    total = plus(total, count)
    progress.done(month, `${sum(one => one.sheets)} sheets, ${sum(one => one.movements)} others`, count)
  }
  return plus(total, await payIncentives(client, approver, { programmeId: programme.id, books, last }, progress))
}

async function begin(client: Client, books: readonly { id: string; code: string }[]): Promise<Count> {
  const institutions = banks.map(bank => ({ id: idOf('institution', bank.code), ...bank }))
  const opening = books.map(({ id, code }, bank) => ({
    ...{
      id,
      code,
      name: `${banks[bank]!.name}, soles`,
      currency: 'PEN' as const,
      institutionId: institutions[bank]!.id,
      openedOn,
    },
  }))
  const agents = books.flatMap(({ id: bookId }, bank) =>
    agentNames.slice(0, agentsOfBank).map((_, nth): Operation => {
      const code = `SH-AG-${bank + 1}${nth + 1}`
      const body = { id: idOf('agent', code), code, name: agentNames[nth]!, startsOn: openedOn }
      return { type: 'register-agent', bookId, body }
    }),
  )
  const counts = [
    await makeAll(client, { institutions, programmes: [programme], books: opening }),
    (await send(client, agents)).count,
  ]
  return counts.reduce(plus)
}
