import assert from 'node:assert/strict'
import type { Client, Schemas } from '../../client/src/index.ts'
import { type Draft, normalSide } from '../../src/ledger/index.ts'
import { isPosted, type OracleBook, type Verdict } from '../support/oracle.ts'
import type { Asking } from '../support/questions.ts'
import type { DraftSeed, Step } from '../support/steps.ts'

/** The books of these tests count in soles, with two decimals. */
export function amountText(amount: bigint): string {
  const digits = amount.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function amountOf(text: string): bigint {
  return BigInt(text.replace('.', ''))
}

const ownKinds: Record<string, string> = { deposit: 'giving', withdrawal: 'taking' }

/** A step without what the API cannot even be asked: its schemas refuse that, and other tests ask it. */
export function askable(step: Step): Step {
  switch (step.step) {
    case 'post':
      return { ...step, jobs: step.jobs.slice(0, 1).map(job => ({ ...job, drafts: job.drafts.map(askableDraft) })) }
    case 'open':
      return { ...step, again: false, floor: step.floor !== null && step.floor < 0n ? 0n : step.floor }
    case 'change': {
      const status = 1 + (step.status % 5)
      const floor = step.floor != null && step.floor < 0n ? 0n : step.floor
      return { ...step, picks: step.picks.slice(0, 1), status, floor, rename: step.rename || status === 5 }
    }
    case 'expire':
      return { step: 'release', pick: 0 }
    default:
      return step
  }
}

function askableDraft(seed: DraftSeed): DraftSeed {
  const { source, kind, reason, evidence } = seed
  const storable = (text: unknown) =>
    typeof text !== 'string' || (/\S/.test(text) && text.isWellFormed() && !text.includes('\0'))
  const flat =
    evidence === undefined || Object.values(evidence).every(value => typeof value !== 'object' && storable(value))
  return {
    ...seed,
    source: source === 'reversal' ? 'fresh' : source,
    // Of what is malformed, only unequal sides pass the schemas.
    ...(source === 'malformed' ? { flaw: 0, legs: seed.legs.map(leg => ({ ...leg, amount: 1n })) } : {}),
    kind: ownKinds[kind] ?? kind,
    reason: storable(reason) ? reason : undefined,
    evidence: flat ? evidence : { slip: 'A-1' },
  }
}

const draftBody = ({
  id,
  kind,
  valueDate,
  entries,
  reason,
  evidence,
  holdId,
}: Draft): Schemas['Draft'] & { id: string } => ({
  ...{ id, kind, valueDate, ...evidenceBody(evidence) },
  ...(reason === undefined ? {} : { reason }),
  ...(holdId === undefined ? {} : { holdId }),
  entries: entries.map(entry => ({ ...entry, amount: amountText(entry.amount) })),
})

/** What `askable` left of it is flat. */
function evidenceBody(evidence: Draft['evidence']): Pick<Schemas['Draft'], 'evidence'> {
  return evidence === undefined ? {} : { evidence: evidence as NonNullable<Schemas['Draft']['evidence']> }
}

// biome-ignore lint/suspicious/noExplicitAny: bodies as they come
type Answer = { response: Response; data?: any; error?: any }

/** Asks by HTTP; answers in the oracle's words, as `inWords` puts what the oracle judges. */
export async function askByHttp(client: Client, bookId: string, asking: Asking): Promise<unknown> {
  const params = { path: { bookId } }
  switch (asking.verb) {
    case 'post': {
      const [job] = asking.jobs
      if (job!.mode === 'single') {
        const body = draftBody(job!.drafts[0]!)
        return [[verdictOf(await client.POST('/v1/books/{bookId}/transactions', { params, body }))]]
      }
      const body = { mode: job!.mode, drafts: job!.drafts.map(draftBody) }
      const { data, error } = await client.POST('/v1/books/{bookId}/transaction-lists', { params, body })
      assert.ok(data, JSON.stringify(error))
      return [data.outcomes.map(verdictOfListed)]
    }
    case 'reverse': {
      const { reverses: transactionId, evidence, ...reversal } = asking.reversal
      const body = { ...reversal, ...evidenceBody(evidence) }
      const path = { bookId, transactionId }
      return [
        [
          verdictOf(
            await client.POST('/v1/books/{bookId}/transactions/{transactionId}/reversal', { params: { path }, body }),
          ),
        ],
      ]
    }
    case 'open': {
      const { floor, ...opening } = asking.openings[0]!
      const body = { ...opening, floor: floor === null ? null : amountText(floor) }
      return told(await client.POST('/v1/books/{bookId}/accounts', { params, body }), ({ replayed }) =>
        replayed ? 0 : 1,
      )
    }
    case 'change': {
      const { id: accountId, floor, ...change } = asking.changes[0]!
      const body = { ...change, ...(floor === undefined ? {} : { floor: floor === null ? null : amountText(floor) }) }
      const path = { bookId, accountId }
      const answer = await client.PATCH('/v1/books/{bookId}/accounts/{accountId}', { params: { path }, body })
      // The account is named in the address here, and in the body everywhere else.
      if (answer.response.status === 404) return { refusal: 'account-not-found' }
      return told(answer, () => 'done')
    }
    case 'place': {
      const { amount, expiresAt, ...placing } = asking.placing
      const expiry = expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }
      const body = { ...placing, ...expiry, amount: amountText(amount) }
      return told(await client.POST('/v1/books/{bookId}/holds', { params, body }), ({ replayed }) => !replayed)
    }
    case 'release': {
      const path = { bookId, holdId: asking.holdId }
      return told(await client.POST('/v1/books/{bookId}/holds/{holdId}/release', { params: { path } }), () => 'done')
    }
    case 'close': {
      const body = { month: asking.month }
      return told(await client.POST('/v1/books/{bookId}/closings', { params, body }), () => 'done')
    }
    case 'know': {
      const query = { knownAt: asking.instant.toISOString() }
      const answer = await client.GET('/v1/books/{bookId}/trial-balance', { params: { ...params, query } })
      return told(answer, ({ sequence }) => sequence)
    }
    case 'expire':
      return assert.fail('holds expire by themselves')
  }
}

/** Some answers do not say whether anything changed; neither does the judgement then. */
export function inWords({ verb }: Asking, judged: unknown): unknown {
  const silent = verb === 'change' || verb === 'release' || verb === 'close'
  return silent && Object.hasOwn(judged as object, 'value') ? { value: 'done' } : judged
}

// biome-ignore lint/suspicious/noExplicitAny: bodies as they come
function told({ response, data, error }: Answer, value: (body: any) => unknown): unknown {
  if (response.ok) return { value: value(data) }
  expectKnown(error)
  return { refusal: error.code }
}

function verdictOf({ response, data, error }: Answer): Verdict {
  if (!response.ok) return verdictOfProblem(error)
  assert.equal(data.replayed, response.status === 200)
  assert.equal(response.headers.get('idempotent-replay'), response.status === 200 ? 'true' : null)
  return verdictOfPosted(data)
}

function verdictOfListed(outcome: { transaction?: Parameters<typeof verdictOfPosted>[0]; problem?: unknown }): Verdict {
  return outcome.transaction ? verdictOfPosted(outcome.transaction) : verdictOfProblem(outcome.problem)
}

function verdictOfPosted(posted: { replayed: boolean; sequence: number; recordedAt: string }): Verdict {
  const { replayed, sequence, recordedAt } = posted
  return { outcome: replayed ? 'replayed' : 'posted', sequence, recordedAt: Date.parse(recordedAt) }
}

// biome-ignore lint/suspicious/noExplicitAny: bodies as they come
function verdictOfProblem(problem: any): Verdict {
  expectKnown(problem)
  const { available, ...facts } = problem.facts ?? {}
  return { outcome: problem.code, ...facts, ...(available === undefined ? {} : { available: amountOf(available) }) }
}

function expectKnown(problem: { code: string }): void {
  assert.ok(
    !/^(internal-fault|request-invalid|database-unavailable|overloaded)$/.test(problem.code),
    JSON.stringify(problem),
  )
}

/** Notes what an answer lets a client know of the book, for later steps to pick from. */
export function learn(known: OracleBook, asking: Asking, answer: unknown): void {
  if (asking.verb === 'post') {
    const verdicts = (answer as Verdict[][])[0]!
    for (const [n, draft] of asking.jobs[0]!.drafts.entries()) learnPosted(known, draft, verdicts[n]!)
  }
  if (asking.verb === 'reverse') {
    const { id, valueDate } = asking.reversal
    learnPosted(known, { id, kind: 'reversal', valueDate, entries: [] }, (answer as Verdict[][])[0]![0]!)
  }
  if (!Object.hasOwn(answer as object, 'value')) return
  if (asking.verb === 'open') {
    const { id, type, normal = normalSide(type) } = asking.openings[0]!
    known.accounts.set(id, { ...[...known.accounts.values()][0]!, id, normal })
  }
  if (asking.verb === 'place') {
    const { id, accountId, amount } = asking.placing
    const hold = { id, accountId, amount, captured: 0n, status: 'placed' as const }
    known.holds.set(id, { ...hold, placing: null, expiresAt: null, endedAt: null })
  }
}

function learnPosted(known: OracleBook, draft: Draft, verdict: Verdict): void {
  if (!isPosted(verdict) || known.journal.some(one => one.draft.id === draft.id)) return
  const { sequence, recordedAt } = verdict
  known.journal.push({ draft, actor: '', sequence, recordedAt, after: [] })
}
