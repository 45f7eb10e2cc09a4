import { z } from 'zod'
import type { Reach } from '../db/scope.ts'
import { Refusal } from '../refusals.ts'

/** What a key may be for. The role decides which operations, the books decide whose money. */
export const roles = ['agent', 'bank', 'analyst', 'auditor', 'administrator'] as const

export type Role = (typeof roles)[number]

export const roleSchema = z
  .enum(roles)
  .meta({ id: 'Role' })
  .describe('What the key is for; every operation names the roles that may call it')

/** The books a key reaches; `all` are those to come as well. */
export type BookScope = 'all' | readonly string[]

/**
 * Who asked. One client may have several keys, so that a key can be replaced while its client stays the same. Whoever comes by
 * a token is the client that its issuer and subject are, whatever key or token she has besides.
 */
export type Actor = {
  clientId: string
  role: Role
  /** For an agent's key those of its books in which the agent is registered. */
  books: BookScope
  /** The agent whose field work this key or token does; null where it is no agent's, and there only. */
  agentId: string | null
  /** Null of whoever comes by a token. */
  keyId: string | null
  /** A read-only key or token may call only what changes nothing. */
  readOnly: boolean
}

/** Who asked by a key. */
export type KeyActor = Actor & { keyId: string }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Roles that may call the route: required on every route under /v1. */
    access?: readonly Role[]
    /** True for a POST that changes nothing, so that read-only keys may call it (a search with a body, say). */
    changesNothing?: boolean
    /** True where an answer tells who a saver is: it leaves an entry in the audit log before it is sent. */
    tellsIdentity?: boolean
    /** True where nobody is turned away for how much is asked: what tells how the service is. */
    unlimited?: boolean
    /** True when a client-made id or an Idempotency-Key header makes the request safe to repeat: documents the header. */
    idempotent?: boolean
  }
  interface FastifyRequest {
    /** Who asked; set on every route that has `access`. */
    actor: Actor
    /** The refusal or fault that the request ended in, for its log line. */
    outcome: { code: string; fault?: unknown } | null
  }
}

/** Whether the actor's key reaches this book. */
export function reachesBook(actor: Actor, bookId: string): boolean {
  return actor.books === 'all' || actor.books.includes(bookId.toLowerCase())
}

/** What somebody reaches where no book is named: one, if she has no other; code that asks for several has to say which. */
export function reachOf({ books }: Actor): Reach {
  if (books === 'all' || books.length > 1) return 'all'
  return books[0] ?? 'none'
}

/** A book out of the key's scope and a book that does not exist are told apart by nobody: one refusal for both. */
export function bookNotFound(): Refusal {
  return new Refusal('book-not-found', 'There is no such book, or it is not among the books of your key.')
}
