/** What a client has PostgreSQL do, as it sends it. */
export type Told = { statement: string }

/**
 * Reads what a client says to PostgreSQL, as far as to know which statements it runs, also those that it prepared before under a name.
 * One reader a connection, from its first byte on; what comes in pieces is put together.
 */
export function readStatements(): (bytes: Buffer) => Told[] {
  const prepared = new Map<string, string>()
  let rest: Buffer = Buffer.alloc(0)
  let isStarted = false

  return bytes => {
    rest = Buffer.concat([rest, bytes])
    const told: Told[] = []
    for (;;) {
      // Only the first message has no letter before its length.
      const from = isStarted ? 1 : 0
      if (rest.length < from + 4) return told
      const end = from + rest.readUInt32BE(from)
      if (rest.length < end) return told
      const [letter, body] = [isStarted ? String.fromCharCode(rest[0]!) : '', rest.subarray(from + 4, end)]
      rest = rest.subarray(end)
      isStarted = true
      if (letter === 'Q') told.push({ statement: textAt(body, 0) })
      else if (letter === 'P') prepared.set(textAt(body, 0), textAfter(body))
      else if (letter === 'B') told.push({ statement: prepared.get(textAfter(body)) ?? '' })
    }
  }
}

function textAt(body: Buffer, from: number): string {
  return body.subarray(from, body.indexOf(0, from)).toString()
}

/** The second text of a message, behind the zero that ends the first. */
function textAfter(body: Buffer): string {
  return textAt(body, body.indexOf(0) + 1)
}
