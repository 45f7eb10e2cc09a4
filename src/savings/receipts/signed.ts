import canonicalize from 'canonicalize'
import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import { directionSchema, hashText } from '../../ledger/index.ts'
import { amountText, currencySchema, signedAmountText } from '../../money.ts'
import { keyOf } from '../../signing/key-of.ts'
import { type PublicJwk, type Signer, verifiedText } from '../../signing/signing.ts'
import { moneyNameSchema } from '../chart.ts'
import type { Receipt } from './receipt.ts'

/**
 * What is signed of a receipt: the movement, which is the same for ever, and whose it is as known when it is signed, in the
 * few letters that she recognises; a correction of her name makes other letters. Names are short, for all of
 * it has to fit into a code that a phone reads from paper.
 */
const claims = z.strictObject({
  /** The transaction, its book, its number in it and its link of the chain. */
  id: z.uuid(),
  book: z.uuid(),
  n: z.int(),
  hash: hashText,
  name: z.string(),
  kind: z.string(),
  /** Value date, and when it was recorded. */
  day: calendarDate,
  at: instantText,
  cur: currencySchema,
  lines: z.array(
    z.strictObject({
      who: z.string(),
      acc: z.string(),
      money: moneyNameSchema,
      way: directionSchema,
      amt: amountText,
      left: signedAmountText,
    }),
  ),
})

export type ReceiptClaims = z.output<typeof claims>

/** A receipt as a compact JWS: what is said alike is signed alike, whenever, as long as the key is the same. */
export function signedReceipt(signer: Signer, bookId: string, receipt: Receipt): string {
  const told: ReceiptClaims = {
    ...{ id: receipt.transactionId, book: bookId, n: receipt.sequence, hash: receipt.hash, name: receipt.book },
    ...{ kind: receipt.kind, day: receipt.valueDate, at: receipt.recordedAt, cur: receipt.currency },
    lines: receipt.lines.map(({ holder, account, money, direction, amount, balanceAfter }) => ({
      ...{ who: holder, acc: account, money, way: direction, amt: amount, left: balanceAfter },
    })),
  }
  return signer.sign('qullqi-receipt', canonicalize(told)!)
}

export type ReceiptVerdict = { ok: true; keyId: string; claims: ReceiptClaims } | { ok: false; fault: string }

/** Checks a receipt by keys that were kept before, without asking anybody. Pure. */
export function verifyReceipt(jws: string, keys: readonly Pick<PublicJwk, 'x' | 'kid'>[]): ReceiptVerdict {
  const fault = (text: string): ReceiptVerdict => ({ ok: false, fault: text })
  const key = keyOf(jws, keys)
  if (typeof key === 'string') return fault(`it ${key}`)
  const text = verifiedText(jws, Buffer.from(key.x, 'base64url'), 'qullqi-receipt')
  if (text === null) return fault('its signature is wrong: somebody changed or made it')
  const read = claims.safeParse(parsed(text))
  return read.success ? { ok: true, keyId: key.kid, claims: read.data } : fault('it is signed, and is no receipt')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
