import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'
import { type WrittenDay, mt940 as written } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const number = '191-2345678-0-12'

const mt940 = (day: WrittenDay) => written([day])

const reasons = (statement: { breaks: { reason: string }[] }) => statement.breaks.map(({ reason }) => reason)

async function soles(): Promise<Banking & { accountId: string }> {
  const banking = await openBanking(service, 'PEN')
  return { ...banking, accountId: await banking.account(number) }
}

/** What is wrong with each statement of the account, by its reference’s day. */
async function wrong(banking: Banking, accountId: string): Promise<Record<string, string[]>> {
  const { body } = await banking.get(`/bank-accounts/${accountId}/statements?limit=200`)
  return Object.fromEntries(
    body.items.map((one: { toDay: string; number: string; breaks: { reason: string }[] }) => [
      `${one.toDay} ${one.number}`,
      reasons(one),
    ]),
  )
}

test('statements that follow one another have nothing wrong, and one that is missing is a gap until it comes', async () => {
  const banking = await soles()
  const days = [
    mt940({ day: '260302', number: '41', opening: '0,00', closing: '10,00', lines: ['C10,00A'] }),
    mt940({ day: '260303', number: '42', opening: '10,00', closing: '30,00', lines: ['C20,00B'] }),
    mt940({ day: '260304', number: '43', opening: '30,00', closing: '25,00', lines: ['D5,00C'] }),
  ]
  expect((await banking.send(days[0]!)).status).toBe(201)
  expect((await banking.send(days[2]!)).status).toBe(201)
  expect(await wrong(banking, banking.accountId)).toEqual({
    '2026-03-02 41': [],
    '2026-03-04 43': ['statement-gap', 'statement-opening-differs'],
  })
  expect((await banking.send(days[1]!)).status).toBe(201)
  expect(await wrong(banking, banking.accountId)).toEqual({
    '2026-03-02 41': [],
    '2026-03-03 42': [],
    '2026-03-04 43': [],
  })
})

test('each thing that does not tie up has its own name, and the file is kept', async () => {
  const banking = await soles()
  await banking.send(mt940({ day: '260302', number: '41', opening: '0,00', closing: '10,00', lines: ['C10,00A'] }))
  const unbalanced = mt940({ day: '260303', number: '42', opening: '10,00', closing: '31,00', lines: ['C20,00B'] })
  const { body } = await banking.send(unbalanced)
  const [statement] = await banking.statements(body.id)
  expect(statement.breaks).toEqual([
    {
      reason: 'statement-unbalanced',
      amount: '1.00',
      detail: 'its closing balance is 1.00 more than its opening balance and its lines',
    },
  ])
  const other = mt940({ day: '260303', number: '42', opening: '10,00', closing: '30,00', lines: ['C20,00B'] })
  const disputed = await banking.statements((await banking.send(other)).body.id)
  expect(disputed.map(one => [one.standing, reasons(one)])).toEqual([['disputed', ['statement-number-reused']]])
  expect((await banking.lines(disputed[0].id)).map(line => [line.standing, line.counts])).toEqual([['disputed', false]])
  const differs = mt940({ day: '260304', number: '43', opening: '30,00', closing: '30,00' })
  const [next] = await banking.statements((await banking.send(differs)).body.id)
  expect(next.breaks).toEqual([
    {
      reason: 'statement-opening-differs',
      amount: '-1.00',
      detail: 'it begins with 30.00, and after the one before it there is 31.00',
    },
  ])
  expect((await banking.get('/bank-files')).body.items).toHaveLength(4)
})

test('the same statement in other bytes is had already', async () => {
  const banking = await soles()
  const statement = mt940({ day: '260302', number: '41', opening: '0,00', closing: '10,00', lines: ['C10,00A'] })
  await banking.send(statement)
  const { status, body } = await banking.send(`\r\n${statement}`)
  expect([status, body.replayed, body.repeatedLines]).toEqual([201, false, 1])
  expect((await banking.statements(body.id)).map(one => [one.standing, reasons(one)])).toEqual([['repeated', []]])
})

test('numbers begin anew with the year', async () => {
  const banking = await soles()
  const old = mt940({ day: '251231', number: '250', opening: '0,00', closing: '10,00', lines: ['C10,00A'] })
  const first = mt940({ day: '260102', number: '1', opening: '10,00', closing: '20,00', lines: ['C10,00A'] })
  const second = mt940({ day: '260105', number: '250', opening: '20,00', closing: '20,00' })
  for (const one of [old, first, second]) await banking.send(one)
  expect(await wrong(banking, banking.accountId)).toEqual({
    '2025-12-31 250': [],
    '2026-01-02 1': [],
    '2026-01-05 250': ['statement-gap'],
  })
})

const profile = {
  name: 'signed, with running balance',
  layout: { kind: 'delimited', delimiter: ',', hasHeader: true },
  dateFormat: 'yyyy-mm-dd',
  decimal: { point: '.' },
  sign: { kind: 'signed', amount: { name: 'Amount' } },
  columns: {
    bookingDate: { name: 'Date' },
    balance: { name: 'Balance' },
    reference: { name: 'Reference' },
    text: [{ name: 'Text' }],
  },
  account: { constant: number },
  currency: { constant: 'PEN' },
  opening: 'computed',
  closing: 'computed',
}

async function withProfile() {
  const banking = await openBanking(service, 'PEN')
  const told = await banking.post('/statement-profiles', { id: uuid(), code: 'WEB', profile })
  expect([told.status, told.body.revision]).toEqual([201, 1])
  return { ...banking, accountId: await banking.account(number, 'WEB') }
}

/** Rows of the bank’s page: all that there is, from a place on, so many. */
const movements = [
  ['2026-03-02', '10.00', 'DEP', ''],
  ['2026-03-02', '10.00', 'DEP', ''],
  ['2026-03-03', '25.50', 'DEP', 'OP-1'],
  ['2026-03-03', '-3.00', 'COM', ''],
  ['2026-03-04', '10.00', 'DEP', ''],
  ['2026-03-04', '10.00', 'DEP', ''],
  ['2026-03-04', '10.00', 'DEP', ''],
  ['2026-03-05', '99.00', 'DEP', 'OP-2'],
]

function exported(from: number, to: number, balances = true): string {
  let balance = 0
  const rows = movements.map(([day, amount, said, reference]) => {
    balance += Math.round(Number(amount) * 100)
    return [day, amount, said, reference, balances ? (balance / 100).toFixed(2) : ''].join(',')
  })
  return ['Date,Amount,Text,Reference,Balance', ...rows.slice(from, to)].join('\n')
}

async function counted(banking: Banking, accountId: string): Promise<string[]> {
  const { body } = await banking.get(`/bank-accounts/${accountId}/statements?limit=200`)
  const all = await Promise.all(body.items.map((one: { id: string }) => banking.lines(one.id)))
  return all
    .flat()
    .filter(line => line.counts)
    .map(line => `${line.bookingDay} ${line.side === 'debit' ? '-' : ''}${line.amount} ${line.reference ?? ''}`)
    .sort()
}

const everything = movements.map(([day, amount, , reference]) => `${day} ${amount} ${reference}`).sort()

test.each([
  ['in order', [0, 4], [2, 6], [4, 8]],
  ['the last first', [4, 8], [2, 6], [0, 4]],
  ['what fills the middle last', [0, 3], [6, 8], [2, 7]],
  ['all, and then parts', [0, 8], [2, 5], [5, 7]],
  ['parts of a day', [0, 5], [5, 6], [6, 8]],
])(
  'exports that overlap are had once, line for line, and payments that are the same survive: %s',
  async (_, ...slices) => {
    const banking = await withProfile()
    for (const [from, to] of slices as unknown as [number, number][]) {
      const { status, body } = await banking.send(exported(from, to), '?profile=WEB', 'text/csv')
      expect({ status, code: body.code }).toEqual({ status: 201, code: undefined })
    }
    expect(await counted(banking, banking.accountId)).toEqual(everything)
    const { body } = await banking.get(`/bank-accounts/${banking.accountId}/statements?limit=200`)
    expect(body.items.flatMap((one: { breaks: object[] }) => one.breaks)).toEqual([])
  },
)

test('without balances lines that are the same on one day are counted, and the most there were are had', async () => {
  const banking = await withProfile()
  for (const [from, to] of [
    [0, 6],
    [4, 8],
  ] as const)
    await banking.send(exported(from, to, false), `?bankAccountId=${banking.accountId}`, 'text/csv')
  expect(await counted(banking, banking.accountId)).toEqual(everything)
})

test('two statements of one day may each have a payment that is the same to the letter', async () => {
  const banking = await soles()
  const morning = mt940({ day: '260302', opening: '0,00', closing: '10,00', lines: ['C10,00'] })
  const afternoon = mt940({ day: '260302', opening: '10,00', closing: '20,00', lines: ['C10,00'] })
  const whole = mt940({ day: '260302', opening: '0,00', closing: '20,00', lines: ['C10,00', 'C10,00'] })
  for (const file of [morning, afternoon, whole]) await banking.send(file)
  expect(await counted(banking, banking.accountId)).toHaveLength(2)
  const { body } = await banking.get(`/bank-accounts/${banking.accountId}/statements`)
  expect(
    body.items.map((one: { lines: number; repeatedLines: number }) => [one.lines, one.repeatedLines]).sort(),
  ).toEqual([
    [1, 0],
    [1, 0],
    [2, 2],
  ])
  expect(body.items.flatMap((one: { breaks: object[] }) => one.breaks)).toEqual([])
})

test('a profile that is told anew holds from then on, and a file says by which it was read', async () => {
  const banking = await withProfile()
  const other = { ...profile, layout: { ...profile.layout, delimiter: ';' } }
  const told = await banking.post('/statement-profiles', { id: uuid(), code: 'WEB', profile: other })
  expect([told.status, told.body.revision]).toEqual([201, 2])
  const refused = await banking.send(exported(0, 2), '?profile=WEB', 'text/csv')
  expect([refused.status, refused.body.code, refused.body.facts.where]).toEqual([422, 'file-refused', 'line 1'])
  const taken = await banking.send(exported(0, 2).replaceAll(',', ';'), '?profile=WEB', 'text/csv')
  expect([taken.status, taken.body.profileId, taken.body.format]).toEqual([201, told.body.id, 'profile'])
  expect(
    (await banking.get('/statement-profiles')).body.items.map((one: { revision: number }) => one.revision),
  ).toEqual([2])
  const broken = await banking.post('/statement-profiles', {
    id: uuid(),
    code: 'X',
    profile: { ...profile, order: 'none' },
  })
  expect([broken.status, broken.body.fields[0].path]).toEqual([400, 'profile.order'])
  expect((await banking.send(exported(0, 2), '?profile=NONE', 'text/csv')).body.code).toBe(
    'statement-profile-not-found',
  )
})

test('a file of an account that nobody registered is refused whole', async () => {
  const banking = await soles()
  const mine = mt940({ day: '260302', opening: '0,00', closing: '0,00' })
  const { status, body } = await banking.send(
    mine + mt940({ day: '260302', opening: '0,00', closing: '0,00', account: '999-1' }),
  )
  expect([status, body.code, body.facts.numbers]).toEqual([422, 'bank-account-unknown', ['999-1']])
  expect((await banking.get('/bank-files')).body.items).toEqual([])
})

test('one number, and one account of the ledger, are registered once', async () => {
  const banking = await soles()
  const taken = await banking.post('/bank-accounts', { id: uuid(), number: number.replaceAll('-', ' ') })
  expect([taken.status, taken.body.code]).toEqual([409, 'bank-account-taken'])
  const cash = { id: uuid(), code: 'PR-07', name: 'Rosa', startsOn: '2026-01-05' }
  await banking.post('/agents', cash)
  const accounts = (await banking.get('/accounts?control=1020')).body.items
  const refused = await banking.post('/bank-accounts', { id: uuid(), number: '191-9', accountId: accounts[0].id })
  expect([refused.status, refused.body.code]).toEqual([422, 'account-not-at-bank'])
})

test('a bank sees and sends its own book’s statements only', async () => {
  const [hers, other] = [await soles(), await soles()]
  const { body } = await hers.send(mt940({ day: '260302', opening: '0,00', closing: '0,00' }))
  const [statement] = await hers.statements(body.id)
  const addresses = [
    '/bank-files',
    `/bank-files/${body.id}`,
    `/bank-accounts/${hers.accountId}/statements`,
    `/bank-statements/${statement.id}`,
  ]
  for (const address of addresses) {
    const answer = await hers.get(address, other.bankKey)
    expect([address, answer.status, answer.body.code]).toEqual([address, 404, 'book-not-found'])
    expect((await hers.get(address)).status).toBe(200)
  }
  // In her own book what is another's is not there either.
  expect((await other.get(`/bank-files/${body.id}`)).body.code).toBe('bank-file-not-found')
  expect((await other.get(`/bank-statements/${statement.id}`)).body.code).toBe('bank-statement-not-found')
  expect((await other.get(`/bank-accounts/${hers.accountId}`)).body.code).toBe('bank-account-not-found')
  const analyst = await service.key('analyst')
  expect((await hers.get('/bank-files', analyst)).status).toBe(403)
})

function form(...parts: { name: string; filename?: string; type?: string; content: string }[]): [string, string] {
  const told = parts.map(({ name, filename, type = 'text/plain', content }) => {
    const called = filename === undefined ? '' : `; filename="${filename}"`
    return `--edge\r\ncontent-disposition: form-data; name="${name}"${called}\r\ncontent-type: ${type}\r\n\r\n${content}\r\n`
  })
  return [`${told.join('')}--edge--\r\n`, 'multipart/form-data; boundary=edge']
}

test('a form has one file in it, whole', async () => {
  const banking = await soles()
  const content = mt940({ day: '260302', opening: '0,00', closing: '0,00' })
  const file = { name: 'file', filename: 'MARZO.sta', content }
  const sendForm = ([body, type]: [string, string]) => banking.send(body, '', type)
  for (const [broken, told] of [
    [form(), 'not whole|no file'],
    [form({ name: 'note', content: 'hello' }), 'no file|more in it'],
    [form(file, { name: 'note', content: 'hello' }), 'more in it'],
    [form(file, file), 'more in it'],
    [[form(file)[0].slice(0, -40), form(file)[1]], 'not whole'],
    [[form(file)[0], 'multipart/form-data'], 'boundary'],
    [form({ ...file, content: '' }), 'nothing in the file'],
  ] as [[string, string], string][]) {
    const { status, body } = await sendForm(broken)
    expect([status, body.code, body.detail]).toEqual([400, 'request-invalid', expect.stringMatching(told)])
  }
  const taken = await sendForm(form(file))
  expect([taken.status, taken.body.name, taken.body.sha256]).toEqual([
    201,
    'MARZO.sta',
    createHash('sha256').update(content).digest('hex'),
  ])
  // The same bytes as a body are the same file.
  expect((await banking.send(content)).status).toBe(200)
})

test('bodies of other types, without a file or of nothing are refused', async () => {
  const banking = await soles()
  expect((await banking.send('{}', '', 'application/json')).body.code).toBe('media-type-unsupported')
  expect((await banking.send('')).body.code).toBe('request-invalid')
  expect((await banking.send('hello', '?nme=x')).body.fields).toEqual([{ path: 'nme', message: 'is not known here' }])
})

test('two who send the same file at once have one file', async () => {
  const banking = await soles()
  const statement = mt940({ day: '260302', number: '41', opening: '0,00', closing: '10,00', lines: ['C10,00A'] })
  const answers = await Promise.all(Array.from({ length: 6 }, () => banking.send(statement)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201])
  expect(await counted(banking, banking.accountId)).toHaveLength(1)
})

test('files of one account at once are taken one after the other, each line once', async () => {
  const banking = await withProfile()
  const slices = [
    [0, 4],
    [2, 6],
    [4, 8],
    [0, 8],
    [1, 7],
    [3, 5],
  ] as const
  const answers = await Promise.all(
    slices.map(([from, to]) => banking.send(exported(from, to), '?profile=WEB', 'text/csv')),
  )
  expect(answers.map(({ status }) => status)).toEqual(slices.map(() => 201))
  expect(await counted(banking, banking.accountId)).toEqual(everything)
})

test('in whatever order overlapping files of one account come, each line counts once', {
  timeout: 120_000,
}, async () => {
  const slices: [number, number][] = [
    [0, 4],
    [2, 6],
    [4, 8],
    [0, 8],
    [1, 7],
    [3, 5],
  ]
  const order = fc.shuffledSubarray(slices, { minLength: slices.length, maxLength: slices.length })
  await fc.assert(
    fc.asyncProperty(order, async order => {
      const banking = await withProfile()
      for (const [from, to] of order) await banking.send(exported(from, to), '?profile=WEB', 'text/csv')
      expect(await counted(banking, banking.accountId)).toEqual(everything)
    }),
    // Once these lost and doubled lines.
    {
      numRuns: 40,
      examples: [
        [
          [
            [0, 4],
            [4, 8],
            [2, 6],
            [0, 8],
            [1, 7],
            [3, 5],
          ],
        ],
        [
          [
            [0, 4],
            [3, 5],
            [4, 8],
            [2, 6],
            [0, 8],
            [1, 7],
          ],
        ],
      ],
    },
  )
})

test('a file larger than a file may be is refused while it still comes, and the client is told', {
  timeout: 60_000,
}, async () => {
  const banking = await soles()
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = service.app.server.address() as AddressInfo
  const path = `${banking.book}/bank-files`
  const headers = { authorization: `Bearer ${banking.bankKey}`, 'content-type': 'application/octet-stream' }
  const announced = request({ port, path, method: 'POST', headers: { ...headers, 'content-length': 104_857_601 } })
  announced.on('error', () => {})
  announced.flushHeaders()
  announced.write('x')
  const [early] = await once(announced, 'response')
  expect([early.statusCode, JSON.parse(await text(early)).code]).toEqual([413, 'body-too-large'])
  announced.destroy()
  const streamed = request({ port, path, method: 'POST', headers })
  const answered = once(streamed, 'response')
  let isAnswered = false
  answered.then(() => {
    isAnswered = true
  })
  const piece = Buffer.alloc(4_194_304, 'x')
  for (let sent = 0; !isAnswered; sent += piece.length) {
    expect(sent).toBeLessThan(209_715_200)
    if (!streamed.write(piece)) await Promise.race([once(streamed, 'drain'), answered])
  }
  const [late] = await answered
  expect([late.statusCode, JSON.parse(await text(late)).code]).toEqual([413, 'body-too-large'])
  streamed.destroy()
})
