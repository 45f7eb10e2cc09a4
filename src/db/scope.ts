import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * The book that work may see and write, to which PostgreSQL holds it: its id, `all` of them, or `none`. `unasked` is what asks only the
 * ledger's functions, which are told their book and decide as their owner.
 */
export type Reach = string | 'all' | 'none' | 'unasked'

/** Who asked for what is being done, and by which request: told to the database with it, for the audit log. */
export type Asker = { actor: string; requestId: string }

export type Scope = { reach: Reach; asker?: Asker }

const scopes = new AsyncLocalStorage<Scope>()

/** Runs `work`, and what it waits for, as asked for by somebody, or as reaching no other book. */
export function within<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work)
}

/** Who asked for the present work; undefined of what the service does by itself. */
export function presentAsker(): Asker | undefined {
  return scopes.getStore()?.asker
}

/** What PostgreSQL is told, by the names of its settings. */
export type Telling = { 'app.book_id': string; 'app.every_book': 'yes' | '' }

const bookId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What PostgreSQL is to be told of the present work: that of the service itself is about all books. Null when it need not be told. */
export function presentTelling(): Telling | null {
  const reach = scopes.getStore()?.reach ?? 'all'
  if (reach === 'unasked') return null
  if (reach === 'all') return { 'app.book_id': '', 'app.every_book': 'yes' }
  if (reach === 'none') return { 'app.book_id': '', 'app.every_book': '' }
  assert(bookId.test(reach), 'the id of a book is a UUID in lower case')
  return { 'app.book_id': reach, 'app.every_book': '' }
}
