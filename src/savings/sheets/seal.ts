import type { Texts } from '../records.ts'
import { fingerprint } from '../registering.ts'

/** What becomes of a line is decided after its sheet was sealed. */
const outcomeFields = ['depositTransactionId', 'withdrawalTransactionId', 'refusal'] as const

export type OutcomeField = (typeof outcomeFields)[number]

/**
 * SHA-256 of everything that a sheet and its lines keep but what became of the lines, as hexadecimal digits. Each of its
 * transactions carries it in its evidence, which the ledger's chain covers: so nothing of a sheet changes unseen.
 */
export function sealOf(sheet: Texts, lines: readonly Texts[]): string {
  const written = lines.map(line => {
    const texts: Texts = { ...line }
    for (const field of outcomeFields) delete texts[field]
    return texts
  })
  return fingerprint({ sheet, lines: written }).toString('hex')
}
