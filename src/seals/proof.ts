import { z } from 'zod'
import { hashText } from '../ledger/index.ts'
import { keyOf } from '../signing/key-of.ts'
import { type PublicJwk, verifiedText } from '../signing/signing.ts'
import { type Seal, sealSchema, sectionSchema, sectionText } from './texts.ts'
import { rootBy } from './tree.ts'

/** The hashes that lead from a leaf to the root of a tree, from below (RFC 6962, 2.1.1), and the leaf's place in it. */
const pathSchema = z
  .object({
    place: z
      .int()
      .nonnegative()
      .describe('Of the leaf, from 0')
      .meta({ examples: [1] }),
    size: z
      .int()
      .positive()
      .describe('Leaves of the tree')
      .meta({ examples: [2] }),
    path: z.array(hashText).max(60),
  })
  .meta({ id: 'TreePath' })

/** A book's section of a seal, and the way from it to what was signed. */
export const sealedSectionSchema = z
  .object({
    section: sectionSchema,
    inSeal: pathSchema.describe('From the section to the root of the seal; its leaf is its canonical text (RFC 8785)'),
    signature: z
      .string()
      .describe('The seal, a compact JWS (EdDSA, RFC 8037); its keys are at `/.well-known/jwks.json`')
      .meta({ examples: ['eyJhbGciOiJFZERTQSIs…'] }),
  })
  .meta({ id: 'SealedSection' })

export type SealedSection = z.output<typeof sealedSectionSchema>

/** That a transaction was in its book when a day was sealed. */
export const inclusionSchema = sealedSectionSchema
  .extend({
    transactionId: z.uuid(),
    sequence: z
      .int()
      .positive()
      .meta({ examples: [1042] }),
    hash: hashText.describe('Of the transaction, as on its receipt: the leaf'),
    inSection: pathSchema.describe('From the transaction to the root of the section'),
  })
  .meta({ id: 'Inclusion' })

export type Inclusion = z.output<typeof inclusionSchema>

export type SealVerdict = { ok: true; keyId: string; seal: Seal } | { ok: false; fault: string }

/** Checks a seal by keys that were kept before. Pure, as all here. */
export function verifySeal(signature: string, keys: readonly Pick<PublicJwk, 'x' | 'kid'>[]): SealVerdict {
  const found = keyOf(signature, keys)
  if (typeof found === 'string') return { ok: false, fault: `the seal ${found}` }
  const text = verifiedText(signature, Buffer.from(found.x, 'base64url'), 'qullqi-seal')
  if (text === null) return { ok: false, fault: 'the seal’s signature is wrong: somebody changed or made it' }
  const read = sealSchema.safeParse(JSON.parse(text))
  return read.success
    ? { ok: true, keyId: found.kid, seal: read.data }
    : { ok: false, fault: 'what was signed is no seal' }
}

/** Checks that a book's section is in the seal that it comes with. */
export function verifySection(told: SealedSection, keys: readonly Pick<PublicJwk, 'x' | 'kid'>[]): SealVerdict {
  const verdict = verifySeal(told.signature, keys)
  if (!verdict.ok) return verdict
  const { seal } = verdict
  const leads = leadsTo(seal.root, sectionText(told.section), told.inSeal)
  if (told.inSeal.size !== seal.sections || told.section.day !== seal.day || !leads)
    return { ok: false, fault: 'the book’s section is not in the seal' }
  return verdict
}

/** What a receipt says of its transaction, as far as a proof is about it. */
export type Receipted = { id: string; book: string; n: number; hash: string }

/** Checks that the transaction of a receipt is in the seal that the proof comes with. */
export function verifyInclusion(
  told: Inclusion,
  receipt: Receipted,
  keys: readonly Pick<PublicJwk, 'x' | 'kid'>[],
): SealVerdict {
  const { section, inSection } = told
  const isOfReceipt =
    told.transactionId === receipt.id &&
    told.sequence === receipt.n &&
    told.hash === receipt.hash &&
    section.book === receipt.book
  if (!isOfReceipt) return { ok: false, fault: 'the proof is of another transaction than the receipt' }
  if (!isPlaced(told) || !leadsTo(section.root, Buffer.from(receipt.hash, 'hex'), inSection))
    return { ok: false, fault: 'the transaction is not in the book’s section' }
  return verifySection(told, keys)
}

/** A transaction's place in the tree follows from its number. */
function isPlaced({ sequence, section, inSection }: Inclusion): boolean {
  return inSection.size === section.through - section.after && inSection.place === sequence - section.after - 1
}

function leadsTo(root: string, leaf: Buffer | string, { place, size, path }: z.output<typeof pathSchema>): boolean {
  const hashes = path.map(hash => Buffer.from(hash, 'hex'))
  return rootBy(leaf, place, size, hashes)?.toString('hex') === root
}
