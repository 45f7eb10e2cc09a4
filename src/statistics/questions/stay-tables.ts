import { roundedRate } from '../../money.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import type { CohortMonths, Stay } from '../counting/stays.ts'
import { flat } from '../disclosure/dimension.ts'
import { type Confidence, kaplanMeier } from '../survival/kaplan-meier.ts'
import { type Column, hidden, type Notes, type Table, total, type Value } from '../table.ts'
import { dimensionColumns } from './breakdown.ts'
import { byDoing, classed, nodeOfCodes, protect } from './classes.ts'

const titled = (name: string, kind: Column['kind'], es: string, en: string): Column => ({
  name,
  kind,
  title: { es, en },
})

const since = titled('monthsSince', 'code', 'Meses desde entonces', 'Months since')

export const cohortsPopulation =
  'Persons enrolled, from the month of their first enrolment (in the programme, if one is asked for), whether it ended or not, as far as the month is over. ' +
  'saved: with an operation that the definition takes, in that very month; permanentActive: at its end'

const cohortColumns: Column[] = [
  titled('cohort', 'code', 'Cohorte', 'Cohort'),
  since,
  titled('enrolled', 'count', 'Inscritas hace tanto', 'Enrolled so long ago'),
  titled('saved', 'count', 'Ahorraron en ese mes', 'Saved in that month'),
  titled('savedRate', 'rate', 'Tasa de ahorro', 'Share that saved'),
  titled('permanentActive', 'count', 'Ahorradoras activas permanentes', 'Permanent active savers'),
  titled('permanentActiveRate', 'rate', 'Tasa de activas permanentes', 'Share of permanent active savers'),
]

/** What cohorts did by month since enrolment; each month's figures protected, the enrolled shown where both others show them. */
export function cohortsTable(cohorts: readonly CohortMonths[], { k, notes }: { k: number; notes: Notes }): Table {
  const tree = flat('cohort', cohorts.map(({ codes: [code] }) => code).toSorted())
  const table = classed([tree], byDoing)
  const months = Math.max(0, ...cohorts.map(({ enrolled }) => enrolled.findLastIndex(count => count > 0) + 1))
  const rows: Value[][] = []
  for (let month = 0; month < months; month++) {
    const [saved, active] = (['saved', 'permanentActive'] as const).map(name => {
      const counts = cohorts.map(cohort => {
        const did = cohort[name][month]!
        return [nodeOfCodes(table, cohort.codes), [did, cohort.enrolled[month]! - did]] as const
      })
      return protect(table, counts, k)
    })
    for (const [node, cohort] of tree.codes.entries()) {
      const isHidden = saved!.isHidden(node, total) || active!.isHidden(node, total)
      const enrolled: Value = isHidden ? hidden : saved!.count(node, total)
      if (enrolled === 0) continue
      const did = [saved!, active!].flatMap((one): Value[] => {
        return [one.count(node, 'DID'), isHidden ? hidden : one.rate(node, 'DID', total)]
      })
      rows.push([cohort, String(month), enrolled, ...did])
    }
  }
  const title = { es: 'Retención por cohorte', en: 'Cohort retention' }
  return { name: 'cohort-retention', title, columns: cohortColumns, rows, notes }
}

export const staysPopulation =
  'Persons who became permanent active savers, for the first time, after the first month that is looked at; the clock starts in that month, at the place where she was then. ' +
  'left: those who were it no more at the end of a month, by whatever reason; seenLast: those who still were in the last month. ' +
  'survival is the estimate of Kaplan and Meier with Greenwood’s variance and an interval that is symmetric on its logarithm'

const stayColumns: Column[] = [
  since,
  titled('persons', 'count', 'Personas', 'Persons'),
  titled('left', 'count', 'Dejaron de serlo hasta entonces', 'Left until then'),
  titled('seenLast', 'count', 'Observadas solo hasta entonces', 'Last seen until then'),
  titled('survival', 'rate', 'Proporción que permanece', 'Share that stays'),
  titled('standardError', 'rate', 'Error estándar', 'Standard error'),
  titled('lower', 'rate', 'Límite inferior', 'Lower limit'),
  titled('upper', 'rate', 'Límite superior', 'Upper limit'),
]

/**
 * How long savers stay permanent active. The counts of a row are of all months until it, so that two rows differ by none or by
 * k persons at least: a row in between is hidden, and so is one after which fewer are left. With a dimension there is no
 * total, from which a hidden curve could be worked out.
 */
export function staysTable(
  stays: readonly Stay[],
  { by, confidence, k, notes }: { by: readonly DimensionName[]; confidence: Confidence; k: number; notes: Notes },
): Table {
  const curves = Map.groupBy(stays, ({ codes }) => codes.join())
  const rows = [...curves]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, ofOne]) => curveRows(ofOne, confidence, k))
  const title = {
    es: 'Permanencia de las ahorradoras activas permanentes',
    en: 'How long permanent active savers stay it',
  }
  return { name: 'permanence', title, columns: [...dimensionColumns(by), ...stayColumns], rows, notes }
}

function curveRows(stays: readonly Stay[], confidence: Confidence, k: number): Value[][] {
  const spells = stays.map(({ months, event, persons }) => ({ leaves: months, event, persons }))
  const { persons, months } = kaplanMeier(spells, confidence)
  const { codes } = stays[0]!
  const isFew = (count: number) => count > 0 && count < k
  let [left, seenLast, leftShown, seenShown] = [0, 0, 0, 0]
  return months.map(({ month, events, censored, survival, standardError, lower, upper }): Value[] => {
    left += events
    seenLast += censored
    const few = [persons, persons - left - seenLast, left - leftShown, seenLast - seenShown].some(isFew)
    if (few) return [...codes, String(month), ...stayColumns.slice(1).map((): Value => hidden)]
    leftShown = left
    seenShown = seenLast
    const rates = [survival, standardError, lower, upper].map(rate => (rate === null ? null : roundedRate(rate)))
    return [...codes, String(month), persons, left, seenLast, ...rates]
  })
}
