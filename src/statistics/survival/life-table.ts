import assert from 'node:assert/strict'

/**
 * The time that persons were watched, in whole months since their clock began. `enters`: they were watched only after that
 * month (left truncation), else from the beginning. `event`: what is watched for happened in the month `leaves`; else they
 * were last seen in it, without it (right censoring). `persons`: how many have just these, else one.
 */
export type Spell = { enters?: number; leaves: number; event: boolean; persons?: number }

/** A month in which somebody left: how many were at risk in it, in how many it happened, how many were last seen. */
export type LifeMonth = { month: number; atRisk: number; events: number; censored: number }

/**
 * Counts spells month by month. Whoever leaves in a month was at risk in it, whether it happened to her or not; whoever enters
 * in a month is at risk from the next. That is how R's `survival` counts.
 */
export function lifeTable(spells: readonly Spell[]): LifeMonth[] {
  const [entering, events, censored] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()]
  for (const { enters = -1, leaves, event, persons = 1 } of spells) {
    assert(Number.isInteger(enters) && Number.isInteger(leaves), 'months are whole')
    assert(Number.isInteger(persons) && persons >= 0, 'persons are counted')
    assert(enters < leaves && leaves >= 0, 'nobody leaves before she entered')
    if (persons === 0) continue
    add(entering, Math.max(enters, -1), persons)
    add(event ? events : censored, leaves, persons)
  }
  return months(entering, events, censored)
}

function months(entering: Counts, events: Counts, censored: Counts): LifeMonth[] {
  const leaving = [...new Set([...events.keys(), ...censored.keys()])].sort((a, b) => a - b)
  const entries = [...entering].sort(([a], [b]) => a - b)
  let atRisk = 0
  let entered = 0
  return leaving.map(month => {
    for (let entry = entries[entered]; entry && entry[0] < month; entry = entries[entered]) {
      atRisk += entry[1]
      entered += 1
    }
    const row = { month, atRisk, events: events.get(month) ?? 0, censored: censored.get(month) ?? 0 }
    atRisk -= row.events + row.censored
    return row
  })
}

type Counts = Map<number, number>

function add(counts: Counts, month: number, persons: number): void {
  counts.set(month, (counts.get(month) ?? 0) + persons)
}
