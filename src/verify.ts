import { parseArgs } from 'node:util'
import { furtherChecks } from './audit/checks.ts'
import { systemClock } from './dates.ts'
import type { Db } from './db/client.ts'
import { readSnapshot } from './db/stream.ts'
import { verifyTokenClients } from './http/tokens/verify.ts'
import { bookCodes, type Fault, faultRules, type Verification, verifyBook, verifyStrays } from './ledger/index.ts'
import { type Opened, openExisting, runProgram, settings, Unable } from './program.ts'
import { verifySeals } from './seals/verify.ts'
import { verifyKeys } from './signing/verify.ts'
import { verifyDefinitions } from './statistics/definitions/verify.ts'
import { verifyReleases } from './statistics/releases/verify.ts'
import { office } from './trail/schema.ts'
import { type TrailFault, verifyTrail } from './trail/verify.ts'

const usage = 'usage: npm run verify [-- --book CODE|ID] [--faults 1..1000]'

await runProgram(async opened => ((await verifyAll(opened)) ? 0 : 1))

/** Verifies every book, or the one asked for, and says of each what came out; false when anything is wrong. */
async function verifyAll(opened: Opened): Promise<boolean> {
  const asked = readArguments()
  const db = await openExisting(opened, settings(), 'qullqi verify')
  const books = await bookCodes(db)
  const chosen = books.filter(({ id, code }) => asked.book === undefined || asked.book === code || asked.book === id)
  if (asked.book !== undefined && chosen.length === 0) throw new Unable(`there is no book ${asked.book}.`)
  let right = true
  for (const { id, code } of chosen) {
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    const onProgress = progressLine(code, seconds)
    const verification = await verifyBook(db, id, {
      most: asked.faults,
      now: systemClock.now(),
      onProgress,
      further: furtherChecks,
    })
    onProgress.clear()
    console.log(summary(verification, seconds()))
    right &&= verification.ok
  }
  if (asked.book === undefined) {
    const strays = await verifyStrays(db)
    for (const { table, bookId } of strays) console.log(`Rows of ${table} belong to ${bookId}, which is no book.`)
    right &&= strays.length === 0
    const wrong = await verifyDefinitions(db)
    for (const { definition, fault } of wrong) console.log(`Definition ${definition}: WRONG, ${fault}`)
    right &&= wrong.length === 0
    const strangers = await verifyTokenClients(db)
    for (const client of strangers)
      console.log(`Client ${client} of tokens: WRONG, it is not that of its issuer and subject`)
    right &&= strangers.length === 0
    right = (await releasesAreRight(db)) && right
    right = (await keysAreRight(db)) && right
    right = (await sealsAreRight(db)) && right
    right = (await officeIsRight(db)) && right
    if (books.length === 0 && right) console.log('There are no books yet.')
  }
  return right
}

/** Says of all releases what came out; nothing where there are none. */
async function releasesAreRight(db: Db): Promise<boolean> {
  const { releases, keys, faults } = await verifyReleases(db)
  for (const { release, fault } of faults) console.log(`Release ${release}: WRONG, ${fault}`)
  if (faults.length === 0 && releases > 0) console.log(`Releases: right; ${releases}, signed by ${keys.join(', ')}`)
  return faults.length === 0
}

/** Says of all keys that anything is signed by which they are, for whoever knows which they ought to be. */
async function keysAreRight(db: Db): Promise<boolean> {
  const { keys, faults } = await verifyKeys(db)
  for (const id of faults) console.log(`Signing key ${id}: WRONG, it is not the key of that id`)
  const told = keys.map(({ id, recordedAt }) => `${id} since ${recordedAt.toISOString()}`)
  if (faults.length === 0 && keys.length > 0) console.log(`Signing keys: ${told.join(', ')}; hold them against yours`)
  return faults.length === 0
}

/** Says of all seals what came out; nothing where there are none. */
async function sealsAreRight(db: Db): Promise<boolean> {
  const { seals, keys, last, faults } = await readSnapshot(db, verifySeals)
  for (const { seal, fault } of faults) console.log(`Seal ${seal}: WRONG, ${fault}`)
  if (faults.length === 0 && last !== null)
    console.log(`Seals: right; ${seals}, signed by ${keys.join(', ')}; the last is ${last}`)
  return faults.length === 0
}

/** Says of the audit log of what belongs to no book what came out; nothing where it is empty. */
async function officeIsRight(db: Db): Promise<boolean> {
  const faults: TrailFault[] = []
  const entries = await readSnapshot(db, session => verifyTrail(session, office, fault => faults.push(fault)))
  for (const { table, recordId, rule, expected, found } of faults)
    console.log(
      `Audit log of the office: WRONG, ${table} ${recordId}: ${faultRules[rule]}: expected ${expected}, found ${found}`,
    )
  if (faults.length === 0 && entries > 0) console.log(`Audit log of the office: right; ${entries} entries`)
  return faults.length === 0
}

function readArguments(): { book: string | undefined; faults: number } {
  try {
    const { values } = parseArgs({ options: { book: { type: 'string' }, faults: { type: 'string', default: '10' } } })
    const faults = Number(values.faults)
    if (!Number.isInteger(faults) || faults < 1 || faults > 1000) throw new Error('--faults is a number from 1 to 1000')
    return { book: values.book, faults }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

/** On a terminal one line that is written over; elsewhere a line now and then, for the log of a job that takes long. */
function progressLine(code: string, seconds: () => number) {
  const { isTTY } = process.stderr
  let last = 0
  function show({ transactions, part }: { transactions: number; part: number }): void {
    const now = seconds()
    if (part === 1 || now - last < (isTTY ? 0.2 : 10)) return
    last = now
    const line = `${code}: ${Math.floor(part * 100)} %, ${transactions} transactions, ${Math.round(transactions / now)}/s`
    process.stderr.write(isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }
  return Object.assign(show, {
    clear: () => {
      if (isTTY && last > 0) process.stderr.write('\r\u001b[K')
    },
  })
}

function summary(verification: Verification, seconds: number): string {
  const { book, ok, counts, sequence, hash, eventNumber, eventHash, faults, faultCount } = verification
  if (!ok) {
    const lines = faults.map(fault => `  ${faultLine(fault)}`)
    const more = faultCount > faults.length ? [`  … and ${faultCount - faults.length} more`] : []
    return [`${book.code}: WRONG, first at ${placeOf(faults[0]!)}`, ...lines, ...more].join('\n')
  }
  const { transactions, entries, accounts, holds, events, records } = counts
  const read = `${transactions} transactions, ${entries} entries, ${accounts} accounts, ${holds} holds, ${events} events, ${records} records`
  const speed = `${seconds.toFixed(1)} s, ${Math.round(transactions / seconds)} transactions/s`
  const heads = `transaction ${sequence} ${hash}, event ${eventNumber} ${eventHash}`
  return `${book.code}: right; ${read}; ${speed}; ends at ${heads}`
}

function placeOf({ rule, sequence, event, accountId, holdId, table, recordId }: Fault): string {
  if (sequence !== undefined) return `transaction ${sequence}`
  if (event !== undefined) return `event ${event}`
  if (holdId !== undefined) return `hold ${holdId}`
  if (accountId !== undefined) return `account ${accountId}`
  if (table !== undefined) return `${table} ${recordId}`
  return rule === 'guard-missing' ? 'the database' : 'the book'
}

function faultLine(fault: Fault): string {
  const { rule, accountId, field, expected, found } = fault
  const place = placeOf(fault)
  const account = accountId === undefined || place.endsWith(accountId) ? '' : `, account ${accountId}`
  const where = `${place}${account}${field === undefined ? '' : `, ${field}`}`
  return `${where}: ${faultRules[rule]} (${rule}): expected ${expected}, found ${found}`
}
