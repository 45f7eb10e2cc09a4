import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { writeBook } from './book-file/writing.ts'
import { systemClock } from './dates.ts'
import { within } from './db/scope.ts'
import { readSnapshot } from './db/stream.ts'
import { bookCodes } from './ledger/index.ts'
import { openExisting, runProgram, settings, Unable } from './program.ts'
import { linkBook } from './trail/linking.ts'

const usage = `usage: npm run export-book -- BOOK FILE
BOOK is a code or an id. FILE is made; it holds all that is known of the book's savers: keep it as you keep the database.`

await runProgram(async opened => {
  const asked = readArguments()
  const db = await openExisting(opened, settings(), 'qullqi export')
  const book = (await bookCodes(db)).find(({ id, code }) => id === asked.book || code === asked.book)
  if (book === undefined) throw new Unable(`there is no book ${asked.book}.`)
  await linkBook(db, book.id)
  const aside = `${asked.file}.new-${process.pid}`
  const file = createWriteStream(aside, { mode: 0o600, flags: 'wx' })
  await once(file, 'open').catch(error => {
    throw new Unable(`${asked.file} cannot be written (${error.code}).`)
  })
  try {
    const write = async (text: string) => {
      if (!file.write(text)) await once(file, 'drain')
    }
    const lines = await within({ reach: book.id }, () =>
      readSnapshot(db, session => writeBook(session, book, systemClock.now(), write)),
    )
    file.end()
    await once(file, 'close')
    await rename(aside, asked.file)
    console.log(`${book.code}: ${lines} lines in ${asked.file}`)
    return 0
  } finally {
    file.destroy()
    await rm(aside, { force: true })
  }
})

function readArguments(): { book: string; file: string } {
  try {
    const { positionals } = parseArgs({ options: {}, allowPositionals: true })
    const [book, file, ...more] = positionals
    if (book === undefined || file === undefined || more.length > 0)
      throw new Error('say which book, and into which file')
    return { book, file }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}
