import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoFiles } from './files.ts'

/** Writes demo/ anew: `node test/demo/write-files.ts`. The files are committed, and a test proves that they are these. */
const folder = join(import.meta.dirname, '..', '..', 'demo')
await rm(folder, { recursive: true, force: true })
await mkdir(join(folder, 'collection-sheets'), { recursive: true })
const files = demoFiles()
for (const [name, text] of files) await writeFile(join(folder, name), text)
console.log(`wrote ${files.size} files to demo/`)
