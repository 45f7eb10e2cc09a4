import { openFund } from '../accounts/funds.ts'
import { openSavingsAccount } from '../accounts/savings-accounts.ts'
import type { RegistryVerb } from '../registry/verb.ts'
import { registryVerbs } from '../registry/verbs.ts'
import { postCollectionSheet } from '../sheets/post.ts'
import { interestList } from '../verbs/interest-lists.ts'
import { postingRefusals, record, recordedSchema } from '../verbs/record.ts'
import type { Verb } from '../verbs/verb.ts'
import { verbs } from '../verbs/verbs.ts'

/** What may be done offline and sent later: whatever has a route has its operation, with the same body and rules. */
export const operations: ReadonlyMap<string, RegistryVerb> = new Map(
  [
    ...registryVerbs,
    openSavingsAccount as RegistryVerb,
    openFund as RegistryVerb,
    ...verbs.map(operationOf),
    postCollectionSheet as RegistryVerb,
    interestList as RegistryVerb,
  ].map(operation => [operation.type, operation]),
)

function operationOf(verb: Verb): RegistryVerb {
  const operation: RegistryVerb<Parameters<Verb['draft']>[2], Awaited<ReturnType<typeof record>>> = {
    ...verb,
    type: verb.kind,
    answer: recordedSchema,
    identified: true,
    refusals: [...postingRefusals, ...verb.refusals],
    run: ({ ledger }, bookId, actor, body) => record(ledger, verb, bookId, body.id, body, actor),
  }
  return operation as RegistryVerb
}

/**
 * In which order the operations of one request are tried, for most stand on others: persons before accounts, accounts
 * before money, money in before money out. What is in no stage of its own is registered.
 */
const stages: readonly (readonly string[])[] = [
  ['register-agent', 'register-saver', 'form-group', 'register-organisation', 'open-fund'],
  ['correct-saver', 'join-group', 'enrol-saver', 'open-savings-account'],
  ['name-coordinator'],
  ['deposit', 'state-transfer', 'interest', 'interest-list', 'fund-receipt', 'collection-sheet'],
  ['withdrawal', 'transfer', 'banking', 'lrac-transfer', 'competition-prize', 'talent-payment'],
  ['end-membership', 'end-enrolment'],
]

const stageByType = new Map(stages.flatMap((types, stage) => types.map(type => [type, stage] as const)))

/** The place of a type among the stages; undefined for a type that is in none, which a test rules out. */
export function stageOf(type: string): number | undefined {
  return stageByType.get(type)
}

const movements = new Set(verbs.map(verb => verb.kind))

/** Movements are tried all at once, so that the ledger makes one batch of them; what is registered, a few at a time. */
export function isMovement(type: string): boolean {
  return movements.has(type)
}
