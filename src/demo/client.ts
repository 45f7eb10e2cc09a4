import { type Client as ApiClient, answerOf, openClient as openApi, Refused, Strange } from '../../client/src/index.ts'

export type { Schemas } from '../../client/src/index.ts'

/** The demo cannot go on; the message is for the person who started it. */
export class Unable extends Error {}

/** The public API, and nothing else: whatever the demo does, anybody with a key can do. */
export type Client = ApiClient

/** @throws Unable when nothing answers there at all */
export async function openClient(url: string, key: string): Promise<Client> {
  await fetch(`${url}/health`).catch(() => {
    throw new Unable(`${url} does not answer. Is the service running?`)
  })
  return openApi({ url, key, retries: 10 })
}

/** What the service answered. @throws Unable when it is not what the demo needs */
export async function told<Data>(asked: Parameters<typeof answerOf<Data>>[0]): Promise<Exclude<Data, undefined>> {
  try {
    return await answerOf(asked)
  } catch (error) {
    if (error instanceof Strange) throw new Unable(error.message)
    if (!(error instanceof Refused)) throw error
    const { detail } = error.problem
    if (error.status === 401) throw new Unable(`The key is not one of this service: ${detail}`)
    if (error.status === 403) throw new Unable(`The demo needs an administrator's key: ${detail}`)
    throw new Unable(`It was refused: ${error.message}`)
  }
}
