import type { Tx } from '../../db/client.ts'
import { type Currency, currencyDecimals } from '../../money.ts'
import { type GateBreak, type Gated, gateBreaks } from '../intake/gate.ts'
import { neighbours, sharedSum } from '../intake/order.ts'
import { type BreakChanges, type FoundBreak, syncBreaks } from './keep.ts'

type Of = { bookId: string; bankAccountId: string; currency: Currency }

/**
 * Looks at a statement that was just taken, and at the one that it now stands before: what was missing there may have come.
 * Answers what changed, one after the other.
 */
export async function lookAtStatement(tx: Tx, of: Of, statementId: string, now: Date): Promise<BreakChanges[]> {
  const { before, itself, after } = await neighbours(tx, of.bookId, of.bankAccountId, statementId)
  const changes = [await look(tx, of, itself, before, now)]
  if (after !== null) changes.push(await look(tx, of, after, itself, now))
  return changes
}

async function look(
  tx: Tx,
  of: Of,
  statement: Gated & { id: string },
  before: Gated | null,
  now: Date,
): Promise<BreakChanges> {
  const shared = await sharedSum(tx, of.bookId, of.bankAccountId, statement.id, before)
  const found = gateBreaks(statement, before, shared)
  return keepFound(tx, of, statement, found, now)
}

/** Keeps what was found of a statement. */
export async function keepFound(
  tx: Tx,
  { bookId, bankAccountId, currency }: Of,
  { id, toDay }: { id: string; toDay: string },
  found: readonly GateBreak[],
  now: Date,
): Promise<BreakChanges> {
  const beginning = `statement:${id}:`
  const breaks = found.map(
    ({ reason, amount, detail }): FoundBreak => ({
      subject: beginning + reason,
      ...{
        reason,
        detail,
        statementId: id,
        line: null,
        sequence: null,
        position: null,
        day: toDay,
        question: null,
        score: null,
      },
      amount: amount === null ? null : minorUnits(amount, currency),
    }),
  )
  return syncBreaks(tx, { bookId, bankAccountId, beginnings: [beginning] }, breaks, now)
}

/** An amount as a file gives it in minor units; null when it is none. */
function minorUnits(amount: string, currency: Currency): bigint | null {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.')
  const decimals = currencyDecimals[currency]
  if (/[1-9]/.test(fraction.slice(decimals)) || whole.length > 15) return null
  const minor = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return amount.startsWith('-') ? -minor : minor
}
