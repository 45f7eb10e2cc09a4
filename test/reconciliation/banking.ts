import { v7 as uuid } from 'uuid'
import type { Answer } from '../savings/asking.ts'
import type { TestApp } from '../support/app.ts'

/** A book at a bank whose statements are taken: who asks, and how. */
export type Banking = {
  bookId: string
  book: string
  administratorKey: string
  bankKey: string
  get(address: string, key?: string): Promise<Answer>
  post(address: string, body: object, key?: string): Promise<Answer>
  /** Registers an account at the bank under its number; the first is 1010, and each after it one of its own. */
  account(number: string, profile?: string): Promise<string>
  /** Hands in a file as the bank. */
  send(bytes: Buffer | string, query?: string, type?: string): Promise<Answer>
  /** The statements of a file, with what is wrong with each. */
  statements(fileId: string): Promise<Answer['body'][]>
  /** What a statement's lines are. */
  lines(statementId: string): Promise<Answer['body'][]>
}

export async function openBanking(service: TestApp, currency = 'EUR', openedOn = '2007-01-01'): Promise<Banking> {
  const administratorKey = await service.key('administrator')
  const [institutionId, bookId] = [uuid(), uuid()]
  const book = `/v1/books/${bookId}`
  async function ask(method: 'GET' | 'POST', url: string, key: string, payload?: object): Promise<Answer> {
    const headers = { authorization: `Bearer ${key}` }
    const answer = await service.app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
  }
  async function said(address: string, body: object) {
    const answer = await ask('POST', address, administratorKey, body)
    if (answer.status !== 201) throw new Error(`${address}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const code = bookId.slice(-12)
  await said('/v1/institutions', { id: institutionId, code, name: 'Bank', kind: 'bank' })
  await said('/v1/books', { id: bookId, code, name: 'Bank', currency, institutionId, openedOn })
  const bankKey = await service.key('bank', { books: [bookId] })
  let accounts = 0
  return {
    ...{ bookId, book, administratorKey, bankKey },
    get: (address, key = bankKey) => ask('GET', book + address, key),
    post: (address, body, key = administratorKey) => ask('POST', book + address, key, body),
    async account(number, profile) {
      const id = uuid()
      let accountId: string | undefined
      if (accounts > 0) {
        accountId = uuid()
        const opening = { id: accountId, code: `1011.${accounts}`, name: 'Bank', type: 'asset', openedOn }
        await said(`${book}/accounts`, opening)
      }
      accounts += 1
      await said(`${book}/bank-accounts`, { id, number, accountId, profile })
      return id
    },
    async send(bytes, query = '', type = 'application/octet-stream') {
      const headers = { authorization: `Bearer ${bankKey}`, 'content-type': type }
      const answer = await service.app.inject({
        method: 'POST',
        url: `${book}/bank-files${query}`,
        headers,
        payload: bytes,
      })
      return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
    },
    async statements(fileId) {
      return (await ask('GET', `${book}/bank-files/${fileId}/statements?limit=200`, bankKey)).body.items
    },
    async lines(statementId) {
      return (await ask('GET', `${book}/bank-statements/${statementId}/lines?limit=200`, bankKey)).body.items
    },
  }
}
