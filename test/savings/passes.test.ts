import { describe, expect, it } from 'vitest'
import { isMovement, operations, stageOf } from '../../src/savings/sync/operations.ts'
import { inPasses } from '../../src/savings/sync/passes.ts'

/** Each item needs others done before it. */
function world(needs: Record<string, string[]>) {
  const done = new Set<string>()
  const tries: string[] = []
  return {
    done,
    tries,
    async attempt(item: string) {
      tries.push(item)
      if (item.startsWith('bad')) return 'hopeless' as const
      await Promise.resolve()
      if (!(needs[item] ?? []).every(need => done.has(need))) return 'waits' as const
      done.add(item)
      return 'done' as const
    },
  }
}

describe('operations that stand on each other', () => {
  it.each([[true], [false]])('are all done whatever their order (together: %s)', async together => {
    const needs = { b: ['a'], c: ['b'], d: ['c'], e: ['a', 'd'] }
    for (const order of ['abcde', 'edcba', 'cebda']) {
      const { done, attempt } = world(needs)
      await inPasses([...order], { stageOf: () => 0, isTogether: () => together, attempt })
      expect([...done].sort().join('')).toBe('abcde')
    }
  })

  it('are tried stage by stage, so that few wait', async () => {
    const { tries, done, attempt } = world({ money1: ['account'], account: ['person'] })
    const stage = (item: string) => ['person', 'account', 'money1'].indexOf(item)
    await inPasses(['money1', 'account', 'person'], { stageOf: stage, isTogether: () => false, attempt })
    expect(tries).toEqual(['person', 'account', 'money1'])
    expect(done.size).toBe(3)
  })

  it('are given up when nothing moves any more, and what is hopeless at once', async () => {
    const { tries, attempt } = world({ b: ['nobody'], c: ['b'] })
    await inPasses(['a', 'b', 'c', 'bad'], { stageOf: () => 0, isTogether: () => true, attempt })
    expect(tries).toEqual(['a', 'b', 'c', 'bad', 'b', 'c'])
  })

  it('are done in few passes when a long chain of them comes from its end', async () => {
    const chain = Array.from({ length: 300 }, (_, place) => String(place))
    for (const together of [true, false]) {
      const { tries, done, attempt } = world(Object.fromEntries(chain.slice(1).map(item => [item, [`${+item - 1}`]])))
      await inPasses(chain.toReversed(), { stageOf: () => 0, isTogether: () => together, attempt })
      expect(done.size).toBe(300)
      expect(tries.length).toBeLessThan(300 * 4)
    }
  })

  it('are given what there is in the order in which they came', async () => {
    let money = 0
    const got: string[] = []
    const attempt = async (item: string) => {
      if (item === 'deposit') money += 1
      else if (money === 0) return 'waits' as const
      else {
        money -= 1
        got.push(item)
      }
      return 'done' as const
    }
    await inPasses(['first', 'second', 'deposit'], { stageOf: () => 0, isTogether: () => true, attempt })
    expect(got).toEqual(['first'])
  })

  it('that fail end the whole only when the others under way have ended', async () => {
    let ended = false
    const attempt = async (item: string) => {
      if (item === 'fails') throw new Error('the database went away')
      await new Promise(resolve => setTimeout(resolve, 20))
      ended = true
      return 'done' as const
    }
    const trial = inPasses(['slow', 'fails'], { stageOf: () => 0, isTogether: () => true, attempt })
    await expect(trial).rejects.toThrow('went away')
    expect(ended).toBe(true)
  })
})

describe('the operations of a synchronisation', () => {
  it('each have their stage', () => {
    expect([...operations.keys()].filter(type => stageOf(type) === undefined)).toEqual([])
  })

  it('are movements, which the ledger makes one batch of, or few at a time', () => {
    expect([...operations.keys()].filter(isMovement)).toEqual([
      'deposit',
      'withdrawal',
      'transfer',
      'banking',
      'state-transfer',
      'interest',
      'fund-receipt',
      'lrac-transfer',
      'competition-prize',
      'talent-payment',
    ])
  })
})
