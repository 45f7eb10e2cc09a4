import { z } from 'zod'
import { breakReasons } from './reasons.ts'

export const reasonSchema = z.enum(breakReasons).meta({ id: 'BreakReason' })
