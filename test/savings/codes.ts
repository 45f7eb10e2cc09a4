import { inflateSync } from 'node:zlib'
import jsqr from 'jsqr'

/** The package gives a function, and is described as if it gave a module of one. */
const jsQR = jsqr as unknown as typeof jsqr.default

type Rectangle = { x: number; y: number; width: number; height: number }

/** What a phone would read of black rectangles on white paper; null when it reads nothing. */
function readOf(rectangles: readonly Rectangle[], scale: number): string | null {
  const right = Math.max(...rectangles.map(({ x, width }) => x + width))
  const bottom = Math.max(...rectangles.map(({ y, height }) => y + height))
  const border = 8
  const [columns, rows] = [right, bottom].map(edge => Math.ceil(edge * scale) + 2 * border) as [number, number]
  const pixels = new Uint8ClampedArray(columns * rows * 4).fill(255)
  for (const { x, y, width, height } of rectangles) {
    for (let row = Math.round(y * scale); row < Math.round((y + height) * scale); row++) {
      for (let column = Math.round(x * scale); column < Math.round((x + width) * scale); column++) {
        pixels.fill(
          0,
          ((row + border) * columns + column + border) * 4,
          ((row + border) * columns + column + border) * 4 + 3,
        )
      }
    }
  }
  return jsQR(pixels, columns, rows)?.data ?? null
}

/** What a phone reads of an SVG of one path of runs. */
export function readSvg(svg: string): string | null {
  const runs = [...svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map(([, x, y, width]) => ({
    ...{ x: Number(x), y: Number(y), width: Number(width), height: 1 },
  }))
  return readOf(runs, 4)
}

/** What a phone reads of the rectangles of a PDF's only page. */
export function readPdf(bytes: Buffer): string | null {
  const head = /\/Length (\d+)\n\/Filter \/FlateDecode\n>>\nstream\n/.exec(bytes.toString('latin1'))!
  const start = head.index + head[0].length
  const content = inflateSync(bytes.subarray(start, start + Number(head[1]))).toString('latin1')
  const rectangles = [...content.matchAll(/^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$/gm)].map(([, ...sides]) => {
    const [x, y, width, height] = sides.map(Number) as [number, number, number, number]
    return { x, y, width, height }
  })
  const top = Math.min(...rectangles.map(({ y }) => y))
  return readOf(
    rectangles.map(one => ({ ...one, y: one.y - top })),
    6,
  )
}
