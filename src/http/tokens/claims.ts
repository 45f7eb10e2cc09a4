import type { JWTPayload } from 'jose'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import type { Actor, BookScope } from '../actor.ts'
import { type TokenSubject, tokenClientId } from './client.ts'
import type { TokenSettings } from './settings.ts'

/** Whom a token is of: its subject, or the client itself where an issuer names no subject for it. */
export function subjectOf({ iss, sub, client_id: client }: JWTPayload): TokenSubject | null {
  if (typeof iss !== 'string') return null
  if (isName(sub)) return { issuer: iss, claim: 'sub', subject: sub }
  return sub === undefined && isName(client) ? { issuer: iss, claim: 'client_id', subject: client } : null
}

/** What PostgreSQL keeps as it is: else who somebody was could not be computed anew. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0')
}

/**
 * Who asks by a token whose signature and terms are right, by the configured mapping. Books of an agent are those of the token,
 * not yet those that the agent is registered in.
 * @throws Refusal `access-denied` when it maps to no role, to no book, or to no agent where it has to
 */
export function actorOfClaims(claims: JWTPayload, subject: TokenSubject, settings: TokenSettings): Actor {
  const held = new Set(wordsAt(claims, settings.roles.claim))
  const mapped = settings.roles.values.find(({ value }) => held.has(value))
  if (mapped === undefined) throw denied('Nothing in the token is mapped to a role of this service.')
  const { role, readOnly } = mapped
  return {
    ...{ clientId: tokenClientId(subject), keyId: null, role, readOnly },
    books: role === 'administrator' ? 'all' : (mapped.books ?? booksIn(claims, settings.booksClaim)),
    agentId: role === 'agent' ? agentIn(claims, settings.agentClaim) : null,
  }
}

function booksIn(claims: JWTPayload, claim: readonly string[] | undefined): BookScope {
  const words = wordsAt(claims, claim)
  if (words.length === 1 && words[0] === 'all') return 'all'
  const ids = words.map(word => idText.safeParse(word))
  if (words.length === 0 || ids.some(({ success }) => !success)) {
    throw denied('The token has to name its books: ids of books, or "all".')
  }
  return [...new Set(ids.map(({ data }) => data!))].sort()
}

function agentIn(claims: JWTPayload, claim: readonly string[] | undefined): string {
  const id = idText.safeParse(valueAt(claims, claim))
  if (!id.success) throw denied('The token has to name the agent whose field work it does.')
  return id.data
}

/** The items of a list, or the words of a text, as a scope is written. */
function wordsAt(claims: JWTPayload, claim: readonly string[] | undefined): string[] {
  const value = valueAt(claims, claim)
  if (typeof value === 'string') return value.split(' ').filter(word => word !== '')
  return Array.isArray(value) ? value.map(item => (typeof item === 'string' ? item : '')) : []
}

function valueAt(claims: JWTPayload, claim: readonly string[] | undefined): unknown {
  if (claim === undefined) return undefined
  let value: unknown = claims
  for (const name of claim) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function denied(detail: string): Refusal {
  return new Refusal('access-denied', detail)
}
