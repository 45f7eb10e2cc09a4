import { expect, test } from 'vitest'
import { largestValidated, schemaNameOf, verdictOf } from '../../src/reconciliation/statements/verdict.ts'

const namespace = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'

/** A schema as small as one can be, in the place of ISO's. */
const schema =
  Buffer.from(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${namespace}" targetNamespace="${namespace}" elementFormDefault="qualified">
<xs:element name="Document"><xs:complexType><xs:sequence>
  <xs:element name="Amt" type="xs:decimal"/><xs:element name="CdtDbtInd" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>`)

function message(inside: string): Buffer {
  return Buffer.from(`<?xml version="1.0"?>\n<Document xmlns="${namespace}">\n${inside}\n</Document>`)
}

test('a message that keeps to its schema is valid', async () => {
  expect(await verdictOf(message('<Amt>1</Amt><CdtDbtInd>CRDT</CdtDbtInd>'), schema)).toEqual({ verdict: 'valid' })
})

test('a message that breaks it is told where', async () => {
  const told = await verdictOf(message('<CdtDbtInd>CRDT</CdtDbtInd>\n<Amt>1</Amt>'), schema)
  expect(told).toEqual({
    verdict: 'invalid',
    problems: [
      { where: 'line 3', message: expect.stringContaining("Element 'CdtDbtInd': This element is not expected") },
    ],
  })
})

test('one that is not well formed is invalid, and one that is cut as well', async () => {
  expect(await verdictOf(message('<Amt>1</Amt>').subarray(0, 60), schema)).toMatchObject({ verdict: 'invalid' })
  expect(await verdictOf(Buffer.alloc(0), schema)).toMatchObject({ verdict: 'invalid' })
})

test('without a schema, or of a very large file, nothing is said', async () => {
  expect(await verdictOf(message(''), null)).toEqual({ verdict: 'not-checked', reason: 'no-schema' })
  expect(await verdictOf(Buffer.alloc(largestValidated + 1), schema)).toEqual({
    verdict: 'not-checked',
    reason: 'too-large',
  })
})

test('what is no schema says nothing of any message', async () => {
  for (const broken of [
    'no XML',
    '<a/>',
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:elment/></xs:schema>',
  ])
    expect(await verdictOf(message(''), Buffer.from(broken))).toEqual({
      verdict: 'not-checked',
      reason: 'schema-unusable',
    })
})

test('a message names its schema, with a prefix or without', () => {
  expect(schemaNameOf(message(''))).toBe('camt.053.001.08')
  expect(schemaNameOf(Buffer.from(`<c:Document xmlns:c='${namespace}'>`))).toBe('camt.053.001.08')
  expect(schemaNameOf(Buffer.from(':20:STARTUMSE'))).toBe(null)
})
