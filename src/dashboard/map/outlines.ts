import { readFileSync } from 'node:fs'

type Point = readonly [longitude: number, latitude: number]
type Feature = {
  properties: { FIRST_IDDP: string }
  geometry: { type: 'Polygon'; coordinates: Point[][] } | { type: 'MultiPolygon'; coordinates: Point[][][] }
}

/** A department as it is drawn: its code, and its outline as the path of an SVG. */
export type Outline = { code: string; path: string }

const width = 300
/** What is nearer than this to the point before it is left out: nobody sees it, and the page is to be light. */
const nearest = 3

/** The departments of Peru on a sheet of `size`; a degree is as wide as it is high, which near the equator is no great lie. */
export function readOutlines(): { outlines: Outline[]; size: { width: number; height: number } } {
  const file = new URL('./peru_departments.geojson', import.meta.url)
  const { features } = JSON.parse(readFileSync(file, 'utf8')) as { features: Feature[] }
  const all = features.flatMap(feature => ringsOf(feature).flat())
  const [west, east] = extent(all.map(([longitude]) => longitude))
  const [south, north] = extent(all.map(([, latitude]) => latitude))
  const scale = width / (east - west)
  const place = ([longitude, latitude]: Point): Place => [
    Math.round((longitude - west) * scale),
    Math.round((north - latitude) * scale),
  ]
  const outlines = features.map(feature => ({
    code: feature.properties.FIRST_IDDP,
    path: ringsOf(feature)
      .map(ring => pathOf(ring.map(place)))
      .join(''),
  }))
  return { outlines, size: { width, height: Math.ceil((north - south) * scale) } }
}

type Place = readonly [x: number, y: number]

function ringsOf({ geometry }: Feature): Point[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
}

function extent(values: readonly number[]): [least: number, most: number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

/** A closed path of steps; nothing for an islet that is smaller than a step. */
function pathOf(ring: readonly Place[]): string {
  const kept: Place[] = []
  for (const place of ring) {
    const last = kept.at(-1)
    if (last === undefined || Math.abs(place[0] - last[0]) + Math.abs(place[1] - last[1]) >= nearest) kept.push(place)
  }
  if (kept.length < 3) return ''
  const [first, ...rest] = kept
  let [x, y] = first!
  const steps = rest.map(([toX, toY]) => {
    const step = `${toX - x},${toY - y}`
    ;[x, y] = [toX, toY]
    return step
  })
  return `M${first!.join(',')}l${steps.join(' ')}z`
}
