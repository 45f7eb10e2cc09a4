import { describe, expect, test } from 'vitest'
import { cellOf, cubeOf, layoutOf } from '../../../src/statistics/disclosure/cube.ts'
import { byPrefix, flat, grouped } from '../../../src/statistics/disclosure/dimension.ts'
import { laidOut } from '../../../src/statistics/disclosure/earlier.ts'
import { suppress } from '../../../src/statistics/disclosure/suppress.ts'
import { couldBe, knowledgeOf, pinned } from './attack.ts'

const square = layoutOf([flat('row', ['a', 'b', 'c']), flat('column', ['x', 'y', 'z'])])
const line = layoutOf([flat('row', ['a', 'b', 'c', 'd'])])

function squareOf(rows: number[][]) {
  return cubeOf(
    square,
    rows.flatMap((row, at) => row.map((count, to) => [['abc'[at]!, 'xyz'[to]!], count] as const)),
  )
}

function lineOf(...counts: number[]) {
  return cubeOf(
    line,
    counts.map((count, at) => [['abcd'[at]!], count] as const),
  )
}

/** A table as it is read, hidden cells with a star: total first, then row by row. */
function read(cube: ReturnType<typeof squareOf>, k = 5): string[] {
  const { hidden } = suppress(cube, { k })
  const width = cube.layout.dimensions.at(-1)!.codes.length
  const cells = [...cube.counts].map((count, cell) => (hidden[cell] ? `${count}*` : `${count}`))
  return Array.from({ length: cells.length / width }, (_, row) => cells.slice(row * width, (row + 1) * width).join(' '))
}

describe('a table with nothing small', () => {
  test('is shown whole, zeros too', () => {
    expect(read(lineOf(0, 5, 9, 0))).toEqual(['14 0 5 9 0'])
  })

  test('is another one to the public, who are told of ten and more', () => {
    expect(read(lineOf(0, 5, 9, 0), 10)).toEqual(['14 0 5* 9* 0'])
  })
})

describe('a small count takes others with it', () => {
  test('in a line, one that the total would tell it from', () => {
    expect(read(lineOf(3, 50, 20, 0))).toEqual(['73 3* 50 20* 0'])
  })

  test('in a table, the corners of a rectangle, the least missed and never a zero', () => {
    expect(
      read(
        squareOf([
          [3, 0, 20],
          [10, 30, 40],
          [90, 9, 90],
        ]),
      ),
    ).toEqual(['292 103 39 150', '23 3* 0 20*', '80 10* 30 40*', '189 90 9 90'])
  })

  test('as the only one of its row, the total of the row, which is the same number', () => {
    expect(
      read(
        squareOf([
          [4, 0, 0],
          [10, 30, 40],
          [90, 9, 90],
        ]),
      ),
    ).toEqual(['273 104 39 130', '4* 4* 0 0', '80* 10* 30 40', '189 90 9 90'])
  })

  test('as the only one of the table, everything above it', () => {
    expect(read(squareOf([[1], [], []]))).toEqual(['1* 1* 0 0', '1* 1* 0 0', '0 0 0 0', '0 0 0 0'])
  })

  test('in a small total, some of what it is made of', () => {
    expect(read(lineOf(1, 2, 0, 0))).toEqual(['3* 1* 2* 0 0'])
  })
})

describe('two hidden counts do not tell each other', () => {
  test.each([
    ['the sum of two that are as small as can be', [1, 1, 20, 30]],
    ['the sum of two that are as large as small ones can be', [4, 4, 20, 30]],
    ['three that are at their least', [1, 1, 1, 30]],
    ['one that is k itself beside one just below', [4, 5, 20, 30]],
    ['a k beside a one', [1, 5, 6, 0]],
  ])('%s', (_, counts) => {
    const cube = lineOf(...counts)
    const { hidden } = suppress(cube, { k: 5 })
    expect(pinned(knowledgeOf({ ...cube, hidden }, 5))).toEqual([])
    expect(pinned(knowledgeOf({ ...cube, hidden }, 5, true))).toEqual([])
  })

  test('a third one is hidden with two whose sum would tell both', () => {
    expect(read(lineOf(4, 4, 20, 30))).toEqual(['58 4* 4* 20* 30'])
    expect(read(lineOf(1, 1, 20, 30))).toEqual(['52 1* 1* 20* 30'])
  })

  test('a small count may be anything from one to k - 1 where others have room', () => {
    const cube = lineOf(1, 2, 20, 30)
    const { hidden } = suppress(cube, { k: 5 })
    expect([...hidden]).toEqual([0, 1, 1, 1, 0])
    const knowledge = knowledgeOf({ ...cube, hidden }, 5)
    for (const row of ['a', 'b'])
      for (const value of [1, 2, 3, 4]) expect(couldBe(knowledge, cellOf(line, [row]), value)).toBe(true)
    const narrow = knowledgeOf({ ...cube, hidden: Uint8Array.of(0, 1, 1, 0, 0) }, 5)
    expect(couldBe(narrow, cellOf(line, ['a']), 3)).toBe(false)
  })
})

describe('sums of sums', () => {
  const places = byPrefix('territory', ['080101', '080102', '080201', '210101', '210102', 'none'], [2, 4])
  const layout = layoutOf([places])
  const shown = (counts: Record<string, number>) => {
    const { hidden } = suppress(
      cubeOf(
        layout,
        Object.entries(counts).map(([code, count]) => [[code], count] as const),
      ),
      { k: 5 },
    )
    return places.codes.filter((_, cell) => hidden[cell])
  }

  test('a code is in those that it begins with', () => {
    expect(places.codes).toEqual([
      '_T',
      '08',
      '0801',
      '080101',
      '080102',
      '0802',
      '080201',
      '21',
      '2101',
      '210101',
      '210102',
      'none',
    ])
  })

  test('a district is hidden with another of its province', () => {
    expect(shown({ '080101': 3, '080102': 50, '080201': 60, '210101': 70, '210102': 80 })).toEqual(['080101', '080102'])
  })

  test('a province of one district is hidden with it, and with another province', () => {
    expect(shown({ '080101': 30, '080102': 50, '080201': 3, '210101': 70, '210102': 80 })).toEqual([
      '0801',
      '080101',
      '0802',
      '080201',
    ])
  })

  test('a department of one small province is hidden with another department, down to a district of it', () => {
    expect(shown({ '080201': 3, '210101': 70, '210102': 80 })).toEqual(['08', '0802', '080201', '21', '2101', '210101'])
  })
})

test('a denominator and its complement are protected like the statuses that they are sums of', () => {
  const statuses = ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT', 'CLOSED']
  const status = grouped('status', statuses, { COMPLEMENT: statuses.slice(1, 3), DENOMINATOR: statuses.slice(0, 3) })
  expect(status.codes.map((code, node) => [code, status.codes[status.parents[node]!]])).toEqual([
    ['_T', undefined],
    ['DENOMINATOR', '_T'],
    ['COMPLEMENT', 'DENOMINATOR'],
    ['PERMANENT_ACTIVE', 'DENOMINATOR'],
    ['ACTIVE', 'COMPLEMENT'],
    ['DORMANT', 'COMPLEMENT'],
    ['CLOSED', '_T'],
  ])
  const cube = cubeOf(layoutOf([status]), [
    [['PERMANENT_ACTIVE'], 40],
    [['ACTIVE'], 2],
    [['DORMANT'], 1],
    [['CLOSED'], 20],
  ])
  const { hidden } = suppress(cube, { k: 5 })
  // 43 - 40 would tell the complement, 3.
  expect(status.codes.filter((_, cell) => hidden[cell])).toEqual([
    'COMPLEMENT',
    'PERMANENT_ACTIVE',
    'ACTIVE',
    'DORMANT',
  ])
  expect(() => grouped('status', statuses, { A: statuses.slice(0, 2), B: statuses.slice(1, 3) })).toThrow(/apart/)
})

test('k is at least three, for of 1 alone everybody knows what it is', () => {
  expect(() => suppress(lineOf(1, 9, 9, 9), { k: 2 })).toThrow(/below 3/)
})

describe('after an earlier release', () => {
  test('what was hidden stays hidden, also when it is a zero now', () => {
    const first = lineOf(3, 10, 20, 30)
    const earlier = [{ ...first, ...suppress(first, { k: 5 }) }]
    const second = suppress(lineOf(0, 13, 20, 30), { k: 5, earlier })
    expect([...second.hidden]).toEqual([0, 1, 1, 0, 0])
    expect(second.exposed).toEqual([])
  })

  test('a new small count is hidden with another that was changed, for the others are known', () => {
    const first = lineOf(7, 10, 20, 30)
    const earlier = [{ ...first, ...suppress(first, { k: 5 }) }]
    expect(suppress(lineOf(3, 10, 24, 30), { k: 5, earlier })).toEqual({
      hidden: Uint8Array.of(0, 1, 0, 1, 0),
      exposed: [],
    })
  })

  test('one that was shown as it is cannot be hidden any more, and this is told', () => {
    const first = lineOf(7, 10, 20, 30)
    const earlier = [{ ...first, hidden: suppress(first, { k: 5 }).hidden }]
    expect(suppress(first, { k: 10, earlier }).exposed).toEqual([cellOf(line, ['a'])])
  })

  test('a table with another district is laid out anew', () => {
    const [then, now] = [
      ['080101', '080102'],
      ['080100', '080101', '080102'],
    ].map(codes => layoutOf([byPrefix('territory', codes, [2, 4])]))
    const first = cubeOf(then!, [
      [['080101'], 3],
      [['080102'], 9],
    ])
    const release = laidOut({ ...first, ...suppress(first, { k: 5 }) }, then!, now!)
    expect([...release.counts]).toEqual([12, 12, 12, 0, 3, 9])
    expect([...release.hidden]).toEqual([0, 0, 0, 0, 1, 1])
    expect(() => laidOut(release, now!, then!)).toThrow(/lost a code/)
  })
})
