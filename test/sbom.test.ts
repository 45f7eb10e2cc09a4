import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

type Component = { name: string; version: string; hashes?: unknown[]; licenses?: unknown[] }

test('what the service is made of is listed with version, hash and licence, and no tool of its making', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { cwd: root, maxBuffer: 1e8 })
  const { components } = JSON.parse(stdout) as { components: Component[] }
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [name, version] of Object.entries(dependencies)) {
    const found = components.find(one => one.name === name || `${one.name}`.endsWith(`/${name.split('/').at(-1)}`))
    expect([name, found?.version, found?.hashes?.length, found?.licenses?.length]).toEqual([name, version, 1, 1])
  }
  const names = new Set(components.map(({ name }) => name))
  expect(Object.keys(devDependencies).filter(name => names.has(name))).toEqual([])
  expect(stdout).not.toMatch(/"url": "https?:\/\/[^"]*\.tgz"/)
})
