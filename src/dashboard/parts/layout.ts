import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html } from 'ghtml'
import { type Language, say } from '../language.ts'
import { wording } from '../wording.ts'

export const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8')

/** Its address has what it says in it, so that a browser may keep it for ever. */
export const styleAddress = `/assets/${createHash('sha256').update(style).digest('hex').slice(0, 16)}.css`

/** What all pages have around them. */
export type Frame = { language: Language; path: string; leads: readonly Lead[] | null }

/** Where the header leads whoever is logged in. */
export type Lead = 'reconciliation' | 'releases'

/** An address of ours in a language: Spanish is not said, for it is what a page is in anyway. */
export function inLanguage(path: string, language: Language): string {
  return language === 'es' ? path : `${path}${path.includes('?') ? '&' : '?'}lang=${language}`
}

/** A whole page around its content, which is HTML already. */
export function page({ language, path, leads }: Frame, title: string, content: string): string {
  const other = language === 'es' ? 'en' : 'es'
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${styleAddress}">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#content">${say(wording.skip, language)}</a>
<header>
<a class="name" href="${inLanguage('/', language)}">Qullqi</a>
<nav>
!${(leads ?? []).map(lead => html`<a href="${inLanguage(`/${lead}`, language)}">${say(wording[lead], language)}</a>`).join('\n')}
<a href="${inLanguage(path, other)}" hreflang="${other}" lang="${other}">${say(wording.otherLanguage, language)}</a>
<a href="/docs" lang="en">${say(wording.documentation, language)}</a>
!${leads === null ? '' : logOutForm(language)}
</nav>
</header>
<main id="content">
!${content}
</main>
</body>
</html>
`
}

function logOutForm(language: Language): string {
  return html`<form method="post" action="${inLanguage('/session/end', language)}"><button>${say(wording.logOut, language)}</button></form>`
}
