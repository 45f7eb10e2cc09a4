import { html } from 'ghtml'
import { type Language, say } from '../language.ts'
import { inLanguage } from '../parts/layout.ts'
import { wording } from '../wording.ts'

/** What there is for who has not said who she is. */
export function logInPage(language: Language, wrong?: 'keyWrong' | 'keyRole'): string {
  const told =
    wrong === undefined ? '' : html`<p class="wrong" role="alert" id="wrong">${say(wording[wrong], language)}</p>`
  return html`<h1>${say(wording.title, language)}</h1>
<p>${say(wording.about, language)}</p>
<form class="log-in" method="post" action="${inLanguage('/session', language)}">
!${told}
<label for="key">${say(wording.key, language)}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required maxlength="200" aria-describedby="hint${wrong ? ' wrong' : ''}">
<p id="hint" class="fine">${say(wording.keyHint, language)}</p>
<button>${say(wording.logIn, language)}</button>
</form>`
}
