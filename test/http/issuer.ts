import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export const issuerName = 'https://login.example/realms/programme'
export const audience = 'https://ledger.example'

/** A key of an issuer: what it signs by, and what it shows. */
export type IssuerKey = { alg: string; kid: string; privateKey: CryptoKey; publicKey: CryptoKey; shown: JWK }

export async function issuerKey(alg: string, kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, publicKey, shown: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } }
}

/** Answers as an issuer does at the address of its keys; `asked` tells by which addresses it was asked. */
export type KeyServer = {
  address: string
  asked: string[]
  shows(...keys: IssuerKey[]): void
  answers(by: (request: IncomingMessage, response: ServerResponse) => void): void
  close(): Promise<void>
}

export async function keyServer(...keys: IssuerKey[]): Promise<KeyServer> {
  const asked: string[] = []
  const showing = (shown: IssuerKey[]) => (_: IncomingMessage, response: ServerResponse) => {
    response.setHeader('content-type', 'application/jwk-set+json')
    response.end(JSON.stringify({ keys: shown.map(key => key.shown) }))
  }
  let answer = showing(keys)
  const server = createServer((request, response) => {
    asked.push(request.url!)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked,
    shows: (...shown) => {
      answer = showing(shown)
    },
    answers: by => {
      answer = by
    },
    async close() {
      server.closeAllConnections()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

/** What a test says of a token beside what is right. Undefined takes a claim or part of the header away. */
export type Said = { claims?: Record<string, unknown>; header?: Record<string, unknown> }

const subject = '4f0c8f3e-quispe'

/** The claims of a token that is right at `now`. */
export function rightClaims(now: Date, more: Record<string, unknown> = {}): Record<string, unknown> {
  const seconds = Math.floor(now.getTime() / 1000)
  const claims = {
    iss: issuerName,
    aud: audience,
    sub: subject,
    iat: seconds,
    exp: seconds + 300,
    roles: ['office'],
    ...more,
  }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

export async function signed(key: IssuerKey, now: Date, { claims, header }: Said = {}): Promise<string> {
  const whole = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }
  const shown = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined))
  const crit = Object.fromEntries(((header?.crit ?? []) as string[]).map(name => [name, true]))
  return new SignJWT(rightClaims(now, claims)).setProtectedHeader(shown as never).sign(key.privateKey, { crit })
}

/** What the operator of the tests configured. */
export function tokenSettings(keys: string, more: object = {}): object {
  return {
    ...{ issuer: issuerName, audience, keys, plainHttpOnLoopback: true },
    roles: {
      claim: 'roles',
      values: [
        { value: 'office', role: 'administrator' },
        { value: 'audit', role: 'auditor', books: 'all' },
        { value: 'reports', role: 'auditor', books: 'all', readOnly: true },
        { value: 'bank', role: 'bank' },
        { value: 'analysis', role: 'analyst' },
        { value: 'field', role: 'agent' },
      ],
    },
    ...{ booksClaim: ['ledger', 'books'], agentClaim: 'agent_id' },
    ...more,
  }
}

/** A folder with the operator's file in it, and others beside it. */
export async function settingsFile(settings: unknown, beside: Record<string, unknown> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-tokens-'))
  const path = join(folder, 'tokens.json')
  await writeFile(path, typeof settings === 'string' ? settings : JSON.stringify(settings))
  for (const [name, content] of Object.entries(beside)) await writeFile(join(folder, name), JSON.stringify(content))
  return { path, folder, remove: () => rm(folder, { recursive: true }) }
}
