import { sql } from 'drizzle-orm'
import { check, date, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytes, oneOf, registration } from '../columns.ts'

export const institutionKinds = ['bank', 'caja', 'cooperative', 'other'] as const

// Reference tables: small, the same for every book.

export const partnerInstitution = pgTable(
  'partner_institution',
  {
    id: uuid().primaryKey(),
    code: text().notNull(),
    name: text().notNull(),
    kind: text({ enum: institutionKinds }).notNull(),
    /** The taxpayer's number, eleven digits. */
    ruc: text(),
    /** The three digits that its interbank account numbers (CCI) begin with. */
    cciEntity: text('cci_entity'),
    ...registration,
  },
  t => [
    unique('partner_institution_code_unique').on(t.code),
    check('partner_institution_kind_known', oneOf('kind', institutionKinds)),
  ],
)

export const programme = pgTable(
  'programme',
  {
    id: uuid().primaryKey(),
    code: text().notNull(),
    name: text().notNull(),
    /** Months of a saver's contract unless her enrolment says otherwise. */
    contractMonths: smallint('contract_months').notNull(),
    validFrom: date('valid_from').notNull(),
    validTo: date('valid_to'),
    ...registration,
  },
  t => [
    unique('programme_code_unique').on(t.code),
    check('programme_contract_months_positive', sql`${t.contractMonths} > 0`),
    check('programme_dates_in_order', sql`${t.validTo} is null or ${t.validTo} >= ${t.validFrom}`),
  ],
)

/** Departments (two digits), provinces (four) and districts (six) by INEI's code; RENIEC numbers them differently. */
export const territory = pgTable(
  'territory',
  {
    code: text().primaryKey(),
    name: text().notNull(),
    reniecCode: text('reniec_code'),
  },
  t => [
    unique('territory_reniec_code_unique').on(t.reniecCode),
    check('territory_code_is_ubigeo', sql`${t.code} ~ '^([0-9]{2}){1,3}$'`),
  ],
)

/** One row: a value made with the identity key, so that a service with another key is refused its start. */
export const identityCheck = pgTable(
  'identity_check',
  {
    id: smallint().primaryKey(),
    value: bytes('value').notNull(),
  },
  t => [check('identity_check_is_one_row', sql`${t.id} = 1`)],
)
