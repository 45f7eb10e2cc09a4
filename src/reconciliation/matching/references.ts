/**
 * A reference as it is compared. Banks print capitals, drop strokes and fill up with zeros, so none of these tells two apart.
 * Empty when nothing is left, as of a reference of zeros.
 */
function referenceKey(reference: string): string {
  return reference
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replace(/^0+/, '')
}

export function referenceKeys(references: readonly string[]): string[] {
  const keys = new Set(references.map(referenceKey))
  keys.delete('')
  return [...keys]
}

/** Words of a text that may be references: of so many letters at least, digits among them. */
export function referencesInText(text: string, least: number): string[] {
  const found = text
    .split(/[\s,;:()]+/)
    .filter(word => word.length >= least && /\d{3}/.test(word.replaceAll(/[^\p{L}\p{N}]/gu, '')))
  return referenceKeys(found).filter(key => key.length >= least)
}

/**
 * A key and what it is without any one of its letters. Two keys that differ by one letter, one left out or two that changed
 * places share one of these.
 */
export function nearKeys(key: string): string[] {
  const near = new Set([key])
  for (let at = 0; at < key.length; at++) near.add(key.slice(0, at) + key.slice(at + 1))
  return [...near]
}

/** Words of a text in small letters, without accents. */
export function plainWords(text: string): string[] {
  return (
    text
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  )
}
