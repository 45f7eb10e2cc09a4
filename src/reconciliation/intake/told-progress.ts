import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { type Problem, problemSchema } from '../../http/problems.ts'
import { counted, type Progress } from './progress.ts'
import { fileSchema } from './wire.ts'

export const takenSchema = fileSchema.extend({ replayed: z.boolean() }).meta({ id: 'TakenBankFile' })
type Taken = z.output<typeof takenSchema>

const bytes = z.int().meta({ examples: [65_536] })

/** One line of the answer to whoever wants to hear how far a file is. */
export const progressSchema = z
  .discriminatedUnion('stage', [
    z.object({ stage: z.literal('reading'), read: bytes, size: bytes }).meta({ id: 'BankFileIsRead' }),
    z
      .object({ stage: z.literal('keeping'), kept: z.int(), lines: z.int() })
      .meta({ id: 'BankFileIsKept', examples: [{ stage: 'keeping', kept: 15_000, lines: 161_290 }] }),
    z.object({ stage: z.literal('taken'), file: takenSchema }).meta({ id: 'BankFileWasTaken' }),
    z.object({ stage: z.literal('refused'), problem: problemSchema }).meta({ id: 'BankFileWasRefused' }),
  ])
  .meta({ id: 'BankFileProgress', description: 'A line of it each; the last one is `taken` or `refused`' })

type Told = z.output<typeof progressSchema>

/** Often enough for a person who waits. */
const everyMs = 500

/**
 * How far a file is, a line each half second, and what came of it. The file is taken whoever listens: one who goes away
 * hears no more, and nothing is left waiting for them.
 */
export function progressLines(
  progress: Progress,
  size: number,
  taking: Promise<Taken>,
  problemFor: (error: unknown) => Problem,
): AsyncGenerator<string> {
  const end: Promise<Told> = taking.then(
    file => ({ stage: 'taken', file }),
    error => ({ stage: 'refused', problem: problemFor(error) }),
  )
  return tell()

  async function* tell(): AsyncGenerator<string> {
    const left = new AbortController()
    try {
      for (;;) {
        yield line(stageOf(counted(progress), size))
        const tick = pause(everyMs, null, { signal: left.signal, ref: false }).catch(() => null)
        const ended = await Promise.race([end, tick])
        if (ended !== null) return yield line(ended)
      }
    } finally {
      left.abort()
    }
  }
}

function stageOf({ read, lines, kept }: ReturnType<typeof counted>, size: number): Told {
  return read < size ? { stage: 'reading', read, size } : { stage: 'keeping', kept, lines }
}

function line(told: Told): string {
  return `${JSON.stringify(told)}\n`
}
