import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

/** Source files by their path below src. */
type Sources = Record<string, string>

/** From what uses to what is used: a file may import from a later line, or from its own folder, and from nowhere else. */
const layers: string[][] = [
  [
    'main',
    'demo',
    'migrate',
    'verify',
    'draw',
    'verify-receipt',
    'bank-file',
    'audit-log',
    'backup',
    'restore',
    'export-book',
    'import-book',
  ],
  ['app', 'program'],
  ['audit'],
  ['book-file'],
  ['dashboard'],
  ['incentives', 'reconciliation', 'seals', 'statistics', 'webhooks'],
  ['feed'],
  ['savings'],
  ['trail'],
  ['ledger'],
  ['signing'],
  ['http'],
  ['db'],
  ['refusals', 'money', 'dates', 'ids', 'texts', 'csv', 'config'],
]
const primitives = layers.length - 1

const bannedWords = ['manager', 'helper', 'util', 'service', 'handler', 'data', 'info', 'process', 'common', 'misc']
const bannedLayers = ['controller', 'repository', 'dto', 'mapper']

/** Who may ask for the time: everybody else is given a clock. */
const readsTime = ['dates.ts', 'main.ts', 'http/request-id.ts', 'http/log.ts']
const readsEnvironment = ['config.ts', 'main.ts', 'program.ts', 'migrate.ts', 'demo.ts', 'bank-file.ts']

function partOf(path: string): string {
  return path.split('/')[0]!.replace(/\.ts$/, '')
}

function layerOf(path: string): number {
  return layers.findIndex(layer => layer.includes(partOf(path)))
}

/** The files of ours that a file imports, types included: a type that leads back ties as much as a value. */
function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|^import|\bimport\()\s*'(\.[^']*)'/gm)
  return [...found].map(match => normalize(join(dirname(path), match[1]!))).filter(target => !target.startsWith('..'))
}

function wrongImports(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    importsOf(path, text)
      .filter(target => !mayImport(path, target))
      .map(target => `${path} imports ${target}`),
  )
}

function mayImport(path: string, target: string): boolean {
  const [from, to] = [layerOf(path), layerOf(target)]
  if (from === -1 || to === -1) return false
  if (partOf(path) === partOf(target)) return true
  const both = path.endsWith('/schema.ts') && target.endsWith('/schema.ts')
  if (partOf(target) === 'ledger' && target !== 'ledger/index.ts' && !both) return false
  return from < to || (from === primitives && to === primitives)
}

/** Import cycles, of types too, each named by the file that closes it. */
function cycles(sources: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  function walk(path: string, trail: string[]): void {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (done.has(path) || trail.includes(path)) return
    for (const target of importsOf(path, sources[path] ?? '')) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of Object.keys(sources)) walk(path, [])
  return found
}

function wordsOf(name: string): string[] {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[^A-Za-z0-9]+/)
  return words.flatMap(word => [word.toLowerCase(), word.toLowerCase().replace(/s$/, '')])
}

function wrongNames(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) => {
    const exported = [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|type|interface) (\w+)/gm)].map(
      match => match[1]!,
    )
    const names = [...path.replace(/\.ts$/, '').split('/'), ...exported]
    return names
      .filter(name => wordsOf(name).some(word => [...bannedWords, ...bannedLayers].includes(word)))
      .map(name => `${path} names ${name}`)
  })
}

function uses(sources: Sources, what: RegExp, allowed: string[]): string[] {
  return Object.entries(sources)
    .filter(([path, text]) => !allowed.includes(path) && what.test(withoutComments(text)))
    .map(([path]) => path)
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')
}

const now = /\bnew Date\(\s*\)|\bDate\.now\b/
const environment = /\bprocess\.env\b/
const terminal = /\bconsole\.|\bprocess\.std(out|err)\b/
const entryPoints = [
  'main.ts',
  'demo.ts',
  'migrate.ts',
  'verify.ts',
  'draw.ts',
  'verify-receipt.ts',
  'bank-file.ts',
  'audit-log.ts',
  'export-book.ts',
  'import-book.ts',
  'backup.ts',
  'restore.ts',
  'program.ts',
]

function read(): Sources {
  const root = join(import.meta.dirname, '..', 'src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))
  return Object.fromEntries(
    files.map(path => [relative(root, join(root, path)), readFileSync(join(root, path), 'utf8')]),
  )
}

const sources = read()

test('imports run one way, and the ledger is entered by its index only', () => {
  expect(wrongImports(sources)).toEqual([])
})

test('no files import each other in a circle', () => {
  expect(cycles(sources)).toEqual([])
})

test('names say what a thing is, not that it does something', () => {
  expect(wrongNames(sources)).toEqual([])
})

test('the time is passed in', () => {
  expect(uses(sources, now, readsTime)).toEqual([])
})

test('the environment is read in one place', () => {
  expect(uses(sources, environment, readsEnvironment)).toEqual([])
})

test('only programs write to the terminal', () => {
  expect(
    uses(sources, terminal, [...entryPoints, ...Object.keys(sources).filter(path => path.startsWith('demo/'))]),
  ).toEqual([])
})

test('no file is longer than 300 lines', () => {
  expect(Object.keys(sources).filter(path => sources[path]!.split('\n').length > 301)).toEqual([])
})

test.each([
  ['db/client.ts', `import { route } from '../http/routes.ts'`],
  ['savings/savers.ts', `import { post } from '../ledger/post.ts'`],
  ['savings/savers.ts', `import type { Draft } from '../ledger/draft.ts'`],
  ['incentives/runs.ts', `import { cohort } from '../statistics/cohorts.ts'`],
  ['ledger/post.ts', `const { saver } = await import('../savings/savers.ts')`],
  ['ledger/post.ts', `export * from '../savings/index.ts'`],
  ['money.ts', `import { sqlState } from './db/errors.ts'`],
  ['newfolder/thing.ts', `import { Refusal } from '../refusals.ts'`],
])('a planted import is found: %s with %s', (path, text) => {
  expect(wrongImports({ [path]: text })).toHaveLength(1)
})

test('planted circles, names and readings of the time are found', () => {
  expect(cycles({ 'a.ts': `import { b } from './b.ts'`, 'b.ts': `import { a } from './a.ts'` })).toEqual([
    'a.ts → b.ts → a.ts',
  ])
  expect(cycles({ 'a.ts': `import { b } from './b.ts'`, 'b.ts': `import type { A } from './a.ts'` })).toHaveLength(1)
  expect(wrongNames({ 'ledger/utils.ts': '' })).toHaveLength(1)
  expect(wrongNames({ 'ledger/post.ts': 'export class PostingService {}' })).toHaveLength(1)
  expect(wrongNames({ 'ledger/post.ts': 'export function database() {}' })).toEqual([])
  expect(uses({ 'ledger/post.ts': 'const at = new Date()' }, now, [])).toHaveLength(1)
  expect(uses({ 'ledger/post.ts': '// not new Date() here' }, now, [])).toEqual([])
  expect(uses({ 'ledger/post.ts': 'process.env.PORT' }, environment, readsEnvironment)).toHaveLength(1)
})
