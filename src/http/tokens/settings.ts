import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../config.ts'
import { roles } from '../actor.ts'
import '../messages.ts'

/** Every way to sign by a private key. Nothing symmetric, for whoever could check a token could make one; and never `none`. */
const algorithms = [
  ...(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'] as const),
  ...(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const),
] as const

/** Where a claim is: its name, or the names that lead to it through objects. */
const claim = z.union([
  z
    .string()
    .min(1)
    .transform(name => [name]),
  z.array(z.string().min(1)).min(1).max(5),
])

const mappedRole = z.strictObject({
  /** One of the words or items of the claim. */
  value: z.string().regex(/^\S+$/, 'must be a word, without blanks'),
  role: z.enum(roles),
  /** Without, the claim of books says which. */
  books: z.literal('all').optional(),
  readOnly: z.boolean().default(false),
})

const settingsSchema = z
  .strictObject({
    issuer: z.string().min(1),
    audience: z.string().min(1),
    /** The issuer's keys (a JWK set): an address by https, or a file beside this one. */
    keys: z.string().min(1),
    /** For development: keys may be read by plain http from this machine itself. */
    plainHttpOnLoopback: z.boolean().default(false),
    algorithms: z.array(z.enum(algorithms)).min(1).default(['EdDSA', 'ES256', 'RS256']),
    /** The header `typ` of access tokens (RFC 9068). */
    type: z.string().min(1).default('at+jwt'),
    /** Seconds by which the issuer's clock may differ. */
    clockTolerance: z.int().min(0).max(300).default(5),
    /** Seconds that a token may still be valid for: it cannot be revoked here. */
    longestLife: z.int().min(60).max(604_800).default(86_400),
    /** The first of the values that a token has is its role. */
    roles: z.strictObject({ claim, values: z.array(mappedRole).min(1).max(200) }),
    booksClaim: claim.optional(),
    agentClaim: claim.optional(),
  })
  .check(({ value: { keys, plainHttpOnLoopback, roles, booksClaim, agentClaim }, issues }) => {
    const fault = (path: PropertyKey[], message: string, input: unknown) =>
      issues.push({ code: 'custom', path, message, input })
    if (isAddress(keys) && !mayBeAsked(keys, plainHttpOnLoopback)) {
      fault(['keys'], 'must be an address by https without a password, or a file', keys)
    }
    for (const [place, { role, books }] of roles.values.entries()) {
      const path = ['roles', 'values', place]
      if (role !== 'administrator' && books === undefined && booksClaim === undefined) {
        fault([...path, 'books'], 'must be "all", for there is no booksClaim', books)
      }
      if (role === 'agent' && agentClaim === undefined) {
        fault([...path, 'role'], 'must have an agentClaim beside it to be agent', role)
      }
    }
  })

/** By what tokens are judged, and what they let in. */
export type TokenSettings = z.output<typeof settingsSchema>

export function isAddress(keys: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(keys)
}

function mayBeAsked(address: string, plainHttpOnLoopback: boolean): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && plainHttpOnLoopback && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}

/**
 * Reads the file that TOKENS_FILE names; a file of keys that it names lies beside it.
 * @throws ConfigError naming every wrong field
 */
export function readTokenSettings(path: string): TokenSettings {
  const parsed = settingsSchema.safeParse(jsonIn(path))
  if (parsed.success) {
    const { keys, ...settings } = parsed.data
    return { ...settings, keys: isAddress(keys) ? keys : resolve(dirname(path), keys) }
  }
  const faults = parsed.error.issues.map(issue => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : []
    const place = [...issue.path, ...names].map(String).join('.')
    return `TOKENS_FILE ${path}: ${place} ${names.length > 0 ? 'is not known here' : issue.message}`
  })
  throw new ConfigError(faults.join('\n'))
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'it is no JSON'
    throw new ConfigError(`TOKENS_FILE ${path} cannot be read (${reason})`, { cause })
  }
}
