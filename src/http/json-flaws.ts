import type { FieldProblem } from '../refusals.ts'

/** Something in a JSON text that would not be kept as it was meant, and the names and places that lead to it. */
export type Flaw = { at: readonly (string | number)[]; message: string }

/** An object or a list that is being read, and where in it the reading is. */
type Level = { names: Set<string> | null; at: string | number; isName: boolean }

/** So deep a place is told; what lies deeper is told by what it lies in. */
const deepest = 12

const [quote, backslash] = [0x22, 0x5c]

/** Every flaw of a text that is known to be JSON, in its order. Without recursion, for it may be nested deeper than the stack. */
export function flawsIn(json: string): Flaw[] {
  const flaws: Flaw[] = []
  const levels: Level[] = []
  const tell = (message: string) => flaws.push({ at: levels.slice(0, deepest).map(({ at }) => at), message })

  function readText(text: string): void {
    const level = levels.at(-1)
    if (level?.isName) {
      const above = levels.at(-2)?.at
      level.at = text
      level.isName = false
      if (level.names!.has(text)) tell('is there twice')
      level.names!.add(text)
      if (text === '__proto__' || (text === 'prototype' && above === 'constructor')) tell('is no name that is taken')
    }
    if (!isStorable(text)) tell('holds a zero character or half of a character')
  }

  for (let index = 0; index < json.length; index++) {
    const sign = json[index]!
    const level = levels.at(-1)
    if (sign === '"') {
      const end = endOfText(json, index)
      readText(JSON.parse(json.slice(index, end + 1)))
      index = end
    } else if (sign === '{') levels.push({ names: new Set(), at: '', isName: true })
    else if (sign === '[') levels.push({ names: null, at: 0, isName: false })
    else if (sign === '}' || sign === ']') levels.pop()
    else if (sign === ',' && level !== undefined) {
      if (level.names === null) level.at = (level.at as number) + 1
      else level.isName = true
    }
  }
  return flaws
}

/** Where the text that begins at `start` has its closing quote. */
export function endOfText(json: string, start: number): number {
  let at = start + 1
  for (let code = json.charCodeAt(at); code !== quote; code = json.charCodeAt(++at)) if (code === backslash) at++
  return at
}

export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** A flaw as it is told, from the place `from` of its path on. A name that cannot be kept is written with a mark in its place. */
export function fieldOf({ at, message }: Flaw, from = 0): FieldProblem {
  const path = at.slice(from).map(part => String(part).toWellFormed().replaceAll('\0', '\uFFFD'))
  return { path: path.join('.'), message }
}
