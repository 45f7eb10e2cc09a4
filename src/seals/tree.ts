import { createHash } from 'node:crypto'

// The hash tree of RFC 6962, 2.1: leaves and nodes are told apart, so that neither passes for the other.

export function leafHash(content: Buffer | string): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(content).digest()
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}

/** The root over nothing. */
const emptyRoot = createHash('sha256').digest()

/** A whole subtree, of two to the `height` leaves. */
type Subtree = { height: number; hash: Buffer; holdsWanted: boolean }

/** A tree that grows by its leaves from left to right, and keeps no more than a hash for each of its levels. */
export type Tree = {
  add(content: Buffer | string): void
  /** Its root; and for the leaf that was wanted the hashes that lead there from it, from below. */
  end(): { root: Buffer; size: number; path: Buffer[] }
}

export function openTree(wanted?: number): Tree {
  const subtrees: Subtree[] = []
  const path: Buffer[] = []
  let size = 0

  function join(): void {
    const [right, left] = [subtrees.pop()!, subtrees.pop()!]
    if (left.holdsWanted) path.push(right.hash)
    if (right.holdsWanted) path.push(left.hash)
    subtrees.push({
      height: left.height + 1,
      hash: nodeHash(left.hash, right.hash),
      holdsWanted: left.holdsWanted || right.holdsWanted,
    })
  }

  return {
    add(content) {
      subtrees.push({ height: 0, hash: leafHash(content), holdsWanted: size === wanted })
      size += 1
      while (subtrees.length > 1 && subtrees.at(-1)!.height === subtrees.at(-2)!.height) join()
    },
    end() {
      while (subtrees.length > 1) join()
      return { root: subtrees[0]?.hash ?? emptyRoot, size, path }
    },
  }
}

/** The root over these. */
export function rootOf(contents: Iterable<Buffer | string>): Buffer {
  const tree = openTree()
  for (const content of contents) tree.add(content)
  return tree.end().root
}

/**
 * The root to which a path leads from the leaf at this place of a tree of this size (RFC 9162, 2.1.3.2); null when it leads
 * nowhere, for it is too short or too long.
 */
export function rootBy(content: Buffer | string, place: number, size: number, path: readonly Buffer[]): Buffer | null {
  if (place >= size) return null
  let hash = leafHash(content)
  let [at, last] = [place, size - 1]
  for (const beside of path) {
    if (last === 0) return null
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(beside, hash)
      // Where the tree has no right side, a node goes up as it is.
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else {
      hash = nodeHash(hash, beside)
    }
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 ? hash : null
}
