import { z } from 'zod'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { code, title } from '../../savings/wording.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { questionFields } from '../questions/question.ts'

const { bookId, currency, knownAt, profile, ...perTable } = questionFields

/** What a table is called within its release. */
export const tableName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits or hyphens')
  .meta({ examples: ['by-department'] })

/** One table of permanent active savers, asked as outside of a release. */
export const askedTable = z
  .strictObject({ name: tableName, ...perTable })
  .meta({ id: 'ReleaseTableQuestion', examples: [{ name: 'by-department', asOf: '2026-03-31', by: 'department' }] })

export type AskedTable = z.output<typeof askedTable>

/** Up to where a release knows: registers until an instant, each book until a sequence; and whether these were all books. */
export type CutOff = {
  knownAt: string
  everyBook: boolean
  books: { id: string; code: string; sequence: number }[]
}

export const releaseBody = z
  .strictObject({
    id: clientId,
    code,
    title,
    revises: idText.optional().describe('The release that this one revises; its differences are then listed'),
    ...{ bookId, currency, knownAt, profile },
    definition: definitionReference.default('PAS-v1'),
    tables: z.array(askedTable).min(1).max(20),
  })
  .refine(({ tables }) => new Set(tables.map(({ name }) => name)).size === tables.length, {
    path: ['tables'],
    message: 'must each have a name of its own',
  })
  .meta({
    id: 'ReleaseRequest',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e41',
        code: 'PAS-2026-Q1',
        title: 'Permanent active savers, first quarter of 2026',
        definition: 'PAS-v1',
        profile: 'public',
        tables: [{ name: 'by-department', asOf: '2026-03-31', by: 'department' }],
      },
    ],
  })

export type ReleaseBody = z.output<typeof releaseBody>
