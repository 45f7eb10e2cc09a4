import { afterAll, describe, expect, test } from 'vitest'
import { packed } from '../../src/statistics/parcel.ts'
import { openedTable } from '../../src/statistics/questions/opened-accounts.ts'
import { saversTable } from '../../src/statistics/questions/savers-table.ts'
import { openTables } from '../../src/statistics/questions/tables.ts'
import { hidden } from '../../src/statistics/table.ts'

const tables = openTables()
afterAll(() => tables.close())

const months = { first: '2019-01', last: '2023-12', length: 60, told: '2019-01/2023-12' }
const notes = {
  ...{ definition: 'PAS-v1', parameters: null, currency: 'PEN', asOf: '2019-01/2023-12', knownAt: '' },
  ...{ population: '', suppression: { profile: 'internal', k: 5 } },
}
const about = { by: ['district'] as const, months, k: 5, notes }

/** Districts with counts of which some are small and some are nothing; the last one is one of nobody. */
function districts(count: number) {
  return Array.from({ length: count }, (_, nth) => ({
    codes: [String(80_100 + nth).padStart(6, '0')],
    counts: Int32Array.from({ length: 60 * 6 }, (_, place) => (nth === count - 1 ? 0 : (nth * 31 + place * 17) % 23)),
  }))
}

describe('a table made in the thread', () => {
  test('is the one made without it, also where figures are hidden, and where there is nothing to tell', async () => {
    const cells = districts(40)
    const plain = await saversTable(cells, about)
    const told = plain.rows.flat()
    expect([told.includes(hidden), told.includes(null), told.includes(0)]).toEqual([true, true, true])
    expect(await tables.make('savers', packed([cells]), about)).toEqual(plain)
  })

  test('costs who asked for it less than half of what making it does', async () => {
    const cells = districts(400)
    const spent = async (work: () => Promise<unknown>) => {
      const began = process.threadCpuUsage()
      await work()
      const { user, system } = process.threadCpuUsage(began)
      return user + system
    }
    // Packing is the counter's part.
    const parcel = packed([cells])
    const inThread = await spent(() => tables.make('savers', parcel, about))
    expect(inThread).toBeLessThan((await spent(() => saversTable(cells, about))) / 2)
  })

  test('is refused as without it', async () => {
    const long = { ...about, months: { ...months, length: 240 } }
    const refusal = await saversTable(districts(1_500), long).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'request-invalid', fields: [{ path: 'by' }] })
    await expect(tables.make('savers', packed([districts(1_500)]), long)).rejects.toEqual(refusal)
  })

  test('is done before a large one that was asked for earlier', async () => {
    const done: string[] = []
    const opened = [{ opener: 'CUSCO-PEN/A-1', never: 7, once: 8, again: 60 }]
    const small = { opener: 'agent' as const, k: 5, notes }
    const [, agents] = await Promise.all([
      tables.make('savers', packed([districts(800)]), about).finally(() => done.push('districts')),
      tables.make('opened', packed([opened]), small).finally(() => done.push('agents')),
    ])
    expect(agents).toEqual(openedTable(opened, small))
    expect(done).toEqual(['agents', 'districts'])
  })

  test('fails when the thread ends meanwhile, and the next one is made by another', async () => {
    const large = tables.make('savers', packed([districts(800)]), about)
    await Promise.all([expect(large).rejects.toThrow(/tables' thread ended/), tables.close()])
    const cells = districts(3)
    expect(await tables.make('savers', packed([cells]), about)).toEqual(await saversTable(cells, about))
  })
})
