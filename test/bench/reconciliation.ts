import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { v7 as uuid } from 'uuid'
import { bankFiles } from './bank-files.ts'
import { deciding } from './deciding.ts'
import { verdicts } from './figures.ts'
import { reconciling } from './reconciling.ts'
import { startBench } from './stage.ts'

/**
 * `npm run bench:reconciliation`: a synthetic bank tells a year of a book's entries with faults of every kind. The matcher decides,
 * by itself and as the service does, from the upload of the file to the last break; and files of 100 MB are handed in.
 *   npm run bench:reconciliation -- --only decide,http,files --lines 100000 --seed 1 --megabytes 100
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'decide,http,files' },
    lines: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    megabytes: { type: 'string', default: '100' },
  },
})
const [lines, seed, megabytes] = [Number(values.lines), Number(values.seed), Number(values.megabytes)]
const only = new Set(values.only.split(','))

console.log(`load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`)
if (only.has('decide')) deciding(lines, seed)
if (only.has('http') || only.has('files')) {
  const institutionId = uuid()
  const stage = await startBench(async ({ call }) => {
    await call('POST', '/v1/institutions', { id: institutionId, code: 'BANK', name: 'Bank', kind: 'bank' })
    return []
  })
  try {
    if (only.has('http')) await reconciling(stage, institutionId, lines, seed)
    if (only.has('files')) await bankFiles(stage, institutionId, megabytes)
  } finally {
    await stage.stop()
  }
}
console.log('')
for (const { figure, reached } of verdicts) console.log(`${reached ? 'reached    ' : 'NOT REACHED'}  ${figure}`)
process.exit(verdicts.every(({ reached }) => reached) ? 0 : 1)
