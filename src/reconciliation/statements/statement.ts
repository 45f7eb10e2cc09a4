/** What raises what the holder has at the bank, and what lowers it: the bank's words, and so the other way round in our books. */
export const sides = ['credit', 'debit'] as const
export type Side = (typeof sides)[number]

/** An amount as the file says it: a decimal string without a sign and with all its decimals, such as `"18.150"`. Never a number. */
export type Money = { amount: string; currency: string; side: Side }

/** Only what is booked counts: the rest is expected, or for information. */
export const lineStatuses = ['booked', 'pending', 'information'] as const

/** One of the payments that a bank booked as one line. */
export type LineDetail = {
  money: Money | null
  reference: string | null
  endToEndId: string | null
  counterparty: string | null
  counterpartyAccount: string | null
  text: string
}

export type StatementLine = {
  /** Its place in the statement, from 1. */
  number: number
  /** Where it stands in the file. */
  where: string
  /** By its side it raised or lowered the balance, also when it is a reversal. */
  money: Money
  status: (typeof lineStatuses)[number]
  isReversal: boolean
  bookingDate: string | null
  valueDate: string | null
  /** The bank's own. */
  reference: string | null
  /** The payer's, or of a batch the id of our own order. */
  endToEndId: string | null
  /** ISO 20022's domain, family and sub-family, else the bank's own code; SWIFT's type. */
  code: string | null
  counterparty: string | null
  counterpartyAccount: string | null
  text: string
  /** Of a batch: its payments, when the file tells them. */
  details: readonly LineDetail[]
}

/** The lines of a statement in their order, as often as one likes. */
export type Lines = Iterable<StatementLine> & { readonly length: number }

export const balanceKinds = [
  'opening',
  'closing',
  'interim-opening',
  'interim-closing',
  'available',
  'forward',
  'other',
] as const

export type Balance = { kind: (typeof balanceKinds)[number]; money: Money; date: string | null }

/** `schema`: the file breaks the schema of its message there. */
export type Warning = { where: string; message: string; breaks?: 'schema' }

/** One statement of one bank account, as the file says it: nothing is corrected. A notice is told before the bank's day is over, and proves nothing. */
export type Statement = {
  kind: 'statement' | 'notice'
  id: string | null
  /** In the bank's sequence, with the page behind a stroke where the file tells one. */
  number: string | null
  account: string
  currency: string | null
  from: string | null
  to: string | null
  createdAt: string | null
  balances: readonly Balance[]
  lines: Lines
  warnings: readonly Warning[]
}

/** Why a file is not taken: the place in it, and the reason. */
export class FileFault extends Error {
  readonly where: string

  constructor(where: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'FileFault'
    this.where = where
  }
}

/** No bank tells more balances of one statement; what never ends must not fill the memory. */
const mostBalances = 1_000

/** @throws FileFault when there are more balances than any statement has */
export function takeBalance<Taken>(balances: Taken[], where: string, balance: Taken): void {
  if (balances.length === mostBalances) throw new FileFault(where, 'there are more balances than any statement has')
  balances.push(balance)
}

/** A file may be wrong in every line; nobody reads more warnings of one statement than this. */
const mostWarnings = 100

/** Adds a warning, or says once that there were more. */
export function warn(warnings: Warning[], where: string, message: string, breaks?: 'schema'): void {
  if (warnings.length < mostWarnings) warnings.push({ where, message, ...(breaks && { breaks }) })
  else if (warnings.length === mostWarnings) warnings.push({ where, message: 'there is more amiss from here on' })
}

/**
 * The same facts in strings of their own. What was cut out of a file keeps whole pieces of the file in memory for as long as
 * it lives, and repeats what all lines say.
 */
export function detached<Facts>(facts: Facts): Facts {
  return JSON.parse(JSON.stringify(facts)) as Facts
}
