import { hashSize } from './statement-in.ts'

/**
 * Which lines of a statement say the same: each thing that is said bears a number, from 0, in the order in which it is first said.
 * Some bytes a line, however many there are; as texts, the hashes of a large file would take half a gigabyte.
 */
export type Contents = {
  /** How many things are said. */
  readonly count: number
  /** What the line at a place says. */
  readonly ofPlace: Int32Array
  /** The hash of what bears a number. */
  hashOf(content: number): Buffer
  /** What has a hash; undefined when no line says it. */
  find(hash: Buffer): number | undefined
}

const free = -1

export function contentsOf(hashes: Buffer): Contents {
  const length = hashes.length / hashSize
  const ofPlace = new Int32Array(length)
  const firstPlaces = new Int32Array(length)
  // Open addressing in a table of twice as many slots: of a hash any four bytes are as good as another.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * length + 1))).fill(free)
  let count = 0

  function slotOf(bytes: Buffer, at: number): number {
    let slot = bytes.readUInt32LE(at) % slots.length
    for (let content = slots[slot]!; content !== free; content = slots[slot]!) {
      const first = firstPlaces[content]! * hashSize
      if (hashes.compare(bytes, at, at + hashSize, first, first + hashSize) === 0) break
      slot = (slot + 1) % slots.length
    }
    return slot
  }

  for (let place = 0; place < length; place++) {
    const slot = slotOf(hashes, place * hashSize)
    if (slots[slot] === free) {
      firstPlaces[count] = place
      slots[slot] = count
      count += 1
    }
    ofPlace[place] = slots[slot]!
  }
  return {
    count,
    ofPlace,
    hashOf(content) {
      const at = firstPlaces[content]! * hashSize
      return hashes.subarray(at, at + hashSize)
    },
    find(hash) {
      const content = slots[slotOf(hash, 0)]!
      return content === free ? undefined : content
    },
  }
}

/** How many lines say each. */
export function timesOf({ ofPlace, count }: Contents): Int32Array {
  const times = new Int32Array(count)
  for (const content of ofPlace) times[content]! += 1
  return times
}
