import { hash } from 'node:crypto'

/**
 * Who takes part in a draw, and by what terms: all that its winners follow from, but for the seed. Amounts and numbers as
 * they are written. This file knows no database, so that anybody can redo a draw from the list alone.
 */
export type DrawList = {
  bookId: string
  programmeId: string
  ruleId: string
  bimester: string
  cutOff: string
  /** The last transaction of the book that was known when the list was made. */
  knownThrough: string
  winnersPerDistrict: string
  prize: string
  entries: readonly DrawEntry[]
}

/** One chance in the draw of a district (INEI). */
export type DrawEntry = { districtCode: string; saverId: string }

/** Where a saver came in her district; the first `winnersPerDistrict` win. */
export type DrawPlace = DrawEntry & { place: number; wins: boolean }

const title = 'qullqi-draw 1'
const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const head = [
  ['book', 'bookId', id],
  ['programme', 'programmeId', id],
  ['rule', 'ruleId', id],
  ['bimester', 'bimester', /^\d{4}-B[1-6]$/],
  ['cut-off', 'cutOff', /^\d{4}-\d\d-\d\d$/],
  ['known-through', 'knownThrough', /^(?:0|[1-9]\d*)$/],
  ['winners-per-district', 'winnersPerDistrict', /^[1-9]\d{0,3}$/],
  ['prize', 'prize', /^\d+(?:\.\d+)? [A-Z]{3}$/],
] as const

/** What a seed may be: characters that everybody types alike, for another spelling is another seed. */
export const seedPattern = /^[!-~](?:[ -~]{0,98}[!-~])?$/

/** The order of a list: by district, then by id, as texts. */
export function inListOrder(entries: readonly DrawEntry[]): DrawEntry[] {
  return entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ districtCode, saverId }: DrawEntry) => `${districtCode} ${saverId}`

/** The one text that a list is: lines that end with a line feed, in the order of `inListOrder`. */
export function listText(list: DrawList): string {
  const terms = head.map(([name, field]) => `${name} ${list[field]}`)
  const lines = [title, ...terms, `entries ${list.entries.length}`, ...list.entries.map(keyOf)]
  return `${lines.join('\n')}\n`
}

/** SHA-256 of the text's bytes, hexadecimal: what is published before the seed is known. */
export function listHash(text: string): string {
  return hash('sha256', text)
}

/** Why a text is no list; the message says where. */
export class ListError extends Error {}

/** Reads a list, to the letter: whatever `listText` would have written otherwise is refused. @throws ListError */
export function readList(text: string): DrawList {
  const lines = text.split('\n')
  if (lines[0] !== title) throw new ListError(`line 1 is not "${title}"`)
  const terms: Record<string, string> = {}
  head.forEach(([name, field, pattern], place) => {
    const [, value = ''] = /^\S+ (.*)$/.exec(lines[place + 1] ?? '') ?? []
    if (lines[place + 1] !== `${name} ${value}` || !pattern.test(value)) {
      throw new ListError(`line ${place + 2} does not say "${name}"`)
    }
    terms[field] = value
  })
  const first = head.length + 2
  const entries = lines.slice(first, -1).map((line, place): DrawEntry => {
    const [districtCode = '', saverId = '', ...rest] = line.split(' ')
    if (!/^\d{6}$/.test(districtCode) || !id.test(saverId) || rest.length > 0) {
      throw new ListError(`line ${first + place + 1} is not a district and the id of a saver`)
    }
    if (place > 0 && lines[first + place - 1]! >= line) {
      throw new ListError(`line ${first + place + 1} is not in order, or is there twice`)
    }
    return { districtCode, saverId }
  })
  const list = { ...terms, entries } as unknown as DrawList
  if (listText(list) !== text) throw new ListError(`it does not have the entries that line ${first} says, or its end`)
  if (new Set(entries.map(({ saverId }) => saverId)).size < entries.length)
    throw new ListError('a saver is there twice')
  return list
}

/**
 * Where everybody came: within each district in the order of SHA-256 of the seed, the list's hash and the saver's id,
 * written one after the other. Nobody who knows the list can choose who wins without choosing the seed, and nobody who
 * knows the seed can change the list.
 */
export function drawPlaces(text: string, seed: string): DrawPlace[] {
  const { entries, winnersPerDistrict } = readList(text)
  const listed = listHash(text)
  const ranked = entries.map(entry => ({ ...entry, rank: hash('sha256', `${seed}${listed}${entry.saverId}`) }))
  const byDistrict = Map.groupBy(ranked, ({ districtCode }) => districtCode)
  return [...byDistrict.values()].flatMap(district =>
    district
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ districtCode, saverId }, n) => {
        return { districtCode, saverId, place: n + 1, wins: n < Number(winnersPerDistrict) }
      }),
  )
}
