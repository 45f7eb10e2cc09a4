import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Job } from '../../src/ledger/batch.ts'
import { openCalls } from '../../src/ledger/calls.ts'
import type { Batch, Outcome } from '../../src/ledger/decide.ts'
import { Refusal } from '../../src/refusals.ts'

/** What is posted does not matter here, only when: drafts are known by their ids. */
function job(...ids: string[]): Job {
  const submissions = ids.map(id => ({ draft: { id, entries: [] }, actor: 'somebody', contentHash: Buffer.alloc(0) }))
  return { submissions, atomic: false } as unknown as Job
}

const idsOf = ({ jobs }: Batch) => jobs.flatMap(({ submissions }) => submissions.map(({ draft }) => draft.id))

const outcomesOf = (batch: Batch) => idsOf(batch).map(id => ({ posted: { id } }) as Outcome)

/** A database that answers when it is told to. */
function slowDatabase() {
  const asked: { batches: readonly Batch[]; answer: () => void }[] = []
  const decide = (batches: readonly Batch[]) =>
    new Promise<Outcome[][]>(resolve => asked.push({ batches, answer: () => resolve(batches.map(outcomesOf)) }))
  return { asked, decide }
}

/** Until whoever has its turn has taken it. */
async function settled() {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}

test('a book is in one call at a time, and its drafts are decided in the order in which they came', async () => {
  const inCall = new Set<string>()
  const order = new Map<string, string[]>()
  const calls = openCalls(async batches => {
    for (const batch of batches) {
      expect(inCall.has(batch.bookId)).toBe(false)
      inCall.add(batch.bookId)
    }
    await pause(Math.random() * 3)
    for (const batch of batches) {
      inCall.delete(batch.bookId)
      order.set(batch.bookId, [...(order.get(batch.bookId) ?? []), ...idsOf(batch)])
    }
    return batches.map(outcomesOf)
  })
  const books = Array.from({ length: 20 }, (_, index) => `book ${index}`)
  const sent = new Map(books.map(book => [book, [] as string[]]))
  const answers: Promise<Outcome[]>[] = []
  for (let count = 0; count < 2_000; count++) {
    const book = books[Math.floor(Math.random() * books.length)]!
    const id = `${count}`
    sent.get(book)!.push(id)
    answers.push(calls.submit(book, job(id)))
    if (count % 40 === 0) await pause(1)
  }
  const outcomes = await Promise.all(answers)
  expect(outcomes).toEqual(outcomes.map((_, index) => [{ posted: { id: `${index}` } }]))
  expect(order).toEqual(sent)
  await calls.drain()
})

test('what waits for few books goes out in one call, what waits for many in calls that share the books', async () => {
  const { asked, decide } = slowDatabase()
  const calls = openCalls(decide)
  const first = calls.submit('a', job('1'))
  await settled()
  expect(asked.map(({ batches }) => batches.map(idsOf))).toEqual([[['1']]])
  const later = ['b', 'c', 'a', 'd', 'b'].map((book, index) => calls.submit(book, job(`${book}${index}`)))
  await settled()
  expect(asked.flatMap(({ batches }) => batches.map(({ bookId }) => bookId)).sort()).toEqual(['a', 'b', 'c', 'd'])
  // Both drafts of b went together; the second of a waits for its first.
  expect(asked.flatMap(({ batches }) => batches).find(({ bookId }) => bookId === 'b')!.jobs).toHaveLength(2)
  for (let answered = 0; answered < asked.length; answered++) {
    asked[answered]!.answer()
    await settled()
  }
  await Promise.all([first, ...later])
  expect(asked.at(-1)!.batches.map(idsOf)).toEqual([['a2']])
})

test('a call that waits for a lock holds back nobody but its own books', async () => {
  const { asked, decide } = slowDatabase()
  const calls = openCalls(decide)
  const stuck: Promise<Outcome[]>[] = []
  for (let count = 0; count < 4; count++) {
    stuck.push(calls.submit(`stuck ${count}`, job(`${count}`)))
    await pause(40)
  }
  expect(asked).toHaveLength(4)
  const other = calls.submit('other', job('other'))
  await settled()
  expect(asked).toHaveLength(5)
  asked[4]!.answer()
  expect(await other).toEqual([{ posted: { id: 'other' } }])
  for (const { answer } of asked) answer()
  await Promise.all(stuck)
  await calls.drain()
})

test('as many calls as may be are in flight, however slow, and the rest waits and is posted', async () => {
  const { asked, decide } = slowDatabase()
  const calls = openCalls(decide)
  const all: Promise<Outcome[]>[] = []
  for (let count = 0; count < 12; count++) {
    all.push(calls.submit(`book ${count}`, job(`${count}`)))
    await pause(30)
  }
  const most = asked.length
  expect(most).toBeGreaterThanOrEqual(6)
  expect(most).toBeLessThanOrEqual(8)
  await pause(40)
  expect(asked).toHaveLength(most)
  for (let answered = 0; answered < asked.length; answered++) {
    asked[answered]!.answer()
    await settled()
  }
  await Promise.all(all)
  expect(asked.flatMap(({ batches }) => batches)).toHaveLength(12)
  await calls.drain()
})

test('more than 20,000 drafts of one book are turned away, and another book’s are taken', async () => {
  const { asked, decide } = slowDatabase()
  const calls = openCalls(decide)
  const all = [calls.submit('full', job('first'))]
  await settled()
  const thousand = Array.from({ length: 1_000 }, (_, index) => `${index}`)
  for (let count = 0; count < 20; count++) all.push(calls.submit('full', job(...thousand)))
  expect(() => calls.submit('full', job('one more'))).toThrow(Refusal)
  all.push(calls.submit('other', job('taken')))
  for (let answered = 0; answered < asked.length; answered++) {
    asked[answered]!.answer()
    await settled()
  }
  const outcomes = await Promise.all(all)
  expect(outcomes.flat()).toHaveLength(20_002)
  // A call takes no more than 1,000.
  for (const { batches } of asked) expect(batches.flatMap(idsOf).length).toBeLessThanOrEqual(1_000)
})

test('what breaks a call is told to whoever caused it, and its neighbours are posted', async () => {
  const calls = openCalls(async batches => {
    if (batches.some(batch => idsOf(batch).includes('bad'))) throw new Error('bad')
    return batches.map(outcomesOf)
  })
  const bad = calls.submit('a', job('bad'))
  const good = ['a', 'b', 'c'].map(book => calls.submit(book, job(`good of ${book}`)))
  await expect(bad).rejects.toThrow('bad')
  expect((await Promise.all(good)).flat()).toHaveLength(3)
  await calls.drain()
  const [again] = await calls.submit('a', job('again'))
  expect(again).toEqual({ posted: { id: 'again' } })
})
