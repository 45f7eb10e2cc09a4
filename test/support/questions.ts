import { addMonths, lastDay, limaDate, type Month, monthOf } from '../../src/dates.ts'
import {
  type AccountChange,
  type AccountOpening,
  accountStatuses,
  accountTypes,
  changeAccounts,
  closeMonth,
  type Draft,
  directions,
  type HoldPlacing,
  type Ledger,
  type Outcome,
  openAccounts,
  placeHold,
  type Reversal,
  releaseHold,
  reverse,
  sequenceKnownAt,
} from '../../src/ledger/index.ts'
import { Refusal } from '../../src/refusals.ts'
import { type Asked, accountAmong, among, dayFrom, draftFrom, idOf } from './drafts.ts'
import { decideBatch, type Moment, type OracleBook, transactionOf, type Verdict } from './oracle.ts'
import {
  oracleChange,
  oracleClose,
  oracleExpire,
  oracleKnown,
  oracleOpen,
  oraclePlace,
  oracleRelease,
} from './oracle-register.ts'
import type { Step } from './steps.ts'

/** What is asked, with everything picked. */
export type Asking =
  | { verb: 'post'; jobs: { mode: 'single' | 'atomic' | 'independent'; actor: string; drafts: Draft[] }[] }
  | { verb: 'reverse'; reversal: Reversal }
  | { verb: 'open'; openings: AccountOpening[] }
  | { verb: 'change'; changes: AccountChange[] }
  | { verb: 'place'; placing: HoldPlacing }
  | { verb: 'release'; holdId: string }
  | { verb: 'close'; month: Month }
  | { verb: 'expire' }
  | { verb: 'know'; instant: Date }

/** One thing to ask of the ledger and of the oracle, whose answers have to be equal. */
export type Question = {
  asking: Asking
  ask(ledger: Ledger): Promise<unknown>
  judge(book: OracleBook, moment: Moment): unknown
}

const actor = 'tester'

/** Makes a step into a question about this book as it is now. */
export function questionOf(step: Step, bookId: string, book: OracleBook, asked: Asked): Question {
  switch (step.step) {
    case 'post':
      return posting(step, bookId, book, asked)
    case 'reverse':
      return reversing(step, bookId, book, asked)
    case 'open':
      return opening(step, bookId, asked)
    case 'change':
      return changing(step, bookId, book, asked)
    case 'place':
      return placing(step, bookId, book, asked)
    case 'release': {
      const id = among([...book.holds.keys()], step.pick) ?? idOf('hold', 999)
      return {
        asking: { verb: 'release', holdId: id },
        ask: ({ db, clock }) => told(releaseHold(db, bookId, id, undefined, clock.now(), actor)),
        judge: (book, moment) => oracleRelease(book, id, moment, actor),
      }
    }
    case 'close': {
      const days = [book.openedOn, ...book.journal.map(({ draft }) => draft.valueDate)]
      const next = book.closedThrough === null ? monthOf(days.sort()[0]!) : monthAfter(book.closedThrough)
      const months = [next, next, next, monthOf(asked.today), addMonths(next, -1), addMonths(next, 1)]
      const month = among(months, step.month)!
      return {
        asking: { verb: 'close', month },
        ask: ({ db, clock }) => told(closeMonth(db, bookId, month, clock.now(), actor)),
        judge: (book, moment) => oracleClose(book, lastDay(month), moment, actor),
      }
    }
    case 'expire':
      return {
        asking: { verb: 'expire' },
        async ask({ db, clock }) {
          const { rows } = await db.$client.query('select ledger_expire($1, $2) as ended', [bookId, clock.now()])
          return rows[0].ended
        },
        judge: (book, moment) => oracleExpire(book, moment),
      }
    case 'know': {
      const instant = new Date(asked.now - step.ago)
      return {
        asking: { verb: 'know', instant },
        ask: ({ db, clock }) => told(sequenceKnownAt(db, bookId, instant, clock).then(Number)),
        judge: (book, moment) => oracleKnown(book, instant, moment),
      }
    }
  }
}

type StepOf<Kind extends Step['step']> = Extract<Step, { step: Kind }>

/** Several jobs in one turn of the event loop: one batch, decided in the order of asking. */
function posting({ jobs }: StepOf<'post'>, bookId: string, book: OracleBook, asked: Asked): Question {
  const drafted = jobs.map(({ mode, drafts, actor }) => ({
    mode,
    actor,
    drafts: (mode === 'single' ? drafts.slice(0, 1) : drafts).map(seed => draftFrom(seed, book, asked)),
  }))
  return {
    asking: { verb: 'post', jobs: drafted },
    ask: ledger =>
      Promise.all(
        drafted.map(async ({ mode, actor, drafts }) =>
          mode === 'single'
            ? [await verdictOfOne(ledger.post(bookId, drafts[0]!, actor))]
            : (await ledger.postList(bookId, drafts, mode, actor)).map(verdictOf),
        ),
      ),
    judge: (book, moment) =>
      decideBatch(
        book,
        drafted.map(job => ({ ...job, mode: job.mode === 'single' ? 'independent' : job.mode })),
        moment,
      ),
  }
}

function reversing({ pick, day, again }: StepOf<'reverse'>, bookId: string, book: OracleBook, asked: Asked): Question {
  const original = among(book.journal, pick)?.draft
  const reversal = {
    id: (again && among(asked.drafts, pick)?.id) || idOf('draft', asked.drafts.length),
    reverses: original?.id ?? idOf('draft', 9999),
    valueDate: dayFrom(asked.today, day),
    reason: 'typed twice',
  }
  if (original && original.kind !== 'reversal')
    asked.drafts.push({ ...original, id: reversal.id, reason: reversal.reason })
  return {
    asking: { verb: 'reverse', reversal },
    ask: async ledger => [[await verdictOfOne(reverse(ledger, bookId, reversal, actor))]],
    judge: (book, moment): Verdict[][] => {
      const known = transactionOf(book, reversal.reverses)
      if (known === undefined) return [[{ outcome: 'transaction-not-found' }]]
      if (known.draft.kind === 'reversal') return [[{ outcome: 'reversal-not-reversible' }]]
      const originalValueDate = known.draft.valueDate
      if (reversal.valueDate < originalValueDate) {
        return [[{ outcome: 'value-date-before-original', originalValueDate }]]
      }
      const draft = {
        ...{ id: reversal.id, kind: 'reversal', valueDate: reversal.valueDate, reason: reversal.reason },
        reverses: { id: reversal.reverses, sequence: BigInt(known.sequence) },
        entries: known.draft.entries.map(({ direction, ...entry }) => ({
          ...entry,
          direction: direction === 'debit' ? ('credit' as const) : ('debit' as const),
        })),
      }
      return decideBatch(book, [{ drafts: [draft], mode: 'independent', actor }], moment)
    },
  }
}

function opening(step: StepOf<'open'>, bookId: string, asked: Asked): Question {
  const fresh: AccountOpening = {
    id: idOf('account', asked.openings.length),
    code: step.code % 5 === 0 ? asked.openings[0]!.code : `3000.${asked.openings.length}`,
    name: 'Account',
    type: among(accountTypes, step.type)!,
    ...(step.normal % 3 === 2 ? {} : { normal: directions[step.normal % 3]! }),
    floor: step.floor,
    openedOn: dayFrom(asked.today, step.day),
  }
  const old = among(asked.openings, step.pick)!
  const openings = step.again ? [step.code % 3 === 0 ? { ...old, name: 'Other' } : old, fresh] : [fresh]
  asked.openings.push(fresh)
  return {
    asking: { verb: 'open', openings },
    ask: ({ db, clock }) => told(openAccounts(db, bookId, openings, clock.now(), actor)),
    judge: (book, moment) => oracleOpen(book, openings, moment, actor),
  }
}

function changing(step: StepOf<'change'>, bookId: string, book: OracleBook, asked: Asked): Question {
  const changes = step.picks.map((pick, index): AccountChange => {
    const status = among([...accountStatuses, 'open', 'open', undefined] as const, step.status + index)
    const closedOn = status === 'closed' || step.status % 13 === 0 ? dayFrom(asked.today, step.day) : undefined
    return {
      id: accountAmong(book, pick),
      ...(status === undefined ? {} : { status }),
      ...(closedOn === undefined ? {} : { closedOn }),
      ...(step.floor === undefined ? {} : { floor: step.floor }),
      ...(step.rename ? { name: `Renamed ${pick}` } : {}),
    }
  })
  return {
    asking: { verb: 'change', changes },
    ask: ({ db, clock }) => told(changeAccounts(db, bookId, changes, clock.now(), actor)),
    judge: (book, moment) => oracleChange(book, changes, moment, actor),
  }
}

function placing(step: StepOf<'place'>, bookId: string, book: OracleBook, asked: Asked): Question {
  const old = step.again % 5 === 0 ? among(asked.placings, step.again) : undefined
  const fresh: HoldPlacing = {
    id: idOf('hold', asked.placings.length),
    accountId: accountAmong(book, step.pick),
    amount: step.amount,
    ...(step.expiry === null ? {} : { expiresAt: new Date(asked.now + step.expiry) }),
    ...(step.pick % 2 === 0 ? {} : { reason: 'on its way' }),
  }
  const placing = old === undefined ? fresh : step.alter ? { ...old, amount: old.amount + 1n } : old
  asked.placings.push(placing)
  return {
    asking: { verb: 'place', placing },
    ask: ({ db, clock }) => told(placeHold(db, bookId, placing, clock.now(), actor)),
    judge: (book, moment) => oraclePlace(book, placing, moment, actor),
  }
}

function monthAfter(day: string): string {
  return addMonths(monthOf(day), 1)
}

async function told<T>(answer: Promise<T>): Promise<{ value: T } | { refusal: string }> {
  try {
    return { value: await answer }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { refusal: error.code }
  }
}

async function verdictOfOne(posting: ReturnType<Ledger['post']>): Promise<Verdict> {
  try {
    return verdictOf({ posted: await posting })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return verdictOf({ refusal: error })
  }
}

/** An outcome in the oracle's words. */
function verdictOf(outcome: Outcome): Verdict {
  if ('posted' in outcome) {
    const { replayed, sequence, recordedAt } = outcome.posted
    return {
      outcome: replayed ? 'replayed' : 'posted',
      sequence: Number(sequence),
      recordedAt: recordedAt.getTime(),
    }
  }
  const { code, facts } = outcome.refusal
  const { available, ...others } = facts as { available?: string }
  // The books of these tests count in soles, with two decimals.
  return {
    outcome: code,
    ...others,
    ...(available === undefined ? {} : { available: BigInt(available.replace('.', '')) }),
  } as Verdict
}

/** The moment at which a ledger is asked. */
export function momentOf({ clock }: Ledger): Moment {
  const now = clock.now()
  return { now: now.getTime(), today: limaDate(now) }
}
