import { z } from 'zod'

/** An interbank account number as it comes in: twenty digits, spaces and hyphens dropped. Check digits are not required. */
export const cciText = z
  .string()
  .regex(/^[\d -]{20,30}$/, 'must be twenty digits; spaces and hyphens between them are ignored')
  .transform(text => text.replace(/\D/g, ''))
  .refine(text => text.length === 20, 'must be twenty digits; spaces and hyphens between them are ignored')
  .refine(text => /[1-9]/.test(text), 'must be an account’s: it has zeros only')
  .describe('Interbank account number (CCI). Wrong check digits are kept and told as a warning')
  .meta({ examples: ['01136600010003254221'] })

/** (10 − Σ mod 10) mod 10 over the digits of each digit times 1, 2, 1, 2 … */
function checkDigit(digits: string): number {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const product = Number(digits[index]) * (index % 2 === 0 ? 1 : 2)
    sum += product > 9 ? product - 9 : product
  }
  return (10 - (sum % 10)) % 10
}

/**
 * Whether both check digits of a twenty-digit CCI are right: the first checks institution and office, the second the
 * account. Numbers that fail have been seen in use, so a failure is a warning and no refusal.
 */
export function isCciValid(cci: string): boolean {
  return checkDigit(cci.slice(0, 6)) === Number(cci[18]) && checkDigit(cci.slice(6, 18)) === Number(cci[19])
}
