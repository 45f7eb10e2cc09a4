import { z } from 'zod'

const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

/** Whether `text` is a taxpayer's number (RUC): eleven digits, the last of which checks the others. */
export function isRuc(text: string): boolean {
  if (!/^\d{11}$/.test(text)) return false
  const sum = weights.reduce((total, weight, index) => total + weight * Number(text[index]), 0)
  return Number(text[10]) === (11 - (sum % 11)) % 10
}

export const rucText = z
  .string()
  .refine(isRuc, 'must be a RUC: eleven digits, of which the last checks the others')
  .describe('Taxpayer number (RUC)')
  .meta({ examples: ['20456188118'] })
