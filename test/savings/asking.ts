import { v7 as uuid } from 'uuid'
import type { Role } from '../../src/http/actor.ts'
import type { TestApp } from '../support/app.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says; the tests look at them.
export type Answer = { status: number; body: any; headers: Record<string, unknown> }

export type Asking = {
  get(address: string): Promise<Answer>
  /** A text is sent as it is, as JSON. */
  post(address: string, body: object | string, headers?: Record<string, string>): Promise<Answer>
}

/** Asks the service with one key, through HTTP without a socket. */
export function asking({ app }: Pick<TestApp, 'app'>, key: string): Asking {
  async function ask(
    method: 'GET' | 'POST',
    url: string,
    payload?: object | string,
    more: Record<string, string> = {},
  ) {
    const type = typeof payload === 'string' && { 'content-type': 'application/json' }
    const headers = { authorization: `Bearer ${key}`, ...type, ...more }
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
  }
  return {
    get: address => ask('GET', address),
    post: (address, body, headers) => ask('POST', address, body, headers),
  }
}

/** An institution with a book and an agent, and a way to ask as each role. */
export type Field = {
  institutionId: string
  bookId: string
  /** The address of the book. */
  book: string
  agentId: string
  administrator: Asking
  agent: Asking
  as(role: Role, more?: { books?: readonly string[]; agentId?: string }): Promise<Asking>
}

/** Opens a book with one agent through the API, as an administrator would. */
export async function openField(service: TestApp): Promise<Field> {
  const as: Field['as'] = async (role, more) => asking(service, await service.key(role, more))
  const administrator = await as('administrator')
  const [institutionId, bookId, agentId] = [uuid(), uuid(), uuid()]
  const said = async (address: string, body: object) => {
    const { status, body: answer } = await administrator.post(address, body)
    if (status !== 201) throw new Error(`${address}: ${JSON.stringify(answer)}`)
  }
  const code = bookId.slice(-12)
  await said('/v1/institutions', { id: institutionId, code, name: 'Caja Cusco', kind: 'caja' })
  const opening = {
    id: bookId,
    code,
    name: 'Caja Cusco, soles',
    currency: 'PEN',
    institutionId,
    openedOn: '2026-01-01',
  }
  await said('/v1/books', opening)
  const book = `/v1/books/${bookId}`
  await said(`${book}/agents`, { id: agentId, code: 'PR-07', name: 'Rosa Quispe', startsOn: '2026-01-05' })
  const agent = await as('agent', { books: [bookId], agentId })
  return { institutionId, bookId, book, agentId, administrator, agent, as }
}

/** A saver's registration; every call another person without a DNI. */
export function saverBody(more: object = {}) {
  return {
    id: uuid(),
    givenNames: 'Juana',
    familyNames: 'Condori Huamán',
    sex: 'female',
    districtCode: '080101',
    registeredOn: '2026-01-12',
    ...more,
  }
}

/** Registers a saver and answers her id. */
export async function newSaver({ agent, book }: Field, more: object = {}): Promise<string> {
  const { status, body } = await agent.post(`${book}/savers`, saverBody(more))
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body.id
}
