import type { Db, Opening } from '../../db/client.ts'
import { openThread } from '../../db/thread.ts'
import { onlyOne, type Parcel } from '../parcel.ts'
import type { Question } from './count.ts'
import type { Book } from './facts.ts'
import type { Folded, FoldName } from './folds.ts'

/** Up to which sequence a book was read for an answer: whatever was posted before the question is in it. */
export type CutOff = Pick<Book, 'id' | 'code' | 'currency' | 'institution' | 'sequence'>

/** Milliseconds: how long the `reading` took, and what the `counting` took of a core. `bytes` is what the columns take. */
export type Answer<Name extends FoldName = FoldName> = {
  cells: Folded<Name>
  cutOffs: CutOff[]
  reading: number
  counting: number
  bytes: number
}

/** An answer whose cells another thread may open. */
export type Sealed = Omit<Answer, 'cells'> & { cells: Parcel }

/** What its thread begins with. */
export type Beginning = Opening & { aloneUpTo: number }

/** What its thread is told. */
export type Asked = { fold: FoldName; question: Question }

/**
 * Who keeps the columns and answers questions, one after the other; each answer has all that was posted before it. One a
 * service. It reads and counts in a thread of its own, so that requests wait for neither; the thread begins with the first
 * question, on a connection of its own, as the role of `db`.
 */
export type Counter = {
  /** @throws whatever the database says, as a query of one's own would */
  ask(question: Question): Promise<Answer<'savers'>>
  /** Works out something else than how many savers there are, of the same facts. */
  askFor<Name extends FoldName>(fold: Name, question: Question): Promise<Answer<Name>>
  /** As `askFor`, without opening what was worked out: of savings that may be millions of balances. */
  askSealed(fold: FoldName, question: Question): Promise<Sealed>
  close(): Promise<void>
}

/** So many persons are counted in less time than asking a second thread takes. */
const soonCounted = 20_000

/** Up to `aloneUpTo` persons one thread counts alone; of more, a second one takes half. */
export function openCounter(db: Db, aloneUpTo = soonCounted): Counter {
  const workerData: Beginning = { ...db.$opening, max: 1, applicationName: 'qullqi counter', aloneUpTo }
  const thread = openThread<Asked, Sealed>("the counter's thread", new URL('./counter-thread.ts', import.meta.url), {
    workerData,
  })

  async function askFor<Name extends FoldName>(fold: Name, question: Question): Promise<Answer<Name>> {
    const sealed = await thread.ask({ fold, question })
    return { ...sealed, cells: onlyOne<Folded<Name>>(sealed.cells) }
  }

  return {
    ask: question => askFor('savers', question),
    askFor,
    askSealed: (fold, question) => thread.ask({ fold, question }),
    close: thread.close,
  }
}
