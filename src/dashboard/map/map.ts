import { html } from 'ghtml'
import { type Outline, readOutlines } from './outlines.ts'

const { outlines, size } = readOutlines()

/** How a department is drawn: which of five shades, or that nothing can be said of it; what it is called; where it leads. */
export type Shown = { shade: 0 | 1 | 2 | 3 | 4 | 'hidden' | 'none'; label: string; address: string | null }

/** The map of departments. Those that can be opened are links with a name, so that a keyboard or a voice finds them. */
export function departmentsMap(name: string, shownOf: (code: string) => Shown): string {
  const drawn = outlines.map(outline => department(outline, shownOf(outline.code)))
  return html`<svg class="map" viewBox="0 0 ${size.width} ${size.height}" role="group" aria-label="${name}">
<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5"/><line x1="0" y1="0" x2="0" y2="5"/></pattern></defs>
!${drawn.join('\n')}
</svg>`
}

function department({ path }: Outline, { shade, label, address }: Shown): string {
  const shape = html`<path class="shade-${shade}" d="${path}"><title>${label}</title></path>`
  return address === null ? shape : html`<a href="${address}" aria-label="${label}">!${shape}</a>`
}
