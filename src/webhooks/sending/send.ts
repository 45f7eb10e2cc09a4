import { request as requestInClear } from 'node:http'
import { request as requestSecurely } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Allowed, Resolve } from './addresses.ts'
import { type Attempt, attemptOf } from './outcomes.ts'
import { hostOf } from './url.ts'

/** Posts a body once. Whatever happens is an outcome; it never throws. */
export type Send = (
  url: string,
  posted: { headers: Record<string, string>; body: string },
  signal: AbortSignal,
) => Promise<Attempt>

/** Of an answer no more is read than this: what counts is its status. */
const mostRead = 16_384

export type Sending = {
  allowed: Allowed
  resolve: Resolve
  /** Milliseconds in which all of it has to be over. */
  timeoutMs: number
  /** Certificates that are believed besides those that come with Node. */
  ca?: string
}

/**
 * Makes what posts. The name is looked up once, every address that it has must be allowed, and the connection goes to those
 * addresses and no other: a name that leads elsewhere a moment later changes nothing. Nothing is followed.
 */
export function sender({ allowed, resolve, timeoutMs, ca }: Sending): Send {
  return async (text, { headers, body }, stop) => {
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = AbortSignal.any([deadline, stop])
    const failed = (): Attempt => ({
      outcome: stop.aborted ? 'interrupted' : deadline.aborted ? 'timed-out' : 'unreachable',
      status: null,
    })
    const url = new URL(text)
    const addresses = await untilAborted(resolve(hostOf(url), signal), signal).catch(() => null)
    if (addresses === null || addresses.length === 0) return failed()
    const isFit = url.protocol === 'https:' ? allowed.isAllowed : allowed.isNamed
    if (!addresses.every(isFit)) return { outcome: 'address-refused', status: null }
    const status = await post(url, { headers, body, lookup: pinned(addresses), signal, ca }).catch(() => null)
    return status === null ? failed() : attemptOf(status)
  }
}

/** Answers with the addresses that were looked at, whatever name is asked for. */
function pinned(addresses: readonly string[]): LookupFunction {
  const found = addresses.map(address => ({ address, family: isIP(address) }))
  return (_, { all }, tell) => {
    if (all) tell(null, found)
    else tell(null, found[0]!.address, found[0]!.family)
  }
}

type Posting = {
  headers: Record<string, string>
  body: string
  lookup: LookupFunction
  signal: AbortSignal
  ca: string | undefined
}

/** The status that it is answered with, as soon as the answer is over, or longer than anybody would read. */
function post(url: URL, { headers, body, lookup, signal, ca }: Posting): Promise<number> {
  const isSecure = url.protocol === 'https:'
  const options = {
    ...{ method: 'POST', agent: false, lookup, signal, maxHeaderSize: mostRead },
    headers: { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' },
  }
  return new Promise((settle, fail) => {
    const sent = isSecure
      ? requestSecurely(url, { ...options, ...(ca !== undefined && { ca }) })
      : requestInClear(url, options)
    let isAnswered = false
    // Once it is answered, whatever breaks off later is the answer's end.
    sent.on('error', error => {
      if (!isAnswered) fail(error)
    })
    sent.on('close', () => {
      if (!isAnswered) fail(new Error('closed without an answer'))
    })
    sent.on('response', response => {
      isAnswered = true
      let read = 0
      const { statusCode = 0 } = response
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > mostRead) response.destroy()
      })
      // However the rest of it ends: the status was given.
      response.on('error', () => {})
      response.on('close', () => settle(statusCode))
    })
    sent.end(body)
  })
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = new Promise<never>((_, fail) =>
    signal.addEventListener('abort', () => fail(signal.reason), { once: true }),
  )
  return await Promise.race([work, aborted])
}
