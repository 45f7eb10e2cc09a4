import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs/threats.md'), 'utf8')

type Named = { file: string; name: string }

/** What a page says holds something: lines of a file's name and a test's. */
function namedIn(text: string): Named[] {
  return [...text.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)].map(([, file, name]) => ({ file: file!, name: name! }))
}

/** Whether a file has a test, or a row of a table of tests, by this very name, and does not skip it. */
function isThere({ file, name }: Named, read = (path: string) => readFileSync(join(root, path), 'utf8')): boolean {
  const text = read(file)
  return ["'", '`', '"'].some(quote => {
    const place = text.indexOf(`${quote}${name}${quote},`)
    return place >= 0 && /(\b(test|it)(\.each\([\s\S]*\))?\(|\[)\s*$/.test(text.slice(0, place))
  })
}

test('each of OWASP’s ten is answered by tests, and each test that is named is there', () => {
  const sections = page.split(/^### /m).slice(1)
  expect(sections.map(section => /^API\d+/.exec(section)?.[0])).toEqual(
    Array.from({ length: 10 }, (_, place) => `API${place + 1}`),
  )
  for (const section of sections) expect([section.slice(0, 40), namedIn(section).length > 3]).toContain(true)
  expect(namedIn(page).filter(named => !isThere(named))).toEqual([])
})

test('a line that names a test in another way is none, and would be missed', () => {
  const lines = page.split('\n').filter(line => line.includes('`test/'))
  expect(namedIn(page)).toHaveLength(lines.length)
  expect(lines.length).toBeGreaterThan(60)
  expect(new Set(lines).size).toBe(lines.length)
})

test.each([
  ["test('a thing is so', () => {})", true],
  ["  it.each([1, 2])('a thing is so', () => {})", true],
  ["[\n    'a thing is so',\n    1]", true],
  ["test.skip('a thing is so', () => {})", false],
  ["test.todo('a thing is so', () => {})", false],
  ["test('a thing is so or not', () => {})", false],
  ["const name = 'a thing is so', other = 1", false],
])('of %j it is told whether the test is there', (text, found) => {
  expect(isThere({ file: 'x', name: 'a thing is so' }, () => text)).toBe(found)
})
