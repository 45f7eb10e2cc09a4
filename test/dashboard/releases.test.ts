import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asking } from '../savings/asking.ts'
import { openStage, type Stage } from '../statistics/stage.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { noBrowser, openBrowser } from './browser.ts'

let service: TestApp
let stage: Stage
let home: string
let analystKey: string
const ids = [uuid(), uuid()]

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-01-10T15:00:00Z') })
  stage = await openStage(service)
  await stage.women(8)
  const late = await stage.women(7, { days: ['2010-02-10', '2010-05-10', '2010-08-10'] })
  await stage.women(2, { district: '210101' })
  await stage.women(9, { district: '210102' })
  analystKey = await service.key('analyst', { books: [stage.bookId] })
  const analyst = asking(service, analystKey)
  const tables = [
    { name: 'by-district', asOf: '2010-12-31', by: 'district' },
    { name: 'series', from: '2010-09', to: '2010-11' },
  ]
  for (const [at, id] of ids.entries()) {
    service.clock.advance(1_000)
    const title = `Savers & <all> ${at}`
    const body = { id, code: `R-${at}`, title, tables, ...(at > 0 && { revises: ids[0] }) }
    expect((await analyst.post('/v1/releases', body)).status).toBe(201)
    service.clock.advance(1_000)
    for (const { accountId: savingsAccountId } of late) {
      const deposit = { savingsAccountId, amount: '20.00', channel: 'branch', valueDate: '2010-11-10' }
      await stage.said(`${stage.book}/deposits`, deposit)
    }
  }
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  home = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
}, 60_000)

afterAll(() => service.close())

async function cookieOf(key: string): Promise<string> {
  const body = new URLSearchParams({ key })
  const answer = await fetch(`${home}/session`, { method: 'POST', body, redirect: 'manual' })
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

async function look(path: string, cookie?: string): Promise<{ status: number; text: string; to: string | null }> {
  const answer = await fetch(home + path, { redirect: 'manual', ...(cookie && { headers: { cookie } }) })
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location') }
}

describe('releases', () => {
  test('are listed with their hashes, in both languages, a link away from every page', async () => {
    const cookie = await cookieOf(analystKey)
    expect((await look('/', cookie)).text).toContain('<a href="/releases">Publicaciones</a>')
    const { text } = await look('/releases', cookie)
    const { sha256 } = (await asking(service, analystKey).get(`/v1/releases/${ids[0]}`)).body.manifest
    for (const part of [sha256, 'Savers &#38; &#60;all&#62; 0', `/releases/${ids[1]}`]) expect(text).toContain(part)
    expect((await look('/releases?lang=en', cookie)).text).toContain('Published tables that never change')
  })

  test('tell hash, signature, cut-off, tables and differences, and have their files', async () => {
    const cookie = await cookieOf(analystKey)
    const { text } = await look(`/releases/${ids[1]}?lang=en`, cookie)
    const { manifest, signature } = (await asking(service, analystKey).get(`/v1/releases/${ids[1]}`)).body
    for (const part of [manifest.sha256, signature, stage.code, ids[0]!, 'money recorded later', 'by-district'])
      expect(text).toContain(part)
    const content = await look(`/releases/${ids[1]}/content.json`, cookie)
    expect(createHash('sha256').update(content.text).digest('hex')).toBe(manifest.sha256)
    const csv = await look(`/releases/${ids[0]}/tables/by-district.csv`, cookie)
    expect(csv.text).toMatch(/^2010-12,080101,15,0,0,15,8,7,0,0,0.5333,/m)
    expect((await look(`/releases/${ids[0]}/tables/by-district.csv?format=parquet`, cookie)).status).toBe(400)
  })

  test('say in Spanish whom they count, where by name, by whom they were published and how they hide', async () => {
    const { text } = await look(`/releases/${ids[0]}`, await cookieOf(analystKey))
    const { text: english } = await look(`/releases/${ids[0]}?lang=en`, await cookieOf(analystKey))
    const { releasedBy: actor } = (await asking(service, analystKey).get(`/v1/releases/${ids[0]}`)).body.manifest
    for (const part of [
      'Personas cuya primera cuenta',
      `Libros: ${stage.code}`,
      'uso interno, k &#61; 5',
      'Cusco <small>080101</small>',
    ])
      expect(text).toContain(part)
    expect(text).not.toContain(actor)
    for (const part of ['Persons whose first account', 'internal, k &#61; 5']) expect(english).toContain(part)
  })

  test('are there for whoever logged in and reaches their books', async () => {
    const other = await openStage(service)
    const elsewhere = await cookieOf(await service.key('analyst', { books: [other.bookId] }))
    const paths = [
      `/releases/${ids[0]}`,
      `/releases/${ids[0]}/content.json`,
      `/releases/${ids[0]}/tables/by-district.csv`,
    ]
    for (const path of [...paths, `/releases/${uuid()}`, '/releases/nothing']) {
      expect([path, (await look(path, elsewhere)).status]).toEqual([path, 404])
      expect([path, (await look(path)).to]).toEqual([path, '/'])
    }
    expect((await look(`/releases/${ids[0]}/tables/no.csv`, await cookieOf(analystKey))).status).toBe(404)
    expect((await look('/releases', elsewhere)).text).toContain('Todavía no hay publicaciones')
    expect((await look('/releases')).to).toBe('/')
  })

  test.skipIf(noBrowser).each([1200, 320])('nobody is kept out of them, %i wide', async width => {
    const browser = await openBrowser()
    try {
      const context = await browser.newContext({ viewport: { width, height: 800 } })
      const page = await context.newPage()
      await page.goto(home)
      await page.fill('#key', analystKey)
      await page.keyboard.press('Enter')
      await page.waitForSelector('.headline')
      await page.click('a[href="/releases"]')
      await page.waitForURL('**/releases')
      for (const path of ['/releases', `/releases/${ids[1]}`, `/releases/${ids[1]}?lang=en`]) {
        await page.goto(home + path)
        for (const details of await page.locator('details').all()) await details.locator('summary').click()
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect([path, violations.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([path, []])
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width])
      }
    } finally {
      await browser.close()
    }
  })
})
