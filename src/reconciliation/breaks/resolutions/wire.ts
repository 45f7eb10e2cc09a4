import { z } from 'zod'
import { calendarDate } from '../../../dates.ts'
import { clientId } from '../../../http/idempotency.ts'
import { idText } from '../../../ids.ts'
import { reasonText } from '../../../ledger/index.ts'
import { namedOnce } from '../../../savings/wording.ts'
import { outcomes, type resolutionKinds } from './content.ts'
import { postable } from './postings.ts'

/** As many breaks as one resolution is about. */
export const mostBreaks = 1000

const about = {
  id: clientId,
  reason: reasonText.describe('Why; it is kept for ever: no names and no document numbers'),
  breaks: z.array(idText).min(1).max(mostBreaks).optional(),
  question: idText.optional().describe('In place of breaks: all that bear it'),
}

const oneSubject = namedOnce('breaks', 'question')
const ownDay = calendarDate.describe('Of what is posted; not in the future, not in a closed month')

const postingBody = z
  .strictObject({
    verb: z.enum(postable as [string, ...string[]]).meta({ id: 'PostableVerb' }),
    body: z
      .record(z.string(), z.unknown())
      .describe(
        'What the verb’s own route takes, without `id`; of `bank-fee` and `bank-income`: accountId of an expense or income, amount, valueDate, reference',
      ),
  })
  .meta({ id: 'ResolutionPosting' })

const kindOf = <Kind extends (typeof resolutionKinds)[number]>(kind: Kind) => z.literal(kind)

export const resolutionBody = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: kindOf('match'), ...about })
      .refine(...oneSubject)
      .meta({ id: 'MatchProposed' }),
    z
      .strictObject({ kind: kindOf('post'), ...about, postings: z.array(postingBody).min(1).max(200) })
      .refine(...oneSubject)
      .meta({ id: 'PostingProposed' }),
    z
      .strictObject({
        kind: kindOf('reverse'),
        ...about,
        valueDate: ownDay,
        transactionId: idText
          .optional()
          .describe('The transaction to take back, where the break is of a line; else that of the entry'),
      })
      .refine(...oneSubject)
      .meta({ id: 'ReversalProposed' }),
    z
      .strictObject({
        kind: kindOf('adjust'),
        ...about,
        valueDate: ownDay,
        accountId: idText.describe('Of the ledger, of income or expense, which takes the difference'),
      })
      .refine(...oneSubject)
      .meta({ id: 'AdjustmentProposed' }),
    z
      .strictObject({ kind: kindOf('accept'), ...about })
      .refine(...oneSubject)
      .meta({ id: 'AcceptanceProposed' }),
  ])
  .meta({
    id: 'ResolutionProposed',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        kind: 'match',
        reason: 'the slip was found',
        breaks: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13'],
      },
    ],
  })

export type Asked = z.output<typeof resolutionBody>

export const outcomeSchema = z.enum(outcomes).meta({ id: 'ResolutionOutcome' })

export const decisionBody = z
  .strictObject({
    id: clientId,
    outcome: outcomeSchema.describe('`withdrawn` by whoever proposed it, the others by another'),
    reason: reasonText.optional().describe('Is needed unless it is approved'),
  })
  .refine(({ outcome, reason }) => outcome === 'approved' || reason !== undefined, {
    path: ['reason'],
    message: 'is needed unless it is approved',
  })
  .meta({
    id: 'ResolutionDecided',
    examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14', outcome: 'approved' }],
  })
