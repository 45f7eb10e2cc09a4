import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'

/**
 * Plain values in pieces on their way between threads. Whoever passes them on passes a port, and spends nothing on what is in
 * it; whoever opens it spends a piece's worth at a time.
 */
export type Parcel = MessagePort

export function packed(pieces: Iterable<unknown>): Parcel {
  const { port1, port2 } = new MessageChannel()
  for (const piece of pieces) port1.postMessage(piece)
  return port2
}

/** The pieces in their order; afterwards the parcel is no more. */
export function* unpacked<Piece>(parcel: Parcel): Generator<Piece> {
  try {
    for (let got = receiveMessageOnPort(parcel); got !== undefined; got = receiveMessageOnPort(parcel))
      yield got.message
  } finally {
    parcel.close()
  }
}

/** What is in a parcel of one piece. */
export function onlyOne<Piece>(parcel: Parcel): Piece {
  const [piece] = unpacked<Piece>(parcel)
  return piece!
}
