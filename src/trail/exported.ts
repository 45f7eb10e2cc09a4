import type { z } from 'zod'
import { type ExportedEntry, entryHash, exportEnd, exportedEntry, exportHead, firstHash } from './entries.ts'

/** What came of checking an export: where it ends; or the line at which it is wrong, and why. */
export type ExportVerdict =
  | { ok: true; auditLogOf: string; after: number; endsAt: number; hash: string }
  | { ok: false; line: number; fault: string }

/** Checks an export by itself: that its lines are what they say, in order, each linked to the one before, and that its end is there. */
export async function checkExport(lines: AsyncIterable<string>): Promise<ExportVerdict> {
  let head: z.output<typeof exportHead> | undefined
  let end: z.output<typeof exportEnd> | undefined
  let [number, hash, line] = [0, '', 0]
  const wrong = (fault: string): ExportVerdict => ({ ok: false, line, fault })
  for await (const text of lines) {
    line += 1
    const value = parsed(text)
    if (end !== undefined) return wrong('it goes on after its end')
    if (head === undefined) {
      head = exportHead.safeParse(value).data
      if (head === undefined) return wrong('it does not begin as an audit log')
      ;({ after: number, hash } = head)
      if (number === 0 && hash !== firstHash(head.auditLogOf)) return wrong('it begins after another hash')
      continue
    }
    end = exportEnd.safeParse(value).data
    if (end !== undefined) {
      if (end.endsAt !== number || end.hash !== hash) return wrong('it does not end at its last entry')
      continue
    }
    const entry = exportedEntry.safeParse(value).data
    if (entry === undefined) return wrong('this is no entry')
    const fault = faultOf(entry, head.auditLogOf, number, hash)
    if (fault !== null) return wrong(fault)
    ;({ number, hash } = entry)
  }
  if (head === undefined || end === undefined) return wrong('its end is missing')
  return { ok: true, auditLogOf: head.auditLogOf, after: head.after, endsAt: number, hash }
}

function faultOf(entry: ExportedEntry, of: string, number: number, hash: string): string | null {
  if (entry.number !== number + 1) return `entry ${number + 1} is missing`
  if (entryHash(of, hash, entry) !== entry.hash) return `entry ${entry.number} is not what was linked`
  return null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
