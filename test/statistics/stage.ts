import { v7 as uuid } from 'uuid'
import { type Answer, type Asking, asking } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'

/** A book and who saves in it, for figures that can be told by counting on one's fingers. */
export type Stage = {
  bookId: string
  book: string
  code: string
  institution: string
  programmeId: string
  programme: string
  administrator: Asking
  said(address: string, body: object): Promise<Answer['body']>
  /** Opens an account for so many women, and has each deposit on the days. */
  women(
    count: number,
    more?: {
      district?: string
      sex?: string
      opened?: string
      days?: readonly string[]
      amount?: string
      cohort?: string
    },
  ): Promise<Woman[]>
}

export type Woman = { saverId: string; accountId: string }

export const usualDays = ['2010-02-10', '2010-05-10', '2010-08-10', '2010-11-10'] as const

export async function openStage(service: TestApp, currency = 'PEN'): Promise<Stage> {
  const administrator = asking(service, await service.key('administrator'))
  async function said(address: string, body: object) {
    const { status, body: answer } = await administrator.post(address, { id: uuid(), ...body })
    if (status !== 201) throw new Error(`${address}: ${JSON.stringify(answer)}`)
    return answer
  }
  const code = uuid().slice(-12)
  const institution = await said('/v1/institutions', { code, name: 'Caja', kind: 'caja' })
  const opening = { code, name: 'Caja', currency, institutionId: institution.id, openedOn: '2008-01-01' }
  const { id: bookId } = await said('/v1/books', opening)
  const book = `/v1/books/${bookId}`
  const programme = { code: `P-${code}`, name: 'Corredor', contractMonths: 48, validFrom: '2008-01-01' }
  const { id: programmeId } = await said('/v1/programmes', programme)
  return {
    ...{ bookId, book, code, institution: code, programmeId, programme: programme.code, administrator, said },
    async women(
      count,
      { district = '080101', sex = 'female', opened = '2009-01-10', days = usualDays, amount = '20.00', cohort } = {},
    ) {
      const women: Woman[] = []
      for (let nth = 0; nth < count; nth++) {
        const person = { givenNames: 'Juana', familyNames: 'Condori', sex, districtCode: district }
        const { id: saverId } = await said(`${book}/savers`, { ...person, registeredOn: '2008-01-02' })
        const { id: accountId } = await said(`${book}/savings-accounts`, { saverId, openedOn: opened })
        const told = { savingsAccountId: accountId, amount, channel: 'branch' }
        for (const valueDate of days) await said(`${book}/deposits`, { ...told, valueDate })
        if (cohort !== undefined) await said(`${book}/enrolments`, { saverId, programmeId, startsOn: opened, cohort })
        women.push({ saverId, accountId })
      }
      return women
    },
  }
}
