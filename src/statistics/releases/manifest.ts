import canonicalize from 'canonicalize'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { currencySchema } from '../../money.ts'
import { code, title } from '../../savings/wording.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { profileSchema } from '../questions/question.ts'
import { askedTable } from './asked.ts'
import type { release } from './schema.ts'

const text = (...examples: string[]) => z.string().meta({ examples })

/** What of a release is signed. The hash stands for all that it publishes. */
export const manifestSchema = z
  .object({
    type: z.literal('qullqi-release'),
    id: z.uuid(),
    code,
    title,
    revises: z.uuid().nullable(),
    tables: z.array(askedTable),
    definition: definitionReference,
    currency: currencySchema,
    suppression: z
      .object({ profile: profileSchema, k: z.int().meta({ examples: [5] }) })
      .meta({ id: 'ReleaseSuppression' }),
    cutOff: z
      .object({
        knownAt: instantText,
        everyBook: z.boolean().describe('Whether these were all books of the currency that there were'),
        books: z.array(
          z
            .object({ id: z.uuid(), code: text('CUSCO-PEN'), sequence: z.int().meta({ examples: [4711] }) })
            .meta({ id: 'ReleaseBook' }),
        ),
      })
      .describe('Up to where it knows: registers until an instant, each book until its sequence')
      .meta({ id: 'ReleaseCutOff' }),
    software: z
      .object({ version: text('0.1.0'), commit: text('3f786850e387550fdab836ed7e6dc881de23001b').nullable() })
      .meta({ id: 'ReleaseSoftware' }),
    releasedAt: instantText,
    releasedBy: z
      .string()
      .describe('The client whose key asked for it')
      .meta({ examples: ['reports'] }),
    bytes: z
      .int()
      .describe('Of the content')
      .meta({ examples: [20480] }),
    sha256: z
      .string()
      .describe('Of the content, as hexadecimal digits')
      .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] }),
    countedSha256: z
      .string()
      .describe('Of what was counted, hidden figures too, and bytes by chance, so that it tells nothing of them')
      .meta({ examples: ['60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752'] }),
  })
  .meta({ id: 'ReleaseManifest' })

export type Manifest = z.output<typeof manifestSchema>

export type ReleaseRow = typeof release.$inferSelect

/** The columns that a manifest tells of. */
type Told = Omit<
  ReleaseRow,
  'number' | 'content' | 'counted' | 'contentHash' | 'signature' | 'signingKey' | 'bookIds'
> & {
  bytes: number
}

export function manifestOf(row: Told): Manifest {
  const { id, code, title, revises, tables, definition, currency, cutOff, sha256, countedSha256, bytes } = row
  return {
    ...{ type: 'qullqi-release', id, code, title, revises, tables, definition, currency, cutOff, bytes },
    suppression: { profile: row.profile, k: row.k },
    software: { version: row.codeVersion, commit: row.codeCommit },
    ...{ releasedAt: row.recordedAt.toISOString(), releasedBy: row.actor },
    ...{ sha256: sha256.toString('hex'), countedSha256: countedSha256.toString('hex') },
  }
}

/** As it is signed: its canonical form (RFC 8785). */
export function manifestText(row: Told): string {
  return canonicalize(manifestOf(row))!
}
