import { type Board, claim, isOpen, type LineItem } from './board.ts'
import { type Candidates, candidatesOf, only, type Post } from './candidates.ts'
import { type DayIndex, dayIndex } from './day-index.ts'
import type { RuleBy } from './rules.ts'

type ByAmount = RuleBy<'amount'> | RuleBy<'grouping'>
type Pair = { line: LineItem; post: Post }

/**
 * Claims by amount and day where the candidate is the only one both ways. Where anything of that amount is left over nearby,
 * which it might be as well, nothing is claimed: the bank may have lost the one and booked the other late.
 */
export function matchByAmount(board: Board, rule: ByAmount): void {
  const candidates = candidatesOf(board)
  const pairs = pairsOf(candidates, rule)
  const isLeftBeside = leftovers(candidates, pairs, rule.rivals)
  for (const { line, post } of pairs.filter(pair => isOf(pair, rule) && !isLeftBeside(pair))) {
    // Two groupings may have members in common, and a member a line of its own.
    if (!isOpen(line) || !post.entries.every(isOpen)) continue
    const told = post.kind === null ? [] : [`all of one ${post.kind}`, `one line for ${post.entries.length} entries`]
    const account = isOfAccount(line, post) ? ['same account'] : []
    const reasons = ['same amount', line.day === post.day ? 'same day' : 'days close by', ...account, ...told]
    claim(board, rule.name, [line], [...post.entries], [...reasons, 'no other candidate on either side'])
  }
}

function isOf({ post }: Pair, rule: ByAmount): boolean {
  return rule.by === 'amount' ? post.kind === null : post.kind !== null && rule.kinds.includes(post.kind)
}

/** Lines and posts that are each other's only candidate, less those that would have an entry twice. */
function pairsOf({ lines, ofLine, ofPost }: Candidates, rule: ByAmount): Pair[] {
  const search = rule.by === 'amount' ? rule : { ...rule, despiteReferences: false, sameAccount: false }
  const pairs = lines.flatMap((line): Pair[] => {
    const post = only(ofLine(line, search))
    return post !== undefined && only(ofPost(post, search)) === line ? [{ line, post }] : []
  })
  const uses = new Map<number, number>()
  for (const { post } of pairs) for (const { place } of post.entries) uses.set(place, (uses.get(place) ?? 0) + 1)
  return pairs.filter(({ post }) => post.entries.every(({ place }) => uses.get(place) === 1))
}

/** Whether beside a pair something is left over that it might be as well. What bears the pair's account is told by that. */
function leftovers({ lines, posts }: Candidates, pairs: Pair[], days: number): (pair: Pair) => boolean {
  const pairedLines = new Set(pairs.map(({ line }) => line.place))
  const pairedEntries = new Set(pairs.flatMap(({ post }) => post.entries.map(({ place }) => place)))
  const [leftLines, leftPosts] = [dayIndex<LineItem>(), dayIndex<Post>()]
  for (const line of lines) if (!pairedLines.has(line.place)) addUnder(leftLines, line)
  for (const post of posts) if (!post.entries.some(({ place }) => pairedEntries.has(place))) addUnder(leftPosts, post)
  return ({ line, post }) => {
    const accounts = isOfAccount(line, post) ? [line.account!] : null
    return isAny(leftPosts, line, accounts, days) || isAny(leftLines, post, accounts, days)
  }
}

type Sized = Pick<Post, 'day' | 'flow' | 'amount' | 'account'>

function addUnder<Item extends Sized>(index: DayIndex<Item>, item: Item): void {
  for (const account of [item.account ?? '-', '*']) index.add(keyOf(item, account), item)
}

function keyOf({ flow, amount }: Sized, account: string): string {
  return `${amount} ${flow} ${account}`
}

function isAny<Item extends Sized>(index: DayIndex<Item>, of: Sized, told: string[] | null, days: number): boolean {
  const accounts = told ?? (of.account === null ? ['*'] : [of.account, '-'])
  return accounts.some(account => {
    const { from, to } = index.within(keyOf(of, account), of.day - days, of.day + days)
    return from < to
  })
}

function isOfAccount(line: LineItem, post: Post): boolean {
  return line.account !== null && line.account === post.account
}
