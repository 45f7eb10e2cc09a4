import { z } from 'zod'
import { signedAmountText } from '../../money.ts'
import { matchingReasons } from './items.ts'

const count = z.int().min(0)

/** What a matching came to: how much was claimed by which rule, and what was left for which reason. */
export const toldSchema = z
  .object({
    lines: count.describe('Lines of statements that were open before'),
    entries: count.describe('Entries of the ledger that were open before'),
    matches: count,
    matchedLines: count,
    matchedEntries: count,
    byRule: z.array(
      z
        .object({ rule: z.string().meta({ examples: ['reference'] }), matches: count, lines: count, entries: count })
        .meta({ id: 'MatchedByRule' }),
    ),
    byReason: z.array(
      z
        .object({
          reason: z.enum(matchingReasons).meta({ id: 'MatchingReason' }),
          lines: count,
          entries: count,
          amount: signedAmountText.describe('By so much the bank has more than the ledger because of it'),
        })
        .meta({ id: 'LeftForReason' }),
    ),
    breaksOpened: count,
    breaksEnded: count,
  })
  .meta({ id: 'MatchingTold' })

export type Told = z.output<typeof toldSchema>
