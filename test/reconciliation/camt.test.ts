import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { readCamt } from '../../src/reconciliation/statements/camt.ts'
import { sumsOf } from '../../src/reconciliation/statements/sums.ts'
import { allOf, bytesOf, faultOf, movements, sample } from './reading.ts'

const header = '<?xml version="1.0" encoding="UTF-8"?>'

function document(statements: string, version = '08', message = '053'): string {
  const around = { '052': 'BkToCstmrAcctRpt', '053': 'BkToCstmrStmt', '054': 'BkToCstmrDbtCdtNtfctn' }[message]
  const namespace = `urn:iso:std:iso:20022:tech:xsd:camt.${message}.001.${version}`
  return `${header}\n<Document xmlns="${namespace}"><${around}><GrpHdr><MsgId>M</MsgId></GrpHdr>${statements}</${around}></Document>`
}

function balance(code: string, amount: string, side = 'CRDT', currency = 'PEN'): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>\n`
}

function entry(
  amount: string,
  side = 'CRDT',
  more: { status?: string; reversal?: string; rest?: string; currency?: string } = {},
): string {
  const { status = '<Cd>BOOK</Cd>', reversal = '', rest = '', currency = 'PEN' } = more
  return `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>${reversal}<Sts>${status}</Sts><BookgDt><Dt>2026-01-02</Dt></BookgDt><BkTxCd/>${rest}</Ntry>\n`
}

function statement(inside: string, opening = '10.00', closing = '10.00'): string {
  return `<Stmt><Id>S1</Id><LglSeqNb>7</LglSeqNb><Acct><Id><Othr><Id>191-1</Id></Othr></Id><Ccy>PEN</Ccy></Acct>${balance('OPBD', opening)}${balance('CLBD', closing)}${inside}</Stmt>`
}

async function only(text: string | Uint8Array) {
  const [found, ...others] = await allOf(readCamt(bytesOf(text, 11)))
  expect(others).toEqual([])
  return found!
}

test.each([
  ['two-statements.camt053.v2.xml', [7, 4], [true, true], [0, 0]],
  ['continuity.camt053.v2.xml', [1, 1], [true, true], [1, 0]],
  ['business.camt053.v4.xml', [3], [true], [0]],
  ['three-decimals.camt053.v2.xml', [1], [false], [1]],
  ['invalid-order.camt053.v2.xml', [2], [false], [1]],
  ['batch.camt054.v8.xml', [1], [null], [2]],
])('%s is read as it is', async (name, lines, balanced, warnings) => {
  const statements = await allOf(readCamt(sample(`camt/${name}`)))
  expect(statements.map(found => found.lines.length)).toEqual(lines)
  expect(statements.map(found => sumsOf(found).isBalanced)).toEqual(balanced)
  expect(statements.map(found => found.warnings.length)).toEqual(warnings)
})

test('what breaks the schema is told with its line, and what does not balance by how much', async () => {
  const [found] = await allOf(readCamt(sample('camt/invalid-order.camt053.v2.xml')))
  expect(found!.warnings).toEqual([
    { where: 'line 105', message: 'Ntry has no BkTxCd, against the schema', breaks: 'schema' },
  ])
  expect(sumsOf(found!).residue).toBe('-50.00')
  const [three] = await allOf(readCamt(sample('camt/three-decimals.camt053.v2.xml')))
  expect(sumsOf(three!)).toMatchObject({ opening: '18.150', credits: '8.850', closing: '27.050', residue: '0.050' })
})

test('the opening balance of the second statement is the closing one of the first', async () => {
  const [first, second] = await allOf(readCamt(sample('camt/continuity.camt053.v2.xml')))
  expect(sumsOf(second!).opening).toBe(sumsOf(first!).closing)
})

test('a batch has its payments as details, in a currency of their own, and what it says of itself is compared', async () => {
  const [found] = await allOf(readCamt(sample('camt/batch.camt054.v8.xml')))
  expect(found).toMatchObject({ kind: 'notice', number: '12312/2', account: 'CH2801234000123456789' })
  expect(found!.warnings[0]).toEqual({ where: 'line 63', message: 'the batch says 2 payments, there are 3' })
  expect(found!.lines[0]).toMatchObject({
    endToEndId: 'UXC06170000006PI00001',
    money: { amount: '200000', currency: 'SEK' },
  })
  expect(
    found!.lines[0]!.details.map(({ money, counterparty }) => [money!.amount, money!.currency, counterparty]),
  ).toEqual([
    ['3.1', 'CHF', 'Example Creditor 3 - V1'],
    ['3.2', 'CHF', 'Example Creditor 3 - V2'],
    ['3.2', 'CHF', 'Example Creditor 3 - V3'],
  ])
})

test('a batch that is not the sum of its payments is told', async () => {
  const payments = ['4.00', '5.00'].map(amount => `<TxDtls><Amt Ccy="PEN">${amount}</Amt></TxDtls>`).join('')
  const found = await only(
    document(statement(entry('10.00', 'CRDT', { rest: `<NtryDtls>${payments}</NtryDtls>` }), '0', '10.00')),
  )
  expect(found.warnings.map(({ message }) => message)).toEqual([
    'the payments of the entry come to 9.00, the entry is 10.00',
  ])
})

test('only booked entries count; a reversal keeps the side that it has, and names who paid at first', async () => {
  const parties =
    '<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Juana</Nm></Pty></Dbtr><Cdtr><Pty><Nm>We</Nm></Pty></Cdtr></RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>'
  const found = await only(
    document(
      statement(
        [
          entry('1.005'),
          entry('2', 'CRDT', { status: 'PDNG' }),
          entry('3', 'DBIT', { status: '<Cd>INFO</Cd>' }),
          entry('4', 'DBIT', { reversal: '<RvslInd>true</RvslInd>', rest: parties }),
          entry('0.00', 'CRDT'),
          entry('9', 'CRDT', { currency: 'USD' }),
        ].join(''),
        '10.00',
        '7.005',
      ),
    ),
  )
  expect(movements(found)).toEqual([
    'credit 1.005 PEN 2026-01-02/null booked',
    'credit 2 PEN 2026-01-02/null pending',
    'debit 3 PEN 2026-01-02/null information',
    'debit 4 PEN 2026-01-02/null booked reversal',
    'credit 0.00 PEN 2026-01-02/null booked',
    'credit 9 USD 2026-01-02/null booked',
  ])
  expect(found.lines[3]).toMatchObject({ counterparty: 'Juana', text: 'return AC04' })
  expect(sumsOf(found)).toMatchObject({ isBalanced: true, booked: 3, inOtherCurrencies: [6] })
})

test('pages have interim balances, and the page behind their number', async () => {
  const page = statement(entry('1'))
    .replace('OPBD', 'ITBD')
    .replace('CLBD', 'ITBD')
    .replace('<LglSeqNb>', '<StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><LglSeqNb>')
  const found = await only(document(page))
  expect(found.number).toBe('7/2')
  expect(found.balances.map(({ kind }) => kind)).toEqual(['interim-opening', 'interim-closing'])
})

test.each(['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13'])(
  'version %s is read',
  async version => {
    expect((await only(document(statement(entry('1')), version))).lines).toHaveLength(1)
  },
)

test('prefixes are names of namespaces, and what another namespace puts in is passed over and told', async () => {
  const prefixed = document(statement(entry('1')))
    .replaceAll(/<(\/?)([A-Z])/g, '<$1c:$2')
    .replace('xmlns=', 'xmlns:c=')
  const foreign = prefixed.replace('</c:Stmt>', '<x:Ntry xmlns:x="urn:x"><x:Amt>1</x:Amt></x:Ntry></c:Stmt>')
  expect((await only(prefixed)).warnings).toEqual([])
  const found = await only(foreign)
  expect(found.lines).toHaveLength(1)
  expect(found.warnings.map(({ message }) => message)).toEqual(['Stmt has a part Ntry, which the schema does not know'])
})

test('an amount is whole, whatever XML stands within it', async () => {
  const found = await only(document(statement(entry('1<!-- 9 -->2<![CDATA[3]]>&#46;<?x 7?>45 '))))
  expect(found.lines[0]!.money.amount).toBe('123.45')
})

test('parts out of order are read, and told once each', async () => {
  const swapped = entry('1').replace(/(<Amt.*<\/Amt>)(<CdtDbtInd>CRDT<\/CdtDbtInd>)/, '$2$1')
  const found = await only(document(statement(swapped + swapped, '10.00', '12.00')))
  expect(found.warnings).toEqual([
    { where: 'line 4', message: 'Amt comes after CdtDbtInd in Ntry, against the schema', breaks: 'schema' },
  ])
  expect(sumsOf(found).isBalanced).toBe(true)
})

test('a summary that is not what the entries come to is told', async () => {
  const summary = '<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>1.00</Sum></TtlCdtNtries></TxsSummry>'
  const found = await only(document(statement(summary + entry('1'))))
  expect(found.warnings.map(({ message }) => message)).toEqual(['TtlCdtNtries says 2 of 1.00, there are 1 of 1'])
})

test('letters are read by the byte order mark, else by the declaration', async () => {
  const text = document(statement(entry('1', 'CRDT', { rest: '<AddtlNtryInf>Depósito ñ</AddtlNtryInf>' }))).replaceAll(
    '\n',
    '\r\n',
  )
  const latin1 = text.replace('UTF-8', 'ISO-8859-1')
  const files = [
    Buffer.from(text),
    Buffer.from(`\ufeff${latin1}`),
    Buffer.from(latin1, 'latin1'),
    Buffer.from(`\ufeff${text.replace('UTF-8', 'UTF-16')}`, 'utf16le'),
    Buffer.from(text.replace(' encoding="UTF-8"', '')),
  ]
  for (const file of files) expect((await only(file)).lines[0]!.text).toBe('Depósito ñ')
})

const bomb = `${header}<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Document>&b;</Document>`
test.each([
  ['a document type', bomb, 'line 1', 'document type'],
  ['an entity of its own', document(statement(entry('&a;'))), 'line 4', 'undefined entity'],
  ['deep nesting', document(`<SplmtryData>${'<a>'.repeat(100_000)}`), 'line 2', 'nested deeper'],
  ['a text without end', document(`<SplmtryData>${'x'.repeat(2_000_000)}`), 'line 2', 'does not end'],
  ['an attribute without end', document(`<a b="${'x'.repeat(2_000_000)}`), 'line 2', 'does not end'],
  [
    'a part that fills the memory',
    document(statement('<Acct><x/></Acct>'.replace('<x/>', '<x/>'.repeat(200_000)))),
    'line 4',
    'more in it',
  ],
  ['nothing in it', document(''), 'line 1', 'no statement'],
  ['an empty file', '', 'line 1', ''],
  ['a cut file', document(statement(entry('1'))).slice(0, -40), 'line 4', 'unclosed tag'],
  ['another document', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>', 'line 1', 'no camt'],
  ['a version to come', document(statement(''), '14'), 'line 2', 'version 14'],
  ['an encoding that is not read', header.replace('UTF-8', 'EBCDIC'), 'line 1', 'encoding'],
  ['letters that are none', Buffer.from(document(statement('é')), 'latin1'), 'line 4', 'no letters'],
  ['a comma', document(statement(entry('1,00'))), 'line 4', 'no amount'],
  ['a sign', document(statement(entry('-1.00'))), 'line 4', 'no amount'],
  ['an exponent', document(statement(entry('1e3'))), 'line 4', 'no amount'],
  ['no currency', document(statement(entry('1').replace(' Ccy="PEN"', ''))), 'line 4', 'no currency'],
  ['no side', document(statement(entry('1', 'CREDIT'))), 'line 4', 'credit or debit'],
  ['a status nobody knows', document(statement(entry('1', 'CRDT', { status: 'MAYB' }))), 'line 4', 'status'],
  [
    'two amounts',
    document(statement(entry('1').replace('<CdtDbtInd>', '<Amt Ccy="PEN">2</Amt><CdtDbtInd>'))),
    'line 4',
    'twice',
  ],
  ['two closing balances', document(statement(balance('CLBD', '1'))), 'line 4', 'another closing'],
  ['30 February', document(statement(entry('1').replace('2026-01-02', '2026-02-30'))), 'line 4', 'no day'],
  ['an entry outside of its statement', document(`${statement('')}${entry('1')}`), 'line 4', 'Ntry stands where'],
  [
    'an entry in an entry',
    document(statement(entry('1', 'CRDT', { rest: entry('1') }))),
    'line 4',
    'Ntry stands where',
  ],
  ['a statement in a statement', document(statement(statement(''))), 'line 4', 'Stmt stands where'],
  [
    'a statement of another namespace',
    document(statement('').replace('<Stmt>', '<Stmt xmlns="urn:x">')),
    'line 2',
    'Stmt stands where',
  ],
  ['no account', document(statement('').replace(/<Acct>.*<\/Acct>/, '')), 'line 2', 'no account'],
])('%s is refused, with its line', async (_, text, where, message) => {
  const started = performance.now()
  const fault = await faultOf(readCamt(bytesOf(text, 65_536)))
  expect(fault.message).toContain(message)
  expect(fault.where).toBe(where)
  expect(performance.now() - started).toBeLessThan(3_000)
})

test('a large file is held as lines alone, and takes about its own size of memory at most', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const text = 'Depósito del grupo Las Flores, cuota '
  let size = 0
  async function* file() {
    yield Buffer.from(document(statement('')).split('</Stmt>')[0]!)
    for (let number = 0; size < 4_000_000; number++) {
      const piece = Buffer.from(
        entry(`${number}.05`, 'CRDT', {
          rest: `<NtryDtls><TxDtls><Refs><EndToEndId>E2E-${number}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>JUANA CONDORI ${number}</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>0021910${number}</Id></Othr></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>${text}${number}</Ustrd></RmtInf></TxDtls></NtryDtls>`,
        }),
      )
      size += piece.length
      yield piece
    }
    yield Buffer.from('</Stmt></BkToCstmrStmt></Document>')
  }
  collect()
  const before = process.memoryUsage().heapUsed
  const [found] = await allOf(readCamt(file()))
  collect()
  const held = process.memoryUsage().heapUsed - before
  expect(found!.lines.length).toBeGreaterThan(5_000)
  expect(held).toBeLessThan(size * 1.3)
})

test.each(['BOOK0', '0<Cd>BOOK</Cd>', '<Cd>BOOK</Cd>PDNG', 'PDNG<Cd>BOOK</Cd>', '<Prtry>BOOK</Prtry>'])(
  'a status of %s is none: whether it is booked nobody can say',
  async status => {
    const { message } = await faultOf(readCamt(bytesOf(document(statement(entry('1.00', 'CRDT', { status }))), 11)))
    expect(message).toContain('booked or not, nobody can say')
  },
)
