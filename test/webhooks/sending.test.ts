import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { allowedAddresses, type Resolve, resolveName } from '../../src/webhooks/sending/addresses.ts'
import { nextAttempt } from '../../src/webhooks/sending/schedule.ts'
import { type Sending, sender } from '../../src/webhooks/sending/send.ts'
import { openReceiver, type Receiver } from './receiver.ts'

let receiver: Receiver

beforeAll(async () => {
  receiver = await openReceiver()
})

beforeEach(() => {
  receiver.received.length = 0
})

afterAll(() => receiver.close())

const never = new AbortController().signal
const posted = { headers: { 'content-type': 'application/json', 'webhook-id': 'one' }, body: '{"type":"proof-ready"}' }
const local = { allowed: allowedAddresses(['127.0.0.1']), resolve: resolveName, timeoutMs: 400 }

const send = (url: string, more: Partial<Sending> = {}, signal = never) =>
  sender({ ...local, ...more })(url, posted, signal)

/** What it came to, and how long that took at the most. */
async function within<T>(most: number, work: Promise<T>): Promise<T> {
  const since = performance.now()
  const outcome = await work
  expect(performance.now() - since).toBeLessThan(most)
  return outcome
}

test.each([
  [200, 'accepted'],
  [204, 'accepted'],
  [299, 'accepted'],
  [304, 'redirected'],
  [400, 'declined'],
  [404, 'declined'],
  [410, 'gone'],
  [500, 'declined'],
])('an answer of %i is %s', async (status, outcome) => {
  receiver.answer((_, response) => response.writeHead(status).end())
  expect(await send(receiver.url)).toEqual({ outcome, status })
  expect(receiver.received).toMatchObject([{ body: posted.body, headers: posted.headers, url: '/hooks' }])
})

test('a redirection is not followed', async () => {
  receiver.answer((_, response) => response.writeHead(307, { location: receiver.url }).end())
  expect(await send(receiver.url)).toEqual({ outcome: 'redirected', status: 307 })
  expect(receiver.received.length).toBe(1)
})

test('who does not answer, or not to the end, is not waited for', async () => {
  receiver.answer(() => {})
  expect(await within(2_000, send(receiver.url))).toEqual({ outcome: 'timed-out', status: null })
  receiver.answer((_, response) => {
    response.writeHead(200).write('a')
    const dripping = setInterval(() => response.write('a'), 20)
    response.on('close', () => clearInterval(dripping))
  })
  expect(await within(2_000, send(receiver.url))).toEqual({ outcome: 'accepted', status: 200 })
})

test('of a large answer little is read', async () => {
  let written = 0
  receiver.answer((_, response) => {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && written < 1_000_000_000) {
        written += 65_536
        if (!response.write(Buffer.alloc(65_536))) return
      }
    }
    response.on('drain', more)
    more()
  })
  expect(await within(390, send(receiver.url))).toEqual({ outcome: 'accepted', status: 200 })
  expect(written).toBeLessThan(20_000_000)
})

test.each([
  ['ends without an answer', ''],
  ['speaks another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['has an endless head', `HTTP/1.1 200 OK\r\n${'x-more: and more\r\n'.repeat(5_000)}`],
  ['changes protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'],
])('a receiver that %s is unreachable', async (_, answer) => {
  const server = createPlainServer(socket => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end(answer))
  })
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  expect((await within(2_000, send(`http://127.0.0.1:${port}/`))).outcome).toBe('unreachable')
  await new Promise(settle => server.close(settle))
  expect((await send(`http://127.0.0.1:${port}/`)).outcome).toBe('unreachable')
})

const answering = (...answers: string[][]): Resolve & { asked: number } => {
  const resolve = async () => answers[Math.min(resolve.asked++, answers.length - 1)]!
  resolve.asked = 0
  return resolve
}

test('the connection goes to the address that was looked at, and the name is not looked up again', async () => {
  receiver.answer((_, response) => response.writeHead(204).end())
  const resolve = answering(['127.0.0.1'], ['10.0.0.1'])
  const url = `http://hooks.caja.invalid:${receiver.port}/`
  expect(await send(url, { resolve })).toEqual({ outcome: 'accepted', status: 204 })
  expect(resolve.asked).toBe(1)
  expect(receiver.received[0]!.headers.host).toBe(`hooks.caja.invalid:${receiver.port}`)
  // The next time the name leads into a network.
  expect(await send(url, { resolve })).toEqual({ outcome: 'address-refused', status: null })
})

test.each([
  ['a private address', ['10.0.0.1']],
  ['a public and a private one', ['8.8.8.8', '169.254.169.254']],
  ['this machine', ['127.0.0.1']],
  ['a private one that is wrapped', ['::ffff:192.168.0.1']],
])('nothing is sent to a name that leads to %s', async (_, addresses) => {
  const refused = { outcome: 'address-refused', status: null }
  const sending = { allowed: allowedAddresses([]), resolve: answering(addresses) }
  expect(await send(`https://hooks.caja.invalid:${receiver.port}/`, sending)).toEqual(refused)
  expect(await send(`http://hooks.caja.invalid:${receiver.port}/`, sending)).toEqual(refused)
  expect(receiver.received).toEqual([])
})

test('nothing is sent in clear to the internet', async () => {
  const sending = { resolve: answering(['8.8.8.8']) }
  expect((await send('http://hooks.caja.invalid/', sending)).outcome).toBe('address-refused')
})

test('a name that has no address, or is long in coming, is unreachable or timed out', async () => {
  expect((await send('https://hooks.caja.invalid/', { resolve: answering([]) })).outcome).toBe('unreachable')
  const slow: Resolve = () => pause(60_000, ['127.0.0.1'], { ref: false })
  expect((await within(2_000, send('https://hooks.caja.invalid/', { resolve: slow }))).outcome).toBe('timed-out')
})

test('who stops breaks off what is under way', async () => {
  receiver.answer(() => {})
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  expect(await within(2_000, send(receiver.url, { timeoutMs: 60_000 }, stop.signal))).toEqual({
    ...{ outcome: 'interrupted', status: null },
  })
})

test('a certificate is believed only from those who are known, and for its own name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=hooks.caja.invalid', '-addext', 'subjectAltName=DNS:hooks.caja.invalid']
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650']
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  const ca = await readFile(cert, 'utf8')
  const server = createSecureServer({ key: await readFile(key), cert: ca }, (request, response) => {
    request.resume()
    response.writeHead(204).end()
  })
  await new Promise<void>(settle => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  const resolve = answering(['127.0.0.1'])
  const url = `https://hooks.caja.invalid:${port}/`
  expect(await send(url, { resolve, ca })).toEqual({ outcome: 'accepted', status: 204 })
  expect((await send(url, { resolve })).outcome).toBe('unreachable')
  expect((await send(`https://other.caja.invalid:${port}/`, { resolve, ca })).outcome).toBe('unreachable')
  server.closeAllConnections()
  await new Promise(settle => server.close(settle))
  await rm(folder, { recursive: true })
})

test('it comes again ten times in three days and a half, with some chance, and then no more', () => {
  const now = new Date('2026-03-02T00:00:00Z')
  const after = (chance: number) =>
    Array.from({ length: 10 }, (_, place) => nextAttempt(place + 1, now, chance)?.getTime() ?? null).map(time =>
      time === null ? null : (time - now.getTime()) / 1000,
    )
  const hours = (...all: number[]) => all.map(hour => hour * 3600)
  expect(after(0.5)).toEqual([5, 300, 1800, ...hours(2, 5, 10, 14, 20, 24), null])
  expect([after(0)[0], after(1)[0]]).toEqual([4.5, 5.5])
})
