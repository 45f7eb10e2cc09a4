import { tmpdir } from 'node:os'
import { type Config, loadConfig } from '../../src/config.ts'

/** The configuration of tests: nothing is kept, nothing is logged. */
export function testConfig(env: Record<string, string> = {}): Config {
  return loadConfig({ DATA_DIR: tmpdir(), IDENTITY_KEY: '5a'.repeat(32), LOG_LEVEL: 'silent', ...env })
}
