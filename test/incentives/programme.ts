import { v7 as uuid } from 'uuid'
import { type Answer, type Asking, asking } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'

/** A book in which a programme pays incentives: who asks, and what it is made of. */
export type Paying = {
  bookId: string
  book: string
  programmeId: string
  fundId: string
  /** Prepares; `approver` is another client. */
  administrator: Asking
  approver: Asking
  preparerKey: string
  approverKey: string
  /** Says it, and expects 201 or 200. */
  said(address: string, body: object): Promise<Answer['body']>
  saver(more?: object): Promise<Saver>
  fund(amount: string, valueDate: string): Promise<void>
  /** Prepares and approves a run of a month, and answers it as it ended. */
  run(month: string, valueDate?: string): Promise<Answer['body']>
}

export type Saver = { saverId: string; enrolmentId: string; accountId: string; account: string }

const days = (clock: TestApp['clock']) => clock.now().toISOString().slice(0, 10)

/** What was agreed on where no source tells it, in a currency that is not the preset's. */
const agreedInSoles: Record<string, object> = {
  'CORREDOR-2003': { OPENING: { caps: [{ amount: '10.00', per: 'event' }] } },
}

/** Opens a book, a programme with a preset's rules, and a fund that pays them. */
export async function payingProgramme(
  service: TestApp,
  { preset, currency, openedOn, agreed }: { preset: string; currency: string; openedOn: string; agreed?: object },
): Promise<Paying> {
  const [preparerKey, approverKey] = [await service.key('administrator'), await service.key('administrator')]
  const [administrator, approver] = [asking(service, preparerKey), asking(service, approverKey)]
  const [institutionId, bookId, programmeId, fundId] = [uuid(), uuid(), uuid(), uuid()]
  const book = `/v1/books/${bookId}`
  async function said(address: string, body: object) {
    const { status, body: answer } = await administrator.post(address, body)
    if (status !== 201 && status !== 200) throw new Error(`${address}: ${JSON.stringify(answer)}`)
    return answer
  }
  const code = bookId.slice(-12)
  await said('/v1/institutions', { id: institutionId, code, name: 'Caja Cusco', kind: 'caja' })
  await said('/v1/books', { id: bookId, code, name: 'Caja Cusco', currency, institutionId, openedOn })
  await said('/v1/programmes', { id: programmeId, code, name: preset, contractMonths: 48, validFrom: openedOn })
  const rules = {
    preset,
    validFrom: openedOn,
    currency,
    agreed: agreed ?? (currency === 'PEN' ? agreedInSoles[preset] : {}),
  }
  await said(`/v1/programmes/${programmeId}/incentive-rules/presets`, rules)
  await said(`${book}/funds`, { id: fundId, code: 'FIDA-1', name: 'FIDA', fundingSource: 'FIDA', openedOn })
  await said(`${book}/financings`, {
    ...{ id: uuid(), programmeId, validFrom: openedOn },
    shares: [{ fundId, budgetCode: '2.5.31', share: '1' }],
  })

  return {
    ...{ bookId, book, programmeId, fundId, administrator, approver, said, preparerKey, approverKey },
    async saver(more = {}) {
      const [saverId, enrolmentId, accountId] = [uuid(), uuid(), uuid()]
      const body = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
      await said(`${book}/savers`, { id: saverId, ...body, registeredOn: openedOn, ...more })
      const contract = { saverId, programmeId, startsOn: openedOn, cohort: '1' }
      await said(`${book}/enrolments`, { id: enrolmentId, ...contract })
      await said(`${book}/savings-accounts`, { id: accountId, saverId, openedOn })
      return { saverId, enrolmentId, accountId, account: `${book}/savings-accounts/${accountId}` }
    },
    async fund(amount, valueDate) {
      await said(`${book}/fund-receipts`, { id: uuid(), fundId, amount, valueDate, reference: 'SIAF-1' })
    },
    async run(month, valueDate = days(service.clock)) {
      const id = uuid()
      const prepared = await said(`${book}/incentive-runs`, { id, programmeId, month, valueDate })
      if (prepared.status !== 'prepared') throw new Error(JSON.stringify(prepared))
      const { status, body } = await approver.post(`${book}/incentive-runs/${id}/approve`, {})
      if (status !== 200 || body.status !== 'posted') throw new Error(JSON.stringify(body))
      return body
    },
  }
}
