import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'

let service: TestApp
let banking: Banking

beforeAll(async () => {
  service = await testApp()
  banking = await openBanking(service, 'PEN')
  await banking.account('191-1')
  // The thread that reads is there by now, so that what follows is the reading alone.
  await banking.send(':20:X\n:25:191-1\n:61:?\n')
})

afterAll(() => service.close())

const header = '<?xml version="1.0" encoding="UTF-8"?>'
const namespace = 'xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"'
const opened = `${header}<Document ${namespace}><BkToCstmrStmt><Stmt><Id>1</Id>`

/** Ten entities, each ten times the one before it: a thousand million words of a few hundred bytes. */
const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('')
const megabytes = (count: number, text: string) => text.repeat(Math.ceil((count * 1_000_000) / text.length))

test.each([
  ['a bomb of entities', `${header}<!DOCTYPE d [<!ENTITY l0 "lol">${laughs}]><Document ${namespace}>&l9;</Document>`],
  [
    'one long entity, told often',
    `${header}<!DOCTYPE d [<!ENTITY a "${megabytes(2, 'a')}">]><Document>${'&a;'.repeat(50_000)}</Document>`,
  ],
  [
    'a file of the machine',
    `${header}<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><Document ${namespace}>&f;</Document>`,
  ],
  ['a document type from elsewhere', `${header}<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd"><Document ${namespace}/>`],
  ['an entity that nobody declared', `${opened}&l9;`],
  ['five million elements in one another', `${opened}${'<a>'.repeat(5_000_000)}`],
  ['a name without end', `${opened}<${megabytes(15, 'a')}`],
  ['an attribute without end', `${opened}<a b="${megabytes(15, 'a')}`],
  ['a comment without end', `${opened}<!--${megabytes(15, 'a -')}`],
  ['a section without end', `${opened}<![CDATA[${megabytes(15, 'a]')}`],
  ['attributes without number', `${opened}<a ${Array.from({ length: 500_000 }, (_, at) => `b${at}="1"`).join(' ')}`],
  ['an instruction without end', `${opened}<?a ${megabytes(15, 'a?')}`],
  ['a reference without end', `${opened}&${megabytes(15, 'a')}`],
  ['a line of MT940 without end', `:20:X\n:25:191-1\n:86:${megabytes(15, 'a')}`],
  ['fields of MT940 and no balance', `:20:X\n:25:191-1\n${megabytes(2, ':86:a\n')}`],
])('%s is refused soon, and takes little memory', async (_, text) => {
  const memory = process.memoryUsage().rss
  const began = performance.now()
  const { status, body } = await banking.send(text)
  const seconds = (performance.now() - began) / 1_000
  expect([status, body.code]).toEqual([422, 'file-refused'])
  expect(body.facts.where).toMatch(/^line \d+/)
  // The machine may be busy; what grows faster than the file would take minutes.
  expect(seconds).toBeLessThan(5)
  expect((process.memoryUsage().rss - memory) / 1_048_576).toBeLessThan(300)
})
