import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Operation } from '../http/operations.ts'
import type { MadeRequest } from './made-requests.ts'
import type { Sent } from './sending.ts'

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document as it is, for the test to look into
type Document = any

export type Judge = {
  /** Is told of each request before it is sent. */
  sending(made: MadeRequest): void
  /** What is wrong with an answer; nothing where it is one that the document promises. */
  faultsOf(made: MadeRequest, sent: Sent): string[]
}

/** What is said before an operation is found, as the document's introduction tells. */
const beforeOperations: Record<number, string> = {
  404: 'route-not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  417: 'expectation-not-met',
  431: 'head-too-large',
}

/**
 * Judges answers by the document alone. `secrets` are of another book: no answer holds one that no request has brought in its body
 * before (ids are made by clients, so that a book may be given one that another has), unless `mayKnow` says that who asks may. `patience` is in milliseconds.
 */
export function openJudge(options: {
  document: Document
  secrets: readonly string[]
  mayKnow: (made: MadeRequest) => boolean
  patience: number
}): Judge {
  const { document, secrets, mayKnow, patience } = options
  const ajv = new Ajv2020({ strict: false, logger: false })
  formats.default(ajv)
  ajv.addSchema({ components: document.components }, 'document')
  const brought = new Set<string>()
  const compiled = new Map<string, ValidateFunction>()

  function checkOf(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')
    const known = compiled.get(text)
    if (known) return known
    const check = ajv.compile(JSON.parse(text))
    compiled.set(text, check)
    return check
  }

  function faultOfContent(operation: Operation, { status, headers, body }: Extract<Sent, { status: number }>) {
    const type = String(headers['content-type'] ?? '')
    const [media] = type.split(';')
    const value = media!.endsWith('json') ? parsed(body) : body.toString()
    if (value === undefined) return `the body is no JSON: ${body.subarray(0, 200)}`
    const declared = operation.responses[status]?.content?.[media!]
    if (declared && checkOf(declared.schema)(value)) return null
    const told = declared ? ajv.errorsText(checkOf(declared.schema).errors) : `${status} ${type} is not declared`
    const { code } = Object(value) as { code?: string }
    const problem = checkOf({ $ref: '#/components/schemas/Problem' })
    if (code !== undefined && beforeOperations[status] === code && problem(value)) return null
    return `${told}: ${body.subarray(0, 300)}`
  }

  function faultsOf(made: MadeRequest, sent: Sent): string[] {
    const faults = sent.ms > patience ? [`it took ${Math.round(sent.ms)} ms`] : []
    if ('failed' in sent) return [...faults, `no answer: ${sent.failed}`]
    const { status, headers, body } = sent
    if (status >= 500) faults.push(`${status} ${body.subarray(0, 300)}`)
    // HEAD has no body, and OPTIONS tells the methods.
    if (made.method === 'HEAD' || (made.method === 'OPTIONS' && status === 204)) return faults
    const fault = faultOfContent(made.operation, sent)
    if (fault !== null) faults.push(fault)
    if (headers['x-request-id'] === undefined) faults.push('no x-request-id')
    if (headers['x-content-type-options'] !== 'nosniff') faults.push('no safety headers')
    if (mayKnow(made)) return faults
    const answered = `${JSON.stringify(headers)} ${body}`
    const asked = `${made.url} ${JSON.stringify(made.headers)}`
    for (const secret of secrets) {
      if (answered.includes(secret) && !asked.includes(secret) && !brought.has(secret))
        faults.push(`tells of another book: ${secret}`)
    }
    return faults
  }

  return {
    sending({ payload }) {
      for (const secret of secrets) if (payload?.includes(secret)) brought.add(secret)
    },
    faultsOf,
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
