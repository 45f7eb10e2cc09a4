import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Banking, openBanking } from '../reconciliation/banking.ts'
import { mt940 } from '../reconciliation/written.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { noBrowser, openBrowser } from './browser.ts'

let service: TestApp
let banking: Banking
let other: Banking
let home: string
let account: string
let address: string
const number = '191-2345678-0-12'

beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-03-20T15:00:00Z') })
  banking = await openBanking(service, 'PEN')
  other = await openBanking(service, 'PEN')
  account = await banking.account(number)
  address = `/reconciliation/${banking.bookId}/${account}`
  const [saverId, id] = [uuid(), uuid()]
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  await said('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
  await said('/savings-accounts', { id, saverId, openedOn: '2026-01-05' })
  for (const [amount, valueDate] of [
    ['10.00', '2026-03-02'],
    ['7.00', '2026-03-03'],
  ])
    await said('/deposits', { id: uuid(), savingsAccountId: id, amount, valueDate, channel: 'branch' })
  const first = mt940([{ day: '260302', number: '1', opening: '0,00', closing: '10,00', lines: ['C10,00A'] }])
  const second = mt940([{ day: '260304', number: '2', opening: '10,00', closing: '31,00', lines: ['C20,00B'] }])
  for (const file of [first, second]) expect((await banking.send(file)).status).toBe(201)
  await said(`/bank-accounts/${account}/matchings`, { id: uuid() })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  home = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
}, 60_000)

afterAll(() => service.close())

async function said(path: string, body: object): Promise<void> {
  const answer = await banking.post(path, body)
  expect([path, answer.status, answer.body.detail]).toEqual([path, 201, undefined])
}

async function cookieOf(key: string): Promise<string> {
  const body = new URLSearchParams({ key })
  const answer = await fetch(`${home}/session`, { method: 'POST', body, redirect: 'manual' })
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

async function look(path: string, cookie?: string): Promise<{ status: number; text: string; to: string | null }> {
  const answer = await fetch(home + path, { redirect: 'manual', ...(cookie && { headers: { cookie } }) })
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') }
}

describe('reconciliation', () => {
  test('is where a bank’s key leads, to its own accounts and nowhere else', async () => {
    const cookie = await cookieOf(banking.bankKey)
    expect((await look('/', cookie)).to).toBe('/reconciliation')
    const { text } = await look('/reconciliation?lang=en', cookie)
    expect(text).toContain(`<a href="${address}?lang&#61;en">${number}</a>`)
    expect(text).toContain('broken')
    expect(text).not.toContain('href="/releases')
    for (const path of ['/releases', '/places/08', '/tables/series.csv'])
      expect([path, (await look(path, cookie)).to]).toEqual([path, '/'])
    const stranger = await cookieOf(other.bankKey)
    expect((await look('/reconciliation', stranger)).text).toContain('no tienen cuentas de banco')
    for (const path of [address, `${address}/proofs.csv`, '/reconciliation/a/b', `${address}/no.csv`]) {
      const status = (await look(path, path.endsWith('no.csv') ? cookie : stranger)).status
      expect([path, status]).toEqual([path, 404])
      expect([path, (await look(path)).to]).toEqual([path, '/'])
    }
  })

  test('has each day’s proof in a calendar, and open breaks with their age', async () => {
    const cookie = await cookieOf(banking.bankKey)
    const { text } = await look(`${address}?lang=en`, cookie)
    const cell = (day: string, status: string) => expect(text).toContain(`title="${day} March 2026: ${status}"`)
    cell('1', 'no statement')
    cell('2', 'proved')
    cell('3', 'proved')
    cell('4', 'broken')
    cell('5', 'no statement')
    expect(text).toContain('title="1 January 2026: no statement"')
    expect(text).not.toContain('21 March 2026')
    const proofs = (await look(`${address}/proofs.csv`, cookie)).text
    expect(proofs).toContain('2026-03-02,proved,10.00,0.00,0.00,10.00,0.00')
    expect(proofs).toContain('2026-03-04,broken,37.00,20.00,13.00,31.00,1.00')
    const breaks = (await look(`${address}/breaks.csv`, cookie)).text
    expect(breaks).toMatch(/statement-unbalanced,statement,1,2026-03-04,16/)
    expect(breaks).toMatch(/,entry,1,2026-03-03,17/)
  })

  test('has breaks one by one, with their owner, how much is said of them, and whether something is proposed', async () => {
    const at = `/bank-accounts/${account}`
    const { items } = (await banking.get(`${at}/breaks`)).body
    const [entry] = items.filter((one: { of: string }) => one.of === 'entry')
    await said(`${at}/breaks/${entry.id}/comments`, { id: uuid(), text: 'It is looked for.' })
    await said(`${at}/breaks/${entry.id}/owner`, { id: uuid() })
    await said(`${at}/resolutions`, { id: uuid(), kind: 'accept', reason: 'small', breaks: [entry.id] })
    const cookie = await cookieOf(banking.bankKey)
    const { text } = await look(`${address}?lang=en`, cookie)
    expect(text).toContain('<section id="list">')
    expect(text).toContain('proposal waits')
    expect(text).not.toContain('It is looked for.')
    const list = (await look(`${address}/list.csv`, cookie)).text
    expect(list).toMatch(/2026-03-03,[a-z-]+,entry,proposed,test administrator,-7.00,1/)
    expect(list).toMatch(/,line,open,,20.00,0/)
  })

  test('has the newest list of savers’ balances of each book beside ours, and none where there is none', async () => {
    const cookie = await cookieOf(banking.bankKey)
    expect((await look('/reconciliation?lang=en', cookie)).text).not.toContain('<section id="balances">')
    const [saverId, id] = [uuid(), uuid()]
    const person = { givenNames: 'Rosa', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
    await said('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
    await said('/savings-accounts', { id, saverId, openedOn: '2026-01-05', bankAccountNumber: '110-01-2345678' })
    for (const [asOf, balance] of [
      ['2026-03-10', '1.35'],
      ['2026-03-09', '9.00'],
    ]) {
      const answer = await service.app.inject({
        method: 'POST',
        url: `${banking.book}/balance-lists?asOf=${asOf}&id=${uuid()}`,
        headers: { authorization: `Bearer ${banking.bankKey}`, 'content-type': 'text/csv' },
        payload: `account,balance,interest\n110-01-2345678,${balance},1.35\n999-9,1234.00,\n`,
      })
      expect([asOf, answer.statusCode]).toEqual([asOf, 201])
    }
    const { text } = await look('/reconciliation?lang=en', cookie)
    expect(text).toContain('<section id="balances">')
    for (const cell of ['10 March 2026', 'S/ 1,235.35', 'S/ 17.00', 'S/ 1,218.35']) expect(text).toContain(cell)
    expect(text).not.toContain('9 March 2026')
    expect(text).not.toContain('110-01-2345678')
    const file = (await look('/reconciliation/balances.csv', cookie)).text
    expect(file).toContain(',2026-03-10,PEN,2,2,1235.35,17.00,1218.35,3,1')
    expect((await look('/reconciliation/balances.csv', await cookieOf(other.bankKey))).text).not.toContain('2026-03-10')
    expect((await look('/reconciliation/balances.csv')).to).toBe('/')
  })

  test('is told to analysts in short, on the first page, and to auditors with what is behind it', async () => {
    const [analyst, auditor] = [
      await cookieOf(await service.key('analyst')),
      await cookieOf(await service.key('auditor')),
    ]
    const short = (await look('/', analyst)).text
    expect(short).toContain('<section id="reconciliation">')
    expect(short).toContain(number)
    expect(short).not.toContain(address)
    expect((await look('/reconciliation', analyst)).to).toBe('/')
    expect((await look('/', auditor)).text).toContain(`<a href="${address}">${number}</a>`)
    expect((await look('/tables/reconciliation.csv', analyst)).text).toContain(`${number},`)
    const without = await cookieOf(await service.key('analyst', { books: [other.bookId] }))
    expect((await look('/', without)).text).not.toContain('<section id="reconciliation">')
  })

  test.skipIf(noBrowser).each([1200, 320])('nobody is kept out of it, %i wide', async width => {
    const browser = await openBrowser()
    try {
      const context = await browser.newContext({ viewport: { width, height: 800 } })
      const page = await context.newPage()
      await page.goto(home)
      await page.fill('#key', banking.bankKey)
      await page.keyboard.press('Enter')
      await page.waitForURL('**/reconciliation')
      for (const path of ['/reconciliation', address, `${address}?lang=en`]) {
        await page.goto(home + path)
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect([path, violations.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([path, []])
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width])
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/r-${width}.png`, fullPage: true })
      }
    } finally {
      await browser.close()
    }
  })
})
