import { ints, withRoom, words } from './columns.ts'

/**
 * Ids as numbers, in the order in which they were added. Of each the first 128 bits are kept, beside the space in which it is
 * unique: all of a UUID, and more than enough of a hash to tell persons apart.
 */
export type Ids = { length: number; words: Uint32Array; slots: Int32Array }

const wordsEach = 5
const asked = new Uint32Array(wordsEach)

export function noIds(): Ids {
  return { length: 0, words: words(1024 * wordsEach), slots: ints(4096) }
}

/** The number of an id; -1 when it was not added. Its text is a UUID or hexadecimal. */
export function numberOf(ids: Ids, space: number, text: string): number {
  return ids.slots[slotOf(ids, space, text)]! - 1
}

/** The number of an id, added when it was not known. */
export function addId(ids: Ids, space: number, text: string): number {
  const slot = slotOf(ids, space, text)
  const known = ids.slots[slot]! - 1
  if (known !== -1) return known
  const number = ids.length++
  ids.words = withRoom(ids.words, ids.length * wordsEach)
  ids.words.set(asked, number * wordsEach)
  ids.slots[slot] = number + 1
  if (ids.length * 2 > ids.slots.length) spread(ids)
  return number
}

/** Whether one id's text comes before the other's. */
export function isBefore(ids: Ids, one: number, other: number): boolean {
  for (let word = 1; word < wordsEach; word++) {
    const [left, right] = [ids.words[one * wordsEach + word]!, ids.words[other * wordsEach + word]!]
    if (left !== right) return left < right
  }
  return false
}

/** The slot that holds the id that was parsed, or the free one in which it would be. */
function slotOf({ words, slots }: Ids, space: number, text: string): number {
  parse(space, text)
  let slot = mixed(asked, 0) & (slots.length - 1)
  while (slots[slot] !== 0 && !isAsked(words, (slots[slot]! - 1) * wordsEach)) slot = (slot + 1) & (slots.length - 1)
  return slot
}

function isAsked(words: Uint32Array, from: number): boolean {
  for (let word = 0; word < wordsEach; word++) if (words[from + word] !== asked[word]) return false
  return true
}

function parse(space: number, text: string): void {
  asked[0] = space
  let [digits, value] = [0, 0]
  for (let place = 0; digits < 32; place++) {
    const code = text.charCodeAt(place)
    if (code === 45) continue
    value = (value << 4) | (code < 58 ? code - 48 : code - 87)
    digits += 1
    if (digits % 8 === 0) asked[digits / 8] = value
  }
}

/** Where to look first. UUIDs of one minute differ in their last bits alone. */
function mixed(words: Uint32Array, from: number): number {
  let hash = 0
  for (let word = 0; word < wordsEach; word++) {
    hash = Math.imul(hash ^ words[from + word]!, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

function spread(ids: Ids): void {
  const slots = ints(ids.slots.length * 2)
  for (let number = 0; number < ids.length; number++) {
    let slot = mixed(ids.words, number * wordsEach) & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = number + 1
  }
  ids.slots = slots
}
