import type { PublicJwk } from './signing.ts'

/** The key that a compact JWS says it is signed by, out of those that were kept; else what there is to say of it. Pure. */
export function keyOf<Key extends Pick<PublicJwk, 'kid'>>(jws: string, keys: readonly Key[]): Key | string {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jws)) return 'is not signed'
  const keyId = keyIdOf(jws)
  return keys.find(({ kid }) => kid === keyId) ?? `is signed by ${keyId ?? 'nobody'}, which is none of the keys`
}

function keyIdOf(jws: string): string | null {
  try {
    const { kid } = JSON.parse(Buffer.from(jws.split('.', 1)[0]!, 'base64url').toString()) as { kid?: unknown }
    return typeof kid === 'string' ? kid : null
  } catch {
    return null
  }
}
