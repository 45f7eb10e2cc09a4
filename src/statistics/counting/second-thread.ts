import { hearQuestions } from '../../db/thread.ts'
import { type Parcel, packed } from '../parcel.ts'
import { type Counted, counted, type Share } from './folds.ts'

export type Passed = Omit<Counted, 'cells'> & { cells: Parcel }

/** Counts some of the persons while the counter's own thread counts the others: both read the same columns. */
hearQuestions<Share, Passed>((share, reply) => {
  try {
    const { cells, counting } = counted(share)
    const parcel = packed([cells])
    reply.answer({ cells: parcel, counting }, [parcel])
  } catch (error) {
    reply.fail(error)
  }
})
