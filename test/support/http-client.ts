import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

// biome-ignore lint/suspicious/noExplicitAny: bodies as they come, for the test to look into
export type Answer = { status: number; headers: IncomingHttpHeaders; body: any }

/** One client: one connection, kept alive, one request at a time. */
export type HttpClient = {
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  close(): void
}

/** `patience` is how long it waits for an answer, in milliseconds; then, or when the connection breaks, asking rejects. */
export function openClient(options: { base: string; key: string; patience?: number }): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const content = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${options.key}`,
      ...(content === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
    }
    const signal = AbortSignal.timeout(options.patience ?? 20_000)
    const answer = await new Promise<Answer>((settle, fail) => {
      const sent = request(new URL(path, options.base), { method, agent, headers, signal }, async response => {
        try {
          const received = await text(response)
          settle({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: received === '' ? undefined : JSON.parse(received),
          })
        } catch (error) {
          fail(error)
        }
      })
      sent.on('error', fail)
      sent.end(content)
    })
    return answer
  }
  return { ask, close: () => agent.destroy() }
}
