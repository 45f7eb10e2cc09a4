export { numberKey } from '../../savings/wording.ts'

/** Where a statement stands in its bank’s count. A bank that numbers none writes zeros. */
export type Place = { sequence: number | null; page: number | null }

export function placeOf(number: string | null): Place {
  const [, sequence, page] = /^0*(\d{1,15})(?:\/0*(\d{1,9}))?$/.exec(number ?? '') ?? []
  if (sequence === undefined || Number(sequence) === 0) return { sequence: null, page: null }
  return { sequence: Number(sequence), page: page === undefined ? null : Number(page) }
}
