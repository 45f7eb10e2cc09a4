import { hearQuestions } from '../thread.ts'
import { type Counted, counted, type Share } from './folds.ts'

/** Counts some of the persons while the counter's own thread counts the others: both read the same columns. */
hearQuestions<Share, Counted>((share, reply) => {
  try {
    reply.answer(counted(share))
  } catch (error) {
    reply.fail(error)
  }
})
