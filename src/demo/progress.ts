/** What the demo says while it works. */
export type Progress = {
  /** The step under way; on a terminal it is written over itself until it is done. */
  now(text: string): void
  /** A step that is done: its name, what it was, and what came of it. */
  done(step: string, what: string, came: Count): void
}

/** How many things were new, and how many there already. */
export type Count = { made: number; there: number }

export function plus(one: Count, other: Count): Count {
  return { made: one.made + other.made, there: one.there + other.there }
}

export function counted(answer: { replayed: boolean }): Count {
  return answer.replayed ? { made: 0, there: 1 } : { made: 1, there: 0 }
}

export function openProgress(out: { write(text: string): unknown; isTTY?: boolean }): Progress {
  const clear = () => out.isTTY && out.write('\r\x1b[2K')
  return {
    now(text) {
      if (out.isTTY) out.write(`\r\x1b[2K  ${text}`)
    },
    done(step, what, { made, there }) {
      clear()
      const parts = [made > 0 || there === 0 ? `${made} made` : '', there > 0 ? `${there} there already` : '']
      out.write(`  ${step.padEnd(10)} ${what.padEnd(52)} ${parts.filter(Boolean).join(', ')}\n`)
    },
  }
}
