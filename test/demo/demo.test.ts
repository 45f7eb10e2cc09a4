import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testDatabase } from '../support/database.ts'

async function demo(databaseUrl: string, dataDir: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['src/demo.ts'], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk))
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, said }
}

describe('the demo', () => {
  it('loads a programme whose books balance, and does nothing twice', { timeout: 120_000 }, async () => {
    const database = await testDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'qullqi-demo-'))
    try {
      const first = await demo(database.ownerUrl, folder)
      expect(first.said).toContain('0 there already')
      expect(first.said.match(/Debits equal credits\./g)).toHaveLength(2)
      const again = await demo(database.ownerUrl, folder)
      expect(again.said).toContain('\n0 made, ')
      expect([first.code, again.code]).toEqual([0, 0])
      const balances = (said: string) => said.slice(said.indexOf('\nBalances in'))
      expect(balances(again.said)).toBe(balances(first.said))
    } finally {
      await rm(folder, { recursive: true, force: true })
      await database.close()
    }
  })
})
