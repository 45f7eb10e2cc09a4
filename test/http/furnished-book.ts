import { randomUUID } from 'node:crypto'
import { payingProgramme } from '../incentives/programme.ts'
import type { TestApp } from '../support/app.ts'

/**
 * A book with something of every kind, so that what is asked of it is looked for and not only checked. Answers the ids of what
 * there is, by the names that addresses and bodies have for them. Whatever has a name there has it with `mark`.
 */
export async function furnishedBook(service: TestApp, mark = ''): Promise<Record<string, string>> {
  const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'USD', openedOn: '2026-01-01' })
  const { said, book, bookId, programmeId, fundId } = paying
  const named = (name: string) => `${name}${mark}`
  const person = { familyNames: named('Condori') }
  const { saverId, accountId: savingsAccountId, enrolmentId, account } = await paying.saver(person)
  const other = await paying.saver(person)
  const [agentId, groupId, membershipId, transactionId, organisationId] = Array.from({ length: 5 }, () => randomUUID())
  await said(`${book}/agents`, { id: agentId, code: 'PR-07', name: named('Rosa Quispe'), startsOn: '2026-01-05' })
  const group = { id: groupId, code: 'GR-1', name: named('Sumaq'), districtCode: '080101', formedOn: '2026-01-10' }
  await said(`${book}/groups`, group)
  await said(`${book}/memberships`, { id: membershipId, groupId, saverId, startsOn: '2026-01-12' })
  const organisation = { name: named('Asociación Sumaq'), kind: 'association', districtCode: '080101' }
  await said(`${book}/organisations`, { id: organisationId, ...organisation, registeredOn: '2026-01-12' })
  await paying.fund('500.00', '2026-01-02')
  const deposit = { savingsAccountId, amount: '5000.00', valueDate: '2026-01-13', channel: 'agent-cash', agentId }
  await said(`${book}/deposits`, { id: transactionId, ...deposit })
  const { id: runId } = await paying.run('2026-01', '2026-03-30')
  const [preparedId, calculationId] = [randomUUID(), randomUUID()]
  await said(`${book}/incentive-runs`, { id: preparedId, programmeId, month: '2026-02', valueDate: '2026-03-30' })
  const told = { savingsAccountId, rule: 'GROWTH', period: '2026-02', amount: '1.00' }
  await said(`${book}/incentive-runs/${preparedId}/calculations`, { id: calculationId, lines: [told] })
  const { accounts } = (await paying.administrator.get(account)).body
  const holdId = randomUUID()
  await said(`${book}/holds`, { id: holdId, accountId: accounts.own, amount: '1.00' })
  const rulesOfProgramme = `/v1/programmes/${programmeId}/incentive-rules`
  const agreed = { DRAW: { prizeValue: '100.00' } }
  const raffle = { preset: 'JUNTOS-RAFFLE-2011', currency: 'USD', validFrom: '2026-01-01', agreed }
  const drawId = randomUUID()
  await said(`${rulesOfProgramme}/presets`, raffle)
  await said(`${book}/draws`, { id: drawId, programmeId, bimester: '2026-B1' })
  const { items: rules } = (await paying.administrator.get(rulesOfProgramme)).body
  return {
    ...{ bookId, programmeId, fundId, saverId, savingsAccountId, enrolmentId, agentId, groupId, membershipId },
    ...{ transactionId, organisationId, runId, holdId, accountId: accounts.own, drawId, calculationId },
    ruleId: rules[0].id,
    books: bookId,
    ...{ fromSavingsAccountId: savingsAccountId, toSavingsAccountId: other.accountId },
  } as Record<string, string>
}

/** An example with these ids in the places that have their names. */
export function filledWith(ids: Readonly<Record<string, string>>, value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(item => filledWith(ids, item, name))
  if (value === null || typeof value !== 'object') return ids[name] ?? value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, filledWith(ids, child, key)]))
}
