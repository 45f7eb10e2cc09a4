import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Which addresses may be connected to. */
export type Allowed = {
  /** Whether it is public, or one that was allowed by name. */
  isAllowed(address: string): boolean
  /** Whether it is one that was allowed by name: only there is anything sent in clear. */
  isNamed(address: string): boolean
}

/** `named`: addresses and ranges that are allowed though they are private, as the configuration gives them. */
export function allowedAddresses(named: readonly string[]): Allowed {
  const ranges = named.map(text => {
    const [address, bits] = text.split('/')
    const parsed = ipaddr.parse(address!)
    return [parsed, bits === undefined ? (parsed.kind() === 'ipv4' ? 32 : 128) : Number(bits)] as const
  })
  function isNamed(address: string): boolean {
    const parsed = ipaddr.process(address)
    return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits))
  }
  return { isNamed, isAllowed: address => isPublic(address) || isNamed(address) }
}

const globalUnicast = [ipaddr.parse('2000::'), 3] as const

/**
 * Whether an address is one of the internet, and none of a machine, a network or a provider: neither itself nor as the IPv4
 * address that is wrapped in it. Of IPv6 only what is given out at all counts.
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicast[0], globalUnicast[1]))
}

/** Finds the addresses of a name; none when it has none. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>

/**
 * Asks the name servers themselves, and not the machine, which would have its few threads wait for a slow one. An address in
 * place of a name is its own.
 */
export const resolveName: Resolve = async (host, signal) => {
  if (isIP(host) !== 0) return [host]
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return found.flatMap(one => (one.status === 'fulfilled' ? one.value : []))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
