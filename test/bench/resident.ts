import { readFileSync, writeFileSync } from 'node:fs'

/** The memory of a process in MiB, as the kernel counts it: what it has now, and the most that it had since that was begun anew. */
export type Resident = { now(): number; beginAnew(): void; most(): number }

export function residentOf(pid: number): Resident {
  const told = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  return {
    now: () => told('VmRSS'),
    most: () => told('VmHWM'),
    // 5 sets the most back to what there is now.
    beginAnew: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
  }
}
