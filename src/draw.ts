import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { drawPlaces, ListError, listHash, readList, seedPattern } from './incentives/juntos/draws/list.ts'

const usage = 'usage: npm run draw -- LIST.txt --seed SEED [--sha256 HASH] [--all]'

/** What the program was asked cannot be done; the message is for the person who asked. */
class Unable extends Error {}

try {
  draw()
} catch (error) {
  if (!(error instanceof Unable) && !(error instanceof ListError)) throw error
  console.error(`qullqi: ${error instanceof ListError ? `this is not a draw’s list: ${error.message}` : error.message}`)
  process.exitCode = 1
}

/** Redoes a draw from its list and its seed alone, and prints who wins; with `--all`, where everybody came. */
function draw(): void {
  const { path, seed, sha256, all } = readArguments()
  const bytes = readBytes(path)
  const text = bytes.toString('utf8')
  const { bimester, winnersPerDistrict, prize, entries } = readList(text)
  const hash = listHash(text)
  if (sha256 !== undefined && sha256.toLowerCase() !== hash) {
    throw new Unable(`the list is another: its SHA-256 is ${hash}.`)
  }
  console.log(`list ${hash}`)
  console.log(`seed ${seed}`)
  console.log(`${bimester}, ${entries.length} entries, ${winnersPerDistrict} a district, prizes of ${prize}`)
  for (const { districtCode, place, saverId, wins } of drawPlaces(text, seed)) {
    if (wins || all) console.log(`${districtCode} ${place} ${saverId}${all ? (wins ? ' won' : ' lost') : ''}`)
  }
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { seed: { type: 'string' }, sha256: { type: 'string' }, all: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error('name one file')
    if (values.seed === undefined || !seedPattern.test(values.seed))
      throw new Error('give the seed as it was published')
    return { path, seed: values.seed, sha256: values.sha256, all: values.all }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Unable(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`)
  }
}
