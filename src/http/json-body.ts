import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusals.ts'
import { unstorable } from './faults.ts'

/**
 * Reads JSON bodies, and refuses what would not be kept as it was meant: bytes that are no UTF-8, which would become
 * replacement characters; a name twice in one object, of which the last would win; text that PostgreSQL cannot store; names that
 * reach a prototype. No text at all is no body, whatever the content type says, for many clients name one with every request.
 */
export function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      requireUtf8(request.headers['content-type'])
      done(null, jsonOf(bytes))
    } catch (error) {
      done(error as Error)
    }
  })
}

const otherCharset = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(?:;|$))/i

/** @throws Refusal `media-type-unsupported` */
function requireUtf8(contentType: string | undefined): void {
  if (contentType === undefined || contentType === 'application/json' || !otherCharset.test(contentType)) return
  throw new Refusal('media-type-unsupported', 'Send JSON in UTF-8, as "Content-Type: application/json" says by itself.')
}

/** @throws Refusal `request-invalid` */
export function jsonOf(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw invalid('The body is not UTF-8.')
  const text = bytes.toString()
  let value: unknown
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch (cause) {
    throw invalid('The body is not valid JSON.', cause)
  }
  if (countNames(value, text.includes('\\u')) !== colonsIn(text))
    throw invalid('An object in the body has a name twice.')
  return value
}

/**
 * How many names the objects of a value have, together. Without recursion, for a body may be nested deeper than the stack.
 * Zero characters and halves of characters can only be written with an escape, so texts are looked at only when there is one.
 * @throws Refusal `request-invalid` for a name that reaches a prototype, or a text that cannot be stored
 */
function countNames(value: unknown, hasEscapes: boolean): number {
  let names = 0
  const waiting = [value]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if (typeof one === 'string') {
      if (hasEscapes && !isStorable(one)) throw unstorable()
    } else if (Array.isArray(one)) {
      for (const item of one) if (hasEscapes || typeof item === 'object') waiting.push(item)
    } else if (one !== null && typeof one === 'object') {
      for (const name of Object.keys(one)) {
        names++
        const child = (one as Record<string, unknown>)[name]
        if (name === '__proto__' || (name === 'constructor' && reachesPrototype(child))) throw forbiddenName()
        if (hasEscapes && !isStorable(name)) throw unstorable()
        if (hasEscapes || typeof child === 'object') waiting.push(child)
      }
    }
  }
  return names
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]

/** How many names JSON was written with: each is followed by a colon, and no other colon stands outside of a text. */
function colonsIn(json: string): number {
  let colons = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === colon) colons++
    else if (code === quote) {
      for (let inner = json.charCodeAt(++at); inner !== quote; inner = json.charCodeAt(++at)) {
        if (inner === backslash) at++
      }
    }
  }
  return colons
}

function forbiddenName(): Refusal {
  return invalid('The body has the name __proto__, or constructor with prototype in it.')
}

function invalid(detail: string, cause?: unknown): Refusal {
  return new Refusal('request-invalid', detail, { cause })
}
