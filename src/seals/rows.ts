import type { CalendarDate } from '../dates.ts'
import type { bookSeal, seal } from './schema.ts'
import type { Seal, Section } from './texts.ts'

/** What of a row is signed. */
export type Sealed = Pick<
  typeof seal.$inferSelect,
  'number' | 'day' | 'sealedAt' | 'previous' | 'sections' | 'root' | 'officeHash'
>

export function sealOf({ number, day, sealedAt, previous, sections, root, officeHash }: Sealed): Seal {
  return {
    ...{ number, day, sealedAt: sealedAt.toISOString(), sections },
    previous: previous === null ? null : previous.toString('hex'),
    root: root.toString('hex'),
    officeHash: officeHash.toString('hex'),
  }
}

export function sectionOf(row: typeof bookSeal.$inferSelect, day: CalendarDate): Section {
  return {
    ...{ book: row.bookId, day, after: Number(row.after), through: Number(row.through) },
    ...{ hash: row.hash.toString('hex'), root: row.root.toString('hex') },
    ...{ events: Number(row.eventNumber), eventHash: row.eventHash.toString('hex') },
    ...{ auditEntries: Number(row.auditNumber), auditHash: row.auditHash.toString('hex') },
  }
}
