import { idOf } from '../../src/demo/ids.ts'
import { agents, books, funds, groups, institutions, programmes, year } from './plan.ts'
import { type Movement, money, monthName, type Sheet, sheetId, theYear } from './year.ts'

/** The files of demo/ by their names, made anew: always the same. */
export function demoFiles(): Map<string, string> {
  const story = theYear()
  const files = new Map<string, string>()
  files.set('programme.json', `${JSON.stringify({ institutions, programmes, books, funds }, null, 2)}\n`)
  files.set('agents.csv', table(agents))
  files.set(
    'groups.csv',
    table(
      groups.map(({ tongue: _, size: __, weekday: ___, week: ____, ...group }) => ({
        ...group,
        formedOn: `${year}-01-02`,
      })),
    ),
  )
  files.set('savers.csv', table(story.savers.map(({ row }) => row)))
  files.set('coordinators.csv', table(story.coordinators))
  files.set('deposits.csv', table(story.deposits))
  files.set('withdrawals.csv', table(story.withdrawals))
  files.set('state-transfers.csv', table(story.stateTransfers))
  files.set('bankings.csv', table(story.bankings))
  files.set('interest.csv', table(story.interest))
  files.set('reversals.csv', table(story.reversals))
  files.set('fund-receipts.csv', table(fundReceipts))
  files.set('competition-prizes.csv', table(prizes))
  for (const sheet of story.sheets) files.set(`collection-sheets/${sheet.name}.csv`, sheetFile(sheet))
  return files
}

const fundReceipts: Movement[] = [
  {
    book: 'TITICACA-PEN',
    fund: 'PREMIOS-2025',
    amount: '3000.00',
    valueDate: `${monthName(2)}-10`,
    reference: 'AUT-2025-014',
  },
]

const prizes: Movement[] = [
  {
    book: 'TITICACA-PEN',
    fund: 'PREMIOS-2025',
    bankAccountNumber: '110-21-000100',
    amount: '600.00',
    valueDate: `${monthName(8)}-18`,
    actReference: 'ACTA-003-2025',
    actDate: `${monthName(8)}-15`,
  },
]

/** A sheet as an agent's tablet or a spreadsheet writes it: a field and its value a row, then the table. */
function sheetFile({ name, group, date, coordinator, onRefusal, lines }: Sheet): string {
  const agentId = idOf('agent', group.agent)
  const counted = lines.reduce((sum, line) => sum + line.deposit - line.withdrawal, 0)
  const fields = [
    ['id', sheetId(name)],
    ['groupId', idOf('group', group.group)],
    ['agentId', agentId],
    ['meetingDate', date],
    ['cashCount', counted < 0 ? `-${money(-counted)}` : money(counted)],
    ['signedBy.coordinator', idOf('saver', coordinator)],
    ['signedBy.agent', agentId],
    ...(onRefusal === '' ? [] : [['onRefusal', onRefusal]]),
  ]
  const rows = lines.map((line, place) => ({
    line: String(place + 1),
    bankAccountNumber: line.account,
    deposit: line.deposit === 0 ? '' : money(line.deposit),
    withdrawal: line.withdrawal === 0 ? '' : money(line.withdrawal),
    purpose: line.purpose,
    depositorId: line.depositor === '' ? '' : idOf('saver', line.depositor),
  }))
  return `${fields.map(field => field.join(',')).join('\n')}\n\n${table(rows)}`
}

/** Nothing in these files has a comma or a quote in it but names of places. */
function table(rows: readonly Record<string, unknown>[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const written = rows.map(row => columns.map(column => quoted(String(row[column] ?? ''))).join(','))
  return `${[columns.join(','), ...written].join('\n')}\n`
}

function quoted(cell: string): string {
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
