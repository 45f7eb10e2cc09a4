import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { generated } from './generated.ts'

/** Writes the generated files named on the command line, or all of them. */
const wanted = process.argv.slice(2)
for (const { path, make } of generated) {
  if (wanted.length > 0 && !wanted.includes(basename(path))) continue
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await make())
  console.log(`wrote ${relative('.', path)}`)
}
