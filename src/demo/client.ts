import { setTimeout as pause } from 'node:timers/promises'

/** The demo cannot go on; the message is for the person who started it. */
export class Unable extends Error {}

/** The public API, and nothing else: whatever the demo does, anybody with a key can do. */
export type Client = {
  url: string
  get<Answer>(path: string): Promise<Answer>
  /** Posts JSON; a text is posted as `text/csv`. */
  post<Answer>(path: string, body: object | string): Promise<Answer>
}

const mostTries = 10

type Problem = { code?: string; detail?: string; fields?: { path: string; message: string }[] }

export function openClient(url: string, key: string): Client {
  async function ask<Answer>(method: string, path: string, body?: object | string, tries = 1): Promise<Answer> {
    const type = typeof body === 'string' ? 'text/csv' : 'application/json'
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    }).catch(() => {
      throw new Unable(`${url} does not answer. Is the service running?`)
    })
    // Ids are ours, so what was refused for now is asked again as it was.
    const wait = response.headers.get('retry-after')
    if (wait !== null && tries < mostTries) {
      await response.body?.cancel()
      await pause(Number(wait) * 1000)
      return ask(method, path, body, tries + 1)
    }
    const answer = (await response.json().catch(() => ({}))) as Answer & Problem
    if (response.ok) return answer
    if (answer.code === undefined)
      throw new Unable(`${url} is not Qullqi: ${method} ${path} answered ${response.status}.`)
    if (response.status === 401) throw new Unable(`The key is not one of ${url}: ${answer.detail}`)
    if (response.status === 403) throw new Unable(`The demo needs an administrator's key: ${answer.detail}`)
    throw new Unable(`${method} ${path} was refused: ${refusal(answer)}`)
  }
  return { url, get: path => ask('GET', path), post: (path, body) => ask('POST', path, body) }
}

/** A refusal in one line. */
export function refusal({ code, detail }: Problem): string {
  return `${code}: ${detail}`
}
