import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { openThread } from '../../src/db/thread.ts'

const mortal = `
import { parentPort } from 'node:worker_threads'
parentPort.on('message', ({ number, question }) => {
  if (question === 'leave') process.exit(3)
  if (question === 'fall') throw new Error('it fell')
  if (question !== 'wait') parentPort.postMessage({ number, answer: question })
})`
const thread = openThread<string, string>('the mortal', new URL(`data:text/javascript,${encodeURIComponent(mortal)}`))
afterAll(() => thread.close())

test.each([
  ['leaves', 'leave', /the mortal ended with 3/],
  ['falls', 'fall', /it fell/],
])('a thread that %s fails who waits, and the next question begins another', async (_, end, reason) => {
  expect(await thread.ask('first')).toBe('first')
  const waiting = thread.ask('wait')
  await Promise.all([expect(waiting).rejects.toThrow(reason), expect(thread.ask(end)).rejects.toThrow(reason)])
  expect(await thread.ask('next')).toBe('next')
})

test('a thread that is closed is over when that is done', async () => {
  const waiting = thread.ask('wait')
  await Promise.all([expect(waiting).rejects.toThrow(/ended/), thread.close()])
  expect(await thread.ask('next')).toBe('next')
})

const counting = `
import { parentPort, threadId } from 'node:worker_threads'
parentPort.on('message', ({ number }) => parentPort.postMessage({ number, answer: threadId }))`

test('a thread that nobody asked for a while has ended, and the next question begins another', async () => {
  const file = new URL(`data:text/javascript,${encodeURIComponent(counting)}`)
  const resting = openThread<string, number>('the resting', file, { restMs: 500 })
  const first = await resting.ask('who?')
  expect(await resting.ask('who?')).toBe(first)
  await pause(1_500)
  expect(await resting.ask('who?')).toBeGreaterThan(first)
  await resting.close()
})
