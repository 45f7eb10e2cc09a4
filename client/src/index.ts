import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import type { components, paths } from './api.ts'
import { patient } from './patience.ts'

export type { components, operations, paths } from './api.ts'

/** The shapes of bodies and answers by their names in the document. */
export type Schemas = components['schemas']

/** What a refusal says (RFC 9457), with a code of the closed list. */
export type Problem = Schemas['Problem']

/** The service answered no. What was asked did not happen. */
export class Refused extends Error {
  readonly status: number
  readonly problem: Problem

  constructor(problem: Problem, status: number) {
    super(`${problem.code}: ${problem.detail}`)
    this.name = 'Refused'
    this.status = status
    this.problem = problem
  }
}

/** Something answered that is not the service: a proxy, a page, another program. */
export class Strange extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(`Something answered ${status} that is not Qullqi: ${text.slice(0, 100)}`)
    this.name = 'Strange'
    this.status = status
  }
}

export type Options = {
  /** The service's address, without `/v1`. */
  url: string
  /** An API key, or a token of the issuer that the service trusts. */
  key: string
  /** How often a request is sent again that may be; 5 unless told. */
  retries?: number
  /** Milliseconds before a request that is not answered counts as lost; 60,000 unless told. */
  timeout?: number
  /** Instead of the platform's `fetch`. */
  fetch?: (request: Request) => Promise<Response>
}

/** `client.GET('/v1/books/{bookId}', { params: { path: { bookId } } })`, and so for every path and method of the document. */
export type Client = FetchClient<paths>

/**
 * A client of the API. What is answered with 429 is sent again with growing pauses, or when `Retry-After` says; and so is what
 * is lost on the way or answered with 503, but only if the service knows it again (a reading, or a body with ids, or an
 * `Idempotency-Key`), so that nothing is done twice.
 */
export function openClient({ url, key, retries = 5, timeout = 60_000, fetch = globalThis.fetch }: Options): Client {
  return createFetchClient<paths>({
    baseUrl: url.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${key}` },
    fetch: patient(fetch, { retries, timeout }),
  })
}

type Answered<Data> = { data?: Data; error?: unknown; response: Response }

/**
 * What the service answered, of a call of a client: `await answerOf(client.GET(…))`.
 * @throws Refused when it says no; Strange when it is not the service that answers
 */
export async function answerOf<Data>(asked: Promise<Answered<Data>>): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await asked
  if (response.ok) return data as Exclude<Data, undefined>
  if (isProblem(error)) throw new Refused(error, response.status)
  throw new Strange(response.status, typeof error === 'string' ? error : JSON.stringify(error))
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
}
