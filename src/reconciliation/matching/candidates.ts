import type { Amount } from '../../money.ts'
import { type Board, type Bundle, type EntryItem, isOpen, type LineItem, type LineSort, net } from './board.ts'
import { type DayIndex, dayIndex, type Range } from './day-index.ts'
import type { Flow, GroupingKind } from './items.ts'

/** What a line may be by its amount: an entry, or all entries of one day that belong together. */
export type Post = {
  day: number
  flow: Flow
  amount: Amount
  account: string | null
  hasReferences: boolean
  sort: Exclude<LineSort, 'fee'>
  entries: readonly EntryItem[]
  /** Null of a single entry. */
  kind: GroupingKind | null
  place: number
}

/** Which of them are looked for. */
export type Search = {
  window: { before: number; after: number }
  /** Also where both have references, none of them in common. */
  despiteReferences: boolean
  /** Only what bears the same account, rather than no other. */
  sameAccount: boolean
}

export type Candidates = {
  lines: readonly LineItem[]
  posts: readonly Post[]
  /** What a line may be by amount, account and day, in ranges of posts; and the other way round. */
  ofLine(line: LineItem, search: Search): Range<Post>[]
  ofPost(post: Post, search: Search): Range<LineItem>[]
}

const sorts = ['plain', 'interest', 'reversal'] as const

/** Everything open that no reference tells of, by amount and day; and what belongs together as if it were one entry. */
export function candidatesOf(board: Board, bundles = board.bundles): Candidates {
  const lines = board.lines.filter(line => isOpen(line) && !line.isReferred && line.sort !== 'fee')
  const posts = postsOf(board, bundles)
  const [byLine, byPost] = [dayIndex<LineItem>(), dayIndex<Post>()]
  for (const line of lines) addUnder(byLine, line, isReferring(line))
  for (const post of posts) addUnder(byPost, post, post.hasReferences)
  return {
    lines,
    posts,
    ofLine(line, search) {
      const theirs = line.sort === 'plain' ? sorts : [line.sort]
      const [from, to] = [line.day - search.window.after, line.day + search.window.before]
      return ranges(byPost, line, { search, theirs, hasReferences: isReferring(line) }, from, to)
    },
    ofPost(post, search) {
      const theirs = post.sort === 'plain' ? (['plain'] as const) : (['plain', post.sort] as const)
      const [from, to] = [post.day - search.window.before, post.day + search.window.after]
      return ranges(byLine, post, { search, theirs, hasReferences: post.hasReferences }, from, to)
    },
  }
}

/** A number in its text is a reference as well, which speaks against entries with others. */
function isReferring({ keys, textKeys }: LineItem): boolean {
  return keys.length > 0 || textKeys.length > 0
}

type Sized = { day: number; flow: Flow; amount: Amount; account: string | null; sort: LineSort }

/** Under its own account, and under any. */
function addUnder<Item extends Sized>(index: DayIndex<Item>, item: Item, hasReferences: boolean): void {
  for (const account of [item.account ?? '-', '*']) index.add(keyOf(item, item.sort, account, hasReferences), item)
}

function keyOf({ flow, amount }: Sized, sort: LineSort, account: string, hasReferences: boolean): string {
  return `${amount} ${flow} ${sort} ${hasReferences} ${account}`
}

function ranges<Item extends Sized>(
  index: DayIndex<Item>,
  of: Sized,
  { search, theirs, hasReferences }: { search: Search; theirs: readonly LineSort[]; hasReferences: boolean },
  from: number,
  to: number,
): Range<Item>[] {
  const found: Range<Item>[] = []
  for (const sort of theirs) {
    for (const account of accountsFor(of, search)) {
      for (const referred of hasReferences && !search.despiteReferences ? [false] : [false, true]) {
        const range = index.within(keyOf(of, sort, account, referred), from, to)
        if (range.from < range.to) found.push(range)
      }
    }
  }
  return found
}

function accountsFor({ account }: Sized, { sameAccount }: Search): string[] {
  if (account === null) return sameAccount ? [] : ['*']
  return sameAccount ? [account] : [account, '-']
}

/** The one candidate there is; undefined when there is none, or more. */
export function only<Item>(ranges: readonly Range<Item>[]): Item | undefined {
  if (ranges.length !== 1) return undefined
  const { list, from, to } = ranges[0]!
  return to - from === 1 ? list[from] : undefined
}

function postsOf(board: Board, bundles: readonly Bundle[]): Post[] {
  const posts: Post[] = []
  for (const item of board.entries) {
    if (!isOpen(item) || item.isReferred) continue
    const { day, flow, amount, account, sort } = item
    const hasReferences = item.keys.length > 0
    posts.push({ day, flow, amount, account, sort, hasReferences, entries: [item], kind: null, place: posts.length })
  }
  const known = new Set<string>()
  for (const { grouping, entries } of bundles) {
    const [first, second] = entries
    if (second === undefined || !entries.every(item => isOpen(item) && !item.isReferred && item.day === first!.day))
      continue
    const sum = net(entries)
    const members = entries.map(({ place }) => place).join(' ')
    if (sum === 0n || known.has(members)) continue
    known.add(members)
    posts.push({
      day: first!.day,
      flow: sum > 0n ? 'in' : 'out',
      amount: sum > 0n ? sum : -sum,
      account: null,
      hasReferences: grouping.references.length > 0 || entries.some(({ keys }) => keys.length > 0),
      sort: entries.every(({ sort }) => sort === 'interest') ? 'interest' : 'plain',
      entries,
      kind: grouping.kind,
      place: posts.length,
    })
  }
  return posts
}
