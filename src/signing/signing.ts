import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import { z } from 'zod'

/** How Ed25519 keys begin as DER (RFC 8410), before their 32 bytes. */
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicHead = Buffer.from('302a300506032b6570032100', 'hex')

/** What is signed, as the head of a signature says it: so that nothing that is signed as one thing passes for another. */
export const signedTypes = ['qullqi-release', 'qullqi-receipt', 'qullqi-seal'] as const
export type SignedType = (typeof signedTypes)[number]

/** A public key as others verify with it (RFC 8037); `kid` is its thumbprint (RFC 7638). */
export const publicJwk = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().meta({ examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'] }),
    kid: z.string().meta({ examples: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'] }),
    alg: z.literal('EdDSA'),
    use: z.literal('sig'),
  })
  .meta({ id: 'PublicKey' })

export type PublicJwk = z.output<typeof publicJwk>

/** The service's own key: its id, its public half, and how texts are signed with it. */
export type Signer = { keyId: string; publicKey: Buffer; sign(typ: SignedType, text: string): string }

/** A key from its 32 secret bytes. */
export function openSigner(seed: Buffer): Signer {
  const key = createPrivateKey({ key: Buffer.concat([privateHead, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicHead.length)
  const keyId = thumbprint(publicKey)
  return { keyId, publicKey, sign: (typ, text) => jwsOf(text, { keyId, typ }, key) }
}

export function jwkOf(publicKey: Buffer): PublicJwk {
  const x = publicKey.toString('base64url')
  return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(publicKey), alg: 'EdDSA', use: 'sig' }
}

function thumbprint(publicKey: Buffer): string {
  const members = canonicalize({ crv: 'Ed25519', kty: 'OKP', x: publicKey.toString('base64url') })!
  return createHash('sha256').update(members).digest('base64url')
}

/** A compact JWS (RFC 7515) with the text inside it. */
function jwsOf(text: string, { keyId, typ }: { keyId: string; typ: SignedType }, key: KeyObject): string {
  const head = canonicalize({ alg: 'EdDSA', kid: keyId, typ })!
  const signed = [head, text].map(part => Buffer.from(part).toString('base64url')).join('.')
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

/** The text inside a compact JWS, if this key signed it as what it is taken for; else null. */
export function verifiedText(jws: string, publicKey: Buffer, typ: SignedType): string | null {
  const [head = '', text = '', signature = '', ...rest] = jws.split('.')
  const expected = canonicalize({ alg: 'EdDSA', kid: thumbprint(publicKey), typ })!
  if (rest.length > 0 || Buffer.from(head, 'base64url').toString() !== expected) return null
  const bytes = Buffer.from(signature, 'base64url')
  // A letter may have bits that are none of the bytes': another spelling of a signature is none.
  if (bytes.toString('base64url') !== signature || Buffer.from(text, 'base64url').toString('base64url') !== text)
    return null
  const key = createPublicKey({ key: Buffer.concat([publicHead, publicKey]), format: 'der', type: 'spki' })
  const isRight = verify(null, Buffer.from(`${head}.${text}`), key, bytes)
  return isRight ? Buffer.from(text, 'base64url').toString() : null
}
