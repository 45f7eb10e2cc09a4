import canonicalize from 'canonicalize'
import { z } from 'zod'
import { calendarDate, instantText } from '../dates.ts'
import { hashText } from '../ledger/index.ts'

const sequence = z.int().nonnegative()

/** What a seal says of a book. Its canonical text (RFC 8785) is a leaf of the seal's tree. */
export const sectionSchema = z
  .strictObject({
    book: z.uuid(),
    day: calendarDate,
    after: sequence.describe('The transactions after this sequence …').meta({ examples: [1040] }),
    through: sequence
      .describe('… and through this one were recorded since the section before')
      .meta({ examples: [1042] }),
    hash: hashText.describe('Of the last transaction of the book'),
    root: hashText.describe('Of the tree over the hashes of those transactions (RFC 6962)'),
    events: sequence.describe('The last event of the register').meta({ examples: [310] }),
    eventHash: hashText.describe('Of that event'),
    auditEntries: sequence
      .describe('The last entry of the audit log, when the day was sealed')
      .meta({ examples: [512] }),
    auditHash: hashText.describe('Of that entry'),
  })
  .meta({ id: 'SealSection' })

export type Section = z.output<typeof sectionSchema>

/** What is signed as a seal. It tells no amount, no name, and not how many transactions any book had. */
export const sealSchema = z
  .strictObject({
    number: z
      .int()
      .positive()
      .describe('1, 2, 3 … without a gap')
      .meta({ examples: [2] }),
    day: calendarDate.describe('In Lima; a transaction is of the day on which it was recorded'),
    sealedAt: instantText,
    previous: hashText.nullable().describe('SHA-256 of what was signed as the seal before'),
    sections: z
      .int()
      .positive()
      .describe('Leaves of its tree: one a book')
      .meta({ examples: [3] }),
    root: hashText.describe('Of the tree over the sections (RFC 6962)'),
    officeHash: hashText.describe(
      'Of the last entry of the audit log of what belongs to no book, when the day was sealed',
    ),
  })
  .meta({ id: 'Seal' })

export type Seal = z.output<typeof sealSchema>

export function sectionText(section: Section): string {
  return canonicalize(section)!
}

export function sealText(seal: Seal): string {
  return canonicalize(seal)!
}
