import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A payment of a made-up file: cents that come in, where they are above zero, and how the bank tells them. */
export type WrittenLine = { cents: number; day: string; reference: string; text: string }

/** What a file is of: an account that begins with nothing, in soles. */
export type Written = { account: string; number: string; from: string; to: string; lines: readonly WrittenLine[] }

/** A statement as each kind of file has it, piece by piece: none is ever whole in memory. */
export const formats = { camt, mt940, csv } as const
export type WrittenFormat = keyof typeof formats

export async function writeFormat(format: WrittenFormat, written: Written, path: string): Promise<void> {
  await pipeline(Readable.from(pieces(formats[format](written))), createWriteStream(path))
}

/** By which the CSV is read. */
export const csvProfile = {
  name: 'CSV with a running balance',
  layout: { kind: 'delimited', delimiter: ';', hasHeader: true },
  skipRows: 1,
  dateFormat: 'yyyy-mm-dd',
  decimal: { point: '.' },
  sign: { kind: 'signed', amount: { name: 'amount' } },
  columns: {
    bookingDate: { name: 'day' },
    reference: { name: 'reference' },
    text: [{ name: 'text' }],
    balance: { name: 'balance' },
  },
  account: { after: 'account' },
  currency: { constant: 'PEN' },
  opening: 'computed',
  closing: 'computed',
}

function* pieces(parts: Iterable<string>): Generator<string> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < 256 * 1024) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* camt({ account, number, from, to, lines }: Written): Generator<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M-${number}</MsgId><CreDtTm>${to}T23:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-${number}</Id><ElctrncSeqNb>${number}</ElctrncSeqNb><CreDtTm>${to}T23:00:00</CreDtTm>
<FrToDt><FrDtTm>${from}T00:00:00</FrDtTm><ToDtTm>${to}T23:59:59</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>${account}</Id></Othr></Id><Ccy>PEN</Ccy></Acct>
${balance('OPBD', 0, from)}${balance('CLBD', sumOf(lines), to)}`
  for (const { cents, day, reference, text } of lines) {
    const money = `<Amt Ccy="PEN">${decimal(Math.abs(cents))}</Amt>`
    const side = `<CdtDbtInd>${cents > 0 ? 'CRDT' : 'DBIT'}</CdtDbtInd>`
    yield `<Ntry><NtryRef>${reference}</NtryRef>${money}${side}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt>
<AcctSvcrRef>${reference}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs>${money}${side}<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`
  }
  yield '</Stmt></BkToCstmrStmt></Document>\n'
}

function balance(kind: string, cents: number, day: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp><Amt Ccy="PEN">${decimal(cents)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>\n`
}

function* mt940({ account, number, from, to, lines }: Written): Generator<string> {
  yield `:20:STMT\r\n:25:${account}\r\n:28C:${number}\r\n:60F:C${short(from)}PEN0,00\r\n`
  for (const { cents, day, reference, text } of lines) {
    const money = `${cents > 0 ? 'C' : 'D'}${decimal(Math.abs(cents)).replace('.', ',')}`
    yield `:61:${short(day)}${short(day).slice(2)}${money}NTRF${reference}//${reference}\r\n:86:${text}\r\n`
  }
  yield `:62F:C${short(to)}PEN${decimal(sumOf(lines)).replace('.', ',')}\r\n-\r\n`
}

function* csv({ account, lines }: Written): Generator<string> {
  yield `account;${account}\nday;reference;text;amount;balance\n`
  let sum = 0
  for (const { cents, day, reference, text } of lines) {
    sum += cents
    yield `${day};${reference};${text};${decimal(cents)};${decimal(sum)}\n`
  }
}

function sumOf(lines: readonly WrittenLine[]): number {
  return lines.reduce((sum, { cents }) => sum + cents, 0)
}

function decimal(cents: number): string {
  return (cents / 100).toFixed(2)
}

function short(day: string): string {
  return day.slice(2).replaceAll('-', '')
}
