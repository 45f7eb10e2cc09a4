import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { furtherChecks } from './audit/checks.ts'
import { linesIn, readBook } from './book-file/reading.ts'
import { BookFileError } from './book-file/shape.ts'
import { takeBook } from './book-file/taking.ts'
import { systemClock } from './dates.ts'
import { openDatabase } from './db/client.ts'
import { sessionOf } from './db/stream.ts'
import { verifyWithin } from './ledger/index.ts'
import { type Opened, openExisting, runProgram, settings, Unable } from './program.ts'

const usage = `usage: npm run import-book -- FILE
FILE is what export-book wrote, of an installation of the same version and the same IDENTITY_KEY. The book must not be here yet.`

await runProgram(async opened => {
  const path = readArguments()
  const owner = openDatabase({ url: await ownerOf(opened), max: 1, applicationName: 'qullqi import', isOwner: true })
  const client = await owner.$client.connect()
  const session = sessionOf(client)
  try {
    const reading = await readBook(linesIn(createReadStream(path)))
    const { book, ends } = reading.head
    await session.query('begin')
    const taken = await takeBook(session, reading)
    const verified = await verifyWithin(session, book.id, { now: systemClock.now(), further: furtherChecks })
    const found = { ...verified, sequence: `${verified.sequence}`, eventNumber: `${verified.eventNumber}` }
    const fault = verified.faults[0]
    if (fault !== undefined) throw new BookFileError(`the book does not verify: ${JSON.stringify(fault, plain)}`)
    for (const [name, end] of Object.entries(ends))
      if (found[name as keyof typeof ends] !== end)
        throw new BookFileError(`its chains end otherwise than its head says`)
    await session.query('commit')
    console.log(
      `${book.code}: ${taken} lines taken, the same to the letter; verified; transaction ${ends.sequence} ends at ${ends.hash}`,
    )
    return 0
  } catch (error) {
    if (error instanceof BookFileError) {
      console.error(`qullqi: ${path} was not taken: ${error.message}. Nothing was changed.`)
      return 1
    }
    throw error
  } finally {
    client.release(true)
    await owner.$client.end()
  }
})

const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)

/** Rows come as the owner's, whom no row-level security and no right of the service holds. */
async function ownerOf(opened: Opened): Promise<string> {
  const config = settings()
  await openExisting(opened, config, 'qullqi import')
  const url = config.databaseOwnerUrl ?? opened.embedded?.ownerUrl
  if (url === undefined) throw new Unable('DATABASE_OWNER_URL says as whom to take the book.')
  return url
}

function readArguments(): string {
  try {
    const { positionals } = parseArgs({ options: {}, allowPositionals: true })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error('name one file')
    return path
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}
