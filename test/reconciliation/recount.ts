/**
 * A count of a file's amounts that shares nothing with the readers but the question: by regular expressions over the whole
 * text, given as one letter a byte.
 */
export type Recount = { lines: string[]; balances: string[] }

/** An amount without zeros in front, its decimals as they are. */
function plain(whole: string, fraction: string): string {
  const digits = whole.replace(/^0*(?=\d)/, '') || '0'
  return fraction === '' ? digits : `${digits}.${fraction}`
}

export function recountMt940(text: string): Recount {
  const lines = [...text.matchAll(/(?:^|\n):61:\d{6}(?:\d{4})?(R|E)?([CD])[A-Z]?(\d+),?(\d*)/g)].map(
    ([, kind, mark, whole = '', fraction = '']) => {
      const isPlus = (mark === 'C') !== (kind === 'R')
      return `${isPlus ? '+' : '-'}${plain(whole, fraction)} ${kind === 'E' ? 'not' : 'booked'}`
    },
  )
  const balances = [...text.matchAll(/(?:^|\n):(?:6[02][FM]|6[45]):[ \t]*([CD])\d{6}[A-Z]{3}(\d+),?(\d*)/g)].map(
    ([, mark, whole = '', fraction = '']) => `${mark === 'C' ? '+' : '-'}${plain(whole, fraction)}`,
  )
  return { lines, balances }
}

export function recountCamt(text: string): Recount {
  const clean = text.replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, '').replaceAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
  const lines = [...clean.matchAll(/<Ntry\s*>([\s\S]*?)<\/Ntry\s*>/g)].map(([, inside = '']) => {
    const own = inside.replaceAll(/<(NtryDtls|AmtDtls|Chrgs)\s*>[\s\S]*?<\/\1\s*>/g, '')
    const status = /<Sts\s*>(?:\s*<Cd\s*>)?([^<]*)/.exec(own)?.[1]?.trim() ?? 'BOOK'
    return `${moneyIn(own)} ${status === 'BOOK' ? 'booked' : 'not'}`
  })
  const balances = [...clean.matchAll(/<Bal\s*>([\s\S]*?)<\/Bal\s*>/g)].map(([, inside = '']) => moneyIn(inside))
  return { lines, balances }
}

/** What stands in an element's children, without what is deeper in them: an amount in there is another's. */
function shallow(inside: string): string {
  let depth = 0
  return inside.replaceAll(/<(\/?)[^>]*?(\/?)>|[^<]+/g, (piece, close, empty) => {
    if (!piece.startsWith('<')) return depth <= 1 ? piece : ''
    if (close === '/') depth -= 1
    const told = depth === 0 ? piece : ''
    if (close === '' && empty === '') depth += 1
    return told
  })
}

function moneyIn(element: string): string {
  const inside = shallow(element)
  const written = /<Amt\s[^>]*>([^<]*)</.exec(inside)?.[1] ?? ''
  const amount = written.replaceAll('&#48;', '0').trim()
  const mark = /<CdtDbtInd\s*>([^<]*)</.exec(inside)?.[1]?.trim()
  const [whole = '', fraction = ''] = amount.split('.')
  return `${mark === 'CRDT' ? '+' : '-'}${plain(whole, fraction)}`
}

export function recountCsv(text: string): Recount {
  const rows = text
    .split('\n')
    .map(row => row.split(';').map(cell => cell.replaceAll('"', '').trim()))
    .filter(cells => cells.some(cell => cell !== ''))
  const columns = rows[4]!.map(name => name.toLowerCase())
  const [charge, credit, told] = ['cargo', 'abono', 'descripci'].map(name =>
    columns.findIndex(found => found.startsWith(name)),
  )
  const end = rows.findIndex((cells, place) => place > 4 && cells[told!]?.startsWith('TOTAL'))
  const lines = rows.slice(5, end).map(cells => {
    const [out, into] = [cells[charge!] ?? '', cells[credit!] ?? '']
    const isOut = /[1-9]/.test(out) || into === ''
    return `${isOut ? '-' : '+'}${money(isOut ? out : into)} booked`
  })
  const balances = ['Saldo inicial', 'Saldo final'].map(label => {
    const cell =
      rows.slice(0, 5).flatMap(cells => (cells.includes(label) ? [cells[cells.indexOf(label) + 1] ?? ''] : []))[0] ?? ''
    return `${cell.includes('-') || cell.includes('(') ? '-' : '+'}${money(cell)}`
  })
  return { lines, balances }
}

function money(cell: string): string {
  const [whole = '', fraction = ''] = cell.replaceAll(/[.()+\s-]|S\//g, '').split(',')
  return plain(whole, fraction)
}
