import type { AccountOpening, Draft, DraftEntry, HoldPlacing } from '../../src/ledger/index.ts'
import type { OracleBook } from './oracle.ts'
import type { DraftSeed } from './steps.ts'

/** The n-th id of a run: the same in every run of a seed, which makes a counterexample the same as well. */
export function idOf(kind: 'account' | 'draft' | 'hold', n: number): string {
  const part = { account: 'a', draft: 'd', hold: 'b' }[kind]
  return `0198c5f2-6f1e-7a53-9d0c-${part}${n.toString(16).padStart(11, '0')}`
}

/** What has been asked of a book so far, to be asked again. */
export type Asked = {
  drafts: Draft[]
  openings: AccountOpening[]
  placings: HoldPlacing[]
  now: number
  today: string
}

export const among = <T>(items: readonly T[], n: number): T | undefined => items[n % items.length]

/** An account there is, or now and then one there is not. */
export function accountAmong(book: OracleBook, n: number): string {
  return (n % 41 === 40 ? undefined : among([...book.accounts.keys()], n)) ?? idOf('account', 999)
}

export function dayFrom(today: string, offset: number): string {
  return new Date(Date.parse(today) + offset * 86_400_000).toISOString().slice(0, 10)
}

/** Turns a seed into a draft, which from then on may be asked again. */
export function draftFrom(seed: DraftSeed, book: OracleBook, asked: Asked): Draft {
  const draft = draftOfSeed(seed, book, asked)
  if (!asked.drafts.includes(draft)) asked.drafts.push(draft)
  return draft
}

function draftOfSeed(seed: DraftSeed, book: OracleBook, asked: Asked): Draft {
  const old = among(asked.drafts, seed.pick)
  const original = among(
    book.journal.filter(({ draft }) => draft.kind !== 'reversal'),
    seed.pick,
  )
  const fresh: Draft = {
    id: idOf('draft', asked.drafts.length),
    kind: seed.kind,
    valueDate: dateOf(seed, book, asked),
    entries: entriesOf(seed, book),
    ...(seed.reason === undefined ? {} : { reason: seed.reason }),
    ...(seed.evidence === undefined ? {} : { evidence: seed.evidence }),
  }
  if (seed.source === 'again' && old) return old
  if (seed.source === 'at once' && old) return among(asked.drafts.slice(-4), seed.pick)!
  if (seed.source === 'altered' && old) return altered(old, fresh, seed.flaw)
  if (seed.source === 'malformed') return malformed(fresh, seed.flaw)
  if (seed.source === 'reversal' && original) return mirror(fresh, original)
  if (seed.source === 'capture') return capture(fresh, seed, book)
  if (seed.source === 'brink') return brink(fresh, seed, book)
  return fresh
}

/** A day from today, or one on which something begins or ends. */
function dateOf({ day, flaw, legs }: DraftSeed, book: OracleBook, { today }: Asked): string {
  const { openedOn, closedOn } = book.accounts.get(accountAmong(book, legs[0]!.from)) ?? {}
  const { closedThrough } = book
  const edges = [
    closedThrough,
    closedThrough && dayFrom(closedThrough, 1),
    openedOn,
    closedOn,
    today,
    dayFrom(today, 1),
  ]
  return (flaw % 4 === 0 && among(edges, Math.floor(flaw / 4))) || dayFrom(today, day)
}

/** Takes just what is available above an account's floor, or one centavo more. */
function brink(fresh: Draft, { pick, flaw, legs }: DraftSeed, book: OracleBook): Draft {
  const account = among(
    [...book.accounts.values()].filter(({ floor }) => floor !== null),
    pick,
  )
  if (account === undefined) return fresh
  const taken = account.normal === 'debit' ? 'credit' : 'debit'
  const posted = account.normal === 'debit' ? account.debits - account.credits : account.credits - account.debits
  const amount = posted - account.held - account.floor! + (flaw % 2 === 0 ? 0n : 1n)
  if (amount <= 0n) return fresh
  return {
    ...fresh,
    entries: [
      { accountId: account.id, direction: taken, amount },
      { accountId: accountAmong(book, legs[0]!.to), direction: account.normal, amount },
    ],
  }
}

function entriesOf({ legs }: DraftSeed, book: OracleBook): DraftEntry[] {
  const debits: DraftEntry[] = []
  const credits: DraftEntry[] = []
  for (const { from, to, amount, split } of legs) {
    const parts = split && amount > 1n ? [amount / 2n, amount - amount / 2n] : [amount]
    debits.push({ accountId: accountAmong(book, from), direction: 'debit', amount })
    for (const part of parts) credits.push({ accountId: accountAmong(book, to), direction: 'credit', amount: part })
  }
  return [...debits, ...credits]
}

/** The same id with another content, in one way or another. */
function altered(old: Draft, fresh: Draft, flaw: number): Draft {
  const ways: Draft[] = [
    { ...old, valueDate: old.reverses ? later(old.valueDate, fresh.valueDate) : fresh.valueDate },
    { ...old, reason: `${old.reason ?? ''}.` },
    { ...old, evidence: { ...old.evidence, other: true } },
    // A reversal stays one: its entries are made by the ledger, and nobody else can give that kind.
    ...(old.reverses ? [] : alteredWhole(old, fresh)),
  ]
  return among(ways, flaw)!
}

function alteredWhole(old: Draft, fresh: Draft): Draft[] {
  return [
    { ...old, kind: fresh.kind },
    { ...old, entries: fresh.entries },
    { ...old, entries: old.entries.toReversed() },
  ]
}

function malformed(fresh: Draft, flaw: number): Draft {
  const [first, ...rest] = fresh.entries
  const ways: Draft[] = [
    { ...fresh, entries: [{ ...first!, amount: first!.amount + 1n }, ...rest] },
    { ...fresh, entries: [first!] },
    { ...fresh, entries: [] },
    { ...fresh, kind: 'Not a kind' },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: 0n })) },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: -entry.amount })) },
    { ...fresh, entries: fresh.entries.map(entry => ({ ...entry, amount: 1_000_000_000_000_000n })) },
  ]
  return among(ways, flaw)!
}

/** What the ledger makes of a reversal that it takes: one dated before its original comes no further than there. */
function mirror(fresh: Draft, original: OracleBook['journal'][number]): Draft {
  return {
    ...fresh,
    kind: 'reversal',
    valueDate: later(fresh.valueDate, original.draft.valueDate),
    reverses: { id: original.draft.id, sequence: BigInt(original.sequence) },
    entries: original.draft.entries.map(entry => ({
      ...entry,
      direction: entry.direction === 'debit' ? 'credit' : 'debit',
    })),
  }
}

const later = (one: string, other: string) => (one > other ? one : other)

/** Takes from the account of a hold, mostly within what is held; or from another account; or by a hold there is not. */
function capture(fresh: Draft, { pick, flaw, legs }: DraftSeed, book: OracleBook): Draft {
  const hold = among([...book.holds.values()], pick)
  if (hold === undefined || flaw % 19 === 0) return { ...fresh, holdId: idOf('hold', 999) }
  if (flaw % 11 === 0) return { ...fresh, holdId: hold.id }
  const amount = flaw % 7 === 0 ? hold.amount + 1n : flaw % 3 === 0 ? hold.amount : 1n + (legs[0]!.amount % hold.amount)
  const normal = book.accounts.get(hold.accountId)?.normal ?? 'credit'
  return {
    ...fresh,
    holdId: hold.id,
    entries: [
      { accountId: hold.accountId, direction: normal === 'credit' ? 'debit' : 'credit', amount },
      { accountId: accountAmong(book, legs[0]!.to), direction: normal, amount },
    ],
  }
}
