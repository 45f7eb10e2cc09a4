import { describe, expect, test } from 'vitest'
import { cciText, isCciValid } from '../../src/savings/cci.ts'
import { dniChecks, dniText, readDni } from '../../src/savings/dni.ts'
import { isRuc } from '../../src/savings/ruc.ts'

describe('a DNI', () => {
  test.each<[text: string, digits: string | null, why: string]>([
    ['10117410', '10117410', 'eight digits'],
    ['101174102', '10117410', 'its check digit'],
    ['10117410-2', '10117410', 'its check digit after a hyphen'],
    ['10117410G', '10117410', 'its check letter'],
    ['10117410-g', '10117410', 'its check letter, small'],
    ['101174103', null, 'another check digit'],
    ['10117410H', null, 'another check letter'],
    ['1011741', null, 'seven digits'],
    ['10117410-22', null, 'two check characters'],
    [' 10117410', null, 'a space'],
    ['١٠١١٧٤١٠', null, 'digits of another script'],
    ['00000000', null, 'nobody’s'],
    ['', null, 'nothing'],
  ])('%s is read as %s (%s)', (text, digits) => {
    expect(readDni(text)).toBe(digits)
  })

  test('has one check digit and one check letter', () => {
    expect(dniChecks('10117410')).toEqual({ digit: '2', letter: 'G' })
  })

  test('is read to its eight digits, and a wrong one is refused without being repeated', () => {
    expect(dniText.parse('10117410-G')).toBe('10117410')
    expect(JSON.stringify(dniText.safeParse('10117410-H').error?.issues)).not.toContain('10117410')
  })
})

describe('a RUC', () => {
  test.each([
    ['20456188118', true],
    ['20100070970', true],
    ['20456188119', false],
    ['2045618811', false],
    ['204561881180', false],
    ['2045618811A', false],
  ])('%s: %s', (text, valid) => {
    expect(isRuc(text)).toBe(valid)
  })
})

describe('a CCI', () => {
  test.each<[cci: string, valid: boolean, why: string]>([
    ['01136600010003254221', true, 'both check digits are right'],
    ['01136600010003254231', false, 'the first is wrong'],
    ['01136600010003254222', false, 'the second is wrong'],
    ['01236600010003254221', false, 'another institution'],
    ['01136600010003254321', false, 'another account'],
  ])('%s: %s (%s)', (cci, valid) => {
    expect(isCciValid(cci)).toBe(valid)
  })

  test('of zeros is nobody’s', () => {
    expect(cciText.safeParse('0'.repeat(20)).success).toBe(false)
  })

  test('may be written in groups, and has twenty digits', () => {
    expect(cciText.parse('011-366-000100032542-21')).toBe('01136600010003254221')
    expect(cciText.safeParse('0113660001000325422').success).toBe(false)
    expect(cciText.safeParse('011366000100032542211').success).toBe(false)
    expect(cciText.safeParse('0113660001000325422x').success).toBe(false)
  })
})
