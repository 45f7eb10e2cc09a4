import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transact } from '../../src/db/client.ts'
import { sharing } from '../../src/incentives/funding/financings.ts'
import { runRow } from '../../src/incentives/runs/run.ts'
import { divideLines, type Shared } from '../../src/incentives/runs/shares.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

const million = 1_000_000

/** Shares of 1, in millionths: as many as a financing may have. */
const financing = fc
  .array(fc.integer({ min: 1, max: million }), { minLength: 1, maxLength: 10 })
  .map(weights => {
    const sum = weights.reduce((all, weight) => all + weight, 0)
    const parts = weights.map(weight => Math.max(1, Math.floor((weight * million) / sum)))
    parts[0]! += million - parts.reduce((all, part) => all + part, 0)
    return parts
  })
  .filter(([first]) => first! > 0)

const sharesOf = (parts: readonly number[]) =>
  parts.map((part, place) => ({ fundId: `F${place}`, budgetCode: 'B', share: (part / million).toFixed(6) }))

const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)

describe('sharing', () => {
  it('keeps each fund within a centavo of its share of the lines so far, line by line, however they are cut', () => {
    const lines = fc.array(fc.bigInt({ min: 1n, max: 3_000_000n }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(financing, lines, (parts, amounts) => {
        const divide = sharing(sharesOf(parts))
        const sums = parts.map(() => 0n)
        let before = 0n
        for (const amount of amounts) {
          const divided = divide(before, amount).map(part => part.amount)
          expect(total(divided)).toBe(amount)
          for (const [place, part] of divided.entries()) {
            expect(part).toBeGreaterThanOrEqual(0n)
            sums[place]! += part
            const off = sums[place]! * BigInt(million) - (before + amount) * BigInt(parts[place]!)
            expect(off > -million && off < million, `fund ${place} is off by ${off} millionths`).toBe(true)
          }
          before += amount
        }
        expect(divide(0n, before).map(part => part.amount)).toEqual(sums)
      }),
      { numRuns: 60 },
    )
  })

  it('says the same of the same for ever, for what was posted is divided again', () => {
    const divide = sharing(sharesOf([500_000, 300_000, 200_000]))
    const turns = Array.from({ length: 10 }, (_, n) => divide(BigInt(n), 1n).findIndex(({ amount }) => amount === 1n))
    expect(turns).toEqual([0, 1, 0, 2, 0, 1, 0, 1, 0, 2])
  })
})

describe('a run that several funds pay', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  })
  afterAll(async () => service.close())

  /** A programme that pays each saver's opening deposit over again, by funds in these shares. */
  async function village(shares: readonly string[]): Promise<{ paying: Paying; funds: string[] }> {
    const paying = await payingProgramme(service, { preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' })
    const funds = await financed(paying, shares, '2026-01-02')
    return { paying, funds }
  }

  async function financed({ said, book, programmeId }: Paying, shares: readonly string[], validFrom: string) {
    const funds: string[] = []
    for (const place of shares.keys()) {
      const fundId = uuid()
      const fund = {
        code: `F-${fundId.slice(-12)}`,
        name: `Fund ${place}`,
        fundingSource: 'RO',
        openedOn: '2026-01-01',
      }
      await said(`${book}/funds`, { id: fundId, ...fund })
      const receipt = { fundId, amount: '1000.00', valueDate: '2026-01-02', reference: 'SIAF-1' }
      await said(`${book}/fund-receipts`, { id: uuid(), ...receipt })
      funds.push(fundId)
    }
    await said(`${book}/financings`, {
      ...{ id: uuid(), programmeId, validFrom },
      shares: shares.map((share, place) => ({ fundId: funds[place], budgetCode: `2.5.${place}`, share })),
    })
    return funds
  }

  async function deposit({ said, book }: Paying, { accountId }: Saver, amount: string) {
    const id = uuid()
    const body = { id, savingsAccountId: accountId, amount, valueDate: '2026-01-10', channel: 'branch' }
    await said(`${book}/deposits`, body)
    return id
  }

  const reverse = ({ said, book }: Paying, id: string) =>
    said(`${book}/transactions/${id}/reversal`, { id: uuid(), valueDate: '2026-02-10', reason: 'counted twice' })

  const paidBy = async ({ administrator, book }: Paying, funds: readonly string[], key = 'paid') =>
    Promise.all(funds.map(async fund => (await administrator.get(`${book}/funds/${fund}/summary`)).body[key]))

  it('pays from each its share of the whole, of however small amounts', async () => {
    const { paying, funds } = await village(['0.5', '0.5'])
    for (let n = 0; n < 20; n++) await deposit(paying, await paying.saver(), '0.03')
    const run = await paying.run('2026-01', '2026-02-01')
    expect(run).toMatchObject({ totals: { paid: '0.60' }, funds: [{ needed: '0.30' }, { needed: '0.30' }] })
    expect(await paidBy(paying, funds)).toEqual(['0.30', '0.30'])
    const { body } = await paying.administrator.get(`${paying.book}/incentive-runs/${run.id}/disbursements`)
    expect(body.items.map(({ amount }: { amount: string }) => amount)).toEqual(['0.30', '0.30'])
  })

  it('is divided the same in whatever chunks, and takes back in the shares of who had paid', async () => {
    const { paying, funds } = await village(['0.7', '0.2', '0.1'])
    const [women, seconds]: [Saver[], string[]] = [[], []]
    for (let n = 0; n < 13; n++) {
      const woman = await paying.saver()
      women.push(woman)
      await deposit(paying, woman, `0.0${(n % 4) + 2}`)
      seconds.push(await deposit(paying, woman, '0.03'))
    }
    const { id, funds: needed } = await paying.run('2026-01', '2026-02-01')
    // 0.84 in all.
    const shares = [0.588, 0.168, 0.084]
    const paid = await paidBy(paying, funds)
    for (const [place, share] of shares.entries()) expect(Math.abs(Number(paid[place]) - share)).toBeLessThan(0.01)
    expect(needed.map((fund: { needed: string }) => fund.needed)).toEqual(paid)

    type Row = Parameters<typeof divideLines>[2][number] & { transactionId: string }
    const rowsOf = async (runId: string): Promise<Row[]> => {
      const { rows } = await service.db.$client.query(
        `select saver_id as "saverId", enrolment_id as "enrolmentId", rule_id as "ruleId", period, amount, transaction_id as "transactionId"
         from incentive where book_id = $1 and run_id = $2 order by line`,
        [paying.bookId, runId],
      )
      return rows.map(row => ({ ...row, amount: BigInt(row.amount) }))
    }
    const lines = await rowsOf(id)
    const row = await runRow(service.db, paying.bookId, id)
    const inChunksOf = (size: number) =>
      transact(service.db, async tx => {
        let shared: Shared = { sharedOut: 0n, sharedBack: {} }
        const parts = new Map<string, unknown>()
        for (let from = 0; from < lines.length; from += size) {
          const chunk = await divideLines(tx, { ...row, ...shared }, lines.slice(from, from + size))
          for (const one of chunk.divided) parts.set(one.line.transactionId, one.parts)
          shared = chunk.shared
        }
        expect(shared.sharedOut).toBe(row.sharedOut)
        return parts
      })
    const whole = await inChunksOf(1000)
    for (const size of [1, 3, 7]) expect(await inChunksOf(size)).toEqual(whole)
    for (const [transactionId, parts] of whole) {
      const { body } = await paying.administrator.get(`${paying.book}/incentives/${transactionId}`)
      const told = (parts as { fundId: string; amount: bigint }[]).map(({ fundId, amount }) => ({
        ...{ fundId, amount: (Number(amount) / 100).toFixed(2) },
      }))
      expect(body.paidBy).toEqual(told.sort((one, other) => (one.fundId < other.fundId ? -1 : 1)))
    }

    // Others pay from here on; what is taken back is theirs who paid it.
    const others = await financed(paying, ['0.5', '0.5'], '2026-02-01')
    for (const second of seconds) await reverse(paying, second)
    const back = await paying.run('2026-02', '2026-03-01')
    expect(back.totals).toMatchObject({ paid: '0.00', takenBack: '0.39' })
    const returned = await paidBy(paying, funds, 'returned')
    for (const [place, share] of [0.273, 0.078, 0.039].entries()) {
      expect(Math.abs(Number(returned[place]) - share)).toBeLessThan(0.01)
    }
    expect(await paidBy(paying, others, 'returned')).toEqual(['0.00', '0.00'])
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('takes back what was paid last first, from who paid that', async () => {
    const { paying, funds } = await village(['1'])
    const rosa = await paying.saver()
    await deposit(paying, rosa, '10.00')
    await paying.run('2026-01', '2026-02-01')
    const others = await financed(paying, ['0.8', '0.2'], '2026-03-01')
    const late = await deposit(paying, rosa, '5.00')
    expect((await paying.run('2026-02', '2026-03-01')).totals.paid).toBe('5.00')
    await reverse(paying, late)
    expect((await paying.run('2026-02', '2026-03-02')).totals.takenBack).toBe('5.00')
    expect(await paidBy(paying, [...funds, ...others], 'returned')).toEqual(['0.00', '4.00', '1.00'])
  })
})
