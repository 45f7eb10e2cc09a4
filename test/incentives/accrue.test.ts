import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMonths } from '../../src/dates.ts'
import { accrue, type Facts } from '../../src/incentives/accrual/accrue.ts'
import type { CreditRule, Movement } from '../../src/incentives/accrual/lived.ts'
import { presets } from '../../src/incentives/rules/presets.ts'
import { type CreditTerms, type PeriodStatus, termsSchema } from '../../src/incentives/rules/terms.ts'

const rulesOf = (name: string, change: Partial<CreditTerms> = {}): CreditRule[] =>
  presets
    .find(preset => preset.name === name)!
    .rules.flatMap(({ code, terms }) => {
      const checked = termsSchema.parse(terms)
      if (checked.award !== 'credit') return []
      const changed = code === 'GROWTH' ? { ...checked, ...change } : checked
      return [{ id: `rule ${code}`, code, validFrom: '2003-01-01', validTo: null, terms: changed }]
    })

let made = 0
function move(kind: Movement['kind'], date: string, centavos: number, more: Partial<Movement> = {}): Movement {
  made += 1
  return { transactionId: `t${made}`, kind, date, effect: BigInt(centavos), ...more }
}
const deposit = (date: string, centavos: number) => move('deposit', date, centavos)
const withdraw = (date: string, centavos: number, more: Partial<Movement> = {}) =>
  move('withdrawal', date, -centavos, more)

const hers = (movements: Movement[], more: Partial<Facts> = {}): Facts => ({
  contract: { from: '2003-01-01', to: '2006-12-31' },
  movements: movements.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)),
  statuses: new Map(),
  ...more,
})
const total = (accruals: { amount: bigint }[]) => accruals.reduce((all, { amount }) => all + amount, 0n)

/** The worked case: month 0 deposit 10.00; 1–31 deposit 12.00; 32–46 deposit 6.60 and withdraw 23.50; 47 deposit 7.00 and withdraw 23.50. */
function workedCase(): Movement[] {
  const day = (month: number) => `${addMonths('2003-01', month)}-10`
  const movements = [deposit(day(0), 1000)]
  for (let month = 1; month <= 31; month++) movements.push(deposit(day(month), 1200))
  for (let month = 32; month <= 46; month++) movements.push(deposit(day(month), 660), withdraw(day(month), 2350))
  movements.push(deposit(day(47), 700), withdraw(day(47), 2350))
  return movements
}

describe('the worked case of CORREDOR-2003', () => {
  it('owes 103.00 in 48 months: 10.00 for opening and 3.00 for each of 31 months that grew', () => {
    const accruals = accrue(rulesOf('CORREDOR-2003'), hers(workedCase()), '2006-12-31', 'USD')
    expect(total(accruals)).toBe(103_00n)
    expect(accruals.filter(({ amount }) => amount === 3_00n)).toHaveLength(31)
    expect(accruals.find(({ period }) => period === 'once')).toMatchObject({
      amount: 10_00n,
      steps: [
        { step: 'deposits', amount: 1000n },
        { step: 'base', amount: 1000n },
        { step: 'rate', rate: '1' },
        { step: 'owed', amount: 1000n },
      ],
    })
    expect(accruals.find(({ period }) => period === '2005-09')).toMatchObject({ amount: 0n, reason: 'no-growth' })
  })

  it('owes 129.50 when deposits count without the withdrawals', () => {
    const rules = rulesOf('CORREDOR-2003', {
      basis: 'GROSS_DEPOSITS',
      caps: [{ amount: '250.00', per: 'lifetime', over: 'rule' }],
    })
    expect(total(accrue(rules, hers(workedCase()), '2006-12-31', 'USD'))).toBe(129_50n)
  })

  it('owes by the end of a month what its months owe', () => {
    expect(total(accrue(rulesOf('CORREDOR-2003'), hers(workedCase()), '2003-03-31', 'USD'))).toBe(16_00n)
    expect(total(accrue(rulesOf('CORREDOR-2003'), hers(workedCase()), '2003-03-30', 'USD'))).toBe(13_00n)
  })
})

describe('an accrual', () => {
  const sierra = rulesOf('SIERRA-SUR-II')
  const juntos = rulesOf('JUNTOS-MATCH')
  const of = (rules: CreditRule[], movements: Movement[], more: Partial<Facts> = {}) =>
    accrue(rules, hers(movements, more), '2003-12-31', 'PEN')
      .filter(({ amount, reason }) => amount > 0n || reason !== 'no-growth')
      .map(({ ruleId, period, amount, reason }) => [ruleId.slice(5), period, amount, reason])

  it('is capped for each event, quarter, year, and for the whole contract over all rules', () => {
    const spent = { purpose: 'education', reference: 'BOL-1', document: 'ab'.repeat(32) }
    expect(
      of(sierra, [
        deposit('2003-01-05', 5000),
        deposit('2003-05-05', 30000),
        withdraw('2003-07-01', 20000, spent),
        withdraw('2003-08-01', 90000, { ...spent, reference: 'BOL-2', document: 'cd'.repeat(32) }),
        withdraw('2003-09-01', 1000, { ...spent, reference: 'BOL-3', document: 'ef'.repeat(32) }),
      ]).map(([code, period, amount, reason]) => [
        code,
        String(period).startsWith('t') ? 'event' : period,
        amount,
        reason,
      ]),
    ).toEqual([
      ['1-APERTURA', 'once', 30_00n, 'cap-reached'],
      ['2-MANTENIMIENTO-CRECIMIENTO', '2003-Q1', 10_00n, null],
      ['2-MANTENIMIENTO-CRECIMIENTO', '2003-Q2', 20_00n, 'cap-reached'],
      ['3-RETIRO', 'event', 20_00n, null],
      ['3-RETIRO', 'event', 30_00n, 'cap-reached'],
      ['3-RETIRO', 'event', 0n, 'cap-reached'],
    ])
  })

  it('needs the balance, the purpose and the evidence that its rule asks', () => {
    const withdrawals = [
      withdraw('2003-06-01', 4100, { purpose: 'household' }),
      withdraw('2003-06-02', 100, { purpose: 'education' }),
      withdraw('2003-06-03', 100, { purpose: 'education', reference: 'BOL-3' }),
    ]
    expect(of(sierra, [deposit('2003-04-05', 5000), ...withdrawals]).slice(1)).toEqual([
      ['3-RETIRO', withdrawals[0]!.transactionId, 0n, 'purpose-not-covered'],
      ['3-RETIRO', withdrawals[1]!.transactionId, 0n, 'evidence-missing'],
      ['3-RETIRO', withdrawals[2]!.transactionId, 0n, 'evidence-missing'],
      ['2-MANTENIMIENTO-CRECIMIENTO', '2003-Q2', 0n, 'below-minimum-balance'],
    ])
  })

  it('of JUNTOS is owed when the bimester was met or waived, and waits for what is not known', () => {
    const movements = [
      move('state-transfer', '2003-01-10', 20000, { source: 'JUNTOS' }),
      move('state-transfer', '2003-01-20', 50000, { source: 'PENSION-65' }),
      withdraw('2003-02-10', 15000),
      deposit('2003-03-10', 4000),
      deposit('2003-05-10', 4000),
      deposit('2003-07-10', 99900),
    ]
    const statuses = new Map([
      ['2003-B1', 'MET'],
      ['2003-B2', 'FAILED'],
      ['2003-B4', 'WAIVED'],
    ] as const)
    expect(of(juntos, movements, { statuses })).toEqual([
      ['MATCH', '2003-B1', 5_00n, null],
      ['MATCH', '2003-B2', 0n, 'period-not-met'],
      ['MATCH', '2003-B3', 0n, 'period-status-unknown'],
      ['MATCH', '2003-B4', 20_00n, null],
    ])
  })

  it('of JUNTOS counts a transfer for the bimester that it is for, less what was taken out where it was credited', () => {
    const transfer = (date: string, centavos: number, from: string, to: string) =>
      move('state-transfer', date, centavos, { source: 'JUNTOS', months: { from, to } })
    const movements = [
      deposit('2003-01-10', 3000),
      // For January and February, credited in March; of it 150.00 are taken out in April.
      transfer('2003-03-05', 20000, '2003-01', '2003-02'),
      withdraw('2003-04-10', 15000),
      deposit('2003-04-11', 1000),
      // For two bimesters at once, the second of which failed.
      transfer('2003-07-05', 20000, '2003-03', '2003-06'),
      withdraw('2003-08-10', 12000),
      deposit('2003-10-10', 1000),
      withdraw('2003-10-11', 400),
    ]
    const statuses = new Map(
      ['MET', 'MET', 'FAILED', 'WAIVED', 'MET'].map((status, n) => [`2003-B${n + 1}`, status as PeriodStatus] as const),
    )
    expect(of(juntos, movements, { statuses })).toEqual([
      ['MATCH', '2003-B1', 8_00n, null],
      ['MATCH', '2003-B2', 5_00n, null],
      ['MATCH', '2003-B3', 0n, 'period-not-met'],
      ['MATCH', '2003-B5', 60n, null],
    ])
    const [first] = accrue(juntos, hers(movements, { statuses }), '2003-12-31', 'PEN')
    expect(first!.steps.slice(0, 5)).toEqual([
      { step: 'deposits', amount: 3000n },
      { step: 'withdrawals', amount: 0n },
      { step: 'transfers', amount: 20000n },
      { step: 'transfers-withdrawn', amount: -15000n },
      { step: 'base', amount: 8000n },
    ])
    expect(first!.inputs.map(({ date }) => date)).toEqual(['2003-01-10', '2003-03-05', '2003-04-10'])
    // As long as the bimester in which it was credited lasts, nothing of a transfer counts.
    expect(total(accrue(juntos, hers(movements, { statuses }), '2003-04-29', 'PEN'))).toBe(3_00n)
    expect(total(accrue(juntos, hers(movements, { statuses }), '2003-04-30', 'PEN'))).toBe(9_00n)
  })

  it('by the high-water mark is owed only above the most that was saved before', () => {
    const rules: CreditRule[] = [
      {
        ...{ id: 'rule HIGH', code: 'HIGH', validFrom: '2003-01-01', validTo: null },
        terms: {
          ...sierra[1]!.terms,
          basis: 'HIGH_WATER_MARK',
          rate: '0.5',
          cadence: 'monthly',
          caps: [],
          minimumBalance: undefined,
        },
      },
    ]
    const movements = [
      deposit('2003-01-05', 1000),
      withdraw('2003-02-05', 600),
      deposit('2003-03-05', 500),
      deposit('2003-04-05', 300),
    ]
    expect(of(rules, movements)).toEqual([
      ['HIGH', '2003-01', 5_00n, null],
      ['HIGH', '2003-04', 1_00n, null],
    ])
  })

  it('follows the version that is valid on the last day of the period, and ends with the contract', () => {
    const [, growth] = rulesOf('CORREDOR-2003')
    const rules: CreditRule[] = [
      { ...growth!, id: 'rule v1', validTo: '2003-02-15' },
      { ...growth!, id: 'rule v2', validFrom: '2003-02-16', terms: { ...growth!.terms, rate: '0.5' } },
    ]
    const movements = ['01', '02', '03', '04'].map(month => deposit(`2003-${month}-10`, 1000))
    const contract = { from: '2003-01-01', to: '2003-03-20' }
    expect(of(rules, [deposit('2003-01-02', 500), ...movements], { contract })).toEqual([
      ['v1', '2003-01', 2_50n, null],
      ['v2', '2003-02', 5_00n, null],
      ['v2', '2003-03', 5_00n, null],
    ])
  })

  it('rounds once, half to even', () => {
    const growth = (centavos: number) => {
      const accruals = accrue(
        rulesOf('CORREDOR-2003'),
        hers([deposit('2003-01-02', 1), deposit('2003-02-02', centavos)]),
        '2003-02-28',
        'USD',
      )
      return accruals.at(-1)!.amount
    }
    expect([2, 6, 10, 14].map(growth)).toEqual([0n, 2n, 2n, 4n])
  })
})

describe('whatever she does', () => {
  const day = fc.integer({ min: 0, max: 700 }).map(n => new Date(Date.UTC(2003, 0, 1 + n)).toISOString().slice(0, 10))
  const movement = fc.record({
    kind: fc.constantFrom('deposit', 'deposit', 'withdrawal', 'state-transfer', 'other'),
    date: day,
    centavos: fc.integer({ min: 1, max: 40_000 }),
    purpose: fc.constantFrom('education', 'household'),
  })
  const history = fc.array(movement, { maxLength: 40 })
  const statuses = fc
    .array(fc.constantFrom('MET', 'FAILED', 'WAIVED', undefined), { minLength: 12, maxLength: 12 })
    .map(
      list =>
        new Map(
          list.flatMap((status, n) =>
            status ? [[`${2003 + Math.floor(n / 6)}-B${(n % 6) + 1}`, status] as const] : [],
          ),
        ),
    )
  const preset = fc.constantFrom('CORREDOR-2003', 'SIERRA-SUR-II', 'JUNTOS-MATCH')
  type Told = { kind: string; date: string; centavos: number; purpose: string }
  const movementsOf = (history: Told[]) =>
    history.map(({ kind, date, centavos, purpose }, n) =>
      move(kind as Movement['kind'], date, kind === 'withdrawal' ? -centavos : centavos, {
        ...{ transactionId: `x${n}`, purpose, source: 'JUNTOS', reference: `R${n}`, document: `d${n}` },
      }),
    )
  const through = '2004-12-31'

  it('nothing is negative, and no cap is passed', () => {
    fc.assert(
      fc.property(preset, history, statuses, (name, history, statuses) => {
        const rules = rulesOf(name)
        const accruals = accrue(rules, hers(movementsOf(history), { statuses }), through, 'PEN')
        for (const { amount } of accruals) expect(amount).toBeGreaterThanOrEqual(0n)
        for (const { id, terms } of rules) {
          const own = accruals.filter(({ ruleId }) => ruleId === id)
          for (const { amount, per, over } of terms.caps) {
            const counted = over === 'programme' ? accruals : own
            const cap = BigInt(amount.replace('.', ''))
            const groups = Map.groupBy(counted, ({ period, to }) =>
              per === 'lifetime' ? '' : per === 'year' ? to.slice(0, 4) : period,
            )
            for (const group of groups.values()) expect(total(group)).toBeLessThanOrEqual(cap)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('a deposit in two slips never pays more', () => {
    fc.assert(
      fc.property(preset, history, statuses, fc.nat(), fc.nat(), (name, history, statuses, pick, cut) => {
        const deposits = history.flatMap(({ kind, centavos }, n) => (kind === 'deposit' && centavos > 1 ? [n] : []))
        fc.pre(deposits.length > 0)
        const split = deposits[pick % deposits.length]!
        const whole = history[split]!
        const part = 1 + (cut % (whole.centavos - 1))
        const parts = history.toSpliced(
          split,
          1,
          { ...whole, centavos: part },
          { ...whole, centavos: whole.centavos - part },
        )
        const owed = (told: Told[]) =>
          total(accrue(rulesOf(name), hers(movementsOf(told), { statuses }), through, 'PEN'))
        expect(owed(parts)).toBeLessThanOrEqual(owed(history))
      }),
      { numRuns: 300 },
    )
  })

  it('the order within a period changes nothing where the rule says so', () => {
    fc.assert(
      fc.property(history, fc.nat(), (history, turn) => {
        const growth = rulesOf('CORREDOR-2003', { openingCounts: true }).filter(({ code }) => code === 'GROWTH')
        const moved = history.map(told => ({
          ...told,
          date: `${told.date.slice(0, 8)}${String(1 + ((Number(told.date.slice(8)) + turn) % 28)).padStart(2, '0')}`,
        }))
        const owed = (told: Told[]) =>
          accrue(growth, hers(movementsOf(told)), through, 'PEN').map(({ period, amount }) => [period, amount])
        expect(owed(moved)).toEqual(owed(history))
      }),
      { numRuns: 300 },
    )
  })

  it('what is owed by a day is the beginning of what is owed later', () => {
    fc.assert(
      fc.property(preset, history, statuses, (name, history, statuses) => {
        const facts = hers(movementsOf(history), { statuses })
        const shown = (through: string) =>
          accrue(rulesOf(name), facts, through, 'PEN')
            .filter(({ period, amount }) => period !== 'once' || amount > 0n)
            .map(({ ruleId, period, amount }) => `${ruleId} ${period} ${amount}`)
        const early = shown('2003-12-31')
        expect(shown(through).filter(line => early.includes(line))).toEqual(early)
      }),
      { numRuns: 300 },
    )
  })
})
