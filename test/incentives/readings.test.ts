import { describe, expect, it } from 'vitest'
import type { CreditRule, Movement } from '../../src/incentives/accrual/lived.ts'
import { type Compared, compare } from '../../src/incentives/calculations/compare.ts'
import { presets } from '../../src/incentives/rules/presets.ts'
import { type CreditTerms, type PeriodStatus, termsSchema } from '../../src/incentives/rules/terms.ts'
import type { Course, Known } from '../../src/incentives/runs/known.ts'

const saverId = '0198c5f2-6f1e-7a53-9d0c-000000000001'
const enrolmentId = '0198c5f2-6f1e-7a53-9d0c-000000000002'
const transactionIds = '0198c5f2-6f1e-7a53-9d0c-0000000000a'

type Move = [date: string, kind: Movement['kind'], amount: number, more?: Partial<Movement>]

/** The rules of a preset, one of them with other terms. */
function rulesOf(preset: string, code?: string, terms: Partial<CreditTerms> = {}): CreditRule[] {
  return presets
    .find(({ name }) => name === preset)!
    .rules.map(rule => ({
      ...{ id: `rule-${rule.code}`, code: rule.code, validFrom: '2026-01-01', validTo: null },
      terms: termsSchema.parse({ ...rule.terms, ...(rule.code === code && terms) }) as CreditTerms,
    }))
}

function compareOne(rules: CreditRule[], moves: Move[], rule: string, told: string, theirs: number, more = {}) {
  const course: Course = {
    ...{ programmeId: '', runId: '', month: '2026-12', valueDate: '2026-12-31', currency: 'PEN', limits: null, rules },
    horizon: { bookId: '', cutoff: 0n, through: '2026-12-31' },
  }
  const movements = moves.map(([date, kind, amount, more], place): Movement => {
    const effect = BigInt(Math.round(amount * 100)) * (kind === 'withdrawal' ? -1n : 1n)
    return { transactionId: `${transactionIds}${place}`, date, kind, effect, ...more }
  })
  const contract = {
    ...{ saverId, enrolmentId, startsOn: '2026-01-01', contractMonths: 48, endsOn: null },
    ...{ enteredByMistake: false, household: 'H-1' },
  }
  const known: Known = {
    ...{ movements: new Map([[saverId, movements]]), statuses: new Map(), paid: new Map() },
    ...{ households: new Map([['H-1', [contract]]]), counted: new Map() },
    ...{ decisions: new Map(), claims: new Map(), accounts: new Map(), locks: new Map(), ...more },
    ...{ holdings: new Map(), toldForfeited: new Map() },
  }
  const line = { number: 1, saverId, rule, told, theirs: BigInt(Math.round(theirs * 100)) }
  const [found] = compare([line], [contract], course, known)
  return found as Compared
}

describe('what explains an institution’s figure', () => {
  const corridor = rulesOf('CORREDOR-2003')
  const sierra = rulesOf('SIERRA-SUR-II')
  const growing: Move[] = [
    ['2026-01-10', 'deposit', 20],
    ['2026-02-05', 'deposit', 40.1],
    ['2026-02-20', 'withdrawal', 10],
  ]
  const spent: Move[] = [...growing, ['2026-03-05', 'withdrawal', 10, { purpose: 'household' }]]
  const quarter = '2-MANTENIMIENTO-CRECIMIENTO'
  const big: Move[] = [['2026-01-10', 'deposit', 300]]
  const small: Move[] = [
    ['2026-01-10', 'deposit', 15],
    ['2026-02-10', 'withdrawal', 6],
  ]

  // 30.10 × 0.25 is 7.525, half-even 7.52.
  it.each<[string, CreditRule[], Move[], string, string, number, string[][]]>([
    ['gross instead of net', corridor, growing, 'GROWTH', '2026-02', 10.02, [['gross-deposits']]],
    ['the opening counted', corridor, growing, 'GROWTH', '2026-01', 5, [['opening-counted']]],
    ['half a centavo up', corridor, growing, 'GROWTH', '2026-02', 7.53, [['rounded-half-up'], ['rounded-up']]],
    ['nothing of it', corridor, growing, 'GROWTH', '2026-02', 9.99, []],
    ['no cap on the opening', corridor, growing, 'OPENING', 'once', 20, [['without-cap']]],
    ['no cap of the quarter', sierra, big, quarter, '2026-Q1', 60, [['without-cap']]],
    ['no minimum balance', sierra, small, quarter, '2026-Q1', 1.8, [['without-minimum-balance']]],
    [
      'gross and without a cap',
      sierra,
      [...big, ['2026-02-01', 'withdrawal', 100]],
      quarter,
      '2026-Q1',
      60,
      [['gross-deposits', 'without-cap']],
    ],
    ['any purpose, in two respects', sierra, spent, '3-RETIRO', '2026-03-05', 1, [['any-purpose', 'without-evidence']]],
    [
      'the opening left out',
      rulesOf('CORREDOR-2003', 'GROWTH', { openingCounts: true }),
      [
        ['2026-01-10', 'deposit', 20],
        ['2026-01-20', 'deposit', 8],
      ],
      'GROWTH',
      '2026-01',
      2,
      [['opening-not-counted']],
    ],
    [
      'net instead of gross',
      rulesOf('CORREDOR-2003', 'GROWTH', {
        basis: 'GROSS_DEPOSITS',
        caps: [{ amount: '500.00', per: 'lifetime', over: 'rule' }],
      }),
      growing,
      'GROWTH',
      '2026-02',
      7.52,
      [['net-growth'], ['high-water-mark']],
    ],
    [
      'the highest it ever was, instead of net of the month',
      corridor,
      [
        ['2026-01-10', 'deposit', 20],
        ['2026-02-05', 'deposit', 40],
        ['2026-03-05', 'withdrawal', 40],
        ['2026-04-05', 'deposit', 48],
      ],
      'GROWTH',
      '2026-04',
      2,
      [['high-water-mark']],
    ],
    [
      'down to the centavo',
      rulesOf('CORREDOR-2003', 'GROWTH', { rate: '0.26' }),
      [
        ['2026-01-10', 'deposit', 20],
        ['2026-02-05', 'deposit', 10.03],
      ],
      'GROWTH',
      '2026-02',
      2.6,
      [['rounded-down']],
    ],
    [
      'a smaller base than the rule asks',
      rulesOf('CORREDOR-2003', 'GROWTH', { minimumBase: '50.00' }),
      growing,
      'GROWTH',
      '2026-02',
      7.52,
      [['without-minimum-base']],
    ],
    [
      'a base above its cap',
      rulesOf('CORREDOR-2003', 'GROWTH', { baseCap: '10.00' }),
      growing,
      'GROWTH',
      '2026-02',
      7.52,
      [['without-base-cap']],
    ],
  ])('%s', (_, rules, moves, rule, period, theirs, readings) => {
    const found = compareOne(rules, moves, rule, period, theirs)
    expect(found).toMatchObject({ comparison: 'differs', stranger: null })
    expect(found.readings).toEqual(readings)
  })

  it('is that the household’s period counted whatever its status', () => {
    const statuses = new Map([['H-1', new Map<string, PeriodStatus>([['2026-B1', 'FAILED']])]])
    const moves: Move[] = [
      ['2026-01-20', 'deposit', 50],
      ['2026-01-25', 'state-transfer', 100, { source: 'JUNTOS' }],
    ]
    const found = compareOne(rulesOf('JUNTOS-MATCH'), moves, 'MATCH', '2026-B1', 15, { statuses })
    expect(found).toMatchObject({ ours: 0n, reason: 'period-not-met', readings: [['any-period-status']] })
  })

  it('is that it tells only what was not paid yet, or the rule where a decision stands', () => {
    const paid = new Map([[enrolmentId, [{ enrolmentId, ruleId: 'rule-GROWTH', period: '2026-02', amount: 5_02n }]]])
    expect(compareOne(corridor, growing, 'GROWTH', '2026-02', 2.5, { paid })).toMatchObject({
      ...{ ours: 7_52n, paidBefore: 5_02n },
      readings: [['only-the-difference']],
    })
    const decision = { id: 'd', ruled: 7_52n, owed: 9_00n }
    const decisions = new Map([[enrolmentId, new Map([['rule-GROWTH 2026-02', decision]])]])
    expect(compareOne(corridor, growing, 'GROWTH', '2026-02', 7.52, { decisions })).toMatchObject({
      ...{ ours: 9_00n },
      readings: [['without-the-decision']],
    })
  })

  it('tells what is equal, and what only they have', () => {
    expect(compareOne(corridor, growing, 'GROWTH', '2026-02', 7.52)).toMatchObject({ comparison: 'equal', ours: 7_52n })
    expect(compareOne(corridor, growing, 'GROWTH', '2027-02', 7.52)).toMatchObject({
      ...{ comparison: 'only-theirs', stranger: 'no-such-period', ours: null },
    })
    // Of a month without growth they have something, and no reading of the rule gives it.
    expect(compareOne(corridor, growing, 'GROWTH', '2026-03', 1.23)).toMatchObject({
      ...{ comparison: 'only-theirs', stranger: 'nothing-owed', ours: null, reason: 'no-growth', readings: [] },
    })
    // That nothing is owed for a period of which we know nothing, is no difference.
    expect(compareOne(corridor, growing, 'GROWTH', '2027-02', 0)).toMatchObject({ comparison: 'equal', ours: 0n })
  })

  it('asks for the id when a day has two withdrawals', () => {
    const twice: Move[] = [...spent, ['2026-03-05', 'withdrawal', 1, { transactionId: 'other' }]]
    expect(compareOne(sierra, twice, '3-RETIRO', '2026-03-05', 1)).toEqual({
      ...{ field: 'period', message: 'there are 2 withdrawals of that day: name one by its id' },
    })
    expect(compareOne(sierra, twice, '3-RETIRO', 'other', 0)).toMatchObject({ comparison: 'equal' })
  })
})
