import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'

export type Received = { headers: IncomingHttpHeaders; body: string; url: string }

/** A receiver on this machine: what it was sent, and how it answers. */
export type Receiver = {
  url: string
  port: number
  received: Received[]
  /** As many as were being answered at the same time. */
  mostAtOnce(): number
  answer(listener: RequestListener): void
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let [current, most] = [0, 0]
  let listener: RequestListener = (_, response) => response.writeHead(204).end()
  const server = createServer(async (request, response) => {
    current += 1
    most = Math.max(most, current)
    response.on('close', () => (current -= 1))
    received.push({ headers: request.headers, body: await text(request).catch(() => ''), url: request.url! })
    listener(request, response)
  })
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}/hooks`, port, received, mostAtOnce: () => most },
    answer: next => {
      listener = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise(settle => server.close(settle))
    },
  }
}

/** Waits until it is so. */
export async function until(isSo: () => unknown, patience = 10_000): Promise<void> {
  for (const since = performance.now(); !(await isSo()); await pause(20))
    if (performance.now() - since > patience) throw new Error(`it did not come to be so: ${isSo}`)
}
