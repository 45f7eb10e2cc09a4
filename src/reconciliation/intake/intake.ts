import type { Db, Opening } from '../../db/client.ts'
import { openSlots } from '../../db/slots.ts'
import { aMinute, openThread } from '../../db/thread.ts'
import type { Taken, Taking } from './take.ts'

/** What its thread begins with. */
export type Beginning = Opening & { schemaDir: string | null }

/** Who takes files of statements, in a thread of its own, so that no request waits while a large one is read and kept. One a service. */
export type Intake = {
  /** @throws Refusal whatever `takeFile` refuses */
  take(taking: Taking): Promise<Taken>
  close(): Promise<void>
}

/** As many files at a time as there are connections; and of large ones, in bytes, one, so that the memory is bounded. */
const filesAtOnce = 4
const large = 8_388_608

export function openIntake(db: Db, schemaDir: string | null): Intake {
  const workerData: Beginning = { ...db.$opening, max: filesAtOnce, applicationName: 'qullqi intake', schemaDir }
  const thread = openThread<Taking, Taken>('the intake', new URL('./take-thread.ts', import.meta.url), {
    workerData,
    restMs: aMinute,
  })
  const [some, one] = [openSlots(filesAtOnce - 1), openSlots(1)]
  return {
    take: taking => (taking.file.size > large ? one : some)(() => thread.ask(taking)),
    close: thread.close,
  }
}
