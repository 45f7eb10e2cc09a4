import { type Board, claim, type EntryItem, isOpen, type LineItem } from './board.ts'
import { candidatesOf } from './candidates.ts'
import { grouped } from './clusters.ts'
import type { RuleBy } from './rules.ts'

/** As wide as anything may be late: whatever could be an entry is no mistake that the bank made and took back. */
const anywhere = { window: { before: 60, after: 60 }, despiteReferences: true, sameAccount: false }

/**
 * Claims together a line and the line that takes it back, when neither could be any entry of ours: the bank erred, and set it right.
 */
export function matchTakenBack(board: Board, { name, within }: RuleBy<'reversal'>): void {
  const { ofLine } = candidatesOf(board)
  const isFree = (line: LineItem) => isOpen(line) && !line.isReferred && ofLine(line, anywhere).length === 0
  const reversals = board.lines.filter(line => line.sort === 'reversal' && isFree(line))
  const originals = grouped(
    board.lines
      .filter(line => line.sort === 'plain' && isFree(line))
      .flatMap(line => keysOf(line, line.flow).map(key => ({ key, line }))),
    ({ key }) => key,
  )
  const rivals = new Map<string, number>()
  for (const line of reversals)
    for (const key of keysOf(line, opposite(line))) rivals.set(key, (rivals.get(key) ?? 0) + 1)
  for (const line of reversals) {
    for (const key of keysOf(line, opposite(line))) {
      const before = (originals.get(key) ?? [])
        .map(original => original.line)
        .filter(original => precedes(original, line, within))
      if (!isOpen(line) || before.length !== 1 || rivals.get(key) !== 1) continue
      const [original] = before as [LineItem]
      if (!isOpen(original)) continue
      claim(
        board,
        name,
        [original, line],
        [],
        ['the bank booked it and took it back', 'no entry of ours could be either'],
      )
    }
  }
}

function opposite({ flow }: LineItem): 'in' | 'out' {
  return flow === 'in' ? 'out' : 'in'
}

function precedes(original: LineItem, reversal: LineItem, within: number): boolean {
  const days = reversal.day - original.day
  return days >= 0 && days <= within
}

/** By reference, else by account. */
function keysOf({ keys, account, amount }: LineItem, flow: 'in' | 'out'): string[] {
  if (keys.length > 0) return keys.map(key => `${flow} ${amount} reference ${key}`)
  return account === null ? [] : [`${flow} ${amount} account ${account}`]
}

/** Claims together an entry and the one that takes it back, when the bank has had its time and knows of neither. */
export function matchCancelled(board: Board, { name }: RuleBy<'cancelled'>): void {
  const { posts, ofPost } = candidatesOf(board)
  const free = new Map<string, EntryItem>()
  for (const post of posts) {
    const [entry] = post.entries
    if (post.kind === null && ofPost(post, anywhere).length === 0) free.set(entry!.id, entry!)
  }
  for (const entry of free.values()) {
    const original = entry.entry.reverses === null ? undefined : free.get(entry.entry.reverses)
    if (original === undefined || !isOpen(original) || !isOpen(entry)) continue
    const isWhole = original.amount === entry.amount && original.flow !== entry.flow
    if (!isWhole || board.through - Math.max(entry.day, original.day) < board.rules.inTransitDays) continue
    claim(board, name, [], [original, entry], ['recorded and reversed in our books', 'no line could be either'])
  }
}
