import { type Bitmap2D, correction, generate } from 'lean-qr'

/** What the largest code holds: 2,953 letters, of some seventeen lines. */
export function fitsCode(jws: string): boolean {
  return jws.length <= 2953
}

/** A signed receipt as a QR code: with the least correction, for a screen or a clean slip, and so with the largest squares. */
export function codeOf(jws: string): Bitmap2D {
  return generate(jws, { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L })
}

/** White squares that a reader needs around a code. */
const quiet = 4

/** Each row's runs of black squares: where one begins and how long it is. */
export function runsOf(code: Bitmap2D): { x: number; y: number; length: number }[] {
  const runs: { x: number; y: number; length: number }[] = []
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!code.get(x, y)) continue
      let length = 1
      while (code.get(x + length, y)) length++
      runs.push({ x, y, length })
      x += length
    }
  }
  return runs
}

export function codeSvg(jws: string): string {
  const code = codeOf(jws)
  const size = code.size + 2 * quiet
  const path = runsOf(code).map(({ x, y, length }) => `M${x + quiet} ${y + quiet}h${length}v1h-${length}z`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img"><title>QR</title><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path.join('')}"/></svg>`
}
