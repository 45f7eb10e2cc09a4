import { and, eq, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import { cursor } from '../../http/pages.ts'
import { territory } from './schema.ts'

export const territoryLevels = ['department', 'province', 'district'] as const

const territoryLevel = z.enum(territoryLevels).meta({ id: 'TerritoryLevel' })

export const territorySchema = z
  .object({
    code: z
      .string()
      .describe('UBIGEO in the scheme of INEI: two digits, four or six')
      .meta({ examples: ['080101'] }),
    scheme: z.literal('INEI'),
    level: territoryLevel,
    name: z.string().meta({ examples: ['Cusco'] }),
    under: z
      .string()
      .nullable()
      .describe('The code of the territory it is part of')
      .meta({ examples: ['0801'] }),
    reniecCode: z
      .string()
      .nullable()
      .describe('The district’s code in the scheme of RENIEC')
      .meta({ examples: ['070101'] }),
  })
  .meta({ id: 'Territory' })

export const territoryFilter = {
  under: z
    .string()
    .regex(/^(\d{2}){1,2}$/, 'must be two or four digits')
    .meta({ examples: ['08'] })
    .optional()
    .describe('Only what is part of this department or province'),
  level: territoryLevel.optional(),
  reniecCode: z
    .string()
    .regex(/^\d{6}$/, 'must be six digits')
    .meta({ examples: ['070101'] })
    .optional()
    .describe('The district that RENIEC gives this code'),
}

export const territoryPlace = cursor(z.strictObject({ code: z.string().regex(/^\d+$/) }))

type Row = typeof territory.$inferSelect
type Filter = { under?: string | undefined; level?: string | undefined; reniecCode?: string | undefined }

/** Territories in the order of their codes, so that a province comes before its districts. */
export async function listTerritories(
  db: Db,
  { under, level, reniecCode }: Filter,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  const place = territoryPlace.read(after)
  const { code } = territory
  return db
    .select()
    .from(territory)
    .where(
      and(
        place === null ? undefined : gt(code, place.code),
        under === undefined ? undefined : sql`starts_with(${code}, ${under}) and ${code} <> ${under}`,
        level === undefined
          ? undefined
          : sql`length(${code}) = ${(territoryLevels as readonly string[]).indexOf(level) * 2 + 2}`,
        reniecCode === undefined ? undefined : eq(territory.reniecCode, reniecCode),
      ),
    )
    .orderBy(code)
    .limit(limit)
}

export function territoryOf({ code, name, reniecCode }: Row): z.output<typeof territorySchema> {
  const level = territoryLevels[code.length / 2 - 1]!
  return { code, scheme: 'INEI', level, name, under: code.slice(0, -2) || null, reniecCode }
}
