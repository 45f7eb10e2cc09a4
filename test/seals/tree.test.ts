import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openTree, rootBy, rootOf } from '../../src/seals/tree.ts'

/** The definition of RFC 6962, 2.1, word for word: slow, and plain. */
function plainRoot(leaves: Buffer[]): Buffer {
  const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!)
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return sha256(Buffer.of(1), plainRoot(leaves.slice(0, half)), plainRoot(leaves.slice(half)))
}

function pathTo(leaves: Buffer[], place: number) {
  const tree = openTree(place)
  leaves.forEach(tree.add)
  return tree.end()
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, place) => Buffer.from(`leaf ${place}`))

// Leaves and roots that the tests of Certificate Transparency publish.
test('the root is that of RFC 6962', () => {
  const published = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const leaves = published.map(text => Buffer.from(text, 'hex'))
  expect(rootOf([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(rootOf(leaves.slice(0, 1)).toString('hex')).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  )
  expect(rootOf(leaves).toString('hex')).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
})

test('a path leads from each leaf of a tree of any size to its root, and is as long as the logarithm', () => {
  for (let size = 1; size <= 70; size++) {
    const leaves = leavesOf(size)
    const root = plainRoot(leaves)
    for (let place = 0; place < size; place++) {
      const found = pathTo(leaves, place)
      expect(found).toMatchObject({ root, size })
      expect(found.path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
      expect(rootBy(leaves[place]!, place, size, found.path)).toEqual(root)
    }
  }
})

test('a path leads nowhere from another leaf, another place, or with a hash changed, missing or too many', () => {
  const leaves = leavesOf(13)
  const root = plainRoot(leaves)
  for (let place = 0; place < 13; place++) {
    const { path } = pathTo(leaves, place)
    const leaf = leaves[place]!
    const wrong = [
      rootBy(Buffer.from('another'), place, 13, path),
      rootBy(leaf, 13, 13, path),
      rootBy(leaf, place, 13, path.slice(1)),
      rootBy(leaf, place, 13, path.slice(0, -1)),
      rootBy(leaf, place, 13, [...path, path[0]!]),
      ...path.map((_, at) => rootBy(leaf, place, 13, path.with(at, Buffer.alloc(32)))),
      ...leaves.flatMap((_, other) => (other === place ? [] : [rootBy(leaf, other, 13, path)])),
    ]
    for (const found of wrong) expect(found?.equals(root) ?? false).toBe(false)
  }
})
