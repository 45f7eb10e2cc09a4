import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { v7 as uuid } from 'uuid'
import { addDays } from '../../src/dates.ts'
import { openDatabase } from '../../src/db/client.ts'
import { nameId } from '../../src/ids.ts'
import { type Draft, type Ledger, mostDrafts, openLedger } from '../../src/ledger/index.ts'
import type { Decision, Entry, Line, Outcome, Question } from '../../src/reconciliation/matching/items.ts'
import { bank } from '../../src/savings/chart.ts'
import type { Stage } from './stage.ts'

/** A book whose ledger has the entries of a made-up bank, with the ids that they got there. */
export type Year = { bookId: string; bankAccountId: string; entryIds: Map<string, string> }

export const number = '191-2345678-0-12'

/** Years by which the made-up days lie behind: nothing is posted ahead of today. */
const behind = -731

/** Opens a book with an account for each saver, and posts its entries, each a transaction, as its verbs would. */
export async function openYear(stage: Stage, question: Question, institutionId: string): Promise<Year> {
  const bookId = uuid()
  const book = `/v1/books/${bookId}`
  const openedOn = '2023-12-01'
  await stage.call('POST', '/v1/books', {
    id: bookId,
    code: `YEAR-${bookId.slice(-6)}`,
    name: 'Bank',
    currency: 'PEN',
    institutionId,
    openedOn,
  })
  const other = uuid()
  await stage.call('POST', `${book}/accounts`, {
    id: other,
    code: '7700',
    name: 'The other side',
    type: 'income',
    openedOn,
  })
  const bankAccountId = uuid()
  await stage.call('POST', `${book}/bank-accounts`, { id: bankAccountId, number })
  const accounts = await openAccounts(stage, bookId, [...question.accounts])
  const db = openDatabase({ url: stage.url, max: 4, applicationName: 'bench' })
  try {
    const ledger = openLedger({ db, clock: { now: () => new Date() } })
    return { bookId, bankAccountId, entryIds: await postEntries(ledger, { bookId, other, accounts }, question.entries) }
  } finally {
    await db.$client.end()
  }
}

async function openAccounts({ call }: Stage, bookId: string, numbers: readonly string[]): Promise<Map<string, string>> {
  const accounts = new Map<string, string>()
  const day = '2023-12-02'
  for (let from = 0; from < numbers.length; from += 250) {
    const operations = numbers.slice(from, from + 250).flatMap(bankAccountNumber => {
      const [saverId, id] = [uuid(), uuid()]
      accounts.set(bankAccountNumber, id)
      const saver = {
        id: saverId,
        givenNames: 'Ana',
        familyNames: 'Quispe',
        sex: 'female',
        districtCode: '080101',
        registeredOn: day,
      }
      const account = { id, saverId, bankAccountNumber, openedOn: day }
      return [
        { bookId, type: 'register-saver', body: saver },
        { bookId, type: 'open-savings-account', body: account },
      ]
    })
    const { results } = await call<{ results: { status: string }[] }>('POST', '/v1/sync', { operations })
    const bad = results.find(({ status }) => status !== 'applied')
    if (bad !== undefined) throw new Error(`an operation was not applied: ${JSON.stringify(bad)}`)
  }
  return accounts
}

type Posting = { bookId: string; other: string; accounts: ReadonlyMap<string, string> }

/** What takes something back goes after what it takes back. */
async function postEntries(ledger: Ledger, posting: Posting, entries: readonly Entry[]): Promise<Map<string, string>> {
  const posted = new Map<string, { id: string; sequence: bigint }>()
  for (const isReversal of [false, true]) {
    const its = entries.filter(({ reverses }) => (reverses !== null) === isReversal)
    for (let from = 0; from < its.length; from += mostDrafts) {
      const chunk = its.slice(from, from + mostDrafts)
      const drafts = chunk.map(entry => draftOf(posting, entry, posted))
      const outcomes = await ledger.postList(posting.bookId, drafts, 'atomic', posting.bookId)
      outcomes.forEach((outcome, place) => {
        if ('refusal' in outcome) throw outcome.refusal
        posted.set(chunk[place]!.id, { id: drafts[place]!.id, sequence: outcome.posted.sequence })
      })
    }
  }
  return new Map([...posted].map(([id, { sequence }]) => [`${sequence}:1`, id]))
}

function draftOf(
  { bookId, other, accounts }: Posting,
  entry: Entry,
  posted: ReadonlyMap<string, { id: string; sequence: bigint }>,
): Draft {
  const { flow, amount, kind, references, groupings, counterpartAccount, reverses } = entry
  const [reference, grouping] = [references[0], groupings[0]]
  const sides = flow === 'in' ? (['debit', 'credit'] as const) : (['credit', 'debit'] as const)
  return {
    id: nameId(`entry:${entry.id}`, bookId),
    kind: reverses === null ? kind : 'reversal',
    valueDate: addDays(entry.valueDate, behind),
    entries: [
      { accountId: bank(bookId), direction: sides[0], amount },
      { accountId: other, direction: sides[1], amount },
    ],
    evidence: {
      ...(reference !== undefined && { reference }),
      ...(counterpartAccount !== null && { savingsAccountId: accounts.get(counterpartAccount)! }),
      ...(grouping !== undefined && { interestListId: nameId(grouping, bookId) }),
    },
    ...(reverses !== null && { reverses: posted.get(reverses)!, reason: 'taken back' }),
  }
}

/** Writes all lines as one camt.053 of the year, in their order: each line's number in it is its place from 1. */
export async function writeYear({ lines, through }: Question, path: string): Promise<void> {
  await pipeline(Readable.from(camt(lines, addDays(through, behind))), createWriteStream(path))
}

function* camt(lines: readonly Line[], through: string): Generator<string> {
  const from = '2024-01-01'
  let sum = 0n
  for (const { flow, amount } of lines) sum += flow === 'in' ? amount : -amount
  yield `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M-1</MsgId><CreDtTm>${through}T23:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>${through}T23:00:00</CreDtTm>
<FrToDt><FrDtTm>${from}T00:00:00</FrDtTm><ToDtTm>${through}T23:59:59</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>${number}</Id></Othr></Id><Ccy>PEN</Ccy></Acct>
${balance('OPBD', 0n, from)}${balance('CLBD', sum, through)}`
  let piece = ''
  for (const line of lines) {
    piece += entryOf(line)
    if (piece.length < 262_144) continue
    yield piece
    piece = ''
  }
  yield `${piece}</Stmt></BkToCstmrStmt></Document>\n`
}

function balance(kind: string, amount: bigint, day: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp>${money(amount)}<Dt><Dt>${day}</Dt></Dt></Bal>\n`
}

function money(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0')
  return `<Amt Ccy="PEN">${digits.slice(0, -2)}.${digits.slice(-2)}</Amt><CdtDbtInd>${amount < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd>`
}

function entryOf({ flow, amount, day, references, text, counterpartAccount, isReversal, parts }: Line): string {
  const date = `<Dt>${addDays(day, behind)}</Dt>`
  const signed = flow === 'in' ? amount : -amount
  const party = (flow === 'in') !== isReversal ? 'DbtrAcct' : 'CdtrAcct'
  const payments = parts.length > 0 ? parts : [{ amount, references: references.slice(1), counterpartAccount }]
  const told = payments.map(part => {
    const refs = part.references.length === 0 ? '' : `<Refs><EndToEndId>${part.references[0]}</EndToEndId></Refs>`
    const account =
      part.counterpartAccount === null
        ? ''
        : `<RltdPties><${party}><Id><Othr><Id>${part.counterpartAccount}</Id></Othr></Id></${party}></RltdPties>`
    const its = part.amount === null ? signed : flow === 'in' ? part.amount : -part.amount
    return `<TxDtls>${refs}${money(its)}${account}<RmtInf><Ustrd>${parts.length > 0 ? '' : text}</Ustrd></RmtInf></TxDtls>`
  })
  const own = references.length === 0 ? '' : `<AcctSvcrRef>${references[0]}</AcctSvcrRef>`
  return `<Ntry>${money(signed)}<RvslInd>${isReversal}</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>${date}</BookgDt><ValDt>${date}</ValDt>
${own}<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>${told.join('')}</NtryDtls></Ntry>
`
}

/** What the service decided, in the ids of the made-up bank. */
export async function decisionOf(stage: Stage, { bookId, entryIds }: Year, { lines }: Question): Promise<Decision> {
  const itemOf = (line: number | null, entry: string) => (line === null ? entryIds.get(entry)! : lines[line - 1]!.id)
  const outcomes = { lines: new Map<string, Outcome>(), entries: new Map<string, Outcome>() }
  const keep = (line: number | null, entry: string, outcome: Outcome) =>
    outcomes[line === null ? 'entries' : 'lines'].set(itemOf(line, entry), outcome)
  const claims = await stage.database.query<{ rule: string; of: [number | null, string | null][] }>(
    `select m.rule, json_agg(json_build_array(c.line, c.sequence || ':' || c.position)) as of
     from bank_match m join bank_claim c on c.book_id = m.book_id and c.match_id = m.id where m.book_id = $1 group by m.book_id, m.id`,
    [bookId],
  )
  const matches = claims.rows.map(({ rule, of }) => {
    const [told, posted] = [of.filter(([line]) => line !== null), of.filter(([line]) => line === null)]
    const match = {
      ...{ rule, reasons: [] },
      lines: told.map(([line]) => itemOf(line, '')),
      entries: posted.map(([, entry]) => itemOf(null, entry!)),
    }
    for (const [line, entry] of of) keep(line, entry ?? '', { standing: 'matched', match })
    return match
  })
  const breaks = await stage.database.query<{ reason: never; line: number | null; entry: string | null }>(
    `select reason, line, sequence || ':' || position as entry from reconciliation_break
     where book_id = $1 and ended_at is null and (line is not null or sequence is not null)`,
    [bookId],
  )
  for (const { reason, line, entry } of breaks.rows)
    keep(line, entry ?? '', { standing: 'unmatched', reason, beside: null })
  return { matches, suggestions: [], ambiguities: [], ...outcomes }
}
