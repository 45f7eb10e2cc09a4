import { parseArgs } from 'node:util'
import { deposits } from './deposits.ts'
import { verdicts } from './figures.ts'
import { incentives } from './incentives.ts'
import { lists } from './lists.ts'
import { memory } from './memory.ts'
import { reads } from './reads.ts'
import { startBench } from './stage.ts'

/**
 * `npm run bench`: each figure beside its baseline in the same run, medians of alternating rounds, with default durability and
 * every check on. All traffic stays on loopback and every load ends by itself.
 *   npm run bench -- --only deposits,lists,reads,incentives,memory --seconds 2 --rounds 9 --minutes 10 --savers 20000
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'deposits,lists,reads,incentives,memory' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    savers: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '10' },
  },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const only = new Set(values.only.split(','))

const stage = await startBench()
try {
  if (only.has('deposits')) await deposits(stage, { seconds, rounds })
  if (only.has('lists')) await lists(stage, { rounds })
  if (only.has('reads')) await reads(stage)
  if (only.has('incentives')) await incentives(stage, Number(values.savers))
  if (only.has('memory')) await memory(stage, Number(values.minutes))
} finally {
  await stage.stop()
}
console.log('')
for (const { figure, reached } of verdicts) console.log(`${reached ? 'reached    ' : 'NOT REACHED'}  ${figure}`)
process.exit(verdicts.every(({ reached }) => reached) ? 0 : 1)
