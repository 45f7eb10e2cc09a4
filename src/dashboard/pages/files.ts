import { html } from 'ghtml'
import { type Language, say } from '../language.ts'
import { wording } from '../wording.ts'

/** Where a table is had as a file. */
export function files(name: string, language: Language): string {
  return html`<p class="files"><a href="/tables/${name}.csv" download>${say(wording.csv, language)}</a>
<a href="/tables/${name}.csv?format=csv-es-PE" download>${say(wording.csvLocal, language)}</a></p>`
}
