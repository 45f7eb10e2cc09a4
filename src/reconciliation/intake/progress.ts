/** What is counted of a file that is taken: bytes that were read, lines that were found in it when it was read whole, and lines that are kept. */
const counters = ['read', 'lines', 'kept'] as const
type Counter = (typeof counters)[number]

/** How far a file is: counters in memory that two threads share, so that whoever asks disturbs nobody. */
export type Progress = Int32Array<SharedArrayBuffer>

export function openProgress(): Progress {
  return new Int32Array(new SharedArrayBuffer(counters.length * Int32Array.BYTES_PER_ELEMENT))
}

export function count(progress: Progress, counter: Counter, more: number): void {
  Atomics.add(progress, counters.indexOf(counter), more)
}

export function counted(progress: Progress): Record<Counter, number> {
  const [read = 0, lines = 0, kept = 0] = progress
  return { read, lines, kept }
}

/** The same pieces, counted as they are read. */
export async function* countingBytes(progress: Progress, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece
    count(progress, 'read', piece.length)
  }
}
