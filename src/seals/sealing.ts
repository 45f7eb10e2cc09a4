import { hash } from 'node:crypto'
import { desc } from 'drizzle-orm'
import { addDays, type CalendarDate, type Clock, endOfDay, limaDate } from '../dates.ts'
import { type Db, transact } from '../db/client.ts'
import { booksOpenedBy, chainEndsAt, hashesBetween } from '../ledger/index.ts'
import { keepKey } from '../signing/keys.ts'
import type { Signer } from '../signing/signing.ts'
import { trailEnd } from '../trail/linking.ts'
import { office } from '../trail/schema.ts'
import { sealOf, sectionOf } from './rows.ts'
import { bookSeal, seal } from './schema.ts'
import { sealText, sectionText } from './texts.ts'
import { openTree, rootOf } from './tree.ts'

/** What seals are made with. */
export type Sealing = { db: Db; clock: Clock; signer: Signer }

/**
 * Seals each day that is over and has no seal, of which the first ever is yesterday; answers how many there were. Where another
 * service does so at the same time, one of the two keeps its seal, and the other’s is forgotten.
 */
export async function sealDays(sealing: Sealing, isStopping: () => boolean = () => false): Promise<number> {
  const yesterday = addDays(limaDate(sealing.clock.now()), -1)
  for (let made = 0; ; made++) {
    const last = await lastSeal(sealing.db)
    const day = last === null ? yesterday : addDays(last.day, 1)
    if (day > yesterday || isStopping() || !(await sealDay(sealing, day, last))) return made
  }
}

type SealRow = typeof seal.$inferSelect

async function lastSeal(db: Db): Promise<SealRow | null> {
  const [row] = await db.select().from(seal).orderBy(desc(seal.number)).limit(1)
  return row ?? null
}

/** False when there is no book to be sealed yet. */
async function sealDay({ db, clock, signer }: Sealing, day: CalendarDate, last: SealRow | null): Promise<boolean> {
  const number = (last?.number ?? 0) + 1
  const end = endOfDay(day)
  const before = await sealedThrough(db)
  const sections: (typeof bookSeal.$inferSelect)[] = []
  for (const bookId of await booksOpenedBy(db, end)) {
    const after = before.get(bookId) ?? 0n
    const ends = await chainEndsAt(db, bookId, end, clock)
    const tree = openTree()
    for await (const hashes of hashesBetween(db.$client, bookId, after, ends.sequence)) hashes.forEach(tree.add)
    const { eventNumber, eventHash } = ends
    const trail = await trailEnd(db, bookId)
    sections.push({
      ...{ bookId, number, after, through: ends.sequence, hash: ends.hash, root: tree.end().root },
      ...{ eventNumber, eventHash, auditNumber: trail.number, auditHash: trail.hash },
    })
  }
  if (sections.length === 0) return false
  const row = {
    ...{ number, day, sealedAt: clock.now(), sections: sections.length },
    previous: last === null ? null : hash('sha256', sealText(sealOf(last)), 'buffer'),
    root: rootOf(sections.map(section => sectionText(sectionOf(section, day)))),
    officeHash: (await trailEnd(db, office)).hash,
  }
  const signature = signer.sign('qullqi-seal', sealText(sealOf(row)))
  await keepKey(db, signer, row.sealedAt)
  await transact(db, async tx => {
    const kept = { ...row, signature, signingKey: signer.keyId }
    const made = await tx.insert(seal).values(kept).onConflictDoNothing().returning({ number: seal.number })
    if (made.length > 0) await tx.insert(bookSeal).values(sections)
  })
  return true
}

/** Through which sequence each book is sealed already. */
async function sealedThrough(db: Db): Promise<Map<string, bigint>> {
  const { rows } = await db.$client.query<{ bookId: string; through: string }>(
    `select b.id as "bookId", s.through from book b, lateral (
       select s.through from book_seal s where s.book_id = b.id order by s.number desc limit 1) s`,
  )
  return new Map(rows.map(({ bookId, through }) => [bookId, BigInt(through)]))
}

/** How long between two looks whether a day is over. */
const lookEveryMs = 60_000

/** Keeps days sealed until it is stopped, which waits for the seal that is being made. Several services may. */
export function keepSealed(sealing: Sealing, onFault: (error: unknown) => void): () => Promise<void> {
  let stopping = false
  let making: Promise<unknown> = Promise.resolve()
  let isMaking = false
  const timer = setInterval(() => {
    if (isMaking) return
    isMaking = true
    making = sealDays(sealing, () => stopping)
      .catch(onFault)
      .finally(() => {
        isMaking = false
      })
  }, lookEveryMs)
  timer.unref()
  return async () => {
    stopping = true
    clearInterval(timer)
    await making
  }
}
