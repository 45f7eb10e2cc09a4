import { setImmediate } from 'node:timers/promises'
import { openThread } from '../../db/thread.ts'
import { type Parcel, unpacked } from '../parcel.ts'
import { hidden, type Table, type Value } from '../table.ts'
import { openedTable } from './opened-accounts.ts'
import { saversTable } from './savers-table.ts'
import { savingsTable } from './savings-table.ts'
import { cohortsTable, staysTable } from './stay-tables.ts'

/** What makes a table of what was counted, by the name of what is counted. Protecting a country by district takes seconds. */
export const makers = {
  savers: saversTable,
  savings: savingsTable,
  cohorts: cohortsTable,
  stays: staysTable,
  opened: openedTable,
} as const

export type MakerName = keyof typeof makers
export type About<Name extends MakerName> = Omit<Parameters<(typeof makers)[Name]>[1], 'protect'>

/** What the tables' thread is told and tells. The pieces of `rows` are `Crossing[][]`. */
export type ToMake = { [Name in MakerName]: { name: Name; cells: Parcel; about: About<Name> } }[MakerName]
export type Made = { about: Omit<Table, 'rows'>; rows: Parcel }

/** A symbol is another one in another thread. No figure is a boolean, so that it is this that crosses for a hidden one. */
export type Crossing = Exclude<Value, typeof hidden> | true

/**
 * Who makes tables of what was counted, in a thread of its own: neither requests nor the counter wait for it, and between months
 * a small table has its turn beside a large one. One a service.
 */
export type Tables = {
  /** @throws Refusal as the maker of that name does */
  make<Name extends MakerName>(name: Name, cells: Parcel, about: About<Name>): Promise<Table>
  close(): Promise<void>
}

export function openTables(): Tables {
  const thread = openThread<ToMake, Made>("the tables' thread", new URL('./tables-thread.ts', import.meta.url))
  return {
    async make(name, cells, about) {
      const made = await thread.ask({ name, cells, about } as ToMake, [cells])
      const rows: Value[][] = []
      for (const piece of unpacked<Crossing[][]>(made.rows)) {
        for (const row of piece) rows.push(arrived(row))
        await setImmediate()
      }
      return { ...made.about, rows }
    },
    close: thread.close,
  }
}

export function crossing(row: Value[]): Crossing[] {
  const crossing = row as (Value | true)[]
  for (let at = 0; at < row.length; at++) if (row[at] === hidden) crossing[at] = true
  return crossing as Crossing[]
}

function arrived(row: Crossing[]): Value[] {
  const values = row as (Value | true)[]
  for (let at = 0; at < row.length; at++) if (row[at] === true) values[at] = hidden
  return values as Value[]
}
