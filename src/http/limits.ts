import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { Refusal } from '../refusals.ts'

/** Milliseconds over which a rate is had: as much may come at once, and what was used comes back evenly. */
const span = 60_000

/** As many are counted at the same time; the oldest is forgotten first. */
const capacity = 100_000

/** What may be had of something by name, so much a minute. */
export type Allowance = {
  /** Milliseconds until one may be had; 0 where it may now. */
  wait(name: string): number
  /** Has one, whether it may or not. */
  use(name: string): void
  /** Whether anybody has had any of late. */
  isUsed(): boolean
}

/** One number each: the time at which all that was had will have come back (GCRA). `perMinute` 0 sets no limit. */
export function allowance(perMinute: number, now: () => number = () => performance.now()): Allowance {
  const back = new Map<string, number>()
  const each = span / perMinute
  return {
    wait(name) {
      if (perMinute === 0) return 0
      return Math.max(0, (back.get(name) ?? 0) - now() - (span - each))
    },
    use(name) {
      if (perMinute === 0) return
      const at = now()
      back.set(name, Math.min(Math.max(at, back.get(name) ?? 0) + each, at + span))
      if (back.size > capacity) back.delete(back.keys().next().value!)
    },
    isUsed: () => back.size > 0,
  }
}

/** How much may be asked. They are counted by each service for itself, and forgotten when it stops. */
export type Limits = {
  /** Counts a request of a client that was let in; why not, when it was one too many. */
  ofClient(clientId: string, reply: FastifyReply): Refusal | undefined
  /** Why nothing that comes from there is looked at for a while; undefined where it is. */
  ofAddress(request: FastifyRequest, reply: FastifyReply): Refusal | undefined
  /** Counts a key or token that let nobody in. */
  failed(request: FastifyRequest): void
}

export function openLimits({ clientLimit, failureLimit }: Pick<Config, 'clientLimit' | 'failureLimit'>): Limits {
  const requests = allowance(clientLimit)
  const failures = allowance(failureLimit)
  return {
    ofClient(clientId, reply) {
      const wait = requests.wait(clientId)
      if (wait > 0) return tooMany(reply, wait, `A client asks ${clientLimit} times a minute at most`)
      requests.use(clientId)
      return undefined
    },
    ofAddress(request, reply) {
      const wait = failures.isUsed() ? failures.wait(networkOf(request.ip)) : 0
      if (wait === 0) return undefined
      return tooMany(reply, wait, 'Too many keys or tokens that nobody has came from your address')
    },
    failed: request => failures.use(networkOf(request.ip)),
  }
}

function tooMany(reply: FastifyReply, wait: number, detail: string): Refusal {
  const seconds = Math.max(1, Math.ceil(wait / 1000))
  reply.header('retry-after', String(seconds))
  return new Refusal('too-many-requests', `${detail}; ask again in ${seconds} s.`, { facts: { seconds } })
}

/** Whom an address belongs to: of IPv6 everybody has at least 2^64, so that they count as one; IPv4 within it is IPv4. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [, within] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (within !== undefined) return within
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const [first, last] = [head, tail ?? ''].map(text => text.split(':').filter(group => group !== ''))
  const left = tail === undefined ? 0 : Math.max(0, 8 - first!.length - last!.length)
  const groups = [...first!, ...Array<string>(left).fill('0'), ...last!]
  return groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}
