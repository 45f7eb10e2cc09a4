import { inflateSync } from 'node:zlib'
import { v7 as uuid } from 'uuid'
import type { Answer } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

/** A programme of two funds that pays savers in groups. */
export type Village = Paying & {
  otherFundId: string
  group(code: string, name: string, members: readonly Saver[], startsOn?: string): Promise<string>
  deposit(saver: Saver, amount: string, valueDate: string): Promise<void>
  /** Asks for a fund's part of what a run pays by a rule. */
  request(runId: string, rule: string, fundId: string, id?: string): Promise<Answer>
  step(by: 'administrator' | 'approver', requestId: string, noun: string, more?: object): Promise<Answer>
}

export async function village(service: TestApp): Promise<Village> {
  const paying = await payingProgramme(service, { preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' })
  const { said, book, programmeId, fundId } = paying
  const otherFundId = uuid()
  const other = { id: otherFundId, code: 'MUNI-1', name: 'Municipality', fundingSource: 'MUNICIPALITY' }
  await said(`${book}/funds`, { ...other, openedOn: '2026-01-01' })
  await said(`${book}/financings`, {
    ...{ id: uuid(), programmeId, validFrom: '2026-01-02' },
    shares: [
      { fundId, budgetCode: '2.5.31.12', share: '0.8' },
      { fundId: otherFundId, budgetCode: '2.5.31.13', share: '0.2' },
    ],
  })
  for (const id of [fundId, otherFundId]) {
    const receipt = { id: uuid(), fundId: id, amount: '10000.00', valueDate: '2026-01-02', reference: 'SIAF-1' }
    await said(`${book}/fund-receipts`, receipt)
  }
  return {
    ...{ ...paying, otherFundId },
    async group(code, name, members, startsOn = '2026-01-05') {
      const id = uuid()
      await said(`${book}/groups`, { id, code, name, districtCode: '080101', formedOn: '2026-01-02' })
      for (const { saverId } of members)
        await said(`${book}/memberships`, { id: uuid(), groupId: id, saverId, startsOn })
      return id
    },
    async deposit({ accountId }, amount, valueDate) {
      const body = { savingsAccountId: accountId, amount, valueDate, channel: 'branch' }
      await said(`${book}/deposits`, { id: uuid(), ...body })
    },
    request: (runId, rule, fundId, id = uuid()) =>
      paying.administrator.post(`${book}/disbursement-requests`, { id, runId, rule, fundId }),
    step: (by, requestId, noun, more = {}) => {
      const body = { id: uuid(), reference: 'RD-045-2026', on: '2026-12-31', ...more }
      return paying[by].post(`${book}/disbursement-requests/${requestId}/${noun}`, body)
    },
  }
}

/** Five savers in two groups and one in none; a run has paid both rules. Amounts that do not divide evenly by the shares. */
export async function paidVillage(service: TestApp): Promise<Village & { runId: string; women: Saver[] }> {
  const place = await village(service)
  const women: Saver[] = []
  for (let n = 0; n < 6; n++) women.push(await place.saver({ givenNames: 'Fortunata', familyNames: 'Mamanchura' }))
  await place.group('GR-002', 'Ñusta "Qori", 2', women.slice(0, 3))
  await place.group('GR-001', '=HYPERLINK("x")', women.slice(3, 5))
  for (const [n, woman] of women.entries()) {
    await place.deposit(woman, `${n + 11}.${n}3`, '2026-01-10')
    await place.deposit(woman, `${n + 7}.0${n}`, '2026-02-10')
  }
  const { id } = await place.run('2026-03', '2026-04-01')
  return { ...place, runId: id, women }
}

/** Asks for a request's paper as another media type. */
export function papers({ app }: TestApp, key: string) {
  return async (address: string, accept: string) => {
    const answer = await app.inject({ url: address, headers: { authorization: `Bearer ${key}`, accept } })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, bytes: answer.rawPayload }
  }
}

/** The text of a PDF made with the standard fonts, a string a page: what its content streams show, in their order. */
export function textOfPdf(bytes: Buffer): string[] {
  const pages: string[] = []
  const whole = bytes.toString('latin1')
  for (const found of whole.matchAll(/\/Length (\d+)\n\/Filter \/FlateDecode\n>>\nstream\n/g)) {
    const start = found.index + found[0].length
    const content = inflateSync(bytes.subarray(start, start + Number(found[1]))).toString('latin1')
    const shown = [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, parts]) =>
      [...parts!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1')).join(''),
    )
    pages.push(shown.join('\n'))
  }
  return pages
}
