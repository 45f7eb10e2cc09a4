import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Comparison, compareOn } from '../support/comparison.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { turns } from '../support/steps.ts'

/** FUZZ_SECONDS=600 goes on for ten minutes. FUZZ_SEED with FUZZ_PATH, as a failure prints them, repeat that one case. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 20)
const firstSeed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const path = process.env.FUZZ_PATH
/** A counterexample is made smaller for so long, and then told as it is. */
const shrinkingSeconds = 40

describe('the decision', () => {
  let test: TestDatabase
  let comparison: Comparison
  beforeAll(async () => {
    test = await testDatabase()
    comparison = compareOn(test)
  })
  afterAll(async () => {
    await comparison.drain()
    await test.close()
  })

  it(
    'is the oracle’s, whatever is asked, in whatever order, and leaves the book as the oracle has it',
    async () => {
      let failedAt: number | undefined
      const property = fc.asyncProperty(turns, async turns => {
        if (failedAt !== undefined && performance.now() - failedAt > shrinkingSeconds * 1000) return
        try {
          await comparison.play(turns)
        } catch (error) {
          failedAt ??= performance.now()
          throw error
        }
      })
      const begun = performance.now()
      let seed = firstSeed
      do {
        await fc.assert(property, { seed, ...(path === undefined ? { numRuns: 10 } : { path, endOnFailure: true }) })
        seed += 1
      } while (path === undefined && performance.now() - begun < seconds * 1000)
      await comparison.expectOthersKept()
      const { books, turns: taken, told } = comparison.tally()
      console.log(`seeds ${firstSeed} to ${seed - 1}: ${books} books, ${taken} turns`, told)
    },
    (seconds + shrinkingSeconds + 60) * 1000,
  )
})
