import { startEmbedded } from '../../src/db/embedded.ts'

/** Holds the embedded server of a folder, as a service does, until it is told to leave or is killed. */
const [dataDir = ''] = process.argv.slice(2)
const server = await startEmbedded({ dataDir })
process.on('SIGTERM', () => server.stop().then(() => process.exit(0)))
console.log(server.ownerUrl)
setInterval(() => {}, 60_000)
