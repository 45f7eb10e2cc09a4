import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type ReceiptClaims, verifyReceipt } from './savings/receipts/signed.ts'
import { publicJwk } from './signing/signing.ts'

const usage = `usage: npm run verify-receipt -- --keys FILE RECEIPT
FILE is what /.well-known/jwks.json answered when you kept it. RECEIPT is a signed receipt, as the code on the paper says it; or a
file with one; or - for standard input. Nothing is asked of any network.`

/** What the program was asked cannot be done; the message is for the person who asked. */
class Unable extends Error {}

try {
  process.exitCode = await verify()
} catch (error) {
  if (!(error instanceof Unable)) throw error
  console.error(`qullqi: ${error.message}`)
  process.exitCode = 2
}

async function verify(): Promise<number> {
  const { keys, receipt } = readArguments()
  const verdict = verifyReceipt(await receiptIn(receipt), await keysIn(keys))
  if (!verdict.ok) {
    console.log(`WRONG: ${verdict.fault}.`)
    return 1
  }
  console.log(told(verdict.claims, verdict.keyId))
  return 0
}

function readArguments(): { keys: string; receipt: string } {
  try {
    const { values, positionals } = parseArgs({ options: { keys: { type: 'string' } }, allowPositionals: true })
    const [receipt, ...more] = positionals
    if (values.keys === undefined) throw new Error('say with --keys by which keys')
    if (receipt === undefined || more.length > 0) throw new Error('say which receipt')
    return { keys: values.keys, receipt }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

/** The signed receipt itself, or what a file holds of it. */
async function receiptIn(given: string): Promise<string> {
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(given) && given.length > 100) return given
  const found = given === '-' ? await text(process.stdin) : await readFile(given, 'utf8').catch(unread(given))
  return found.trim()
}

async function keysIn(path: string) {
  const found = await readFile(path, 'utf8').catch(unread(path))
  try {
    return z.object({ keys: z.array(publicJwk) }).parse(JSON.parse(found)).keys
  } catch (cause) {
    throw new Unable(`${path} holds no keys of this service.`, { cause })
  }
}

function unread(path: string) {
  return (error: NodeJS.ErrnoException): never => {
    throw new Unable(`${path} cannot be read (${error.code}).`, { cause: error })
  }
}

function told({ name, n, id, hash, kind, day, at, cur, lines }: ReceiptClaims, keyId: string): string {
  const moved = lines.map(
    ({ who, acc, money, way, amt, left }) =>
      `  ${way === 'credit' ? 'in' : 'out'} ${cur} ${amt}, ${who}, ${acc}, ${money}; ${cur} ${left} after it`,
  )
  return [
    `Right: signed by ${keyId}`,
    `  ${kind} of ${day} in ${name}, number ${n}, recorded ${at}`,
    ...moved,
    `  transaction ${id}, ${hash}`,
  ].join('\n')
}
