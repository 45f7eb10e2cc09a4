/** Months of a question in which something may change, a bit each from the first; the first is always one of them. */
export type Marks = Int32Array

export function noMarks(length: number): Marks {
  return new Int32Array(Math.ceil(length / 32))
}

/** Marks a month by its place among those asked for, if it is one of them. */
export function mark(marks: Marks, place: number): void {
  if (place > 0 && place < marks.length * 32) marks[place >> 5]! |= 1 << (place & 31)
}

/** What holds from one place on until the next one, in order; the first begins at place 0. */
export type Runs = { count: number; from: Int32Array; value: Int32Array }

export function noRuns(length: number): Runs {
  return { count: 0, from: new Int32Array(length), value: new Int32Array(length) }
}

export function addRun(runs: Runs, from: number, value: number): void {
  if (runs.count > 0 && runs.value[runs.count - 1] === value) return
  runs.from[runs.count] = from
  runs.value[runs.count++] = value
}

/** Lists the marked places in order, says how many there are, and takes the marks away. */
export function takeMarks(marks: Marks, places: Int32Array): number {
  let count = 0
  marks[0]! |= 1
  for (let word = 0; word < marks.length; word++) {
    for (let bits = marks[word]!; bits !== 0; bits &= bits - 1) {
      const place = word * 32 + 31 - Math.clz32(bits & -bits)
      if (place < places.length) places[count++] = place
    }
    marks[word] = 0
  }
  return count
}

/** What holds at a place. */
export function valueAt({ from, value, count }: Runs, place: number): number {
  let nth = 0
  while (nth + 1 < count && from[nth + 1]! <= place) nth += 1
  return value[nth]!
}
