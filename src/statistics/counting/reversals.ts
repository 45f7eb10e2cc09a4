import { unreversed } from './events.ts'
import type { Facts } from './facts.ts'

/**
 * The facts as if of each book nothing had been reversed after a sequence: neither what was reversed since, nor the
 * reversals themselves. So late postings and reversals can be told apart, though both are of the same days. Copies two
 * columns; of a book that is not named all is as it is.
 */
export function withReversalsThrough(facts: Facts, through: ReadonlyMap<string, number>): Facts {
  const { accounts, books, events } = facts
  const known = Float64Array.from(books.values(), ({ id }) => through.get(id) ?? unreversed)
  const bookOf = (place: number) => accounts.columns.book[events.account[place]!]!
  const [sequence, reversedBy] = [events.sequence.slice(), events.reversedBy.slice()]
  const since = Array.from(known, () => new Set<number>())
  for (let place = 0; place < events.length; place++) {
    const by = reversedBy[place]!
    if (by === unreversed || by <= known[bookOf(place)]!) continue
    since[bookOf(place)]!.add(by)
    reversedBy[place] = unreversed
  }
  for (let place = 0; place < events.length; place++) {
    if (since[bookOf(place)]!.has(sequence[place]!)) sequence[place] = unreversed
  }
  return { ...facts, events: { ...events, sequence, reversedBy } }
}
