import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, addMonths, lastDay, type Month } from '../../src/dates.ts'
import { countSavers, type Question, width } from '../../src/statistics/counting/count.ts'
import { monthNumber } from '../../src/statistics/counting/days.ts'
import { type DimensionName, dimensionNames } from '../../src/statistics/counting/dimensions.ts'
import { type Facts, noFacts } from '../../src/statistics/counting/facts.ts'
import { counted as shareCounted, together } from '../../src/statistics/counting/folds.ts'
import { catchUp } from '../../src/statistics/counting/reading.ts'
import { ruleOf } from '../../src/statistics/counting/rule.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { statuses, type Terms, termsSchema } from '../../src/statistics/definitions/terms.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { plainDistrict, plainJuntos, plainProgramme, plainStatus, type Told } from './plain-count.ts'

const clock = testClock('2010-01-02T15:00:00Z')
let service: TestApp
let administrator: Asking

beforeAll(async () => {
  service = await testApp({ clock })
  administrator = asking(service, await service.key('administrator'))
})

afterAll(() => service.close())

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number) {
  let state = seed
  return function roll(sides: number): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const districts = ['080101', '080102', '210101'] as const
const women = 14
/** Those who never save, and whose accounts are closed half-way. */
const idle = 3
const turns = 420

/** Plays a random life of some women through the API, late arrivals and reversals in it, and counts all along. */
async function play(seed: number) {
  const roll = dice(seed)
  const pick = <One>(list: readonly One[]): One => list[roll(list.length)]!
  const posted: { at: number; sequence: number }[] = []
  const now = () => clock.now().getTime()
  async function tell(address: string, body: object, named: object = { id: uuid() }) {
    clock.advance(60_000 * (1 + roll(400)))
    const answer = await administrator.post(address, { ...named, ...body })
    return answer.status < 300 ? answer.body : undefined
  }
  const code = uuid().slice(-12)
  const institution = await tell('/v1/institutions', { code, name: 'Caja', kind: 'caja' })
  const opening = { code, name: 'Caja', currency: 'PEN', institutionId: institution.id, openedOn: '2008-01-01' }
  const { id: bookId } = await tell('/v1/books', opening)
  const book = `/v1/books/${bookId}`
  const programmes = new Map<string, string>()
  for (const name of ['A', 'B']) {
    const programme = { code: `${name}-${code}`, name, contractMonths: 24, validFrom: '2008-01-01' }
    programmes.set((await tell('/v1/programmes', programme)).id, programme.code)
  }
  const today = () => clock.now().toISOString().slice(0, 10)
  const someDay = () => addDays(today(), -1 - roll(pick([20, 400])))
  const savers = new Map<string, Told>()
  while (savers.size < women) {
    const districtCode = pick(districts)
    const person = { givenNames: 'Ana', familyNames: 'Quispe', sex: 'female', districtCode, registeredOn: '2008-01-02' }
    const { id } = await tell(`${book}/savers`, person)
    savers.set(id, {
      accounts: [],
      movements: [],
      enrolments: [],
      homes: [{ district: districtCode, since: '', at: now() }],
    })
  }
  for (const [saverId, told] of [...savers].slice(0, idle)) {
    const openedOn = addDays('2008-06-01', roll(600))
    const account = await tell(`${book}/savings-accounts`, { saverId, openedOn })
    told.accounts.push({ id: account.id, openedOn, at: now() })
  }
  const facts = noFacts()
  for (let turn = 0; turn < turns; turn++) {
    if (turn === turns / 2) await closeEmpty()
    const [saverId, told] = pick([...savers].slice(idle))
    if (told.accounts.length === 0 || roll(40) === 0) {
      const openedOn = addDays('2008-06-01', roll(600))
      const account = await tell(`${book}/savings-accounts`, { saverId, openedOn })
      if (account !== undefined) told.accounts.push({ id: account.id, openedOn, at: now() })
    }
    const account = pick(told.accounts)
    await move(roll(19), saverId, told, account)
    if (roll(30) === 0) await catchUp(service.db, facts)
  }
  await catchUp(service.db, facts)
  return { bookId, savers, facts, posted, roll, pick, today }

  async function move(what: number, saverId: string, told: Told, account: Told['accounts'][number]) {
    const valueDate = someDay()
    const cents = pick([50, 100, 999, 1000, 2500, 20_000])
    const moved = { savingsAccountId: account.id, amount: (cents / 100).toFixed(2), valueDate }
    async function post(kind: Told['movements'][number]['kind'], path: string, sign: number, more: object) {
      const answer = await tell(`${book}/${path}`, { ...moved, ...more })
      if (answer === undefined) return
      posted.push({ at: now(), sequence: answer.sequence })
      told.movements.push({ id: answer.id, kind, cents: sign * cents, day: valueDate, at: now() })
    }
    if (what < 10) return post('deposit', 'deposits', 1, { channel: 'branch' })
    if (what < 13) return post('withdrawal', 'withdrawals', -1, { channel: 'branch', purpose: 'household' })
    if (what === 13) return post('interest', 'interest', 1, {})
    if (what === 14)
      return post('transfer', 'state-transfers', 1, { source: 'JUNTOS', periodFrom: '2010-01', periodTo: '2010-02' })
    if (what < 17) return reverse(told)
    if (what === 17) return moveHouse(saverId, told)
    return enrol(saverId, told)
  }

  async function closeEmpty() {
    for (const told of [...savers.values()].slice(0, idle)) {
      const [account] = told.accounts
      const closedOn = someDay()
      const closing = { status: 'closed', closedOn, reason: 'she asked' }
      const answer = await tell(`${book}/savings-accounts/${account!.id}/status`, closing)
      if (answer !== undefined) Object.assign(account!, { closedOn, closedAt: now() })
    }
  }

  async function reverse(told: Told) {
    const open = told.movements.filter(({ kind, reversedAt }) => kind !== 'reversal' && reversedAt === undefined)
    if (open.length === 0) return
    const original = pick(open)
    const day = pick([original.day, today()])
    const answer = await tell(`${book}/transactions/${original.id}/reversal`, {
      valueDate: day,
      reason: 'entered twice',
    })
    if (answer === undefined) return
    posted.push({ at: now(), sequence: answer.sequence })
    original.reversedAt = now()
    const kind = original.kind === 'interest' ? 'interest' : 'reversal'
    told.movements.push({ id: answer.id, kind, cents: -original.cents, day, at: now(), reversedAt: 0 })
  }

  async function moveHouse(saverId: string, told: Told) {
    const [district, movedOn] = [pick(districts), someDay()]
    const changes = { districtCode: district }
    const answer = await tell(`${book}/saver-corrections`, { saverId, reason: 'changed', movedOn, changes })
    if (answer !== undefined) told.homes.push({ district, since: movedOn, at: now() })
  }

  async function enrol(saverId: string, told: Told) {
    const running = told.enrolments.find(({ to }) => to === undefined)
    if (running !== undefined) {
      const endsOn = someDay()
      const ended = { enrolmentId: running.id, endsOn, reason: 'withdrew' }
      if ((await tell(`${book}/enrolment-ends`, ended, {})) === undefined) return
      Object.assign(running, { to: endsOn, endedAt: now() })
      return
    }
    const [programmeId, programme] = pick([...programmes])
    const startsOn = someDay()
    const answer = await tell(`${book}/enrolments`, { saverId, programmeId, startsOn, cohort: '1' })
    if (answer !== undefined) told.enrolments.push({ id: answer.id, programme, from: startsOn, at: now() })
  }
}

function randomTerms(roll: (sides: number) => number): Terms {
  if (roll(2) === 0) return presets[roll(presets.length)]!.terms
  const inDays = roll(4) === 0
  return termsSchema.parse({
    window: inDays ? { unit: 'days', length: 1 + roll(200) } : { unit: 'months', length: 6 + roll(12) },
    operations: roll(2) === 0 ? 'DEPOSITS' : 'DEPOSITS_AND_WITHDRAWALS',
    minimumDeposit: roll(2) === 0 ? '10.00' : null,
    count: inDays || roll(2) === 0 ? 'operations' : 'months',
    minimumActive: 1 + roll(4),
    recency: inDays || roll(2) === 0 ? null : 1 + roll(6),
    minimumBalance: roll(2) === 0 ? '20.00' : null,
    minimumAge: roll(18),
    retention: inDays || roll(2) === 0 ? null : { amount: '5.00', days: 1 + roll(60) },
  })
}

type Played = Awaited<ReturnType<typeof play>>

function questionOf({ bookId, posted }: Played, terms: Terms, month: Month, length: number, knownAt: number): Question {
  const through = Math.max(0, ...posted.filter(({ at }) => at <= knownAt).map(({ sequence }) => sequence))
  return {
    ...{ rule: ruleOf(terms, 'PEN'), currency: 'PEN', books: new Set([bookId]), only: [] },
    by: ['district', 'programme'],
    months: { first: monthNumber(month), last: monthNumber(month) + length - 1 },
    knowledge: knownAt === Number.MAX_SAFE_INTEGER ? null : { through: new Map([[bookId, through]]), at: knownAt },
  }
}

/** What the fold counts, as a text for each cell that has somebody in it. */
function counted(facts: Facts, question: Question, month: Month): string[] {
  return countSavers(facts, question).flatMap(({ codes, counts }) =>
    [...counts].flatMap((count, place) => {
      const told = [addMonths(month, Math.floor(place / width)), ...codes, statuses[place % width]]
      return count === 0 ? [] : [`${told.join(' ')}: ${count}`]
    }),
  )
}

const foldNames = ['savers', 'savings', 'stays', 'cohorts'] as const

/** Some counted here, the others there, and both put together: what one would have counted of all. */
function expectShares(facts: Facts, question: Question, until: number): void {
  for (const fold of foldNames) {
    const share = (from: number, until: number) =>
      shareCounted({ facts, fold, question, persons: { from, until } }).cells
    const { length } = facts.persons
    expect(inOrder(together(fold, share(0, until), share(until, length)))).toEqual(inOrder(share(0, length)))
  }
}

/** Cells by their codes, and balances by their amount: they come in the order of persons. */
function inOrder(cells: object[]): unknown[] {
  const sorted = (value: unknown) => (value instanceof Float64Array ? value.toSorted() : value)
  const told = cells.map(cell =>
    'balances' in cell ? { ...cell, balances: (cell.balances as Float64Array[] | null)?.map(sorted) } : cell,
  )
  return told.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

/** By whatever it is broken down, a month asked for alone is what it is among others. */
function expectMonthsAlone(facts: Facts, question: Question, month: Month, length: number): void {
  const { first } = question.months
  const alone = Array.from({ length }, (_, nth) =>
    counted(facts, { ...question, months: { first: first + nth, last: first + nth } }, addMonths(month, nth)),
  )
  expect(alone.flat().toSorted(), question.by.join()).toEqual(counted(facts, question, month).toSorted())
}

type PlainPlace = (told: Told, month: Month, knownAt: number) => string

function plainly(
  { savers }: Played,
  terms: Terms,
  month: Month,
  length: number,
  knownAt: number,
  by: readonly PlainPlace[] = [plainDistrict, plainProgramme],
): string[] {
  const cells = new Map<string, number>()
  for (const told of savers.values()) {
    for (let nth = 0; nth < length; nth++) {
      const at = addMonths(month, nth)
      const status = plainStatus(told, terms, at, knownAt)
      if (status === null) continue
      const cell = [at, ...by.map(place => place(told, at, knownAt)), status].join(' ')
      cells.set(cell, (cells.get(cell) ?? 0) + 1)
    }
  }
  return [...cells].map(([cell, count]) => `${cell}: ${count}`)
}

/** Why a woman is counted as she is, of which the answer's first word is how. */
async function explain({ bookId, savers, roll, pick, today }: Played, began: number): Promise<void> {
  const terms = randomTerms(roll)
  const definition = `X${uuid().slice(-12)}`
  const told = { id: uuid(), name: definition, title: 'Tried', source: 'This test', terms }
  expect((await administrator.post('/v1/definitions', told)).status).toBe(201)
  const month = addMonths(today().slice(0, 7), -1 - roll(30))
  const knownAt = new Date(began + roll(clock.now().getTime() - began))
  const [saverId, life] = pick([...savers])
  const asked = new URLSearchParams({ definition, asOf: lastDay(month), knownAt: knownAt.toISOString() })
  const { status, body } = await administrator.get(`/v1/books/${bookId}/savers/${saverId}/standing?${asked}`)
  const isKnown = life.homes[0]!.at <= knownAt.getTime()
  expect([status, body.status], JSON.stringify({ terms, month, knownAt })).toEqual(
    isKnown ? [200, plainStatus(life, terms, month, knownAt.getTime())] : [404, 404],
  )
}

test.each([1, 2])(
  'random lives are counted as a slow reading of them counts (%i)',
  async seed => {
    clock.set(`201${seed}-06-01T15:00:00Z`)
    const began = clock.now().getTime()
    const played = await play(seed)
    const { roll, today } = played
    const seen = new Set<string>()
    for (let nth = 0; nth < 150; nth++) {
      const terms = randomTerms(roll)
      const month = addMonths(today().slice(0, 7), -roll(30))
      const knownAt = roll(2) === 0 ? Number.MAX_SAFE_INTEGER : began + roll(clock.now().getTime() - began)
      const expected = plainly(played, terms, month, 3, knownAt).toSorted()
      const question = questionOf(played, terms, month, 3, knownAt)
      expect(counted(played.facts, question, month).toSorted(), JSON.stringify({ terms, month, knownAt })).toEqual(
        expected,
      )
      const paid = {
        ...question,
        by: ['juntos', 'district'] as const,
        months: { first: monthNumber(month), last: monthNumber(month) },
      }
      expect(counted(played.facts, paid, month).toSorted()).toEqual(
        plainly(played, terms, month, 1, knownAt, [plainJuntos, plainDistrict]).toSorted(),
      )
      const by: DimensionName[] = [dimensionNames[nth % dimensionNames.length]!]
      expectMonthsAlone(played.facts, { ...question, by }, month, 3)
      expectShares(
        played.facts,
        questionOf(played, terms, addMonths(month, -20), 23, knownAt),
        roll(played.facts.persons.length + 1),
      )
      for (const cell of expected) seen.add(cell.split(' ')[3]!.replace(/:$/, ''))
    }
    for (let nth = 0; nth < 60; nth++) await explain(played, began)
    expect([...seen].toSorted()).toEqual(
      expect.arrayContaining(['ACTIVE', 'CLOSED', 'DORMANT', 'EMPTY', 'PERMANENT_ACTIVE', 'TOO_NEW']),
    )
  },
  120_000,
)
