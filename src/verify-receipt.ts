import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type ReceiptClaims, verifyReceipt } from './savings/receipts/signed.ts'
import { inclusionSchema, type SealVerdict, verifyInclusion } from './seals/proof.ts'
import { type PublicJwk, publicJwk } from './signing/signing.ts'

const usage = `usage: npm run verify-receipt -- --keys FILE [--proof FILE [--seal FILE]] RECEIPT
The keys are what /.well-known/jwks.json answered when you kept it; the proof is the transaction's \`inclusion\`, which says that it
was there when a day was sealed; the seal is what you kept of that day, as application/jose.
RECEIPT is a signed receipt, as the code on the paper says it, or as the service answered it; or a file with one; or - for
standard input. Nothing is asked of any network.`

const options = { keys: { type: 'string' }, proof: { type: 'string' }, seal: { type: 'string' } } as const

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
  const { keys, receipt, proof, seal } = readArguments()
  const known = await keysIn(keys)
  const verdict = verifyReceipt(await receiptIn(receipt), known)
  if (!verdict.ok) {
    console.log(`WRONG: ${verdict.fault}.`)
    return 1
  }
  const sealed = proof === undefined ? null : await proven(verdict.claims, { proof, seal }, known)
  if (sealed?.ok === false) {
    console.log(`WRONG: ${sealed.fault}.`)
    return 1
  }
  console.log(told(verdict.claims, verdict.keyId))
  if (sealed !== null) console.log(`  in seal ${sealed.seal.number}, of ${sealed.seal.day}`)
  return 0
}

/** Whether it was there when the day was sealed that the proof is of; and by the seal that somebody kept, if he did. */
async function proven(
  claims: ReceiptClaims,
  { proof, seal }: { proof: string; seal: string | undefined },
  keys: PublicJwk[],
): Promise<SealVerdict> {
  const found = await readFile(proof, 'utf8').catch(unread(proof))
  const inclusion = inclusionSchema.safeParse(parsed(found))
  if (!inclusion.success) throw new Unable(`${proof} holds no proof.`)
  const verdict = verifyInclusion(inclusion.data, claims, keys)
  if (!verdict.ok || seal === undefined) return verdict
  const kept = (await readFile(seal, 'utf8').catch(unread(seal))).trim()
  return kept === inclusion.data.signature
    ? verdict
    : { ok: false, fault: 'the proof is of another seal than the one kept' }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function readArguments(): { keys: string; receipt: string; proof: string | undefined; seal: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [receipt, ...more] = positionals
    if (values.keys === undefined) throw new Error('say with --keys by which keys')
    if (receipt === undefined || more.length > 0) throw new Error('say which receipt')
    if (values.seal !== undefined && values.proof === undefined) throw new Error('a seal goes with a proof')
    return { keys: values.keys, receipt, proof: values.proof, seal: values.seal }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

/** The signed receipt itself, or what a file holds of it. */
async function receiptIn(given: string): Promise<string> {
  if (isCompact(given) && given.length > 100) return given
  const found = given === '-' ? await text(process.stdin) : await readFile(given, 'utf8').catch(unread(given))
  const signature = signatureIn(found)
  if (signature === null) throw new Unable(`${given === '-' ? 'standard input' : given} holds no signed receipt.`)
  return signature
}

/** What is signed of it, out of the service's JSON as well, and with the ends of lines that programs of mail put in. */
function signatureIn(found: string): string | null {
  const bare = found.replaceAll(/\s/g, '')
  const [, inside] = /"signature":"([^"]*)"/.exec(bare) ?? []
  const signature = inside ?? bare
  return isCompact(signature) ? signature : null
}

function isCompact(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)
}

async function keysIn(path: string) {
  const found = await readFile(path, 'utf8').catch(unread(path))
  try {
    const { keys } = z.object({ keys: z.array(z.unknown()) }).parse(parsed(found))
    // Of other kinds there may be others beside them.
    const ours = keys.flatMap(key => publicJwk.safeParse(key).data ?? [])
    if (ours.length > 0) return ours
  } catch {}
  throw new Unable(`${path} holds no keys of this service.`)
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
