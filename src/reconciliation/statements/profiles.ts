import type { z } from 'zod'
import type { profileSchema } from './profile-shape.ts'

/**
 * Profiles to begin with. No Peruvian bank publishes the layout of its statements: these are made up in the manner of what
 * their customers download, and are to be edited until they fit what a bank really sends.
 */
export const exampleProfiles: readonly z.input<typeof profileSchema>[] = [
  {
    name: 'es-PE, columns of charges and credits',
    layout: { kind: 'delimited', delimiter: ';', hasHeader: true },
    encoding: 'utf-8-or-latin1',
    skipRows: 4,
    dateFormat: 'dd/mm/yyyy',
    decimal: { point: ',', grouping: '.', marks: ['S/'] },
    sign: { kind: 'two-columns', credit: { name: 'Abono' }, debit: { name: 'Cargo' } },
    columns: {
      bookingDate: { name: 'Fecha' },
      valueDate: { name: 'Fecha valor' },
      balance: { name: 'Saldo' },
      reference: { name: 'N° operación' },
      text: [{ name: 'Descripción' }],
    },
    account: { after: 'Cuenta' },
    currency: { after: 'Moneda' },
    opening: { after: 'Saldo inicial' },
    closing: { after: 'Saldo final' },
    totals: { column: { name: 'Descripción' }, label: 'TOTAL' },
  },
  {
    name: 'signed amounts, newest first, balance beside each',
    layout: { kind: 'delimited', delimiter: ',', hasHeader: true },
    dateFormat: 'yyyy-mm-dd*',
    decimal: { point: '.', grouping: ',' },
    sign: { kind: 'signed', amount: { name: 'Amount' } },
    order: 'newest-first',
    columns: {
      bookingDate: { name: 'Date' },
      balance: { name: 'Balance' },
      reference: { name: 'Reference' },
      counterparty: { name: 'Name' },
      text: [{ name: 'Description' }, { name: 'Note' }],
    },
    account: { constant: '191-0000000-0-00' },
    currency: { constant: 'PEN' },
    opening: 'computed',
    closing: 'computed',
  },
  {
    name: 'fixed width, amounts in centavos, D and C',
    layout: { kind: 'fixed' },
    encoding: 'latin1',
    skipRows: 1,
    dateFormat: 'yyyymmdd',
    decimal: { point: null, decimals: 2 },
    sign: {
      kind: 'marked',
      amount: { from: 17, length: 15 },
      mark: { from: 32, length: 1 },
      credit: ['C', 'H'],
      debit: ['D'],
    },
    columns: {
      bookingDate: { from: 1, length: 8 },
      valueDate: { from: 9, length: 8 },
      reference: { from: 33, length: 10 },
      text: [{ from: 43, length: 40 }],
    },
    account: { row: 1, column: { from: 1, length: 20 } },
    currency: { row: 1, column: { from: 21, length: 3 } },
    number: { row: 1, column: { from: 24, length: 6 } },
    opening: { row: 1, column: { from: 30, length: 15 } },
    closing: { row: 1, column: { from: 45, length: 15 } },
    totals: { column: { from: 1, length: 5 }, label: 'TOTAL' },
  },
]
