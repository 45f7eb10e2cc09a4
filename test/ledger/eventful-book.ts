import { v7 as uuid } from 'uuid'
import { addDays, limaDate, monthOf } from '../../src/dates.ts'
import type { Db } from '../../src/db/client.ts'
import {
  changeAccounts,
  closeMonth,
  type Draft,
  type DraftEntry,
  type Ledger,
  openAccounts,
  openBook,
  openLedger,
  placeHold,
  releaseHold,
  reverse,
  sequenceKnownAt,
} from '../../src/ledger/index.ts'
import type { Currency } from '../../src/money.ts'
import { Refusal } from '../../src/refusals.ts'
import { testClock } from '../support/app.ts'

export type EventfulBook = { id: string; code: string; currency: Currency; accounts: Record<string, string> }

/** Numbers from 0 to 1, the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const actors = ['tablet-1', 'tablet-2', 'branch']

/**
 * A book in which everything that a ledger knows has happened: first once each, then `steps` times at random. The same seed
 * tells the same story. What the ledger refuses on the way is part of it.
 */
export async function eventfulBook(
  db: Db,
  {
    seed,
    steps,
    currency = 'PEN',
    code = `B${seed}-${currency}`,
  }: { seed: number; steps: number; currency?: Currency; code?: string },
): Promise<EventfulBook> {
  const random = chance(seed)
  const clock = testClock('2026-01-05T15:00:00.000Z')
  const ledger = openLedger({ db, clock })
  const book = { id: uuid(), code, name: `Caja ${seed}`, currency }
  const below = (n: number) => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const actor = () => pick(actors)
  const at = () => clock.now()
  const later = () => clock.advance(below(6 * 60 * 60 * 1000))
  const today = () => limaDate(at())

  await openBook(db, book, at(), 'opener')
  const chart = [
    ['bank', '1010', 'Bank', 'asset', null],
    ['cash', '1020.tablet-1', "Agent's cash", 'asset', 0n],
    ['equity', '3010', 'Own funds', 'equity', null],
    ['fund', '2100.fida', 'Fund', 'liability', 0n],
    ['fees', '4010', 'Fees', 'income', null],
    ['costs', '5010', 'Costs', 'expense', null],
    ['ana', '2010.ana', 'Own money', 'liability', 0n],
    ['rosa', '2010.rosa', 'Own money', 'liability', 0n],
    ['luz', '2010.luz:7', 'Own money', 'liability', 0n],
    ['idle', '2010.idle', 'Never used', 'liability', 0n],
  ] as const
  const accounts = Object.fromEntries(chart.map(([name]) => [name, uuid()])) as Record<
    (typeof chart)[number][0],
    string
  >
  const openings = chart.map(([key, code, name, type, floor]) => ({
    id: accounts[key],
    code,
    name,
    type,
    floor,
    openedOn: '2025-11-15',
  }))
  await openAccounts(db, book.id, openings, at(), 'opener')
  const savers = [accounts.ana, accounts.rosa, accounts.luz]

  const move = (debit: string, credit: string, amount: bigint, more: Partial<Draft> = {}): Draft => ({
    id: uuid(),
    kind: 'deposit',
    valueDate: today(),
    entries: [
      { accountId: debit, direction: 'debit', amount },
      { accountId: credit, direction: 'credit', amount },
    ],
    ...more,
  })
  const post = (draft: Draft) => ledger.post(book.id, draft, actor())
  const reversible: { id: string }[] = []
  const placed: { id: string; accountId: string; amount: bigint }[] = []

  async function deposit(more: Partial<Draft> = {}): Promise<void> {
    const draft = move(pick([accounts.bank, accounts.cash]), pick(savers), BigInt(1 + below(50_000)), more)
    await post(draft)
    reversible.push(draft)
  }

  async function hold(expiresAt?: Date): Promise<void> {
    const accountId = pick(savers)
    const one = { id: uuid(), accountId, amount: BigInt(1 + below(2_000)) }
    await placeHold(db, book.id, { ...one, ...(expiresAt ? { expiresAt } : { reason: 'asked for' }) }, at(), actor())
    placed.push(one)
  }

  const acts = {
    deposit: () => deposit({ evidence: { slip: `BN-${below(1000)}`, page: below(9), seen: true } }),
    backdated: () =>
      deposit({ valueDate: addDays(today(), -below(40)), evidence: { note: 'niña, “sí”\n', rate: 0.15 } }),
    withdrawal: () => post(move(pick(savers), accounts.bank, BigInt(1 + below(9_000)), { kind: 'withdrawal' })),
    transfer: async () => {
      const [from, to] = [pick(savers), pick(savers)]
      await post(move(from, to, BigInt(1 + below(3_000)), { kind: 'transfer' }))
    },
    compound: async () => {
      const parts = savers.map(accountId => ({
        accountId,
        direction: 'credit' as const,
        amount: BigInt(1 + below(500)),
      }))
      const total = parts.reduce((sum, part) => sum + part.amount, 0n)
      const entries: DraftEntry[] = [{ accountId: accounts.bank, direction: 'debit', amount: total + 7n }, ...parts]
      entries.push({ accountId: accounts.fees, direction: 'credit', amount: 7n })
      await post({ id: uuid(), kind: 'interest', valueDate: today(), entries, evidence: {} })
    },
    adjustment: () =>
      post(move(accounts.costs, pick(savers), BigInt(1 + below(99)), { kind: 'adjustment', reason: 'miscounted' })),
    funding: () => post(move(accounts.bank, accounts.fund, 100_000n, { kind: 'fund-receipt' })),
    reversal: async () => {
      const reversal = { id: uuid(), reverses: pick(reversible).id, valueDate: today(), reason: 'typed twice' }
      await reverse(ledger, book.id, reversal, actor())
    },
    list: async () => {
      const drafts = [1, 2, 3].map(n => move(accounts.bank, pick(savers), BigInt(n)))
      await ledger.postList(book.id, drafts, pick(['atomic', 'independent']), actor())
    },
    hold: () => hold(),
    briefHold: () => hold(new Date(at().getTime() + 60_000 + below(48 * 60 * 60 * 1000))),
    capture: async () => {
      const { id, accountId, amount } = pick(placed)
      const taken = 1n + (amount - 1n) / BigInt(1 + below(3))
      await post(move(accountId, accounts.bank, taken, { kind: 'withdrawal', holdId: id }))
    },
    release: () => releaseHold(db, book.id, pick(placed).id, 'no longer needed', at(), actor()),
    floor: () => changeAccounts(db, book.id, [{ id: pick(savers), floor: pick([0n, 10n, null]) }], at(), actor()),
    rename: () => changeAccounts(db, book.id, [{ id: accounts.fund, name: `Fund ${below(9)}` }], at(), actor()),
    block: () => changeAccounts(db, book.id, [{ id: pick(savers), status: 'blocked' }], at(), actor()),
    unblock: () =>
      changeAccounts(
        db,
        book.id,
        savers.map(id => ({ id, status: 'open' as const })),
        at(),
        actor(),
      ),
    know: () => sequenceKnownAt(db, book.id, at(), clock),
    closeMonth: () => closeMonth(db, book.id, monthOf(addDays(today(), -45)), at(), actor()),
    replay: async () => {
      const draft = move(accounts.bank, accounts.ana, 5n)
      await Promise.all([post(draft), post(draft)])
    },
  }

  async function attempt(act: () => Promise<unknown>): Promise<void> {
    later()
    await act().catch(error => {
      if (!(error instanceof Refusal)) throw error
    })
  }

  // So many that their days are added up; those of later entries are not.
  const many = Array.from({ length: 256 }, (_, n) => move(accounts.bank, savers[n % 3]!, 1n + BigInt(n)))
  await ledger.postList(book.id, many, 'atomic', actor())
  // Everything once: money comes first, so that what follows has something to work with.
  await post(move(accounts.bank, accounts.ana, 1n, { valueDate: '2025-11-20' }))
  for (const saver of savers) await post(move(accounts.bank, saver, 500_000n))
  for (const act of Object.values(acts)) await attempt(act)
  await attempt(acts.unblock)
  for (const act of [acts.hold, acts.briefHold, acts.capture, acts.hold, acts.release, acts.hold, acts.capture]) {
    await attempt(act)
  }
  await changeAccounts(db, book.id, [{ id: accounts.idle, status: 'closed', closedOn: today() }], at(), actor())
  await closeMonth(db, book.id, '2025-11', at(), actor())
  for (let step = 0; step < steps; step++) await attempt(pick(Object.values(acts)))
  await attempt(acts.unblock)
  clock.advance(49 * 60 * 60 * 1000)
  await attempt(acts.deposit)
  await attempt(() => hold(new Date(at().getTime() + 90 * 24 * 60 * 60 * 1000)))
  await attempt(acts.hold)
  await ledger.drain()
  return { ...book, accounts }
}

export type { Ledger }
