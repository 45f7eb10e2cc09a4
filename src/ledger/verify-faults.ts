/** What can be wrong with a book: a closed list. Each says what of the stored does not follow from the rest. */
export const faultRules = {
  'sequence-gap': 'a transaction is missing, or stands where another should',
  'recorded-out-of-order': 'it is recorded before what precedes it',
  'recorded-in-future': 'it is recorded later than it is now',
  'entry-without-transaction': 'entries stand without their transaction',
  'entries-too-few': 'a transaction has fewer than two entries',
  'entry-position': 'the entries of a transaction are not numbered 1 to n',
  'entry-amount': 'an entry is not of a positive amount',
  'entry-value-date': "an entry's value date is not its transaction's",
  'debits-differ-from-credits': 'the debits and credits of a transaction differ',
  'first-entry': 'the link to the first entry is not 1',
  'evidence-form': 'evidence is not what posting writes',
  'content-hash': 'the stored content does not give the content hash',
  'link-hash': 'the link to what precedes it is broken',
  'value-date-in-future': 'the value date is after the day of recording',
  'value-date-in-closed-month': 'the month of the value date was closed when it was recorded',
  'adjustment-without-reason': 'an adjustment has no reason',
  'reversal-kind': 'a reversal reverses nothing, or what reverses is no reversal',
  'reversal-original': 'what is reversed is missing, later, or itself a reversal',
  'reversal-not-mirror': 'a reversal is not the exact mirror of its original',
  'reversed-twice': 'a transaction is reversed more than once',
  'capture-unregistered': 'a transaction names a hold that the register does not say it captured',
  'entry-account': 'an entry is on an account that does not exist',
  'entry-totals': "the account's totals after an entry are not the sum of its entries until then",
  'account-not-open': 'the account was not open when the entry was recorded',
  'account-not-effective': 'the value date was outside the time in which the account takes entries',
  'below-floor': 'the account was below its floor afterwards, holds included',
  'event-gap': 'an event of the register is missing, or stands where another should',
  'event-out-of-order': 'an event is recorded before what precedes it',
  'event-content': 'the content of an event is not of its kind, or not about its subject',
  'event-link': 'the link of an event to the one before is broken',
  'event-impossible': 'an event tells what could not have happened then',
  'book-differs': 'the book is not as the register says it was opened',
  'account-missing': 'the register knows an account that is not there',
  'account-unregistered': 'an account is there that the register does not know',
  'account-differs': 'an account is not as the register left it',
  'account-totals': "an account's totals are not the sum of its entries",
  'account-held': 'what an account holds is not the sum of its placed holds',
  'day-totals': "a day's totals are not the sum of the account's entries of that value date",
  'hold-missing': 'the register knows a hold that is not there',
  'hold-unregistered': 'a hold is there that the register does not know',
  'hold-differs': 'a hold is not as the register left it',
  'hold-captured-amount': 'what a hold gave is not what its transaction took',
  'hold-overdue': 'a hold outlasted the time at which it had to expire',
  'head-missing': 'the book has no head',
  'head-differs': "the book's head is not where its chains end",
  'record-missing': 'the register or a transaction names a record that is not there',
  'record-unregistered': 'a record is there that neither the register nor a transaction vouches for',
  'record-differs': 'a record is not as it was when the register or its transactions vouched for it',
  'record-unposted': 'a record says that it was posted, and there is no such transaction',
  'guard-missing': 'a constraint or trigger that keeps the ledger is missing or off',
} as const

export type FaultRule = keyof typeof faultRules

/**
 * One thing that is wrong: where, and what was expected and found. Names, reasons and evidence are never repeated here, for
 * they may be a person's; of those it is only said that they differ.
 */
export type Fault = {
  rule: FaultRule
  /** The transaction that is wrong. */
  sequence?: bigint
  /** The event of the register that is wrong. */
  event?: bigint
  accountId?: string
  holdId?: string
  /** What other parts keep beside the ledger: the table, and the id of the record in it. */
  table?: string
  recordId?: string
  /** The column, constraint or trigger. */
  field?: string
  expected: string
  found: string
}

/** The first faults of a book: transactions by sequence, each once, then events by number, then all else. */
export type FaultList = {
  readonly first: readonly Fault[]
  /** How many there were, those left out included. */
  readonly count: number
  add(fault: Fault): void
}

/** Keeps the first `most` faults, whatever the order in which they are found. */
export function faultList(most: number): FaultList {
  const first: Fault[] = []
  let count = 0
  return {
    first,
    get count() {
      return count
    },
    add(fault) {
      // What else is wrong with a transaction mostly follows from the first.
      if (fault.sequence !== undefined && first.some(({ sequence }) => sequence === fault.sequence)) return
      count += 1
      let place = first.length
      while (place > 0 && before(fault, first[place - 1]!)) place -= 1
      if (place >= most) return
      first.splice(place, 0, fault)
      if (first.length > most) first.pop()
    },
  }
}

function before(one: Fault, other: Fault): boolean {
  const [rank, otherRank] = [rankOf(one), rankOf(other)]
  if (rank !== otherRank) return rank < otherRank
  if (rank === 0) return one.sequence! < other.sequence!
  return rank === 1 && one.event! < other.event!
}

function rankOf({ sequence, event }: Fault): number {
  return sequence !== undefined ? 0 : event !== undefined ? 1 : 2
}
