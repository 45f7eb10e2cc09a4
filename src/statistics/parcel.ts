import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'

/**
 * Plain values in pieces on their way between threads. Whoever passes them on passes a port, and spends nothing on what is in
 * it; whoever opens it spends a piece's worth at a time.
 */
export type Parcel = MessagePort

export function packed(pieces: Iterable<unknown>): Parcel {
  const { port1, port2 } = new MessageChannel()
  for (const piece of pieces) port1.postMessage(tight(piece))
  return port2
}

/** The pieces in their order; afterwards the parcel is no more. */
export function* unpacked<Piece>(parcel: Parcel): Generator<Piece> {
  try {
    for (let got = receiveMessageOnPort(parcel); got !== undefined; got = receiveMessageOnPort(parcel))
      yield loose(got.message) as Piece
  } finally {
    parcel.close()
  }
}

/** What is in a parcel of one piece. */
export function onlyOne<Piece>(parcel: Parcel): Piece {
  const [piece] = unpacked<Piece>(parcel)
  return piece!
}

type Numbers = Int32Array | Float64Array

/** Columns of numbers of a list of rows, each in one array: to pass on an array for each row takes longer than to count it. */
type Tight = { tight: Record<string, unknown>[]; columns: { name: string; numbers: Numbers; ends: Uint32Array }[] }

function tight(piece: unknown): unknown {
  const [first] = Array.isArray(piece) ? piece : []
  if (typeof first !== 'object' || first === null) return piece
  const rows = piece as Record<string, unknown>[]
  const names = Object.keys(first).filter(name => isNumbers(first[name]))
  if (names.length === 0) return piece
  const others = Object.keys(first).filter(name => !names.includes(name))
  return {
    tight: rows.map(row => Object.fromEntries(others.map(name => [name, row[name]]))),
    columns: names.map(name => ({ name, ...joined(rows.map(row => row[name] as Numbers)) })),
  } satisfies Tight
}

function isNumbers(value: unknown): value is Numbers {
  return value instanceof Int32Array || value instanceof Float64Array
}

function joined(arrays: readonly Numbers[]): { numbers: Numbers; ends: Uint32Array } {
  let length = 0
  const ends = Uint32Array.from(arrays, one => (length += one.length))
  const numbers = arrays[0] instanceof Int32Array ? new Int32Array(length) : new Float64Array(length)
  for (const [nth, one] of arrays.entries()) numbers.set(one, ends[nth]! - one.length)
  return { numbers, ends }
}

function loose(piece: unknown): unknown {
  if (typeof piece !== 'object' || piece === null || !('tight' in piece)) return piece
  const { tight: rows, columns } = piece as Tight
  for (const { name, numbers, ends } of columns) {
    for (const [nth, row] of rows.entries()) row[name] = numbers.subarray(nth === 0 ? 0 : ends[nth - 1], ends[nth])
  }
  return rows
}
