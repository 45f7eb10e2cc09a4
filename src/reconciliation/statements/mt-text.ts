/** What field :86: tells of a payment, whatever of the three ways of writing it a bank has. */
export type PaymentText = {
  endToEndId: string | null
  code: string | null
  counterparty: string | null
  counterpartyAccount: string | null
  text: string
}

/** Tags that German banks put into the purpose, each at the beginning of a subfield. */
const purposeTag = /^(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|MTLG)[+:]/

/** Words between strokes, as Dutch and Belgian banks write them. */
const strokeTag =
  /(?:^|\/)(EREF|PREF|MARF|CSID|TRTP|TRCD|CNTP|REMI|PURP|ULTC|ULTD|IBAN|BIC|NAME|BENM|ORDP|RTRN|ORIG|ISDT|INIT|ACCW|SVCL)\//

/** Reads the rows of one field :86:. What has no structure that is known is text as it stands. */
export function readPaymentText(rows: readonly string[]): PaymentText {
  const joined = rows.join('')
  const structured = /^(\d{3})([?@$<>|~])(?=\d\d)/.exec(joined)
  if (structured) return fromSubfields(joined.slice(4).split(structured[2]!), structured[1]!)
  if (/^\/[A-Z]{2,8}\//.test(joined) && strokeTag.test(joined)) return fromStrokes(joined)
  const text = rows.join('\n').trim()
  return { endToEndId: null, code: null, counterparty: null, counterpartyAccount: null, text }
}

/** `166?00GUTSCHRIFT?20EREF+123?21SVWZ+Rent?31…`: a code of three digits, and subfields by two. */
function fromSubfields(subfields: readonly string[], code: string): PaymentText {
  const told = subfields.map(subfield => [subfield.slice(0, 2), subfield.slice(2)] as const)
  const inFields = (fields: RegExp, between: string) =>
    told
      .filter(([field]) => fields.test(field))
      .map(([, value]) => value)
      .join(between)
      .trim() || null
  const purpose = purposeOf(told.filter(([field]) => /^(2\d|6[0-3])$/.test(field)).map(([, value]) => value))
  return {
    endToEndId: given(purpose.get('EREF')) ?? given(purpose.get('KREF')),
    code,
    counterparty: inFields(/^3[23]$/, ''),
    counterpartyAccount: inFields(/^31$/, '') ?? given(purpose.get('IBAN')),
    text: [purpose.get('SVWZ') ?? purpose.get(''), purpose.get('MTLG'), inFields(/^00$/, '')]
      .filter(Boolean)
      .join('\n'),
  }
}

/** The purpose by its tags; what stands before any of them is under the empty one. */
function purposeOf(values: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  let current = ''
  for (const value of values) {
    const tag = purposeTag.exec(value)
    if (tag) current = tag[1]!
    found.set(current, (found.get(current) ?? '') + (tag ? value.slice(tag[0].length) : value))
  }
  return new Map([...found].map(([tag, value]) => [tag, value.trim()]))
}

/** `/EREF/123/CNTP/NL…/BIC/NAME///REMI/USTD//Rent/`. */
function fromStrokes(joined: string): PaymentText {
  const pieces = joined.split(new RegExp(strokeTag, 'g'))
  const found = new Map<string, string>()
  for (let place = 1; place < pieces.length; place += 2) {
    const [tag, value] = [pieces[place]!, pieces[place + 1]!.replace(/\/+$/, '').trim()]
    if (!found.has(tag)) found.set(tag, value)
  }
  const [account, , name] = (found.get('CNTP') ?? '').split('/')
  return {
    endToEndId: given(found.get('EREF')) ?? given(found.get('PREF')),
    code: given(found.get('TRCD')) ?? given(found.get('TRTP')),
    counterparty: given(name) ?? given(found.get('NAME')) ?? given(found.get('ORDP')) ?? given(found.get('BENM')),
    counterpartyAccount: given(account) ?? given(found.get('IBAN')),
    text: (found.get('REMI') ?? joined).replace(/^(USTD\/\/|STRD\/)/, ''),
  }
}

/** A reference that is one: banks write NONREF or NOTPROVIDED where there is none. */
export function given(reference: string | null | undefined): string | null {
  const text = reference?.trim() ?? ''
  return text === '' || /^(NONREF|NOTPROVIDED|NOREF)$/i.test(text) ? null : text
}
