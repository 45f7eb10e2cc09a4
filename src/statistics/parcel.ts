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

/** So many rows of the same columns, told column by column, numbers of all rows in one array: by rows it takes longer than counting them. */
type Tight = { tight: number; columns: { name: string; values: unknown[] | Joined }[] }
type Joined = { numbers: Numbers; ends: Uint32Array }

function tight(piece: unknown): unknown {
  const [first] = Array.isArray(piece) ? piece : []
  if (typeof first !== 'object' || first === null || !Object.values(first).some(isNumbers)) return piece
  const rows = piece as Record<string, unknown>[]
  const columns = Object.keys(first).map(name => {
    const values = rows.map(row => row[name])
    return { name, values: isNumbers(values[0]) ? joined(values as Numbers[]) : values }
  })
  return { tight: rows.length, columns } satisfies Tight
}

function isNumbers(value: unknown): value is Numbers {
  return value instanceof Int32Array || value instanceof Float64Array
}

function joined(arrays: readonly Numbers[]): Joined {
  let length = 0
  const ends = Uint32Array.from(arrays, one => (length += one.length))
  const numbers = arrays[0] instanceof Int32Array ? new Int32Array(length) : new Float64Array(length)
  for (const [nth, one] of arrays.entries()) numbers.set(one, ends[nth]! - one.length)
  return { numbers, ends }
}

function loose(piece: unknown): unknown {
  if (typeof piece !== 'object' || piece === null || !('tight' in piece)) return piece
  const { tight: length, columns } = piece as Tight
  return Array.from({ length }, (_, nth) => {
    const row: Record<string, unknown> = {}
    for (const { name, values } of columns) {
      row[name] = Array.isArray(values) ? values[nth] : numbersAt(values, nth)
    }
    return row
  })
}

function numbersAt({ numbers, ends }: Joined, nth: number): Numbers {
  return numbers.subarray(nth === 0 ? 0 : ends[nth - 1], ends[nth])
}
