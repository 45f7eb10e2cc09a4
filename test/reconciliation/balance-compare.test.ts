import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare } from '../../src/reconciliation/balances/compare.ts'
import { proposedOf } from '../../src/reconciliation/balances/comparing.ts'
import { explain } from '../../src/reconciliation/balances/explain.ts'
import type { ToldLine } from '../../src/reconciliation/balances/list-csv.ts'
import type { Cause } from '../../src/reconciliation/balances/outcomes.ts'
import type { Position } from '../../src/reconciliation/balances/positions.ts'

function told(bankAccountNumber: string | null, theirs: bigint | null, more: Partial<ToldLine> = {}): ToldLine {
  const currency = theirs === null ? 'USD' : 'PEN'
  return {
    ...{ row: 2, bankAccountNumber, cci: null, told: '0', currency, theirs, status: null, interest: null, fees: null },
    ...more,
  }
}

function ours(id: string, bankAccountNumber: string | null, balance: bigint, more: Partial<Position> = {}): Position {
  return { id, bankAccountNumber, cci: null, isThere: true, status: 'open', balance, ...more }
}

function outcomes(lines: ToldLine[], positions: Position[]): string[] {
  return compare(lines, positions).map(one =>
    [one.outcome, one.savingsAccountId, one.ours, one.theirs, one.difference, one.stranger]
      .filter(value => value !== null)
      .join(' '),
  )
}

describe('a line of the bank', () => {
  const [cci, other] = ['01136600010003254221', '01136600010003254239']
  const positions = [
    ours('a', '110-01', 500n, { cci }),
    ours('b', '1100-2', 700n),
    ours('c', '110-02', 0n),
    ours('d', null, 90n, { cci: other }),
  ]
  const alone = (line: ToldLine) => outcomes([line], positions)[0]

  test.each<[string, ToldLine, string]>([
    ['is of the account whose number it has', told('110-01', 500n), 'equal a 500 500 0'],
    ['need not have strokes where we have them', told('110 01', 500n), 'equal a 500 500 0'],
    ['with strokes elsewhere is of the account that has them there', told('1100-2', 700n), 'equal b 700 700 0'],
    ['that may be of two accounts of ours is of none', told('11002', 700n), 'only-theirs 700 700 several'],
    ['may tell the CCI in the number’s place', told('011-366-000100032542-21', 500n), 'equal a 500 500 0'],
    ['may tell the CCI beside a number that we do not have', told('999-9', 500n, { cci }), 'equal a 500 500 0'],
    [
      'whose number and CCI are of two accounts is of none',
      told('110-01', 1n, { cci: other }),
      'only-theirs 1 1 number-and-cci-differ',
    ],
    ['that nobody of ours has is only theirs', told('999-9', 5n), 'only-theirs 5 5 unknown'],
    ['differs by what the bank has more', told('110-01', 635n), 'differs a 500 635 135'],
    ['differs in status alone', told('110-01', 500n, { status: 'blocked' }), 'status-differs a 500 500 0'],
    ['that differs in both tells the amount', told('110-01', 1n, { status: 'blocked' }), 'differs a 500 1 -499'],
    ['of another currency is compared with nothing', told('110-01', null), 'currency a 500 -500'],
  ])('%s', (_, line, expected) => {
    expect(alone(line)).toBe(expected)
  })

  test('that comes twice is told twice, and ours is counted once', () => {
    expect(
      outcomes([told('110-01', 500n), told('11001', 500n), told('9999', 1n), told('99-99', 1n)], positions.slice(0, 1)),
    ).toEqual(['twice a 500 500 0', 'twice a 500 500', 'twice 1 1', 'twice 1 1'])
  })

  test('of another currency takes nothing from the line that is of ours', () => {
    expect(outcomes([told('110-01', null), told('110-01', 500n)], positions.slice(0, 1))).toEqual([
      'currency a 0',
      'equal a 500 500 0',
    ])
  })
})

test('accounts that were open and are not listed are only ours; closed ones, and those of later, need not be', () => {
  const positions = [
    ours('a', '1101', 5n),
    ours('b', null, 0n),
    ours('c', '1103', 0n, { isThere: false, status: 'closed' }),
    ours('d', '1104', 0n, { isThere: false }),
  ]
  expect(outcomes([told('1104', 0n)], positions)).toEqual(['equal d 0 0 0', 'only-ours a 5 -5', 'only-ours b 0 0'])
})

test('differences come to the difference of the totals, and each account of ours is counted once, whatever is listed', () => {
  const number = fc.constantFrom('1101', '11-01', '1102', '1103', '9999', '99-99')
  const line = fc.record({
    number,
    theirs: fc.option(fc.bigInt({ min: -9n, max: 9n })),
    cci: fc.option(fc.constantFrom('1', '2')),
  })
  const account = fc.record({
    number: fc.option(number),
    balance: fc.bigInt({ min: 0n, max: 9n }),
    isThere: fc.boolean(),
    cci: fc.option(fc.constantFrom('1', '2')),
  })
  const accounts = fc.uniqueArray(account, { selector: ({ number }) => number ?? Math.random() })
  fc.assert(
    fc.property(fc.array(line), accounts, (lines, known) => {
      const positions = known.map((one, place) => ours(`id ${place}`, one.number, one.balance, { ...one }))
      const compared = compare(
        lines.map(({ number, theirs, cci }) => told(number, theirs, { cci })),
        positions,
      )
      const sum = (amounts: (bigint | null)[]) => amounts.reduce<bigint>((all, one) => all + (one ?? 0n), 0n)
      const counted = compared.filter(one => one.ours !== null).map(one => one.savingsAccountId)
      expect(new Set(counted).size).toBe(counted.length)
      const due = positions.filter(({ id, isThere }) => isThere || counted.includes(id))
      expect(counted.length).toBe(due.length)
      expect(sum(compared.map(one => one.ours))).toBe(sum(due.map(({ balance }) => balance)))
      expect(sum(compared.map(one => one.theirs))).toBe(sum(lines.map(({ theirs }) => theirs)))
      expect(sum(compared.map(one => one.difference))).toBe(
        sum(lines.map(({ theirs }) => theirs)) - sum(due.map(({ balance }) => balance)),
      )
    }),
  )
})

describe('a difference', () => {
  const moves = { 'in-transit': [-2000n], 'value-date': [-2000n, 700n], incentive: [-500n, -900n] }
  const none = { interest: null, fees: null, moves: undefined }

  test.each<[string, bigint, Parameters<typeof explain>[1], Cause[][], string]>([
    ['is what the bank tells of interest', 135n, { ...none, interest: 135n }, [['interest']], 'interest'],
    ['is a fee that the bank took', -300n, { ...none, fees: 300n }, [['fees']], 'fees'],
    ['is interest less a fee', -165n, { ...none, interest: 135n, fees: 300n }, [['interest', 'fees']], 'interest fees'],
    ['of nothing has no cause', 0n, { ...none, interest: 700n, moves: { ...moves, 'value-date': [-700n] } }, [], ''],
    ['of which the list tells nothing is explained by nothing', 7n, none, [], ''],
    ['that is not the interest is explained by nothing', 136n, { ...none, interest: 135n }, [], ''],
    [
      'may be what an agent had, or what is dated otherwise',
      -2000n,
      { ...none, moves },
      [['in-transit'], ['value-date']],
      '',
    ],
    ['may be incentives of several days', -900n, { ...none, moves }, [['incentive']], ''],
    [
      'may be of two causes',
      -1865n,
      { ...none, interest: 135n, moves },
      [
        ['interest', 'in-transit'],
        ['interest', 'value-date'],
      ],
      'interest',
    ],
    [
      'that another cause would make up too proposes nothing',
      700n,
      { ...none, interest: 700n, moves },
      [['interest'], ['value-date']],
      '',
    ],
    ['is told by as few causes as can', -500n, { ...none, interest: 200n, fees: 700n, moves }, [['incentive']], ''],
  ])('%s', (_, difference, of, expected, proposed) => {
    expect(explain(difference, of)).toEqual(expected)
    expect(proposedOf(expected).join(' ')).toBe(proposed)
  })
})
