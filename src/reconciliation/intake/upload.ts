import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import { Refusal } from '../../refusals.ts'
import { largestFile } from './spool.ts'

/** A file on its way: its bytes as they come, and what the request calls it. */
export type Upload = {
  bytes: Readable
  name: string | null
  mediaType: string
}

/** What a form is around its file, in bytes at the most. */
const aroundFile = 65_536

/** The body itself is the file. @throws Refusal `body-too-large` */
export async function fileAsBody(request: IncomingMessage, payload: Readable): Promise<Upload> {
  refuseLong(request, largestFile)
  const bytes = new PassThrough()
  passOn(payload, bytes)
  payload.pipe(bytes)
  const mediaType = (request.headers['content-type'] ?? 'application/octet-stream').split(';')[0]!.trim().toLowerCase()
  return { bytes, name: null, mediaType }
}

/**
 * The one file of a form. Its bytes end when the form does, so that nothing is taken of one that is not whole.
 * @throws Refusal `body-too-large`, `request-invalid`
 */
export function fileOfForm(request: IncomingMessage, payload: Readable): Promise<Upload> {
  refuseLong(request, largestFile + aroundFile)
  return new Promise((settle, fail) => {
    const bytes = new PassThrough()
    function refuse(detail: string, cause?: unknown): void {
      const refusal = new Refusal('request-invalid', detail, { cause })
      bytes.destroy(refusal)
      fail(refusal)
    }
    // Whoever reads the bytes is told; before there is a reader, the promise is.
    bytes.on('error', fail)
    const form = formOf(request, cause => refuse('The form has no boundary.', cause))
    if (form === null) return
    for (const excess of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const)
      form.on(excess, () => refuse('The form has more in it than one file.'))
    let isFound = false
    form.on('file', (_, file, name, __, mediaType) => {
      isFound = true
      file.on('error', cause => refuse('The form is broken, or not whole.', cause))
      file.pipe(bytes, { end: false })
      settle({ bytes, name: name || null, mediaType: mediaType.toLowerCase() })
    })
    form.on('error', cause => refuse('The form is broken, or not whole.', cause))
    form.on('finish', () => {
      if (isFound) bytes.end()
      else refuse('There is no file in the form.')
    })
    passOn(payload, bytes)
    payload.pipe(form)
  })
}

function formOf(request: IncomingMessage, refuse: (cause: unknown) => void) {
  const headers = { ...request.headers, 'content-type': request.headers['content-type'] ?? '' }
  try {
    return new Busboy({ headers, limits: { files: 1, fields: 0, parts: 1, headerPairs: 20, headerSize: 8_192 } })
  } catch (cause) {
    refuse(cause)
    return null
  }
}

/** @throws Refusal `body-too-large` when its length says so already */
function refuseLong({ headers }: IncomingMessage, most: number): void {
  if (Number(headers['content-length'] ?? 0) > most)
    throw new Refusal('body-too-large', `A file may have ${largestFile} bytes.`)
}

/** A request that ends before it is whole ends the reading of it. */
function passOn(payload: Readable, bytes: PassThrough): void {
  const cut = (cause?: Error) => bytes.destroy(new Refusal('request-invalid', 'The request was cut off.', { cause }))
  payload.on('error', cut)
  payload.on('close', () => {
    if (!payload.readableEnded) cut()
  })
}
