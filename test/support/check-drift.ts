import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { generated, missingMigrations } from './generated.ts'

/** Regenerates every generated file and compares: 1 when one is not what the sources say, with the command that mends it. */
let drifted = false

function report(line: string): void {
  drifted = true
  console.error(line)
}

const missing = await missingMigrations()
if (missing.length > 0)
  report(`A schema.ts changed without its migration; run npm run db:generate.\n${missing.join('\n')}`)

for (const { path, command, make } of generated) {
  const name = relative('.', path)
  const [kept, now] = [await readFile(path, 'utf8').catch(() => undefined), await make()]
  if (kept === undefined) report(`${name} is missing; run ${command}.`)
  else if (kept !== now) report(`${name} is not what the sources make; run ${command}.\n${firstDifference(kept, now)}`)
  else console.log(`${name} is up to date`)
}
process.exitCode = drifted ? 1 : 0

function firstDifference(kept: string, now: string): string {
  const [before, after] = [kept.split('\n'), now.split('\n')]
  const line = after.findIndex((text, index) => text !== before[index])
  const at = line === -1 ? after.length : line
  return [`  line ${at + 1}`, `  - ${before[at] ?? '(end)'}`, `  + ${after[at] ?? '(end)'}`].join('\n')
}
