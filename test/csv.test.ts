import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRow, safeText } from '../src/csv.ts'

/** Texts that have to do with CSV and with formulas, and any other. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("'", '"', '=', '+', '-', '@', ',', ';', ' ', '\t', '\r', '\n', 'ñ', '0') }),
  fc.string({ unit: 'grapheme' }),
)

test.each([',', ';'] as const)('cells are read back as they were written, between %s', separator => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { minLength: 1 }), rows => {
      const written = rows.map(row => csvRow(row, separator)).join('')
      expect(parse(written, { delimiter: separator, recordDelimiter: '\r\n' })).toEqual(rows)
    }),
  )
})

test('no text is a formula, and taking one mark away gives each text again', () => {
  fc.assert(
    fc.property(text, given => {
      const safe = safeText(given)
      expect(safe).not.toMatch(/^\s*[=+\-@]|^[\t\r\n]/)
      expect(/^'+(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(safe) ? safe.slice(1) : safe).toBe(given)
    }),
  )
  expect(['=1+1', ' -2', "'=x", "'Alto", 'Ñahui'].map(safeText)).toEqual(["'=1+1", "' -2", "''=x", "'Alto", 'Ñahui'])
})
