import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import type { CreditTerms } from '../rules/terms.ts'
import type { Accrual } from './accrual.ts'
import type { CreditRule, Movement } from './lived.ts'

/**
 * What was earned by a document under a rule, in whichever version: by which withdrawal, null when all of it was taken back;
 * and by how many withdrawals so far.
 */
export type Claim = { by: string | null; uses: number }
/** By the rule's code and the document. */
export type Claims = ReadonlyMap<string, Claim>

export const claimKey = (code: string, document: string) => `${code} ${document}`

/** By what a rule knows a proof again: the document's hash, or where it asks for a reference only, that. */
function documentOf({ evidence }: CreditTerms, { reference, document }: Movement): string | undefined {
  if (evidence === 'none') return undefined
  return evidence === 'document' ? document : reference
}

/** What the proof of an event has earned by a rule; undefined where none is asked for, or given. */
export function claimOf(claims: Claims, { code, terms }: CreditRule, event: Movement | undefined) {
  const key = event && documentOf(terms, event)
  return key === undefined ? undefined : { by: null, uses: 0, ...claims.get(claimKey(code, key)), key }
}

/** A proof earns once: what is owed by it here is owed by it for no other withdrawal, which `claims` has then. */
export function claiming(
  claims: Map<string, Claim>,
  { rule, event }: { rule: CreditRule; event?: Movement },
  accrual: Accrual,
): Accrual {
  const claim = accrual.amount > 0n ? claimOf(claims, rule, event) : undefined
  if (claim === undefined) return accrual
  const { key, uses } = claim
  claims.set(claimKey(rule.code, key), { by: accrual.period, uses })
  return { ...accrual, document: { key, uses } }
}

/**
 * What was earned already by the proofs of these withdrawals, or is about to be by lines of the same run, whosever they are:
 * a document earns once.
 */
export async function claimsOf(
  connection: Connection,
  { bookId, runId }: { bookId: string; runId: string },
  rules: readonly CreditRule[],
  movements: Iterable<readonly Movement[]>,
): Promise<Claims> {
  const proven = rules.filter(({ terms }) => terms.cadence === 'per-event' && terms.evidence !== 'none')
  const documents = new Set<string>()
  for (const movement of [...movements].flat()) {
    for (const { terms } of proven) {
      const document = movement.kind === 'withdrawal' ? documentOf(terms, movement) : undefined
      if (document !== undefined) documents.add(document)
    }
  }
  const claims = new Map<string, Claim>()
  if (documents.size === 0) return claims
  const codes = new Map(proven.map(({ id, code }) => [id, code]))
  const { rows } = await connection.execute<{ ruleId: string; document: string; period: string; stands: boolean }>(sql`
    select i.rule_id as "ruleId", i.document, i.period, (
        select sum(a.amount) > 0 from incentive a
        where a.book_id = i.book_id and a.saver_id = i.saver_id and a.rule_id = i.rule_id and a.period = i.period) as stands
    from incentive i
    where i.book_id = ${bookId} and i.document = any (${sql.param([...documents])}::text[])
    union all
    select l.rule_id, l.document, l.period, true from incentive_run_line l
    where l.book_id = ${bookId} and l.run_id = ${runId} and l.document = any (${sql.param([...documents])}::text[])`)
  for (const { ruleId, document, period, stands } of rows) {
    const code = codes.get(ruleId)
    if (code === undefined) continue
    const key = claimKey(code, document)
    const before = claims.get(key) ?? { by: null, uses: 0 }
    claims.set(key, { by: stands ? period : before.by, uses: before.uses + 1 })
  }
  return claims
}
