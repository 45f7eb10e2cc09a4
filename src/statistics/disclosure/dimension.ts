import assert from 'node:assert'
import { total } from '../table.ts'

/**
 * What a table is broken down by, with every sum that is published of it: a tree whose root, node 0, is the total and
 * whose leaves are disjoint. Parents come before their children.
 */
export type Dimension = { name: string; codes: readonly string[]; parents: Int32Array; children: readonly number[][] }

/** Codes, and their total. */
export function flat(name: string, codes: readonly string[]): Dimension {
  return treeOf(
    name,
    codes.map(code => [code, total]),
  )
}

/**
 * Codes with the sums over what they have in common: with lengths 2 and 4, district 080101 is in province 0801 and
 * department 08. A code that is not made of more digits than that (`none`) stands by itself.
 */
export function byPrefix(name: string, codes: readonly string[], lengths: readonly number[]): Dimension {
  const parents = new Map<string, string>()
  for (const code of codes) {
    const prefixes = /^\d+$/.test(code) ? lengths.filter(length => length < code.length) : []
    const line = [total, ...prefixes.toSorted((a, b) => a - b).map(length => code.slice(0, length)), code]
    for (const [index, node] of line.entries()) if (index > 0) parents.set(node, line[index - 1]!)
  }
  return treeOf(name, [...parents])
}

/**
 * Codes with named sums of some of them, each inside or beside any other: the statuses with the denominator of a rate
 * and its complement, which are figures like any other and have to be protected with them.
 */
export function grouped(name: string, codes: readonly string[], sums: Readonly<Record<string, readonly string[]>>) {
  const largestFirst = Object.entries(sums).toSorted(([, a], [, b]) => b.length - a.length)
  const inside = (parts: readonly string[], before: typeof largestFirst) =>
    before.findLast(([, around]) => parts.every(part => around.includes(part)))?.[0] ?? total
  for (const [at, [sum, parts]] of largestFirst.entries()) {
    assert(parts.length > 0 && parts.every(part => codes.includes(part)), `${sum} is a sum of codes of ${name}`)
    for (const [other, around] of largestFirst.slice(0, at)) {
      const shared = parts.filter(part => around.includes(part)).length
      const nested = shared === 0 || (shared === parts.length && shared < around.length)
      assert(nested, `${sum} and ${other} are neither apart nor one inside the other`)
    }
  }
  const groups = largestFirst.map(([sum, parts], at): Line => [sum, inside(parts, largestFirst.slice(0, at))])
  return treeOf(name, [...groups, ...codes.map((code): Line => [code, inside([code], largestFirst)])])
}

type Line = [code: string, parent: string]

function treeOf(name: string, lines: readonly Line[]): Dimension {
  const codes = [total, ...lines.map(([code]) => code)]
  const numbers = new Map(codes.map((code, node) => [code, node]))
  assert(numbers.size === codes.length, `A code of ${name} is there twice`)
  const parents = Int32Array.from([-1, ...lines.map(([, parent]) => numbers.get(parent)!)])
  const children = codes.map((): number[] => [])
  for (const [node, parent] of parents.entries()) if (node > 0) children[parent]!.push(node)
  return { name, codes, parents, children }
}
