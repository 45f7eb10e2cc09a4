import type { Db } from '../db/client.ts'

/** Entries linked at a time: their head is held for as long as that takes. */
const most = 5_000

/** Links what waits in the chain of a book, or of the office. */
export async function linkBook(db: Db, bookId: string): Promise<void> {
  for (;;) {
    const { rows } = await db.$client.query<{ linked: number }>('select audit_link($1, $2) as linked', [bookId, most])
    if (rows[0]!.linked < most) return
  }
}

/** Where a chain ends, with all that waited linked. */
export async function trailEnd(db: Db, bookId: string): Promise<{ number: bigint; hash: Buffer }> {
  await linkBook(db, bookId)
  const { rows } = await db.$client.query<{ number: string; hash: Buffer }>(
    'select number, hash from audit_head where book_id = $1',
    [bookId],
  )
  const { number, hash } = rows[0]!
  return { number: BigInt(number), hash }
}

/** Links what waits in every chain. */
export async function linkAll(db: Db): Promise<void> {
  const { rows } = await db.$client.query<{ bookId: string }>('select distinct book_id as "bookId" from audit_pending')
  for (const { bookId } of rows) await linkBook(db, bookId)
}

/** How long an entry waits at most before it is linked, while nothing is at fault. */
const lookEveryMs = 1_000

/** Keeps entries linked until it is stopped, which waits for the links that are being made. Several services may. */
export function keepLinked(db: Db, onFault: (error: unknown) => void): () => Promise<void> {
  let stopping = false
  let linking: Promise<unknown> = Promise.resolve()
  let isLinking = false
  const timer = setInterval(() => {
    if (isLinking || stopping) return
    isLinking = true
    linking = linkAll(db)
      .catch(onFault)
      .finally(() => {
        isLinking = false
      })
  }, lookEveryMs)
  timer.unref()
  return async () => {
    stopping = true
    clearInterval(timer)
    await linking
  }
}
