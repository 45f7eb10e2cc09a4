import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { profileSchema } from '../../src/reconciliation/statements/profile-shape.ts'
import { exampleProfiles } from '../../src/reconciliation/statements/profiles.ts'
import { type Hint, readStatements } from '../../src/reconciliation/statements/read.ts'
import { FileFault, type Statement } from '../../src/reconciliation/statements/statement.ts'
import { bytesOf, samplePath } from './reading.ts'
import { type Recount, recountCamt, recountCsv, recountMt940 } from './recount.ts'

const profile = profileSchema.parse(exampleProfiles[0])

const csv = [
  'Estado de cuenta',
  'Cuenta;191-1234567-0-55;;Moneda;PEN',
  'Saldo inicial;1.000,00',
  'Saldo final;1.249,50',
  'Fecha;Fecha valor;Descripción;N° operación;Cargo;Abono;Saldo',
  '05/01/2026;05/01/2026;Depósito cuota 1;000123;;250,00;1.250,00',
  '05/01/2026;06/01/2026;Comisión;000124;0,50;;1.249,50',
  '06/01/2026;;Prueba;000125;;0,00;1.249,50',
  ';;TOTAL;;0,50;250,00;',
].join('\r\n')

const files: [name: string, text: string, recount: (text: string) => Recount, hint: Hint, runs: number][] = [
  ...[
    'two-statements.camt053.v2',
    'continuity.camt053.v2',
    'business.camt053.v4',
    'three-decimals.camt053.v2',
    'invalid-order.camt053.v2',
    'batch.camt054.v8',
  ].map(name => [name, letters(`camt/${name}.xml`), recountCamt, {}, 150] as (typeof files)[number]),
  ...['february-30.sta', 'unbalanced.sta', 'latin1.txt', 'interim-balances.txt'].map(
    name => [name, letters(`mt940/${name}`), recountMt940, {}, 300] as (typeof files)[number],
  ),
  ['sepa-26-statements.sta', letters('mt940/sepa-26-statements.sta'), recountMt940, {}, 80],
  ['a CSV by its profile', Buffer.from(csv).toString('latin1'), recountCsv, { profile }, 400],
]

/** Bytes as letters, one each, so that a mutation may be of any byte. */
function letters(name: string): string {
  return readFileSync(samplePath(name), 'latin1')
}

const pieces = [
  '0',
  '9',
  ',',
  '.',
  '-',
  '\n',
  '\r\n',
  ':',
  '<',
  '>',
  '/',
  '&',
  ';',
  '"',
  "'",
  '\0',
  ' ',
  '\xff',
  'C',
  'D',
  'RC',
  ':61:',
  ':62F:',
  '-\n',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<Amt>',
  '</Ntry>',
  '<Ntry>',
  '&#48;',
  '99999999999999999999999999',
  'CRDT',
  'DBIT',
  'PDNG',
  'TOTAL',
]

/** Changes as disks, editors and swindlers make them. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), text: fc.constantFrom(...pieces) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), text: fc.constantFrom(...pieces) }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('digit' as const), at: fc.nat(), digit: fc.integer({ min: 0, max: 9 }) }),
  fc.record({
    kind: fc.constant('lines' as const),
    at: fc.nat(),
    count: fc.integer({ min: 0, max: 12 }),
    to: fc.nat(),
  }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function changed(text: string, edit: Change): string {
  const at = edit.at % (text.length + 1)
  if (edit.kind === 'replace') return text.slice(0, at) + edit.text + text.slice(at + edit.text.length)
  if (edit.kind === 'insert') return text.slice(0, at) + edit.text + text.slice(at)
  if (edit.kind === 'delete') return text.slice(0, at) + text.slice(at + edit.length)
  if (edit.kind === 'cut') return text.slice(0, at)
  if (edit.kind === 'digit') {
    const digits = [...text.matchAll(/\d/g)]
    const place = digits[edit.at % Math.max(1, digits.length)]?.index ?? 0
    return text.slice(0, place) + String(edit.digit) + text.slice(place + 1)
  }
  // Lines doubled elsewhere, or taken away when the count is zero.
  const lines = text.split('\n')
  const from = edit.at % lines.length
  if (edit.count === 0) return lines.toSpliced(from, 1).join('\n')
  return lines.toSpliced(edit.to % (lines.length + 1), 0, ...lines.slice(from, from + edit.count)).join('\n')
}

async function accepted(text: string, hint: Hint): Promise<Statement[] | null> {
  const statements: Statement[] = []
  try {
    for await (const statement of readStatements(bytesOf(Buffer.from(text, 'latin1'), 1_000), hint))
      statements.push(statement)
    return statements
  } catch (fault) {
    if (!(fault instanceof FileFault)) throw fault
    expect(fault.where).toMatch(/^(line \d+|the profile)/)
    expect(fault.message).not.toBe('')
    return null
  }
}

/** What was read, as the recounts say it: every line with its sign and status, and every balance. */
function told(statements: readonly Statement[]): Recount {
  const amount = ({ amount, side }: { amount: string; side: string }) => `${side === 'debit' ? '-' : '+'}${amount}`
  return {
    lines: statements.flatMap(({ lines }) =>
      [...lines].map(line => `${amount(line.money)} ${line.status === 'booked' ? 'booked' : 'not'}`),
    ),
    balances: statements.flatMap(({ balances }) => balances.map(({ money }) => amount(money))),
  }
}

test.each(files)(
  '%s, however changed, is refused by name or read as it stands',
  { timeout: 120_000 },
  async (_, text, recount, hint, runs) => {
    expect(told((await accepted(text, hint)) ?? [])).toEqual(
      text.includes('1602300301') ? { lines: [], balances: [] } : recount(text),
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async edits => {
        const mutated = edits.reduce(changed, text)
        const statements = await accepted(mutated, hint)
        if (statements === null) return
        taken += 1
        expect(told(statements)).toEqual(recount(mutated))
      }),
      { numRuns: runs },
    )
    if (!text.includes('1602300301')) expect(taken).toBeGreaterThan(0)
  },
)

test('bytes that are nothing are refused by every reader', { timeout: 60_000 }, async () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  await fc.assert(
    fc.asyncProperty(
      bytes,
      fc.constantFrom<Hint>({ format: 'camt' }, { format: 'mt940' }, { profile }, {}),
      async (some, hint) => {
        expect(await accepted(Buffer.from(some).toString('latin1'), hint)).toBe(null)
      },
    ),
    { numRuns: 500 },
  )
})

test('the format is told by how a file begins, and a CSV without a profile is not guessed at', async () => {
  expect((await accepted(`ABNANL2A\n940\nABNANL2A\n${letters('mt940/interim-balances.txt')}`, {}))?.length).toBe(3)
  expect(
    (await accepted(` \n${letters('camt/business.camt053.v4.xml').replace(/^<\?xml.*\?>/, '')}`, {}))?.length,
  ).toBe(1)
  expect(await accepted(csv, {})).toBe(null)
  expect(await accepted(letters('mt940/latin1.txt'), { format: 'camt' })).toBe(null)
})
