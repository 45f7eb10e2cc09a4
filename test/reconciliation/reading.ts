import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { FileFault, type Statement, type StatementLine } from '../../src/reconciliation/statements/statement.ts'

export type Reader = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Statement>

export function samplePath(name: string): string {
  return join(import.meta.dirname, 'samples', name)
}

export function sample(name: string): AsyncIterable<Uint8Array> {
  return createReadStream(samplePath(name))
}

/** A text in pieces of so many bytes, so that something is cut everywhere. */
export async function* bytesOf(text: string | Uint8Array, piece = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
}

/** A statement with its lines side by side. */
export type WholeStatement = Statement & { lines: StatementLine[] }

export async function allOf(statements: AsyncIterable<Statement>): Promise<WholeStatement[]> {
  const all: WholeStatement[] = []
  for await (const statement of statements) all.push({ ...statement, lines: [...statement.lines] })
  return all
}

/** Where and why a file is refused. */
export async function faultOf(statements: AsyncIterable<Statement>): Promise<{ where: string; message: string }> {
  try {
    await allOf(statements)
  } catch (fault) {
    if (fault instanceof FileFault) return { where: fault.where, message: fault.message }
    throw fault
  }
  throw new Error('the file was taken')
}

/** Lines as they read in a book: side and amount, dates, status. */
export function movements(statement: WholeStatement): string[] {
  return statement.lines.map(
    ({ money, bookingDate, valueDate, status, isReversal }) =>
      `${money.side} ${money.amount} ${money.currency} ${bookingDate}/${valueDate} ${status}${isReversal ? ' reversal' : ''}`,
  )
}
