import { html } from 'ghtml'
import { type Language, say } from '../language.ts'
import { wording } from '../wording.ts'

/** Where a table is had as a file. */
export function files(name: string, language: Language): string {
  return filesAt(`/tables/${name}.csv`, language)
}

export function filesAt(address: string, language: Language): string {
  return html`<p class="files"><a href="${address}" download>${say(wording.csv, language)}</a>
<a href="${address}?format=csv-es-PE" download>${say(wording.csvLocal, language)}</a></p>`
}
