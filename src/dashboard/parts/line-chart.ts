import { html } from 'ghtml'
import { countText, type Language, monthText, say } from '../language.ts'
import { wording } from '../wording.ts'

/** One line: a value a month, null where there is none to show. */
export type Line = { name: string; kind: 'strong' | 'faint'; values: readonly (number | null)[] }

const [width, height, left, bottom, top, right] = [720, 240, 56, 28, 12, 8]

/**
 * Lines over months, as an SVG without script. What they show is beside it as a table, so for who does not see it the name is
 * enough.
 */
export function lineChart(name: string, months: readonly string[], lines: readonly Line[], language: Language): string {
  const most = niceMost(Math.max(1, ...lines.flatMap(({ values }) => values.map(value => value ?? 0))))
  const x = (at: number) => left + ((width - left - right) * at) / Math.max(1, months.length - 1)
  const y = (value: number) => height - bottom - ((height - bottom - top) * value) / most
  const marks = [0, 0.5, 1].map(part => part * most).filter(mark => Number.isInteger(mark))
  const grid = marks.map(
    mark => html`<line x1="${left}" x2="${width - right}" y1="${y(mark)}" y2="${y(mark)}"/>
<text x="${left - 6}" y="${y(mark) + 4}" text-anchor="end">${countText(mark, language)}</text>`,
  )
  const every = Math.max(1, Math.ceil(months.length / 6))
  const ticks = months.flatMap((month, at) =>
    (months.length - 1 - at) % every === 0
      ? [
          html`<text x="${x(at).toFixed(0)}" y="${height - 8}" text-anchor="${at === months.length - 1 ? 'end' : 'middle'}">${monthText(month, language)}</text>`,
        ]
      : [],
  )
  const drawn = lines.map(({ kind, values }) => html`<path class="${kind}" d="${pathOf(values, x, y)}"/>`)
  const key = lines.map(({ name, kind }) => html`<li class="${kind}">${name}</li>`)
  return html`<ul class="key" aria-hidden="true">!${key}</ul>
<div class="scroll" role="region" aria-label="${say(wording.chart, language)}: ${name}" tabindex="0"><svg class="lines" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}">
<g class="grid">!${grid}!${ticks}</g>
!${drawn.join('\n')}
</svg></div>`
}

/** A line that is broken where there is nothing to show; a value between two gaps is a dot. */
function pathOf(values: readonly (number | null)[], x: (at: number) => number, y: (value: number) => number): string {
  let path = ''
  values.forEach((value, at) => {
    if (value === null) return
    const [across, up] = [x(at).toFixed(1), y(value).toFixed(1)]
    const starts = at === 0 || values[at - 1] === null
    path += `${starts ? 'M' : 'L'}${across} ${up}`
    if (starts && (values[at + 1] ?? null) === null) path += 'h.1'
  })
  return path
}

/** The round number at or above: 1, 2 or 5 and zeros. */
function niceMost(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map(times => times * power).find(nice => nice >= value)!
}
