import { v7 as uuid } from 'uuid'
import type { BenchBook, Stage } from './stage.ts'

/** A saver and an agent of a book: who is served while others hand in files of it, or match it. */
export async function openBystanding({ call }: Stage, id: string): Promise<BenchBook> {
  const [saverId, accountId, agentId] = [uuid(), uuid(), uuid()]
  const day = '2024-01-02'
  const saver = { givenNames: 'Ana', familyNames: 'Quispe', sex: 'female', districtCode: '080101', registeredOn: day }
  await call('POST', `/v1/books/${id}/savers`, { id: saverId, ...saver })
  await call('POST', `/v1/books/${id}/savings-accounts`, { id: accountId, saverId, openedOn: day })
  await call('POST', `/v1/books/${id}/agents`, { id: agentId, code: 'A-1', name: 'Agente', startsOn: day })
  return { id, accounts: [accountId], agentId }
}
