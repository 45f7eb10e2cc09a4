import { addMonths, lastDay, type Month } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { readSnapshot } from '../../db/stream.ts'
import { flat, grouped } from '../disclosure/dimension.ts'
import { type Column, type Notes, type Table, total, type Value } from '../table.ts'
import { classed, nodeOfCodes, protect } from './classes.ts'
import type { AskedBooks, Knowledge } from './knowledge.ts'

export const openers = ['agent', 'group', 'institution'] as const
export type Opener = (typeof openers)[number]

/** Accounts by who opened them, and what became of them. */
export type Opened = { opener: string; never: number; once: number; again: number }

/** What an account is counted under: `none` is a branch, or no group. */
const openerText: Record<Opener, string> = {
  agent: `(select b.code || '/' || g.code from agent g join book b on b.id = g.book_id where g.book_id = a.book_id and g.id = a.agent_id)`,
  group: `(select b.code || '/' || g.code from membership m join savings_group g on g.book_id = m.book_id and g.id = m.group_id join book b on b.id = g.book_id
    where m.book_id = a.book_id and m.saver_id = a.saver_id and m.starts_on <= $3 and m.recorded_at <= $4 and (m.ends_on is null or m.ends_on >= $3 or m.end_recorded_at > $4)
    order by m.starts_on, m.id limit 1)`,
  institution: `(select i.code from savings_book s join partner_institution i on i.id = s.institution_id where s.book_id = a.book_id)`,
}

/** Reads the savers' accounts that were opened at least so many months before the end of a month, as far as they were known. */
export async function readOpened(
  db: Db,
  books: AskedBooks['books'],
  { opener, month, months, knowledge }: { opener: Opener; month: Month; months: number; knowledge: Knowledge },
): Promise<Opened[]> {
  const all = new Map<string, Opened>()
  await readSnapshot(db, async session => {
    for (const { id } of books) {
      const { rows } = await session.query<{ opener: string; use: 'never' | 'once' | 'again'; accounts: string }>(
        `select opener, use, count(*) as accounts from (
           select coalesce(${openerText[opener]}, 'none') as opener,
             case when d.first is null then 'never' when d.first = d.last then 'once' else 'again' end as use
           from savings_account a
           cross join lateral (
             select min(e.value_date) as first, max(e.value_date) as last
             from entry e join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
             where e.book_id = a.book_id and e.account_id = a.own_account_id and e.sequence <= $5 and e.value_date <= $3 and t.kind = 'deposit'
               and not exists (select from transaction r where r.book_id = t.book_id and r.reverses = t.sequence and r.sequence <= $5)
           ) d
           where a.book_id = $1 and a.saver_id is not null and a.opened_on <= $2 and a.recorded_at <= $4
         ) opened group by opener, use`,
        [
          id,
          lastDay(addMonths(month, -months)),
          lastDay(month),
          knowledge.at,
          String(knowledge.sequences.get(id) ?? 0),
        ],
      )
      for (const { opener, use, accounts } of rows) {
        const one = all.get(opener) ?? { opener, never: 0, once: 0, again: 0 }
        one[use] += Number(accounts)
        all.set(opener, one)
      }
    }
  })
  return [...all.values()]
}

export const openedPopulation =
  'Savers’ accounts opened at least so many months before the end of the month, open still or closed since, by who opened them (an agent), or by the group that the saver was in at the end of the month. ' +
  'savedAgain: with a deposit on a later day than the first one; neverSavedAgain = neverDeposited + depositedOnce'

const byUse = grouped('use', ['NEVER', 'ONCE', 'AGAIN'], { NEVER_AGAIN: ['NEVER', 'ONCE'] })

const titled = (name: string, kind: Column['kind'], es: string, en: string): Column => ({
  name,
  kind,
  title: { es, en },
})

const openerTitles: Record<Opener, Column> = {
  agent: titled('agent', 'code', 'Promotor', 'Agent'),
  group: titled('group', 'code', 'Grupo de ahorro', 'Savings group'),
  institution: titled('institution', 'code', 'Institución', 'Institution'),
}

const figures: Column[] = [
  titled('opened', 'count', 'Cuentas abiertas', 'Accounts opened'),
  titled('neverDeposited', 'count', 'Sin ningún depósito', 'Without any deposit'),
  titled('depositedOnce', 'count', 'Con depósitos de un solo día', 'With deposits of one day only'),
  titled('neverSavedAgain', 'count', 'Nunca volvieron a ahorrar', 'Never saved again'),
  titled('savedAgain', 'count', 'Volvieron a ahorrar', 'Saved again'),
  titled('neverSavedAgainRate', 'rate', 'Proporción que nunca volvió a ahorrar', 'Share that never saved again'),
]

/** Accounts that were opened and never saved again, by who opened them. */
export function openedTable(
  opened: readonly Opened[],
  { opener, k, notes }: { opener: Opener; k: number; notes: Notes },
): Table {
  const tree = flat(opener, opened.map(one => one.opener).toSorted())
  const table = classed([tree], byUse)
  const counts = opened.map(one => [nodeOfCodes(table, [one.opener]), [one.never, one.once, one.again]] as const)
  const { count, rate } = protect(table, counts, k)
  const rows = tree.codes.map((code, node): Value[] => {
    const told = [total, 'NEVER', 'ONCE', 'NEVER_AGAIN', 'AGAIN'].map(use => count(node, use))
    return [code, ...told, rate(node, 'NEVER_AGAIN', total)]
  })
  const title = { es: 'Cuentas que nunca volvieron a ahorrar', en: 'Accounts that never saved again' }
  return { name: 'opened-accounts', title, columns: [openerTitles[opener], ...figures], rows, notes }
}
