import { hash } from 'node:crypto'
import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { addMonths } from '../../src/dates.ts'
import type { App } from '../../src/http/openapi.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { payingProgramme, type Saver } from './programme.ts'
import {
  agreedMatch,
  corredorOwes,
  type Deed,
  householdOf,
  juntosOwes,
  type Owed,
  type Span,
  sierraOwes,
} from './recount.ts'

/** MODEL_SECONDS=300 goes on for five minutes; MODEL_SEED repeats what a failure prints. */
const seconds = Number(process.env.MODEL_SECONDS ?? 15)
const firstSeed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31)

type Step =
  | { step: 'deposit'; saver: number; day: number; centavos: number }
  | { step: 'withdraw'; saver: number; day: number; part: number; proven: boolean; released: boolean }
  | { step: 'transfer'; saver: number; day: number; centavos: number; source: string; arrears: number; months: number }
  | { step: 'tell'; saver: number; bimester: number; status: string; corrects: boolean }
  | { step: 'reverse'; pick: number }
  | { step: 'renew'; saver: number; day: number; gap: number }
  | { step: 'rehouse'; saver: number; home: string; reason: string }
  | { step: 'run'; later: number }

/** A line of a run that was posted. */
type Posted = { saverId: string; rule: string; period: string; amount: string; explanation: { savers?: string[] } }

/** By which rules a history is lived, and by what it is recounted. */
type Programme = {
  preset: string
  /** Contract by contract; without it, by households. */
  owes?: typeof corredorOwes
  life: fc.Arbitrary<Step[]>
  agreed?: object
  /** The cap of a whole contract, in centavos. */
  lifetime?: number
}

const savers = 3
const saver = fc.nat(savers - 1)
/** Most is done within two months, so that contracts, homes and what is moved meet in one period. */
const day = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 58 }) },
  { weight: 1, arbitrary: fc.integer({ min: 59, max: 270 }) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      step: fc.constant('deposit' as const),
      saver,
      day,
      centavos: fc.integer({ min: 1, max: 9_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ step: fc.constant('withdraw' as const), saver, day, part: fc.integer({ min: 1, max: 100 }) },
      ...{ proven: fc.boolean(), released: fc.boolean() },
    }),
  },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('reverse' as const), pick: fc.nat(1000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ step: fc.constant('renew' as const), saver, day },
      gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('run' as const), later: fc.integer({ min: 0, max: 2 }) }) },
)

/** Of JUNTOS also what the state transfers, in advance or in arrears, and what is told of households and of who lives where, also otherwise. */
const juntosStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 18, arbitrary: step },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ step: fc.constant('transfer' as const), saver, day, centavos: fc.integer({ min: 1, max: 25_000 }) },
      source: fc.constantFrom('JUNTOS', 'JUNTOS', 'JUNTOS', 'PENSION-65'),
      ...{ arrears: fc.integer({ min: -1, max: 4 }), months: fc.integer({ min: 1, max: 4 }) },
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ step: fc.constant('tell' as const), saver, bimester: fc.constantFrom(1, 1, 2, 3, 4, 5) },
      ...{ status: fc.constantFrom('MET', 'MET', 'FAILED', 'WAIVED'), corrects: fc.boolean() },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ step: fc.constant('rehouse' as const), saver, home: fc.constantFrom('H-0', 'H-2') },
      reason: fc.constantFrom('changed', 'mistake'),
    }),
  },
)

/** A contract that ends and another that begins amid one month's savings, some of it paid before that is told, and taken out. */
const amidMonth: fc.Arbitrary<Step[]> = fc
  .record({
    ...{
      saver,
      start: fc.constantFrom(0, 31),
      end: fc.integer({ min: 5, max: 12 }),
      gap: fc.integer({ min: 1, max: 5 }),
    },
    ...{ sums: fc.tuple(...Array.from({ length: 2 }, () => fc.integer({ min: 4_000, max: 9_000 }))) },
    ...{ part: fc.integer({ min: 20, max: 100 }), goesOutOn: fc.integer({ min: 1, max: 17 }) },
  })
  .chain(({ saver, start, end, gap, sums, part, goesOutOn }) => {
    const goesOut = { step: 'withdraw' as const, saver, part, proven: false }
    return fc.subarray<Step>(
      [
        { step: 'deposit', saver, day: start + 2, centavos: sums[0]! },
        { ...goesOut, day: start + goesOutOn, released: false },
        { step: 'deposit', saver, day: start + 20, centavos: sums[1]! },
        { step: 'run', later: 2 },
        { ...goesOut, day: 300, released: true },
        { step: 'renew', saver, day: start + end, gap },
      ],
      { minLength: 4 },
    )
  })

/** A woman whose home is corrected after she was counted with it, and what is saved for the same bimester then. */
const amidBimester: fc.Arbitrary<Step[]> = fc
  .record({
    ...{ saver, other: saver, day: fc.integer({ min: 0, max: 58 }), centavos: fc.integer({ min: 500, max: 9_000 }) },
    ...{ home: fc.constantFrom('H-0', 'H-2'), reason: fc.constantFrom('changed', 'mistake') },
  })
  .chain(({ saver, other, day, centavos, home, reason }) =>
    fc.subarray<Step>(
      [
        { step: 'deposit', saver, day, centavos },
        { step: 'run', later: 1 },
        { step: 'rehouse', saver, home, reason },
        { step: 'deposit', saver: other, day, centavos },
        { step: 'withdraw', saver, day, part: 50, proven: false, released: false },
      ],
      { minLength: 4 },
    ),
  )

/** Single steps, and now and then some that belong together, in any order. */
const lifeOf = (step: fc.Arbitrary<Step>, ...together: fc.Arbitrary<Step[]>[]): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: step.map(one => [one]) },
        ...together.map(arbitrary => ({ weight: 1, arbitrary })),
      ),
      { minLength: 5, maxLength: 25 },
    )
    .map(some => some.flat())

/** The book opens on the first of a year, and it is the end of October: a run may be of any month until then. */
const openedOn = '2026-01-01'
const dateOf = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)

describe('whatever is saved, taken, taken back and told late, and whenever it is run, by two services at once', () => {
  let service: TestApp
  let second: App
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-10-31T15:00:00Z') })
    second = await buildApp({ db: service.db, config: testConfig(), clock: service.clock })
  })
  afterAll(async () => {
    await second.close()
    await service.close()
  })

  const programmes = [
    { preset: 'CORREDOR-2003', owes: corredorOwes, life: lifeOf(step, amidMonth) },
    { preset: 'SIERRA-SUR-II', owes: sierraOwes, life: lifeOf(step, amidMonth), lifetime: 25_000 },
    { preset: 'JUNTOS-MATCH', life: lifeOf(juntosStep, amidMonth, amidBimester), agreed: agreedMatch },
  ] satisfies Programme[]

  it.for(programmes)(
    '$preset pays what a recount of the whole history owes',
    { timeout: (seconds + 120) * 1000 },
    async (programme: Programme) => {
      const begun = performance.now()
      let seed = firstSeed
      let lives = 0
      do {
        const property = fc.asyncProperty(programme.life, async steps => {
          await live(steps, programme)
          lives += 1
        })
        await fc.assert(property, { seed, numRuns: 3, endOnFailure: true })
        seed += 1
      } while (performance.now() - begun < (seconds * 1000) / programmes.length)
      console.log(`${programme.preset}: seeds ${firstSeed} to ${seed - 1}, ${lives} histories`)
    },
  )

  async function live(steps: Step[], { preset, owes, lifetime, agreed }: Programme): Promise<void> {
    const started = { preset, currency: 'PEN', openedOn }
    const paying = await payingProgramme(service, agreed === undefined ? started : { ...started, agreed })
    const { book, bookId, said, administrator } = paying
    const women: Saver[] = []
    for (let n = 0; n < savers; n++) women.push(await paying.saver({ householdReference: householdOf(n) }))
    await paying.fund('5000.00', '2026-01-01')
    const deeds: Deed[] = []
    const statuses = new Map<string, string>()
    const contracts: (Span & { id: string })[][] = women.map(({ enrolmentId }) => [
      { id: enrolmentId, from: openedOn, to: '9999-12-31' },
    ])
    /** Where each lives by the register, and in which household she was counted for which bimester when it was paid. */
    const lives = women.map((_, n) => householdOf(n))
    const counted = new Map<string, string>()
    let month = '2026-01'
    if (owes === undefined) for (const saver of [0, 2]) for (const bimester of [1, 2]) await tell(met(saver, bimester))

    for (const one of steps) {
      if (one.step === 'run') {
        month = [addMonths(month, one.later), '2026-09'].sort()[0]!
        await run(month)
      } else if (one.step === 'reverse') await reverse(one.pick)
      else if (one.step === 'tell') await tell(one)
      else if (one.step === 'renew') await renew(one)
      else if (one.step === 'rehouse') await rehouse(one)
      else if (one.step === 'transfer') await transfer(one)
      else await move(one)
    }
    // The last run finds what is left to pay; each more takes back what it still can, and then there is nothing to do.
    await run('2026-09')
    await run('2026-09')
    expect((await run('2026-09')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00', due: '0.00' })
    await compare()

    async function move(told: Extract<Step, { step: 'deposit' | 'withdraw' }>): Promise<void> {
      const { accountId } = women[told.saver]!
      const id = uuid()
      const date = dateOf(told.day)
      const mine = deeds.filter(deed => deed.saver === told.saver && !deed.reversed)
      if (told.step === 'deposit') {
        await said(`${book}/deposits`, {
          id,
          savingsAccountId: accountId,
          amount: text(told.centavos),
          valueDate: date,
          channel: 'branch',
        })
        deeds.push({
          id,
          saver: told.saver,
          kind: 'deposit',
          date,
          amount: told.centavos,
          proven: false,
          reversed: false,
        })
        return
      }
      const own = mine.reduce((sum, { kind, amount }) => sum + (kind === 'withdrawal' ? -amount : amount), 0)
      const { body } = told.released ? await administrator.get(women[told.saver]!.account) : { body: null }
      const held = told.released ? Math.round(Number(body.balances.incentiveReleased.posted) * 100) : own
      const amount = Math.floor((held * told.part) / 100)
      if (amount < 1) return
      const proof = told.proven
        ? { purpose: 'education', reference: 'BOL-7', documentSha256: hash('sha256', id) }
        : { purpose: 'household' }
      const money = told.released ? 'incentive-released' : 'own'
      await said(`${book}/withdrawals`, {
        id,
        savingsAccountId: accountId,
        amount: text(amount),
        valueDate: date,
        channel: 'branch',
        money,
        ...proof,
      })
      if (!told.released)
        deeds.push({ id, saver: told.saver, kind: 'withdrawal', date, amount, proven: told.proven, reversed: false })
    }

    /** It is hers, and is no deposit of hers; it says which months it is for. */
    async function transfer(told: Extract<Step, { step: 'transfer' }>): Promise<void> {
      const { saver, centavos: amount, source } = told
      const id = uuid()
      const date = dateOf(told.day)
      const first = addMonths(date.slice(0, 7), -told.arrears)
      const months = Array.from({ length: told.months }, (_, nth) => addMonths(first, nth))
      await said(`${book}/state-transfers`, {
        ...{ id, savingsAccountId: women[saver]!.accountId, amount: text(amount), valueDate: date, source },
        ...{ periodFrom: months[0], periodTo: months.at(-1) },
      })
      const deed = { id, saver, kind: 'transfer' as const, date, amount, proven: false, reversed: false }
      deeds.push({ ...deed, source, months })
    }

    /** What is told otherwise without saying that it corrects is refused, and changes nothing. */
    async function tell({ saver, bimester, status, corrects }: Extract<Step, { step: 'tell' }>): Promise<void> {
      const household = lives[saver]!
      const key = `${household} 2026-B${bimester}`
      const period = { household, bimester: `2026-B${bimester}`, status, amount: '200.00' }
      const body = { id: uuid(), periods: [period] }
      const answer = await administrator.post(`${book}/household-period-files?corrects=${corrects}`, body)
      const isRefused = !corrects && (statuses.get(key) ?? status) !== status
      expect(answer.status, JSON.stringify(answer.body)).toBe(isRefused ? 422 : 201)
      if (!isRefused) statuses.set(key, status)
    }

    /** Her contract ends on a day, and another begins on the next, or some days later. */
    async function renew({ saver, day, gap }: Extract<Step, { step: 'renew' }>): Promise<void> {
      const { saverId } = women[saver]!
      const hers = contracts[saver]!
      const last = hers.at(-1)!
      const [endsOn, startsOn] = [dateOf(day), dateOf(day + 1 + gap)]
      if (endsOn < last.from) return
      await said(`${book}/enrolment-ends`, { enrolmentId: last.id, endsOn, reason: 'withdrew' })
      const id = uuid()
      await said(`${book}/enrolments`, { id, saverId, programmeId: paying.programmeId, startsOn, cohort: '2' })
      last.to = endsOn
      hers.push({ id, from: startsOn, to: '9999-12-31' })
    }

    async function rehouse({ saver, home, reason }: Extract<Step, { step: 'rehouse' }>): Promise<void> {
      if (lives[saver] === home) return
      const body = { id: uuid(), saverId: women[saver]!.saverId, reason, changes: { householdReference: home } }
      await said(`${book}/saver-corrections`, body)
      lives[saver] = home
    }

    /** Whoever's money is in what was paid, or taken back, is counted where she lives then, and there for good. */
    function count(lines: Posted[]): void {
      for (const { period, explanation } of lines) {
        for (const saverId of explanation.savers ?? []) {
          const n = women.findIndex(woman => woman.saverId === saverId)
          const key = `${n} ${period}`
          if (!counted.has(key)) counted.set(key, lives[n]!)
        }
      }
    }

    async function reverse(pick: number): Promise<void> {
      const whole = deeds.filter(({ reversed }) => !reversed)
      const deed = whole[pick % Math.max(1, whole.length)]
      if (deed === undefined) return
      const body = { id: uuid(), valueDate: '2026-10-31', reason: 'counted twice' }
      const { status } = await administrator.post(`${book}/transactions/${deed.id}/reversal`, body)
      // What she has taken out again meanwhile cannot be taken back.
      if (status === 201) deed.reversed = true
    }

    /** Prepared and approved through both services at the same time. */
    async function run(month: string) {
      const body = { id: uuid(), programmeId: paying.programmeId, month, valueDate: '2026-10-31' }
      await bothSay(paying.preparerKey, `${book}/incentive-runs`, body)
      await settled(body.id, 'prepared')
      await bothSay(paying.approverKey, `${book}/incentive-runs/${body.id}/approve`, {})
      const ended = await settled(body.id, 'posted')
      const { body: fund } = await administrator.get(`${book}/funds/${paying.fundId}`)
      expect(Number(fund.posted)).toBeGreaterThanOrEqual(0)
      const lines = (await administrator.get(`${book}/incentive-runs/${body.id}/lines?outcome=posted&limit=200`)).body
        .items
      count(lines)
      if (owes !== undefined) await expectNoneOver(lines, owes, month)
      return ended
    }

    async function bothSay(key: string, url: string, payload: object): Promise<void> {
      const headers = { authorization: `Bearer ${key}` }
      const answers = await Promise.all(
        [service.app, second].map(app => app.inject({ method: 'POST', url, headers, payload })),
      )
      for (const answer of answers) expect([200, 201], answer.body).toContain(answer.statusCode)
    }

    async function settled(id: string, status: string) {
      for (let tries = 0; tries < 400; tries++) {
        const { body } = await administrator.get(`${book}/incentive-runs/${id}`)
        if (body.status === status) return body
        await new Promise(resolve => setTimeout(resolve, 25))
      }
      throw new Error(`the run did not come to be ${status}`)
    }

    /** What she still has of each incentive, centavo by centavo: she takes out what came first. */
    async function heldBy(n: number): Promise<Owed> {
      const { rows } = await service.db.$client.query(
        `select e.account_id, e.direction, e.amount::int as amount, t.kind, i.enrolment_id || ' ' || r.code || ' ' || i.period as key
        from savings_account a
        join entry e on e.book_id = a.book_id and e.account_id in (a.incentive_locked_account_id, a.incentive_released_account_id)
        join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
        left join incentive i on i.book_id = t.book_id and i.transaction_id = t.id
        left join incentive_rule r on r.id = i.rule_id
        where a.book_id = $1 and a.saver_id = $2 order by e.sequence, e.position`,
        [bookId, women[n]!.saverId],
      )
      const purses = new Map<string, string[]>()
      for (const { account_id: account, direction, amount, kind, key } of rows) {
        const purse = purses.get(account) ?? []
        purses.set(account, purse)
        for (let centavo = 0; centavo < amount; centavo++) {
          if (direction === 'credit') purse.push(key)
          else purse.splice(kind === 'incentive-clawback' ? purse.indexOf(key) : 0, 1)
        }
      }
      const held: Owed = new Map()
      for (const key of [...purses.values()].flat()) held.set(key, (held.get(key) ?? 0) + 1)
      return held
    }

    /** What she was paid, by contract, rule and period. */
    async function paidTo({ saverId }: Saver): Promise<Owed> {
      const paid: Owed = new Map()
      let after = ''
      for (;;) {
        const { body: page } = await administrator.get(`${book}/savers/${saverId}/incentives?limit=200${after}`)
        for (const { enrolmentId, rule, period, amount } of page.items) {
          const key = `${enrolmentId} ${rule} ${period}`
          paid.set(key, (paid.get(key) ?? 0) + Math.round(Number(amount) * 100))
        }
        if (page.next === null) return paid
        after = `&after=${page.next}`
      }
    }

    /** More was paid than is owed only where nothing of it is held that could be taken back; and what is kept so is not paid again. */
    function expectSame(key: string, ways: { was: number; is: number; held: number }[]): void {
      const over = ways.reduce((sum, { was, is }) => sum + Math.max(0, was - is), 0)
      const short = ways.reduce((sum, { was, is }) => sum + Math.max(0, is - was), 0)
      if (ways.every(({ was, is, held }) => was <= is || held === 0) && short <= over) return
      expect([key, ways]).toEqual([key, ways.map(way => ({ ...way, was: way.is }))])
    }

    /** Of what a run paid more of, all contracts together were not paid more than is owed, also if one kept what it was not owed. */
    async function expectNoneOver(lines: Posted[], owes: typeof corredorOwes, month: string): Promise<void> {
      const sum = (amounts: Owed, key: string) =>
        [...amounts].reduce((all, [one, amount]) => (afterContract(one) === key ? all + amount : all), 0)
      for (const [n, woman] of women.entries()) {
        const more = lines.filter(({ saverId, amount }) => saverId === woman.saverId && Number(amount) > 0)
        if (more.length === 0) continue
        const [owed, paid] = [owes(deeds, n, contracts[n]!, month), await paidTo(woman)]
        for (const key of more.map(({ rule, period }) => `${rule} ${period}`)) {
          expect(sum(paid, key), key).toBeLessThanOrEqual(sum(owed, key))
        }
      }
    }

    async function compareContracts(owes: typeof corredorOwes): Promise<void> {
      for (const [n, woman] of women.entries()) {
        const hers = contracts[n]!
        const owed = new Map(
          [...owes(deeds, n, hers, '2026-09')].map(([key, amount]) => [
            `${hers[Number(key.split(' ')[0])]!.id} ${afterContract(key)}`,
            amount,
          ]),
        )
        const [paid, held] = [await paidTo(woman), await heldBy(n)]
        const ways = [...new Set([...owed.keys(), ...paid.keys()])].map(key => ({
          ...{ key, was: paid.get(key) ?? 0, is: owed.get(key) ?? 0, held: held.get(key) ?? 0 },
        }))
        for (const [key, some] of Map.groupBy(ways, ({ key }) => afterContract(key))) expectSame(key, some)
        const sum = [...paid.values()].reduce((all, one) => all + one, 0)
        const isWhole = hers.length === 1 && ways.every(({ was, is }) => was <= is)
        if (lifetime !== undefined && isWhole) expect(sum).toBeLessThanOrEqual(lifetime)
      }
    }

    /** Of a household it does not matter by whose contract it was paid. */
    async function compareHouseholds(): Promise<void> {
      const homes = (n: number, bimester: string) => counted.get(`${n} ${bimester}`) ?? lives[n]!
      const [paid, held] = [new Map<string, number>(), new Map<string, number>()]
      for (const [n, woman] of women.entries()) {
        for (const [sums, into] of [
          [await paidTo(woman), paid],
          [await heldBy(n), held],
        ] as const) {
          for (const [key, amount] of sums) {
            const name = `${homes(n, key.split(' ')[2]!)} ${afterContract(key)}`
            into.set(name, (into.get(name) ?? 0) + amount)
          }
        }
      }
      for (const home of ['H-0', 'H-2']) {
        for (const [key, is] of juntosOwes(deeds, home, homes, openedOn, '2026-09', statuses)) {
          const name = `${home} ${key}`
          expectSame(name, [{ was: paid.get(name) ?? 0, is, held: held.get(name) ?? 0 }])
        }
      }
    }

    async function compare(): Promise<void> {
      if (owes === undefined) await compareHouseholds()
      else await compareContracts(owes)
      const lines = await service.db.$client.query(
        `select count(*)::int as twice from (select 1 from incentive where book_id = $1 group by saver_id, enrolment_id, rule_id, period, revision having count(*) > 1) x`,
        [bookId],
      )
      expect(lines.rows[0].twice).toBe(0)
      expect(await verifyBook(service.db, bookId)).toMatchObject({ ok: true })
    }
  }
})

function text(centavos: number): string {
  return `${Math.floor(centavos / 100)}.${String(centavos % 100).padStart(2, '0')}`
}

const met = (saver: number, bimester: number) => ({
  step: 'tell' as const,
  saver,
  bimester,
  status: 'MET',
  corrects: false,
})

const afterContract = (key: string) => key.slice(key.indexOf(' ') + 1)
