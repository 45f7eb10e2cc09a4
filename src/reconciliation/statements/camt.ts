import { lineOf } from './camt-entry.ts'
import { orderWatch } from './camt-order.ts'
import { accountOf, dayOrWarning, where } from './camt-parts.ts'
import { type Payment, paymentOf } from './camt-payment.ts'
import { balanceNamed, compareTotals, kindsOf, type NamedBalance } from './camt-sums.ts'
import { type HeldLines, holdLines } from './held-lines.ts'
import { detached, FileFault, type Statement, takeBalance, type Warning, warn } from './statement.ts'
import { readXml, textAt, type XmlElement } from './xml.ts'

/** The three messages: what is around their statements, how one is called, and whether it proves anything. */
const messages = new Map([
  ['052', { around: 'BkToCstmrAcctRpt', statement: 'Rpt', kind: 'notice' }],
  ['053', { around: 'BkToCstmrStmt', statement: 'Stmt', kind: 'statement' }],
  ['054', { around: 'BkToCstmrDbtCdtNtfctn', statement: 'Ntfctn', kind: 'notice' }],
] as const)

const namespaceShape = /\bcamt\.(05[234])\.001\.(\d\d)\b/
const [oldest, newest] = [2, 13]

/** `depth` is how many elements are around the document. */
type Message = { namespace: string; depth: number; around: string; statement: string; kind: Statement['kind'] }

/** A statement while it is read: its parts, its lines, and the payments of the entry that is open. */
type Reading = {
  warnings: Warning[]
  watch: ReturnType<typeof orderWatch>
  parts: Map<string, XmlElement>
  balances: NamedBalance[]
  lines: HeldLines
  payments: Payment[]
}

/**
 * Reads camt.053, and camt.052 and 054 as notices, versions 2 to 13, entry by entry.
 * @throws FileFault at the line of what makes no sense
 */
export async function* readCamt(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Statement> {
  let message: Message | null = null
  let reading: Reading | null = null
  let hasStatement = false
  const finished: Statement[] = []

  const pieces = readXml(bytes, {
    begun(element, around) {
      if (element.name === 'Document' && reading === null) message = messageOf(element, around.length, message)
      else if (message !== null) place(message, element, around)
      else if (around.length > 3) throw noDocument(element)
    },
    ended(element, around) {
      // What another namespace puts in is not ours to read.
      if (message === null || reading === null || element.namespace !== message.namespace) return 'taken'
      reading.watch.ended(element)
      const depth = around.length - message.depth
      if (depth === 2) {
        finished.push(statementOf(element, reading, message.kind))
        reading = null
        return 'taken'
      }
      if (depth === 5 && isPayment(element, around)) {
        reading.payments.push(detached(paymentOf(element)))
        return 'taken'
      }
      return depth === 3 ? takePart(reading, element) : 'kept'
    },
  })

  /** Begins a statement where one may be, and refuses whatever would hide one, or an entry, where nobody looks. */
  function place({ depth, ...called }: Message, element: XmlElement, around: readonly XmlElement[]): void {
    const below = around.length - depth
    const isOurs = element.namespace === called.namespace
    if (below === 1 && !(isOurs && element.name === called.around)) throw outOfPlace(element)
    if (below === 2 && isOurs && element.name === called.statement) {
      reading = newReading()
      hasStatement = true
    } else if (below === 2 && !(isOurs && /^(GrpHdr|SplmtryData)$/.test(element.name))) throw outOfPlace(element)
    if (isOurs && below > 2 && element.name === called.statement) throw outOfPlace(element)
    if (isOurs && /^(Ntry|Bal)$/.test(element.name) && (below !== 3 || reading === null)) throw outOfPlace(element)
    if (below > 2) reading?.watch.begun(element, around.at(-1)!)
  }

  for await (const _ of pieces) yield* finished.splice(0)
  if (message === null) throw new FileFault('line 1', 'there is no camt document in the file')
  if (!hasStatement) throw new FileFault('line 1', 'there is no statement in the document')
}

function isPayment(element: XmlElement, around: readonly XmlElement[]): boolean {
  return element.name === 'TxDtls' && around.at(-1)?.name === 'NtryDtls' && around.at(-2)?.name === 'Ntry'
}

function outOfPlace(element: XmlElement): FileFault {
  return new FileFault(where(element), `${element.name} stands where the message has none`)
}

/** An envelope may hold several documents, of one kind. */
function messageOf(document: XmlElement, depth: number, before: Message | null): Message {
  const { namespace } = document
  const [, number = '', version] = namespaceShape.exec(namespace) ?? []
  const found = messages.get(number as '053')
  if (found === undefined) throw noDocument(document)
  if (before !== null && (before.namespace !== namespace || before.depth !== depth)) throw outOfPlace(document)
  if (Number(version) < oldest || Number(version) > newest)
    throw new FileFault(
      where(document),
      `version ${version} of camt.${number} is not read, but ${oldest} to ${newest} are`,
    )
  return { namespace, depth, ...found }
}

function noDocument(element: XmlElement): FileFault {
  const called = JSON.stringify(element.namespace.slice(0, 80))
  return new FileFault(where(element), `the document is no camt.052, 053 or 054: its namespace is ${called}`)
}

function newReading(): Reading {
  const warnings: Warning[] = []
  return { warnings, watch: orderWatch(warnings), parts: new Map(), balances: [], lines: holdLines(), payments: [] }
}

const partsGivenOnce =
  'Id StmtPgntn RptPgntn NtfctnPgntn ElctrncSeqNb LglSeqNb CreDtTm FrToDt CpyDplctInd Acct TxsSummry'.split(' ')

/** A part of a statement, at its end. What is given once is kept; entries become lines. */
function takePart(reading: Reading, element: XmlElement): 'taken' {
  const { name } = element
  if (name === 'Ntry') {
    reading.lines.push(lineOf(element, reading.payments, reading.lines.length + 1, reading.warnings))
    reading.payments = []
  } else if (name === 'Bal')
    takeBalance(reading.balances, where(element), detached(balanceNamed(element, reading.warnings)))
  else if (!partsGivenOnce.includes(name)) return 'taken'
  else if (!reading.parts.has(name)) reading.parts.set(name, element)
  else throw new FileFault(where(element), `the statement has two ${name}`)
  return 'taken'
}

function statementOf(element: XmlElement, reading: Reading, kind: Statement['kind']): Statement {
  const { parts, lines, warnings } = reading
  const part = (name: string) => parts.get(name)
  const text = (name: string) => part(name)?.text.trim() || null
  const account = accountOf(part('Acct'))
  if (account === null) throw new FileFault(where(element), 'the statement names no account (Acct/Id)')
  if (part('CpyDplctInd') !== undefined)
    warn(warnings, where(part('CpyDplctInd')!), 'it is a copy or a duplicate, by its own word')
  const balances = kindsOf(reading.balances)
  if (kind === 'statement' && !balances.some(balance => balance.kind.endsWith('closing')))
    warn(warnings, where(element), 'the statement has no closing balance')
  compareTotals(part('TxsSummry'), lines, warnings)
  const period = part('FrToDt')
  const told = (name: string) => textAt(period, `${name}DtTm`) ?? textAt(period, `${name}Dt`)
  const dated = (kind: string) => balances.find(balance => balance.kind.endsWith(kind))?.date ?? null
  return {
    kind,
    id: text('Id'),
    number: numberOf(
      text('LglSeqNb') ?? text('ElctrncSeqNb'),
      part('StmtPgntn') ?? part('RptPgntn') ?? part('NtfctnPgntn'),
    ),
    account,
    currency: textAt(part('Acct'), 'Ccy') ?? balances[0]?.money.currency ?? null,
    from: dayOrWarning(period ?? element, told('Fr'), warnings) ?? dated('opening'),
    to: dayOrWarning(period ?? element, told('To'), warnings) ?? dated('closing'),
    createdAt: text('CreDtTm'),
    balances,
    lines,
    warnings,
  }
}

/** A statement of several pages has the page behind a stroke: its pages are files of one number. */
function numberOf(sequence: string | null, pagination: XmlElement | undefined): string | null {
  const page = textAt(pagination, 'PgNb')
  const isWhole = page === null || (page === '1' && textAt(pagination, 'LastPgInd') === 'true')
  return isWhole || sequence === null ? sequence : `${sequence}/${page}`
}
