import type pg from 'pg'
import { addMonths } from '../../src/dates.ts'
import { type CellCounts, type Question, width } from '../../src/statistics/counting/count.ts'
import { monthNumber } from '../../src/statistics/counting/days.ts'
import type { DimensionName } from '../../src/statistics/counting/dimensions.ts'
import { ruleOf } from '../../src/statistics/counting/rule.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { statuses } from '../../src/statistics/definitions/terms.ts'

/**
 * How `PAS-v1` counts, said once more as one statement over entries: written by itself, from the definition's words. $1 and $2
 * are the first and last month (their first days), $3 how many digits of the district, $4 the instant as known at. It takes for
 * granted what is so in the country made here: nobody moves twice.
 *
 * A row for each person and month, from eleven before the first asked for; what was moved before is in the first of them.
 */
const text = `
  with opening as (
    select distinct on (v.person) v.person, sa.opened_on as opened, sa.book_id, sa.saver_id
    from savings_account sa join saver_version v on v.book_id = sa.book_id and v.saver_id = sa.saver_id and v.number = 0
    where sa.recorded_at <= $4 order by v.person, sa.opened_on, sa.id
  ), closing as (
    select v.person, max(coalesce(c.closed_on, 'infinity')) as closed
    from savings_account sa join saver_version v on v.book_id = sa.book_id and v.saver_id = sa.saver_id and v.number = 0
    left join savings_account_status_change c on c.book_id = sa.book_id and c.savings_account_id = sa.id and c.status = 'closed' and c.recorded_at <= $4
    where sa.recorded_at <= $4 group by v.person
  ), moved as (
    select v.person, greatest(date_trunc('month', e.value_date), $1::date - interval '11 months')::date as month,
      sum(case e.direction when 'credit' then e.amount else - e.amount end) as own,
      bool_or(t.kind = 'deposit' and e.direction = 'credit' and e.amount >= 100 and r.sequence is null
        and e.value_date >= $1::date - interval '11 months') as saved
    from entry e
    join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
    join savings_account sa on sa.book_id = e.book_id and sa.own_account_id = e.account_id
    join saver_version v on v.book_id = sa.book_id and v.saver_id = sa.saver_id and v.number = 0
    left join transaction r on r.book_id = t.book_id and r.reverses = t.sequence and r.recorded_at <= $4
    where t.recorded_at <= $4 group by 1, 2
  ), grid as (
    select o.person, o.opened, o.book_id, o.saver_id, c.closed, m.month::date as month,
      (m.month + interval '1 month - 1 day')::date as ends
    from opening o join closing c using (person)
    cross join generate_series($1::date - interval '11 months', $2::date, '1 month') as m(month)
  ), summed as (
    select g.*, count(*) filter (where saved) over year as saved, bool_or(coalesce(saved, false)) over half as recently,
      coalesce(sum(own) over ever, 0) as own
    from grid g left join moved using (person, month)
    window year as (partition by person order by month rows 11 preceding),
      half as (partition by person order by month rows 5 preceding), ever as (partition by person order by month)
  ), lived as (
    select book_id, saver_id, district_code, coalesce(since, '-infinity') as since,
      coalesce(lead(since) over (partition by book_id, saver_id order by number), 'infinity') as until
    from saver_version where number = 0 or recorded_at <= $4
  )
  select to_char(month, 'YYYY-MM') as month, left(district_code, $3) as place,
    case when closed <= ends then 'CLOSED' when opened > ends - interval '12 months' then 'TOO_NEW'
      when saved >= 4 and recently and own >= 1000 then 'PERMANENT_ACTIVE' when saved > 0 then 'ACTIVE'
      when own > 0 then 'DORMANT' else 'EMPTY' end as status,
    count(*)::int as savers
  from summed s join lived using (book_id, saver_id)
  where ends >= since and ends < until and month >= $1 and opened <= ends group by 1, 2, 3`

/** What the statement counts by month, place and status, as a text each, in order. */
export async function plainStatuses(
  database: pg.Client,
  asked: { first: string; last: string; digits: number; knownAt: Date },
): Promise<string[]> {
  const { first, last, digits, knownAt } = asked
  // As much memory as lets it run within it, at a fair size: it is compared with.
  await database.query(`set work_mem = '512MB'`)
  await database.query('set jit = off')
  const { rows } = await database.query<{ month: string; place: string; status: string; savers: number }>(text, [
    ...[`${first}-01`, `${last}-01`, digits, knownAt],
  ])
  return rows.map(({ month, place, status, savers }) => `${month} ${place} ${status} ${savers}`).sort()
}

/** The same question, as the counter is asked it. */
export function statusQuestion(
  asked: { first: string; last: string },
  by: readonly DimensionName[],
  knowledge: Question['knowledge'] = null,
): Question {
  return {
    ...{ rule: ruleOf(presets[0]!.terms, 'PEN'), currency: 'PEN', books: null, by, only: [], knowledge },
    months: { first: monthNumber(asked.first), last: monthNumber(asked.last) },
  }
}

/** The counter's answer, as the statement's. */
export function countedStatuses(cells: readonly CellCounts[], first: string): string[] {
  const told = cells.flatMap(({ codes, counts }) =>
    [...counts].flatMap((count, place) => {
      const at = [addMonths(first, Math.floor(place / width)), ...codes, statuses[place % width]]
      return count === 0 ? [] : [`${at.join(' ')} ${count}`]
    }),
  )
  return told.sort()
}

/** What was known at an instant: the last sequence of each book until then. */
export async function knowledgeAt(database: pg.Client, at: Date): Promise<NonNullable<Question['knowledge']>> {
  const { rows } = await database.query<{ id: string; sequence: string }>(
    `select book_id as id, max(sequence)::text as sequence from transaction where recorded_at <= $1 group by book_id`,
    [at],
  )
  return { through: new Map(rows.map(({ id, sequence }) => [id, Number(sequence)])), at: at.getTime() }
}
