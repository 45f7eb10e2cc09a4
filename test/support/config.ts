import { tmpdir } from 'node:os'
import { type Config, loadConfig } from '../../src/config.ts'

/** The configuration of tests: nothing is kept, nothing is logged, and nobody is turned away because the tests' own thread is busy. */
export function testConfig(env: Record<string, string> = {}): Config {
  const keys = { IDENTITY_KEY: '5a'.repeat(32), SIGNING_KEY: 'a5'.repeat(32) }
  return loadConfig({ DATA_DIR: tmpdir(), ...keys, LOG_LEVEL: 'silent', PRESSURE_DELAY: '0', ...env })
}
