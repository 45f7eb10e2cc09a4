export type WrittenDay = {
  day: string
  number?: string
  opening: string
  closing: string
  lines?: string[]
  account?: string
}

/** Days of an account in soles as MT940; a line is such as `C10,00REFERENCE`. */
export function mt940(days: readonly WrittenDay[]): string {
  return days.map(oneDay).join('')
}

function oneDay(given: WrittenDay): string {
  const { day, opening, closing, lines = [], account = '191-2345678-0-12' } = given
  const balance = (tag: string, amount: string) =>
    `:${tag}:${amount.startsWith('-') ? 'D' : 'C'}${day}PEN${amount.replace('-', '')}`
  const told = lines.map(line => `:61:${day}${day.slice(2)}${line.replace(/([\d,]+)(.*)$/, '$1NTRF$2')}`)
  const head = [':20:STMT', `:25:${account}`, `:28C:${given.number ?? '0'}`]
  return [...head, balance('60F', opening), ...told, balance('62F', closing), '-', ''].join('\r\n')
}
