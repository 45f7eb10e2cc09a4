import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Schemas } from './client.ts'

const folder = join(import.meta.dirname, '..', '..', 'demo')

/** A row of one of the demo's tables: text by column, an empty cell is an empty text. */
export type Row = Record<string, string>

/** The bodies of what is shared by all books, as the API takes them. */
export type Programme = {
  institutions: Schemas['InstitutionRegistration'][]
  programmes: (Schemas['ProgrammeRegistration'] & { id: string })[]
  books: (Schemas['BookOpening'] & { id: string })[]
  funds: { bookId: string; id: string; code: string }[]
}

export type SheetFile = { name: string; month: string; group: string; text: string }

/** Everything in demo/. */
export type Input = {
  programme: Programme
  agents: Row[]
  groups: Row[]
  savers: Row[]
  coordinators: Row[]
  deposits: Row[]
  withdrawals: Row[]
  stateTransfers: Row[]
  bankings: Row[]
  interest: Row[]
  reversals: Row[]
  fundReceipts: Row[]
  prizes: Row[]
  /** In the order of their meetings' months. */
  sheets: SheetFile[]
}

export function readInput(): Input {
  return {
    programme: JSON.parse(text('programme.json')) as Programme,
    agents: table('agents'),
    groups: table('groups'),
    savers: table('savers'),
    coordinators: table('coordinators'),
    deposits: table('deposits'),
    withdrawals: table('withdrawals'),
    stateTransfers: table('state-transfers'),
    bankings: table('bankings'),
    interest: table('interest'),
    reversals: table('reversals'),
    fundReceipts: table('fund-receipts'),
    prizes: table('competition-prizes'),
    sheets: readdirSync(join(folder, 'collection-sheets')).sort().map(sheetFile),
  }
}

function sheetFile(file: string): SheetFile {
  const name = file.replace(/\.csv$/, '')
  return { name, month: name.slice(0, 7), group: name.slice(8), text: text(join('collection-sheets', file)) }
}

function table(name: string): Row[] {
  return parse(text(`${name}.csv`), { columns: true, bom: true }) as Row[]
}

function text(path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}
