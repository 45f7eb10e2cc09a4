import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { checkExport } from './trail/exported.ts'
import { office } from './trail/schema.ts'

const usage = `usage: npm run audit-log -- FILE [--hash HASH]
FILE is what the service answered as an audit log, or - for standard input; HASH is one that you kept, of its last entry.
Nothing is asked of any network or database.`

process.exitCode = await check()

/** Checks an export, and says where it ends: 0 when it is right, 1 when it is wrong, 2 when it could not be looked at. */
async function check(): Promise<number> {
  const asked = readArguments()
  if (asked === null) return 2
  const input = asked.path === '-' ? process.stdin : createReadStream(asked.path)
  try {
    const verdict = await checkExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
    if (!verdict.ok) {
      console.log(`WRONG, line ${verdict.line}: ${verdict.fault}.`)
      return 1
    }
    const { auditLogOf, after, endsAt, hash } = verdict
    if (asked.hash !== undefined && asked.hash.toLowerCase() !== hash) {
      console.log(`WRONG: it ends at ${hash}, which is not the one kept.`)
      return 1
    }
    const whose = auditLogOf === office ? 'the office' : `the book ${auditLogOf}`
    console.log(`Right: audit log of ${whose}, entries ${after + 1} to ${endsAt}; ends at ${hash}`)
    return 0
  } catch (error) {
    console.error(`qullqi: ${asked.path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    return 2
  }
}

function readArguments(): { path: string; hash: string | undefined } | null {
  try {
    const { values, positionals } = parseArgs({ options: { hash: { type: 'string' } }, allowPositionals: true })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error('name one file')
    return { path, hash: values.hash }
  } catch (error) {
    console.error(`qullqi: ${(error as Error).message}\n${usage}`)
    return null
  }
}
