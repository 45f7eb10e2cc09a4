import type pg from 'pg'
import { type CatalogueRule, referenceTables } from './catalogue-rules.ts'

/** A function as the catalogue has it. */
type Routine = { name: string; body: string; first: string | null; firstType: string | null; tables: string[] }

/** Functions of ours with the tables and views of books that their bodies speak of; triggers have a rule of their own. */
async function routinesOf(client: pg.ClientBase): Promise<Routine[]> {
  const { rows: relations } = await client.query<{ relname: string }>(
    `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and c.relname <> all ($1)`,
    [Object.keys(referenceTables)],
  )
  const { rows } = await client.query<Omit<Routine, 'tables'>>(
    `select p.oid::regproc::text as name, p.prosrc as body, p.proargnames[1] as first,
       format_type(p.proargtypes[0], null) as "firstType"
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = 'public' and p.prokind in ('f', 'p') and p.prorettype <> 'trigger'::regtype`,
  )
  return rows.map(routine => {
    const body = routine.body.replaceAll(/--.*/g, '').replaceAll(/'(?:[^']|'')*'/g, "''")
    const spoken = relations.map(({ relname }) => relname).filter(name => new RegExp(`\\b${name}\\b`).test(body))
    return { ...routine, body, tables: spoken }
  })
}

/** Every mention of a book's table in a statement: under which name, if it has one, and how. */
function mentionsIn(statement: string, tables: readonly string[]): { how: string; table: string; alias: string }[] {
  const mention = new RegExp(
    `\\b(from|join|update|into|delete\\s+from)\\s+(${tables.join('|')})\\b(?:\\s+(?:as\\s+)?(\\w+))?`,
    'gi',
  )
  return [...statement.matchAll(mention)].map(([, how = '', table = '', alias = '']) => ({ how, table, alias }))
}

export const functionRules: Record<string, CatalogueRule> = {
  '4: a function of a book takes the book first': async client => {
    const routines = await routinesOf(client)
    return routines
      .filter(({ tables, first, firstType }) => tables.length > 0 && (first !== 'p_book' || firstType !== 'uuid'))
      .map(({ name, first }) => `${name} takes ${first ?? 'nothing'} first`)
  },

  '4: each statement of a function keeps to the book': async client => {
    const faults: string[] = []
    for (const { name, body, tables } of await routinesOf(client)) {
      if (tables.length === 0) continue
      for (const statement of body.split(';')) {
        for (const { how, table, alias } of mentionsIn(statement, tables)) {
          const kept =
            how === 'into'
              ? new RegExp(
                  `into\\s+${table}(\\s+as\\s+\\w+)?\\s*\\(\\s*book_id\\b[^)]*\\)\\s*(values\\s*\\(|select)\\s*p_book\\b`,
                )
              : new RegExp(`\\b${alias || table}\\.book_id\\s*=\\s*p_book\\b`)
          if (!kept.test(statement)) faults.push(`${name}: ${how} ${table} without its book`)
        }
      }
    }
    return faults
  },

  '4: a view over several tables of books joins them by book': async client => {
    const { rows } = await client.query<{ name: string; text: string; tables: string[] }>(
      `select c.relname as name, pg_get_viewdef(c.oid) as text,
         (select array_agg(distinct t.relname::text) from pg_depend d join pg_rewrite r on r.oid = d.objid
           join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p') where r.ev_class = c.oid and t.relname <> all ($1)) as tables
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('v', 'm')`,
      [Object.keys(referenceTables)],
    )
    return rows.flatMap(({ name, text }) => {
      const joins = [...text.matchAll(/\bjoin\b/gi)].length
      const byBook = [...text.matchAll(/\b\w+\.book_id = \w+\.book_id\b/g)].length
      return [
        ...(joins > byBook ? [`${name} joins without book_id`] : []),
        ...(/,\s*\w+ \w+\s*(;|where|$)/i.test(text.replaceAll(/select[\s\S]*?from/gi, ''))
          ? [`${name} multiplies tables`]
          : []),
        ...(/select[\s\S]*?\bbook_id\b[\s\S]*?from/i.test(text) ? [] : [`${name} does not tell the book`]),
      ]
    })
  },
}
