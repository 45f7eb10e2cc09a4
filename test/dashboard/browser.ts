import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's, or the one that CHROMIUM names. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const noBrowser = !existsSync(executablePath)

if (noBrowser)
  console.warn('SKIPPED: Chromium is not installed (apt-get install chromium), so nobody looks at the page.')

/** Root may not have a sandbox of Chromium's. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
