import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What is done with each connection, old and new. */
export type Weather =
  | { kind: 'fair' }
  /** Each piece arrives so many milliseconds later. */
  | { kind: 'slow'; milliseconds: number }
  /** What the server says is taken and never passed on; the connection stays open. */
  | { kind: 'answers are swallowed' }
  /** Whoever comes is cut off at once. */
  | { kind: 'shut' }

/** A client's connection and ours to the server, for the client. */
export type Link = {
  client: Socket
  server: Socket
  /** Both ends, at once: by a reset, or in order. */
  cut(how: 'reset' | 'in order'): void
}

/** Looks at what a client sends before it is passed on, or at what it is answered; false keeps it back. */
export type Watch = (link: Link, bytes: Buffer, from: 'client' | 'server') => boolean

export type TcpProxy = {
  port: number
  weather(now: Weather): void
  /** Is shown all that is sent from now on; undefined ends that. */
  watch(look: Watch | undefined): void
  links(): Link[]
  close(): Promise<void>
}

/** Passes TCP connections on to a port of this machine, as a network would: well, badly, or not at all. */
export async function openProxy(target: number): Promise<TcpProxy> {
  const links = new Set<Link>()
  let weather: Weather = { kind: 'fair' }
  let look: Watch | undefined

  const server = createServer({ allowHalfOpen: true }, client => {
    if (weather.kind === 'shut') return void client.resetAndDestroy()
    const link = linked(client, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true }))
    links.add(link)
    client.once('close', () => links.delete(link))
    pass(client, link.server, bytes => look?.(link, bytes, 'client') ?? true)
    pass(
      link.server,
      client,
      bytes => weather.kind !== 'answers are swallowed' && (look?.(link, bytes, 'server') ?? true),
    )
  })

  /** Passes on what comes from one side, and that it has ended, in its order, as late as the weather has it. */
  function pass(from: Socket, to: Socket, isPassed: (bytes: Buffer) => boolean): void {
    let before: Promise<unknown> = Promise.resolve()
    function inTurn(work: () => void): void {
      const due = performance.now() + (weather.kind === 'slow' ? weather.milliseconds : 0)
      before = before.then(async () => {
        const early = due - performance.now()
        if (early > 0) await pause(early)
        work()
      })
    }
    from.on('data', bytes => {
      if (isPassed(bytes)) inTurn(() => to.writable && to.write(bytes))
    })
    from.on('end', () => inTurn(() => to.end()))
    // Whoever breaks off breaks off the other side too.
    from.on('error', () => to.destroy())
    from.on('close', isBroken => isBroken && to.destroy())
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    weather: now => {
      weather = now
    },
    watch: now => {
      look = now
    },
    links: () => [...links],
    async close() {
      for (const link of links) link.cut('reset')
      server.close()
      await once(server, 'close')
    },
  }
}

function linked(client: Socket, server: Socket): Link {
  for (const socket of [client, server]) socket.setNoDelay(true)
  function cut(how: 'reset' | 'in order'): void {
    for (const socket of [client, server]) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.destroySoon()
    }
  }
  return { client, server, cut }
}
