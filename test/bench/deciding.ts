import { decide } from '../../src/reconciliation/matching/decide.ts'
import { judge as judged, makeWorld, mostClaims } from '../reconciliation/synthetic-bank.ts'
import { judge, row } from './figures.ts'

const widths = [52, 16]

function timed<Result>(work: () => Result): [Result, number] {
  const began = performance.now()
  const result = work()
  return [result, (performance.now() - began) / 1000]
}

/** The deciding alone: a year of a book with faults of every kind, and a bank that tells nothing but one amount on one day. */
export function deciding(lines: number, seed: number): void {
  const [world, making] = timed(() =>
    makeWorld({ seed, lines, days: 365, savers: Math.ceil(lines / 8), faultShare: 0.01 }),
  )
  const { question, faults } = world
  console.log(
    row(
      [
        `made ${question.lines.length} lines, ${question.entries.length} entries, ${faults.length} faults`,
        `${making.toFixed(1)} s`,
      ],
      widths,
    ),
  )
  const [decision, seconds] = timed(() => decide(question))
  const { wrong, untold, matchedLines, trueLines } = judged(world, decision)
  const share = (100 * matchedLines) / trueLines
  console.log(row(['matching', `${seconds.toFixed(1)} s`], widths))
  console.log(row(['true lines matched without a person', `${share.toFixed(2)} %`], widths))
  console.log(row(['wrong matches', String(wrong.length)], widths))
  for (const text of [...wrong.slice(0, 5), ...untold.slice(0, 10)]) console.log(`  ${text}`)

  const alike = Array.from({ length: lines }, (_, place) => place)
  const [first, entry] = [question.lines[0]!, question.entries[0]!]
  const same = {
    ...question,
    groupings: [],
    lines: alike.map(place => ({
      ...first,
      id: `line ${place}`,
      references: [],
      text: '',
      counterpartAccount: null,
      parts: [],
      flow: 'in' as const,
      amount: 1000n,
    })),
    entries: alike.map(place => ({
      ...entry,
      id: `entry ${place}`,
      references: [],
      groupings: [],
      flow: 'in' as const,
      amount: 1000n,
      valueDate: first.day,
    })),
  }
  const [undecided, alikeSeconds] = timed(() => decide(same))
  console.log(row([`${lines} lines of one amount and day`, `${alikeSeconds.toFixed(1)} s`], widths))

  const most = (60 * Math.max(lines, 10_000)) / 100_000
  judge(`${seconds.toFixed(1)} s (less than ${most})`, seconds < most)
  judge(`${share.toFixed(2)} % of true lines matched (at least 98)`, share >= 98)
  judge(`${wrong.length} wrong matches (none)`, wrong.length === 0)
  judge(`${untold.length} of ${faults.length} faults told as something else (none)`, untold.length === 0)
  judge('nothing claimed twice', mostClaims(decision) <= 1)
  judge(
    `one amount and day: ${alikeSeconds.toFixed(1)} s, all ambiguous`,
    alikeSeconds < most && undecided.ambiguities[0]?.lines.length === lines,
  )
}
