/** Lets so many work at a time; whoever comes then waits for a turn, in order. */
export type Slots = <Result>(work: () => Promise<Result>) => Promise<Result>

export function openSlots(most: number): Slots {
  const waiting: (() => void)[] = []
  let free = most
  return async work => {
    if (free > 0) free -= 1
    else await new Promise<void>(turn => waiting.push(turn))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
