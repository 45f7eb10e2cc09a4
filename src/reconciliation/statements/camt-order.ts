import { type Warning, warn } from './statement.ts'
import type { XmlElement } from './xml.ts'

/**
 * In which order ISO 20022 has the parts of the elements that we read, of camt.052, 053 and 054 in all versions together: newer
 * versions put parts in, and never moved one. A bank that mixes them up is told, for its file breaks the schema.
 */
const transaction =
  'Refs Amt CdtDbtInd AmtDtls Avlbty BkTxCd Chrgs Intrst RltdPties RltdAgts LclInstrm Purp RltdRmtInf RmtInf RltdDts RltdPric RltdQties FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst CardTx AddtlTxInf SplmtryData'
const entry =
  'NtryRef Amt CdtDbtInd RvslInd Sts BookgDt ValDt AcctSvcrRef Avlbty BkTxCd ComssnWvrInd AddtlInfInd AmtDtls Chrgs TechInptChanl Intrst CardTx NtryDtls AddtlNtryInf'
const statement =
  'Id StmtPgntn RptPgntn NtfctnPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct RltdAcct Intrst Bal TxsSummry Ntry AddtlStmtInf AddtlRptInf AddtlNtfctnInf'

const orders = new Map(
  [
    ['Stmt', statement],
    ['Rpt', statement],
    ['Ntfctn', statement],
    ['Bal', 'Tp CdtLine Amt CdtDbtInd Dt Avlbty'],
    ['Ntry', entry],
    ['NtryDtls', 'Btch TxDtls'],
    ['Btch', 'MsgId PmtInfId NbOfTxs TtlAmt CdtDbtInd'],
    ['TxDtls', transaction],
    ['RltdPties', 'InitgPty Dbtr DbtrAcct UltmtDbtr Cdtr CdtrAcct UltmtCdtr TradgPty Prtry'],
  ].map(([name, parts]) => [name!, parts!.split(' ')] as const),
)

/** What the schema has in each of them at least. */
const required = new Map([
  ['Ntry', ['Sts', 'BkTxCd']],
  ['Bal', ['Dt']],
])

/** Watches the order of one statement's parts, and tells each kind of disorder once. */
export function orderWatch(warnings: Warning[]): {
  begun(child: XmlElement, parent: XmlElement): void
  ended(element: XmlElement): void
} {
  const reached = new WeakMap<XmlElement, number>()
  const told = new Set<string>()

  function tell(line: number, message: string): void {
    if (told.has(message)) return
    told.add(message)
    warn(warnings, `line ${line}`, message, 'schema')
  }

  return {
    begun(child, parent) {
      const order = orders.get(parent.name)
      if (order === undefined) return
      const place = order.indexOf(child.name)
      const before = reached.get(parent) ?? 0
      if (place === -1 || child.namespace !== parent.namespace)
        tell(child.line, `${parent.name} has a part ${child.name}, which the schema does not know`)
      else if (place < before)
        tell(child.line, `${child.name} comes after ${order[before]} in ${parent.name}, against the schema`)
      else reached.set(parent, place)
    },
    ended(element) {
      for (const name of required.get(element.name) ?? []) {
        if (!element.children.some(child => child.name === name))
          tell(element.line, `${element.name} has no ${name}, against the schema`)
      }
    },
  }
}
