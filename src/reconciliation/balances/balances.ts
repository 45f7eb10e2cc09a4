import type { Db, Opening } from '../../db/client.ts'
import { openSlots } from '../../db/slots.ts'
import { aMinute, openThread } from '../../db/thread.ts'
import type { ComparingAgain, Done, TakingList } from './take-list.ts'

export type Question = { list: TakingList } | { comparison: ComparingAgain }

/** Who takes lists and compares them, in a thread of its own, so that no request waits while a hundred thousand lines are read. One a service. */
export type Balances = {
  /** @throws Refusal whatever `takeList` refuses */
  take(list: TakingList): Promise<Done>
  /** @throws Refusal whatever `compareAgain` refuses */
  compare(comparison: ComparingAgain): Promise<Done>
  close(): Promise<void>
}

export function openBalances(db: Db): Balances {
  const workerData: Opening = { ...db.$opening, max: 2, applicationName: 'qullqi balances' }
  const thread = openThread<Question, Done>(
    'the comparing of balances',
    new URL('./balances-thread.ts', import.meta.url),
    { workerData, restMs: aMinute },
  )
  // One at a time, for each holds all of its lines and all accounts of its book.
  const one = openSlots(1)
  return {
    take: list => one(() => thread.ask({ list })),
    compare: comparison => one(() => thread.ask({ comparison })),
    close: thread.close,
  }
}
