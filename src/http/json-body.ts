import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusals.ts'
import { FlawedItem } from './items-apart.ts'
import { endOfText, type Flaw, fieldOf, flawsIn, isStorable } from './json-flaws.ts'
import { invalidFields } from './problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The list in the body of which each item is answered for itself: a flaw in one leaves a `FlawedItem` in its place. */
    itemsApart?: string
  }
}

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
      done(null, jsonOf(bytes, request.routeOptions.config.itemsApart))
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

/** @throws Refusal `request-invalid`, naming each place that is at fault */
export function jsonOf(bytes: Buffer, itemsApart?: string): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw invalid('The body is not UTF-8.')
  const given = bytes.toString()
  const text = given.startsWith('\uFEFF') ? given.slice(1) : given
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('The body is not valid JSON.', cause)
  }
  return isSound(value, text) ? value : withFlawsApart(value, flawsIn(text), itemsApart)
}

/** The value with its flawed items marked, when all its flaws lie in items. @throws Refusal `request-invalid` otherwise */
function withFlawsApart(value: unknown, flaws: readonly Flaw[], itemsApart: string | undefined): unknown {
  const items = itemsApart === undefined ? undefined : (value as Record<string, unknown>)[itemsApart]
  const ofWhole = flaws.filter(({ at }) => at[0] !== itemsApart || at.length < 2)
  if (!Array.isArray(items) || ofWhole.length > 0) {
    const told = Array.isArray(items) ? ofWhole : flaws
    throw invalidFields(told.map(flaw => fieldOf(flaw)))
  }
  for (const [place, ofItem] of Map.groupBy(flaws, ({ at }) => at[1] as number)) {
    const told = ofItem.map(flaw => fieldOf(flaw, 2))
    items[place] = new FlawedItem(items[place], told)
  }
  return value
}

/**
 * Whether nothing of the text was lost in reading it, and all of it can be stored. Without recursion, for a body may be nested
 * deeper than the stack. Zero characters and halves of characters can only be written with an escape, so texts are looked at
 * only when there is one.
 */
function isSound(value: unknown, json: string): boolean {
  const hasEscapes = json.includes('\\u')
  let names = 0
  const waiting = [value]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if (typeof one === 'string') {
      if (hasEscapes && !isStorable(one)) return false
    } else if (Array.isArray(one)) {
      for (const item of one) if (hasEscapes || typeof item === 'object') waiting.push(item)
    } else if (one !== null && typeof one === 'object') {
      for (const name of Object.keys(one)) {
        names++
        const child = (one as Record<string, unknown>)[name]
        if (name === '__proto__' || (name === 'constructor' && reachesPrototype(child))) return false
        if (hasEscapes && !isStorable(name)) return false
        if (hasEscapes || typeof child === 'object') waiting.push(child)
      }
    }
  }
  return names === colonsIn(json)
}

function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}

const [quote, colon] = [0x22, 0x3a]

/** How many names JSON was written with: each is followed by a colon, and no other colon stands outside of a text. */
function colonsIn(json: string): number {
  let colons = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === colon) colons++
    else if (code === quote) at = endOfText(json, at)
  }
  return colons
}

function invalid(detail: string, cause?: unknown): Refusal {
  return new Refusal('request-invalid', detail, { cause })
}
