import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { openResolving, savers } from './resolving.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const day = '2026-03-02'

/** A statement of one day whose lines are these. */
const told = (closing: string, ...lines: string[]) => ({ day: '260302', number: '1', opening: '0,00', closing, lines })

describe('each reason has its resolution, after which the day is proved', () => {
  test('missing in the ledger: a deposit is posted, and claimed with its line', async () => {
    const book = await openResolving(service)
    await book.statement(told('12,50', 'C12,50OP-1'))
    await book.match()
    const breaks = await book.like({ reason: 'missing-in-ledger', amount: '12.50' })
    const body = { bankAccountNumber: savers[0], amount: '12.50', valueDate: day, channel: 'branch', reference: 'OP-1' }
    const resolution = await book.resolve({ kind: 'post', breaks, postings: [{ verb: 'deposit', body }] })
    expect(resolution).toMatchObject({
      ...{ status: 'approved', kind: 'post', breaks: [{ id: breaks[0], reason: 'missing-in-ledger' }] },
      transactions: [{ kind: 'deposit', valueDate: day }],
      matches: [{ lines: [{ line: 1 }], entries: [{ sequence: resolution.transactions[0].sequence }] }],
    })
    expect(resolution.proposedBy).not.toBe(resolution.decision.by)
    const posted = await book.get(`/transactions/${resolution.transactions[0].id}`)
    expect(posted.body.evidence).toMatchObject({ resolutionId: resolution.id, proposedBy: resolution.proposedBy })
    expect(posted.body.actor).toBe(resolution.decision.by)
    expect(await book.breaks()).toEqual([])
    expect(await book.proof(day)).toMatchObject({ status: 'proved', ledger: '12.50', items: [], residue: '0.00' })
  })

  test('one slip of many savers: what is recorded of it, and what is not, come to its line', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '10.00', day, reference: 'OP-7' })
    await book.statement(told('30,00', 'C30,00OP-7'))
    await book.match()
    const [{ question }] = await book.breaks()
    const body = { bankAccountNumber: savers[1], amount: '20.00', valueDate: day, channel: 'branch' }
    const resolution = await book.resolve({ kind: 'post', question, postings: [{ verb: 'deposit', body }] })
    expect(resolution.matches).toMatchObject([{ lines: [{}], entries: [{}, {}] }])
    expect(await book.proof(day)).toMatchObject({ status: 'proved', items: [] })
  })

  test('fee or interest: the fee goes to an account of expense, the interest to who earned it', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '50.00', day, reference: 'OP-1' })
    await book.statement(told('48,85', 'C50,00OP-1', 'D2,50COMISION', 'C1,35INTERES'))
    await book.match()
    const reason = 'fee-or-interest'
    const [fee, interest] = await book.like({ reason, amount: '-2.50' }, { reason, amount: '1.35' })
    const booked = { accountId: book.fees, amount: '2.50', valueDate: day }
    await book.resolve({ kind: 'post', breaks: [fee], postings: [{ verb: 'bank-fee', body: booked }] })
    const earned = { bankAccountNumber: savers[0], amount: '1.35', valueDate: day }
    await book.resolve({ kind: 'post', breaks: [interest], postings: [{ verb: 'interest', body: earned }] })
    expect(await book.balance(book.fees)).toBe('2.50')
    expect(await book.breaks()).toEqual([])
    expect(await book.proof(day)).toMatchObject({ status: 'proved', ledger: '48.85', items: [] })
  })

  test('late at the bank, duplicate in the ledger: what never came is reversed, and both entries go together', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '7.00', day: '2026-03-01', reference: 'OP-1' })
    await book.deposit({ amount: '9.00', day, reference: 'OP-2' })
    await book.deposit({ amount: '9.00', day, reference: 'OP-2' })
    await book.statement(told('9,00', 'C9,00OP-2'), { day: '260320', number: '2', opening: '9,00', closing: '9,00' })
    await book.match()
    for (const one of await book.breaks()) {
      const open = (await book.breaks()).some((now: { id: string }) => now.id === one.id)
      if (open && one.of === 'entry' && one.question === null)
        await book.resolve({ kind: 'reverse', breaks: [one.id], valueDate: '2026-03-20' })
    }
    const left = await book.breaks()
    if (left.length > 0) {
      // Of two deposits that are the same to the letter, a person says which one the bank has.
      const [line, first] = [
        left.find((one: { of: string }) => one.of === 'line'),
        left.find((one: { of: string }) => one.of === 'entry'),
      ]
      await book.resolve({ kind: 'match', breaks: [line.id, first.id] })
      const [other] = await book.breaks()
      await book.resolve({ kind: 'reverse', breaks: [other.id], valueDate: '2026-03-20' })
    }
    expect(await book.breaks()).toEqual([])
    expect(await book.proof('2026-03-20')).toMatchObject({ status: 'proved', ledger: '9.00', items: [] })
  })

  test('residue: a small difference goes to income, as an adjustment with its reason', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '100.00', day, reference: 'OP-1' })
    await book.statement(told('100,03', 'C100,03OP-1'))
    await book.match()
    const [{ question, reason }] = await book.breaks()
    expect(reason).toBe('residue')
    const adjust = { kind: 'adjust', question, valueDate: day, accountId: book.income, reason: 'rounded by the bank' }
    const resolution = await book.resolve(adjust)
    expect(resolution).toMatchObject({ difference: '0.03', tolerance: '0.05', transactions: [{ kind: 'adjustment' }] })
    const { body } = await book.get(`/transactions/${resolution.transactions[0].id}`)
    expect(body.reason).toBe('rounded by the bank')
    expect(await book.balance(book.income)).toBe('0.03')
    expect(await book.proof(day)).toMatchObject({ status: 'proved', ledger: '100.03', items: [] })
  })

  test('amount differs: the wrong deposit is reversed, and the right one posted', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '90.00', day, reference: 'OP-1' })
    await book.statement(told('99,00', 'C99,00OP-1'))
    await book.match()
    const [entry, line] = await book.like({ of: 'entry' }, { of: 'line' })
    await book.resolve({ kind: 'reverse', breaks: [entry], valueDate: day })
    const body = { bankAccountNumber: savers[0], amount: '99.00', valueDate: day, channel: 'branch' }
    await book.resolve({ kind: 'post', breaks: [line], postings: [{ verb: 'deposit', body }] })
    expect(await book.breaks()).toEqual([])
    expect(await book.proof(day)).toMatchObject({ status: 'proved', ledger: '99.00', items: [] })
  })

  test('a suggestion is confirmed whole, and of what is ambiguous people say which is which', async () => {
    const book = await openResolving(service)
    for (const account of savers) await book.deposit({ amount: '10.00', day, account })
    await book.deposit({ amount: '33.00', day, reference: 'OP-9' })
    await book.statement(told('53,00', 'C10,00', 'C10,00', 'C33,00OP-8'))
    await book.match()
    const open = await book.breaks()
    const ambiguous = open.filter((one: { reason: string }) => one.reason === 'ambiguous')
    expect(ambiguous).toHaveLength(4)
    const [line] = ambiguous.filter((one: { of: string }) => one.of === 'line')
    const [entry] = ambiguous.filter((one: { of: string }) => one.of === 'entry')
    await book.resolve({ kind: 'match', breaks: [line.id, entry.id] })
    // The other two are each other's only candidate now, and matched by the run that followed.
    const left = await book.breaks()
    expect(left.every((one: { reason: string }) => one.reason === 'reference-differs')).toBe(true)
    const resolution = await book.resolve({ kind: 'match', question: left[0].question })
    expect(resolution.matches).toMatchObject([{ lines: [{}], entries: [{}] }])
    const { items } = (await book.get(`${book.of}/matches`)).body
    expect(items.filter((one: { rule: string }) => one.rule === 'by-hand')).toHaveLength(2)
    expect(items.find((one: { rule: string }) => one.rule === 'by-hand')).toMatchObject({
      ...{ runId: null, reasons: ['match, approved', 'as agreed'] },
    })
    expect(await book.proof(day)).toMatchObject({ status: 'proved', items: [] })
  })

  test('reversal unmatched: what the bank took back of a deposit is taken back in the ledger too', async () => {
    const book = await openResolving(service)
    const { id: transactionId } = await book.deposit({ amount: '15.00', day, reference: 'OP-1' })
    await book.statement(told('15,00', 'C15,00OP-1'))
    await book.match()
    await book.statement({ day: '260304', number: '2', opening: '15,00', closing: '0,00', lines: ['RC15,00OP-1'] })
    await book.match()
    const breaks = await book.like({ reason: 'reversal-unmatched' })
    const resolution = await book.resolve({ kind: 'reverse', breaks, transactionId, valueDate: '2026-03-04' })
    expect(resolution).toMatchObject({ reverses: [transactionId], matches: [{ lines: [{}], entries: [{}] }] })
    expect(await book.breaks()).toEqual([])
    expect(await book.proof('2026-03-04')).toMatchObject({ status: 'proved', ledger: '0.00', items: [] })
  })

  test('duplicate at the bank: its double and what it gave back are each other’s', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '15.00', day, reference: 'OP-1' })
    await book.statement(told('30,00', 'C15,00OP-1', 'C15,00OP-1'))
    await book.match()
    await book.statement({
      day: '260325',
      number: '2',
      opening: '30,00',
      closing: '15,00',
      lines: ['D15,00REGULARIZACION'],
    })
    await book.match()
    const open = await book.breaks()
    const [back] = await book.like({ reason: 'missing-in-ledger', amount: '-15.00' })
    const doubles = open.filter((one: { reason: string }) => one.reason === 'duplicate-at-bank')
    const [double] = doubles.filter((one: { of: string }) => one.of === 'line')
    await book.resolve({ kind: 'match', breaks: [double.id, back] })
    expect(await book.breaks()).toEqual([])
    expect(await book.proof('2026-03-25')).toMatchObject({ status: 'proved', ledger: '15.00', items: [] })
  })

  test('what stays as it is is accepted: listed, and of no further work while it is found so', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '4.00', day: '2026-03-30' })
    await book.statement(told('-8,00', 'D8,00X1'), { day: '260331', number: '3', opening: '-8,00', closing: '-8,00' })
    await book.match()
    const [line, entry, gap] = await book.like({ of: 'line' }, { of: 'entry' }, { reason: 'statement-gap' })
    for (const one of [line, entry, gap]) await book.resolve({ kind: 'accept', breaks: [one] })
    expect(await book.breaks()).toEqual([])
    expect((await book.breaks('&status=accepted')).map((one: { id: string }) => one.id).sort()).toEqual(
      [line, entry, gap].sort(),
    )
    expect((await book.match()).told).toMatchObject({ breaksOpened: 0, breaksEnded: 0 })
    expect(await book.proof('2026-03-31')).toMatchObject({
      ...{ status: 'proved', residue: '0.00' },
      items: [
        { reason: 'in-transit', accepted: true, entries: 1, amount: '-4.00' },
        { reason: 'missing-in-ledger', accepted: true, lines: 1, amount: '-8.00' },
      ],
    })
    // An entry that was on its way and is late by now is another matter; what was accepted of the line holds.
    await book.statement({ day: '260410', number: '4', opening: '-8,00', closing: '-8,00' })
    await book.match()
    expect(await book.breaks()).toMatchObject([{ of: 'entry', reason: 'late-at-bank' }])
  })
})

describe('two people', () => {
  test('make a resolution: nobody approves her own, and a bank approves only that something is the same money', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '33.00', day, reference: 'OP-9' })
    await book.statement(told('35,00', 'C33,00OP-8', 'C2,00'))
    await book.match()
    const [line, entry, small] = await book.like({ amount: '33.00' }, { of: 'entry' }, { amount: '2.00' })
    const { body: match } = await book.propose({ kind: 'match', breaks: [line, entry] }, book.bankKey)
    expect(match.status).toBe('proposed')
    expect((await book.decide(match.id, {}, book.bankKey)).body.code).toBe('second-actor-needed')
    const { body: accept } = await book.propose({ kind: 'accept', breaks: [small] })
    expect((await book.decide(accept.id, {}, book.bankKey)).body.code).toBe('access-denied')
    expect((await book.decide(accept.id, { outcome: 'withdrawn', reason: 'no' })).body.code).toBe('access-denied')
    expect((await book.decide(accept.id, { outcome: 'rejected' })).status).toBe(400)
    expect((await book.decide(accept.id, { outcome: 'rejected', reason: 'not so' })).status).toBe(201)
    expect((await book.decide(accept.id)).body).toMatchObject({
      code: 'resolution-decided',
      facts: { outcome: 'rejected' },
    })
    const { body: other } = await book.propose({ kind: 'match', breaks: [line, entry] })
    expect(other.code).toBe('break-has-proposal')
    const stranger = await service.key('bank', { books: [uuid()] })
    expect((await book.propose({ kind: 'accept', breaks: [small] }, stranger)).status).toBe(404)
    for (const role of ['analyst', 'auditor', 'agent'] as const)
      expect((await book.propose({ kind: 'accept', breaks: [small] }, await service.key(role))).status).toBe(403)
    expect((await book.decide(match.id, { outcome: 'withdrawn', reason: 'wrong' }, book.bankKey)).status).toBe(201)
    const { body: anew } = await book.propose({ kind: 'match', breaks: [line, entry] })
    expect((await book.decide(anew.id, {}, book.bankKey)).status).toBe(201)
    const { items } = (await book.get(`${book.of}/resolutions`)).body
    expect(items.map((one: { status: string }) => one.status)).toEqual(['withdrawn', 'rejected', 'approved'])
    expect((await book.get(`${book.of}/resolutions?status=proposed`)).body.items).toEqual([])
  })

  test('who approve at once carry it out once, and a proposal sent again is answered as at first', async () => {
    const book = await openResolving(service)
    await book.statement(told('12,50', 'C12,50OP-1'))
    await book.match()
    const [line] = await book.like({ of: 'line' })
    const posting = {
      verb: 'deposit',
      body: { bankAccountNumber: savers[0], amount: '12.50', valueDate: day, channel: 'branch' },
    }
    const asked = { id: uuid(), kind: 'post', breaks: [line], postings: [posting] }
    const [first, again] = await Promise.all([book.propose(asked), book.propose(asked)])
    expect([first.status, again.status].sort()).toEqual([200, 201])
    const others = await Promise.all([1, 2, 3].map(() => service.key('administrator')))
    const answers = await Promise.all(others.map(key => book.decide(asked.id, {}, key)))
    expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
      201,
      'resolution-decided',
      'resolution-decided',
    ])
    expect(await book.balance(`${(await book.get('/accounts?control=1010')).body.items[0].id}`)).toBe('12.50')
    expect((await book.propose(asked)).body).toMatchObject({ status: 'approved', replayed: true })
    expect((await book.propose({ ...asked, reason: 'another' })).body.code).toBe('id-reused')
    const decision = { id: uuid(), outcome: 'approved' }
    await book.statement({ day: '260303', number: '2', opening: '12,50', closing: '13,50', lines: ['C1,00'] })
    await book.match()
    const { body } = await book.propose({ kind: 'accept', breaks: await book.like({ of: 'line' }) })
    expect((await book.decide(body.id, decision)).body.replayed).toBe(false)
    expect((await book.decide(body.id, decision)).body.replayed).toBe(true)
  })

  test('find what has changed meanwhile, and then nothing is done', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '5.00', day: '2026-02-10' })
    await book.statement(told('12,50', 'C12,50OP-1'))
    await book.match()
    const [line, entry] = await book.like({ of: 'line' }, { of: 'entry' })
    const deposit = {
      bankAccountNumber: savers[0],
      amount: '12.50',
      valueDate: day,
      channel: 'branch',
      reference: 'OP-1',
    }
    const { body: post } = await book.propose({
      kind: 'post',
      breaks: [line],
      postings: [{ verb: 'deposit', body: deposit }],
    })
    const { body: reverse } = await book.propose({ kind: 'reverse', breaks: [entry], valueDate: '2026-02-11' })
    await book.post('/closings', { month: '2026-01' })
    const shut = await book.post('/closings', { month: '2026-02' })
    expect([shut.status, shut.body.detail]).toEqual([200, undefined])
    const closed = await book.decide(reverse.id)
    expect(closed.body).toMatchObject({ code: 'month-closed', facts: { nextOpenDate: '2026-03-01' } })
    expect((await book.get(`${book.of}/resolutions/${reverse.id}`)).body).toMatchObject({
      status: 'proposed',
      matches: [],
    })
    await book.deposit({ amount: '12.50', day, reference: 'OP-1' })
    await book.match()
    expect((await book.decide(post.id)).body.code).toBe('resolution-outdated')
    expect((await book.propose({ kind: 'accept', breaks: [line] })).body.code).toBe('break-ended')
    expect((await book.get('/verification', await service.key('auditor'))).body.ok).toBe(true)
  })

  test('lose nothing to a connection that breaks amid an approval', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '9.00', day, reference: 'OP-3' })
    await book.statement({ day: '260320', number: '1', opening: '0,00', closing: '0,00' })
    await book.match()
    const breaks = await book.like({ of: 'entry' })
    const { body } = await book.propose({ kind: 'reverse', breaks, valueDate: '2026-03-20' })
    const decision = { id: uuid(), outcome: 'approved' }
    const holder = await service.owner.$client.connect()
    await holder.query('begin')
    await holder.query('select from book_head where book_id = $1 for update', [book.bookId])
    const asked = book.decide(body.id, decision)
    await killWaiting()
    await holder.query('rollback')
    holder.release()
    expect((await asked).status).toBe(503)
    expect((await book.get(`${book.of}/resolutions/${body.id}`)).body).toMatchObject({
      status: 'proposed',
      transactions: [],
    })
    expect((await book.breaks()).map((one: { id: string }) => one.id)).toEqual(breaks)
    expect((await book.decide(body.id, decision)).status).toBe(201)
    expect(await book.breaks()).toEqual([])
  })
})

/** Ends the session that waits for the head of a book. */
async function killWaiting(): Promise<void> {
  for (;;) {
    const { rows } = await service.owner.$client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%ledger_post%' and pid <> pg_backend_pid()`,
    )
    if (rows.length > 0) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('what makes no sense is refused before anybody is asked', () => {
  test('what is not the same money, not of its sort, or more than the tolerance', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '90.00', day, reference: 'OP-1' })
    await book.statement(told('99,00', 'C99,00OP-1'), {
      day: '260305',
      number: '4',
      opening: '99,00',
      closing: '99,00',
    })
    await book.match()
    const [line, entry, gap] = await book.like({ of: 'line' }, { of: 'entry' }, { of: 'statement' })
    const refused = async (body: object) => (await book.propose(body)).body
    const deposit = { bankAccountNumber: savers[0], amount: '98.00', valueDate: day, channel: 'branch' }
    const postings = [{ verb: 'deposit', body: deposit }]
    expect(await refused({ kind: 'match', breaks: [line, entry] })).toMatchObject({
      code: 'resolution-unbalanced',
      facts: { lines: '99.00', entries: '90.00', difference: '9.00' },
    })
    expect((await refused({ kind: 'post', breaks: [line], postings })).code).toBe('resolution-unbalanced')
    expect((await refused({ kind: 'match', breaks: [line] })).code).toBe('resolution-unfit')
    expect((await refused({ kind: 'match', breaks: [line, gap] })).code).toBe('resolution-unfit')
    expect((await refused({ kind: 'reverse', breaks: [line], valueDate: day })).code).toBe('resolution-unfit')
    expect((await refused({ kind: 'post', breaks: [entry], postings })).code).toBe('resolution-unfit')
    const adjust = { kind: 'adjust', breaks: [line, entry], valueDate: day }
    expect(await refused({ ...adjust, accountId: book.income })).toMatchObject({
      code: 'tolerance-exceeded',
      facts: { difference: '9.00', tolerance: '0.05' },
    })
    const own = (await book.get('/accounts?control=1010')).body.items[0].id
    expect((await refused({ ...adjust, accountId: own })).code).toBe('account-not-for-differences')
    expect((await refused({ ...adjust, accountId: uuid() })).code).toBe('ledger-account-not-found')
    expect((await refused({ kind: 'accept', breaks: [uuid()] })).code).toBe('break-not-found')
    expect((await refused({ kind: 'accept', question: uuid() })).code).toBe('break-not-found')
    expect((await refused({ kind: 'accept' })).code).toBe('request-invalid')
    const wrong = await refused({
      kind: 'post',
      breaks: [line],
      postings: [{ verb: 'deposit', body: { ...deposit, channel: 'pigeon' } }],
    })
    expect(wrong.fields.map((one: { path: string }) => one.path)).toEqual(['postings.0.body.channel'])
    expect((await refused({ kind: 'post', breaks: [line], postings: [{ verb: 'incentive', body: {} }] })).code).toBe(
      'request-invalid',
    )
    expect((await refused({ kind: 'reverse', breaks: [entry], valueDate: '2026-03-01' })).code).toBe(
      'value-date-before-original',
    )
    for (const kind of ['bank-fee', 'bank-income']) {
      const entries = [
        { accountId: own, direction: 'debit', amount: '1.00' },
        { accountId: book.income, direction: 'credit', amount: '1.00' },
      ]
      const answer = await book.post('/transactions', { id: uuid(), kind, valueDate: day, entries })
      expect([kind, answer.body.code]).toEqual([kind, 'draft-invalid'])
    }
  })
})

describe('a break', () => {
  test('has an owner and comments, which stay with it when it is found again for another reason', async () => {
    const book = await openResolving(service)
    await book.deposit({ amount: '5.00', day, reference: 'OP-1' })
    await book.statement({ day: '260303', number: '1', opening: '0,00', closing: '0,00' })
    await book.match()
    const [id] = await book.like({ reason: 'in-transit' })
    const at = (path: string) => `${book.of}/breaks/${id}${path}`
    const text = 'The slip is being looked for.'
    const said = { id: uuid(), text }
    const bank = await book.post(at('/comments'), said, book.bankKey)
    expect([bank.status, bank.body.role]).toEqual([201, 'bank'])
    expect((await book.post(at('/comments'), said, book.bankKey)).body.replayed).toBe(true)
    expect((await book.post(at('/comments'), { ...said, text: 'other' }, book.bankKey)).body.code).toBe('id-reused')
    expect((await book.post(at('/owner'), { id: uuid() }, book.bankKey)).body.owner).toBe(bank.body.author)
    await book.statement({ day: '260320', number: '2', opening: '0,00', closing: '0,00' })
    await book.match()
    const [late] = await book.breaks()
    expect(late).toMatchObject({ reason: 'late-at-bank', owner: bank.body.author, comments: 1, proposal: null })
    expect(late.id).not.toBe(id)
    const auditor = await service.key('auditor')
    expect(
      (await book.post(`${book.of}/breaks/${late.id}/comments`, { id: uuid(), text: 'Why?' }, auditor)).status,
    ).toBe(201)
    const { items } = (await book.get(at('/comments'))).body
    expect(items.map((one: { role: string; text: string }) => [one.role, one.text])).toEqual([
      ['bank', text],
      ['auditor', 'Why?'],
    ])
    const { body } = await book.propose({ kind: 'accept', breaks: [late.id] })
    expect((await book.get(`${book.of}/breaks/${late.id}`)).body.proposal).toBe(body.id)
    await book.decide(body.id, { outcome: 'rejected', reason: 'reverse it' })
    await book.resolve({ kind: 'reverse', breaks: [late.id], valueDate: '2026-03-20' })
    expect((await book.get(`${book.of}/breaks/${late.id}`)).body).toMatchObject({ status: 'ended', comments: 2 })
    expect((await book.post(at('/comments'), { id: uuid(), text }, book.bankKey)).body.code).toBe('break-ended')
  })

  test('is taken by a bank for itself alone, and given by an administrator to whoever sees it', async () => {
    const book = await openResolving(service)
    await book.statement(told('1,00', 'C1,00'))
    await book.match()
    const [id] = await book.like({ of: 'line' })
    const give = async (owner: string | null, key: string) =>
      (await book.post(`${book.of}/breaks/${id}/owner`, { id: uuid(), owner }, key)).body
    const clientOf = async (key: string) =>
      (await service.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${key}` } })).json().clientId
    const [bank, office] = [await clientOf(book.bankKey), await clientOf(book.administratorKey)]
    expect((await give(office, book.bankKey)).code).toBe('access-denied')
    expect((await give(office, book.administratorKey)).owner).toBe(office)
    expect((await give(null, book.bankKey)).code).toBe('access-denied')
    expect((await give(bank, book.administratorKey)).owner).toBe(bank)
    expect((await give(null, book.bankKey)).owner).toBe(null)
    const other = await clientOf(await service.key('bank', { books: [uuid()] }))
    expect((await give(other, book.administratorKey)).code).toBe('break-owner-unknown')
    expect((await give(await clientOf(await service.key('analyst')), book.administratorKey)).code).toBe(
      'break-owner-unknown',
    )
    expect((await give(uuid(), book.administratorKey)).code).toBe('break-owner-unknown')
  })
})
