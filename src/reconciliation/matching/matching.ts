import type { Db, Opening } from '../../db/client.ts'
import { openSlots } from '../../db/slots.ts'
import { aMinute, openThread } from '../../db/thread.ts'
import type { Asked, Run } from './run.ts'

/** Who matches, in a thread of its own: a year of a bank takes seconds to decide. One a service. */
export type Matching = {
  /** @throws Refusal whatever `matchAccount` refuses */
  match(asked: Asked): Promise<Run>
  close(): Promise<void>
}

/** As many accounts at a time as there are connections: while one decides, the other waits for the database. */
const accountsAtOnce = 2

export function openMatching(db: Db): Matching {
  const workerData: Opening = { ...db.$opening, max: accountsAtOnce, applicationName: 'qullqi matching' }
  const thread = openThread<Asked, Run>('the matching', new URL('./match-thread.ts', import.meta.url), {
    workerData,
    restMs: aMinute,
  })
  const some = openSlots(accountsAtOnce)
  return { match: asked => some(() => thread.ask(asked)), close: thread.close }
}
