import { isIP } from 'node:net'
import { Refusal } from '../../refusals.ts'
import type { Allowed } from './addresses.ts'

/** The name or address in a URL, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/**
 * An address to post to, as it is written once and for all. What a name leads to is looked at each time that something is sent;
 * here only what is written.
 * @throws Refusal `webhook-url-refused`
 */
export function webhookUrl(text: string, allowed: Allowed): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null) throw refused('is no URL')
  const host = hostOf(url)
  if (isIP(host) !== 0 && !allowed.isAllowed(host)) throw refused('leads to an address that is not public')
  const isInClear = url.protocol === 'http:' && isIP(host) !== 0 && allowed.isNamed(host)
  if (url.protocol !== 'https:' && !isInClear) throw refused('must begin with https://')
  if (url.username !== '' || url.password !== '') throw refused('must have no user and no password in it')
  if (url.hash !== '') throw refused('must have no fragment')
  // A port of another protocol would be spoken to in a language that is not its own.
  if (url.port !== '' && Number(url.port) < 1024) throw refused('must have port 443, or one from 1024 on')
  return url.href
}

function refused(message: string): Refusal {
  return new Refusal('webhook-url-refused', `url ${message}.`, { fields: [{ path: 'url', message }] })
}
