import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openStage, type Stage, usualDays } from '../statistics/stage.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { noBrowser, openBrowser } from './browser.ts'

let service: TestApp
let stage: Stage
let analystKey: string
let home: string

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-01-10T15:00:00Z') })
  stage = await openStage(service)
  await stage.women(8, { district: '080101', cohort: '2009-A' })
  await stage.women(7, { district: '080102', days: [], cohort: '2009-A' })
  await stage.women(6, { district: '210101', days: usualDays.slice(0, 2) })
  await stage.women(9, { district: '210101' })
  await stage.women(2, { district: '210102' })
  await stage.said(`${stage.book}/funds`, {
    code: 'FIDA-1',
    name: 'FIDA & <municipality>',
    fundingSource: 'FIDA',
    openedOn: '2009-01-01',
  })
  analystKey = await service.key('analyst', { books: [stage.bookId] })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  home = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
}, 60_000)

afterAll(() => service.close())

/** Logs in without a browser; gives the cookie as it is sent back. */
async function session(key: string): Promise<{ status: number; cookie: string; set: string; text: string }> {
  const body = new URLSearchParams({ key })
  const answer = await fetch(`${home}/session`, { method: 'POST', body, redirect: 'manual' })
  const set = answer.headers.get('set-cookie') ?? ''
  return { status: answer.status, cookie: set.split(';')[0]!, set, text: await answer.text() }
}

async function look(path: string, cookie?: string): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await fetch(home + path, { redirect: 'manual', ...(cookie && { headers: { cookie } }) })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

describe('a session', () => {
  test('begins with an analyst’s, auditor’s or administrator’s key, and is the browser’s to keep, not a script’s', async () => {
    for (const role of ['analyst', 'auditor', 'administrator'] as const) {
      const { status, set, cookie } = await session(await service.key(role))
      expect([role, status]).toEqual([role, 303])
      expect(set).toMatch(/; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/)
      expect((await look('/', cookie)).text).toContain('class="headline"')
    }
  })

  test.each([
    ['no key', ''],
    ['what is no key', 'qk_nothing'],
    ['a long text', 'q'.repeat(1_500)],
  ])('does not begin with %s', async (_, key) => {
    const { status, set, text } = await session(key)
    expect([status, set]).toEqual([401, ''])
    expect(text).toContain('role="alert"')
  })

  test('is not begun by another site’s form', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const body = new URLSearchParams({ key: analystKey })
    const answer = await fetch(`${home}/session`, { method: 'POST', body, headers, redirect: 'manual' })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null])
  })

  test('does not begin with the key of an agent, who is told why', async () => {
    const agent = { id: randomUUID(), code: 'A-1', name: 'Agente', startsOn: '2010-01-01' }
    await stage.said(`${stage.book}/agents`, agent)
    const key = await service.key('agent', { books: [stage.bookId], agentId: agent.id })
    const { status, set, text } = await session(key)
    expect([status, set]).toEqual([403, ''])
    expect(text).toContain('es de otro trabajo')
  })

  test('ends after an hour, with its key, and on asking; and a seal of somebody else’s begins none', async () => {
    const key = await service.key('analyst')
    const { cookie } = await session(key)
    const isIn = async (sent = cookie) => (await look('/', sent)).text.includes('class="headline"')
    expect(await isIn()).toBe(true)
    const [keyId, ends, seal] = cookie.split('=')[1]!.split('.')
    for (const forged of [
      `${keyId}.${Number(ends) + 1}.${seal}`,
      `${randomUUID()}.${ends}.${seal}`,
      `${keyId}.${ends}.`,
      `${keyId}.${ends}`,
      `${keyId}.${ends}.${seal}.`,
    ])
      expect([forged, await isIn(`qullqi_session=${forged}`)]).toEqual([forged, false])
    service.clock.advance(3_599_000)
    expect(await isIn()).toBe(true)
    service.clock.advance(1_000)
    expect(await isIn()).toBe(false)
    const { cookie: second } = await session(key)
    expect(await isIn(second)).toBe(true)
    await stage.administrator.post(`/v1/api-keys/${keyId}/revocation`, {})
    expect(await isIn(second)).toBe(false)
    const out = await fetch(`${home}/session/end`, { method: 'POST', redirect: 'manual', headers: { cookie: second } })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      303,
      expect.stringMatching(/^qullqi_session=;.*Expires=Thu, 01 Jan 1970/),
    ])
  })

  test('is needed for places and files as well', async () => {
    for (const path of ['/places/08', '/tables/series.csv']) {
      const { status, headers } = await look(path)
      expect([path, status, headers.get('location')]).toEqual([path, 303, '/'])
    }
  })

  test('shows the books of its key and no others', async () => {
    const other = await openStage(service)
    await other.women(5, { district: '150101' })
    const { cookie } = await session(await service.key('analyst', { books: [other.bookId] }))
    const { text } = await look('/', cookie)
    expect(text.match(/\/places\/\d\d/g)).toEqual(['/places/15', '/places/15'])
    expect(text).not.toContain('FIDA')
    expect((await look('/tables/places.csv', cookie)).text).not.toContain('0801')
  })
})

describe('a file', () => {
  test('says what the page says, and with semicolons where that is wanted', async () => {
    const { cookie } = await session(analystKey)
    const { text, headers } = await look('/tables/places.csv', cookie)
    expect(headers.get('content-disposition')).toBe('attachment; filename="permanent-active-savers.csv"')
    const rows = text.trim().split('\r\n')
    expect(rows.find(row => row.startsWith('2010-12,08,'))).toMatch(/^2010-12,08,15,0,0,15,8,0,0,7,0.5333,PAS-v1,PEN,/)
    expect(rows.find(row => row.startsWith('2010-12,210102,'))).toMatch(/:c/)
    expect((await look('/tables/series.csv?format=csv-es-PE', cookie)).text).toContain('0,5')
    expect((await look('/tables/funds.csv', cookie)).text).toContain('FIDA & <municipality>,0.00')
  })

  test('is not given otherwise than it was asked for', async () => {
    const { cookie } = await session(analystKey)
    for (const query of ['profile=public', 'format=parquet', 'format=csv&format=csv']) {
      const { status, text } = await look(`/tables/series.csv?${query}`, cookie)
      expect([query, status, text]).toEqual([query, 400, expect.stringContaining('No se puede mostrar')])
    }
  })

  test('that there is none of is not found, in the language of who asks', async () => {
    const { cookie } = await session(analystKey)
    for (const path of ['/tables/toString.csv', '/tables/nothing.csv', '/places/99', '/places/0801'])
      expect([path, (await look(path, cookie)).status]).toEqual([path, 404])
    expect((await look('/places/99?lang=en', cookie)).text).toContain('Nothing is at this address')
  })
})

describe.skipIf(noBrowser)('in a browser', () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    browser = await openBrowser()
  }, 60_000)
  afterAll(() => browser?.close())
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1200, height: 900 }, javaScriptEnabled: false })
    page = await context.newPage()
  })
  afterEach(() => context.close())

  async function enter(within: Page = page, language = ''): Promise<void> {
    await within.goto(`${home}/${language}`)
    await within.fill('#key', analystKey)
    await within.keyboard.press('Enter')
    await within.waitForSelector('.headline')
  }

  test('without JavaScript, by keyboard alone: log in, open a table, go to a place, and out', async () => {
    await page.goto(home)
    await page.keyboard.press('Tab')
    expect(await page.textContent(':focus')).toBe('Ir al contenido')
    const presses = async (text: string) => {
      for (let tab = 0; tab < 60; tab++) {
        await page.keyboard.press('Tab')
        const focused = page.locator(':focus')
        const said = (await focused.getAttribute('aria-label')) ?? (await focused.textContent()) ?? ''
        if (said.startsWith(text) || (await focused.getAttribute('id')) === text) return page.keyboard.press('Enter')
      }
      throw new Error(`${text} was not reached`)
    }
    for (let tab = 0; tab < 10 && (await page.locator('#key:focus').count()) === 0; tab++)
      await page.keyboard.press('Tab')
    await page.keyboard.type(analystKey)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.headline')
    expect((await page.textContent('.headline'))?.replaceAll(/\s+/g, ' ')).toContain('19 de 32 con cuenta')
    await presses('Como tabla')
    await page.waitForSelector('#series details[open] table', { state: 'visible' })
    await presses('Cusco')
    await page.waitForURL('**/places/08')
    expect(await page.textContent('h1')).toBe('Cusco: Ahorradoras activas permanentes')
    await page.goto(home)
    await presses('Salir')
    await page.waitForSelector('#key')
  })

  test('what is hidden says so, beside why', async () => {
    await enter()
    await page.goto(`${home}/places/21`)
    expect(await page.locator('td.hidden').first().textContent()).toBe('oculto')
    expect(await page.textContent('.fine')).toContain('menores que 5')
  })

  test('the first view is light: at most 60 kB in four requests', async () => {
    await enter()
    const fresh = await browser.newContext()
    await fresh.addCookies(await context.cookies())
    const first = await fresh.newPage()
    let [requests, bytes] = [0, 0]
    first.on('response', async response => {
      requests++
      const { responseBodySize, responseHeadersSize } = await response.request().sizes()
      bytes += responseBodySize + responseHeadersSize
    })
    await first.goto(home, { waitUntil: 'networkidle' })
    await fresh.close()
    expect(requests).toBeLessThanOrEqual(4)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(60_000)
  })

  test('on a slow link it is there within seconds', async () => {
    await enter()
    const slow = await context.newCDPSession(page)
    // What a field office may have: 50 kB a second, and a third of one until anything comes.
    const conditions = { offline: false, latency: 300, downloadThroughput: 50_000, uploadThroughput: 20_000 }
    await slow.send('Network.emulateNetworkConditions', conditions)
    const started = performance.now()
    await page.reload({ waitUntil: 'load' })
    expect(await page.isVisible('.headline')).toBe(true)
    expect(performance.now() - started).toBeLessThan(8_000)
  })

  test('a cohort is followed: of fifteen eight saved in the thirteenth month', async () => {
    await enter()
    const row = page.locator('#retention tbody tr').first()
    const heads = await page.locator('#retention thead th').allTextContents()
    const cells = await row.locator('th, td').allTextContents()
    expect(cells[0]).toBe('2009-A')
    const months = Object.fromEntries(heads.map((head, at) => [head, cells[at]]))
    // They enrolled in January 2009 and brought deposits from February 2010 on.
    expect([months['mes 0'], months['mes 12'], months['mes 18']]).toEqual(['0.0 %', '0.0 %', '0.0 %'])
    const { cookie } = await session(analystKey)
    const { text } = await look('/tables/retention.csv', cookie)
    expect(text).toContain('\r\n2009-A,13,15,8,0.5333,')
  })

  test('on a narrow screen nothing is wider than it', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    await enter()
    const scripted = await browser.newContext({ viewport: { width: 320, height: 640 } })
    await scripted.addCookies(await context.cookies())
    const narrow = await scripted.newPage()
    for (const path of ['/', '/places/21', '/?lang=en']) {
      await narrow.goto(home + path)
      const width = await narrow.evaluate('document.documentElement.scrollWidth')
      expect([path, width]).toEqual([path, 320])
    }
    await scripted.close()
  })

  test.each([
    ['light', 1200, ['/', '/?lang=en', '/places/21', '/places/99']],
    ['dark', 1200, ['/']],
    ['light', 320, ['/']],
  ] as const)(
    'nobody is kept out, by what axe can tell: %s, %i wide',
    { timeout: 120_000 },
    async (colorScheme, width, paths) => {
      const scripted = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
      const looked = await scripted.newPage()
      const isFine = async (path: string) => {
        const { violations } = await new AxeBuilder({ page: looked }).analyze()
        expect([path, violations.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([path, []])
      }
      await looked.goto(home)
      await isFine('log-in')
      await enter(looked)
      for (const path of paths) {
        await looked.goto(home + path)
        for (const details of await looked.locator('details').all()) await details.locator('summary').click()
        await isFine(path)
      }
      await scripted.close()
    },
  )

  test('speaks English when asked, and goes on doing so', async () => {
    await enter(page, '?lang=en')
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await page.click('a[href^="/places/08"]')
    expect(await page.textContent('h1')).toBe('Cusco: Permanent active savers')
    expect(await page.content()).not.toContain('Inicio')
  })
})
