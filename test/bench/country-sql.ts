/**
 * What fills a book from its `lot`; `this` is the book, its number, the day on which the programme begins and how many days it
 * lasts. Everything follows from a saver's number `n`.
 */
export const registerSql = [
  `update lot set opened_on = begins + n * 7919 % (days * 6 / 10) from this`,
  `insert into savings_group (book_id, id, code, name, district_code, formed_on, recorded_at, actor, content_hash)
   select book_id, gen_random_uuid(), 'G-' || n / 20, 'Group', (select min(code) from territory where length(code) = 6), begins, begins,
     'bench', sha256('') from lot, this where n % 20 = 0`,
  `create temp table place as select code, row_number() over (order by code) - 1 as nth, count(*) over () as many from territory, this
   where length(code) = 6 and left(code, 2)::int = number + 1`,
  `insert into saver (book_id, id, person, identified, given_names, family_names, sex, birth_date, district_code, mother_tongue,
     mother_tongue_consented_on, registered_on, recorded_at, actor, content_hash)
   select book_id, l.saver_id, l.person, true, 'Ana', 'Quispe', case when n % 50 = 7 then 'male' else 'female' end,
     case when n % 40 <> 3 then date '1950-01-01' + n * 31 % 20000 end, p.code, case n % 3 when 1 then 'que' when 2 then 'aym' end,
     case when n % 3 > 0 then l.opened_on end, l.opened_on, l.opened_on + interval '12 hours', 'bench', sha256('')
   from lot l join place p on p.nth = (n + case when n % 20 = 9 then 1 else 0 end) % p.many cross join this`,
  `insert into saver_version (book_id, saver_id, number, person, district_code, sex, birth_date, mother_tongue, recorded_at)
   select s.book_id, s.id, 0, s.person, p.code, s.sex, s.birth_date, s.mother_tongue, s.recorded_at
   from this join saver s using (book_id) join lot l on l.saver_id = s.id join place p on p.nth = n % p.many
  `,
  // One in twenty moved after three hundred days, and said so ten days later.
  `insert into saver_version (book_id, saver_id, number, person, since, district_code, sex, birth_date, mother_tongue, recorded_at)
   select s.book_id, s.id, 1, s.person, l.opened_on + 300, s.district_code, s.sex, s.birth_date, s.mother_tongue,
     s.recorded_at + interval '310 days'
   from this join saver s using (book_id) join lot l on l.saver_id = s.id where n % 20 = 9`,
  `drop table place`,
  `insert into account (book_id, id, code, name, type, normal, floor, status, opened_on, opened_event)
   select book_id, x.id, x.control || '.' || l.account_id, 'Money', 'liability', 'credit', 0, 'open', l.opened_on, 2 + l.n * 4 + x.nth
   from this cross join lot l cross join lateral (values (0, '2010', own_id), (1, '2020', locked_id), (2, '2030', released_id), (3, '2040', interest_id)) x(nth, control, id)
   order by x.id`,
  `insert into savings_account (book_id, id, holder_kind, saver_id, opened_on, own_account_id, incentive_locked_account_id,
     incentive_released_account_id, interest_account_id, recorded_at, actor, content_hash)
   select book_id, account_id, 'saver', saver_id, opened_on, own_id, locked_id, released_id, interest_id,
     opened_on + interval '12 hours', 'bench', sha256('') from lot, this order by n`,
  // One in twenty never saved, and her account was closed after four hundred days.
  `insert into savings_account_status_change (book_id, id, savings_account_id, status, reason, closed_on, recorded_at, actor, content_hash)
   select book_id, gen_random_uuid(), account_id, 'closed', 'asked for', opened_on + 400, opened_on + 405, 'bench', sha256('')
   from lot, this where n % 20 = 0`,
  `insert into membership (book_id, id, group_id, saver_id, starts_on, recorded_at, actor, content_hash)
   select g.book_id, gen_random_uuid(), g.id, l.saver_id, l.opened_on, l.opened_on + interval '12 hours', 'bench', sha256('')
   from this join savings_group g using (book_id) join lot l on g.code = 'G-' || l.n / 20`,
  // One in four leaves the programme after two years.
  `insert into enrolment (book_id, id, saver_id, programme_id, starts_on, contract_months, cohort, end_reason, ends_on, end_recorded_at,
     end_actor, recorded_at, actor, content_hash)
   select book_id, gen_random_uuid(), l.saver_id, c.id, l.opened_on + 10, 48, to_char(l.opened_on, 'YYYY'),
     case when l.n % 4 = 0 then 'withdrew' end, case when l.n % 4 = 0 then l.opened_on + 740 end,
     case when l.n % 4 = 0 then l.opened_on + interval '745 days' end, case when l.n % 4 = 0 then 'bench' end,
     l.opened_on + interval '10 days', 'bench', sha256('')
   from this cross join lot l join course c on c.n = l.n % 2`,
] as const

/**
 * What savers did, in the order in which it was recorded: none, 3, 8 or 17 times each; every seventh ten days late. Some of it are
 * withdrawals and transfers of JUNTOS; one deposit in some forty is reversed five days later.
 */
export const movementsSql = `
  with turns as (
    select l.n, turn, opened_on, count(*) over (partition by l.n) as turns from lot l
    cross join lateral generate_series(1, case when l.n % 10 = 0 then 0 when l.n % 10 < 4 then 3 when l.n % 10 < 8 then 8 else 17 end) turn
  ), done as (
    select n, turn, opened_on, least(begins + days - 6, opened_on + ((begins + days - 10 - opened_on) * turn / turns)::int
        - (n * 13 + turn * 29) % 20) as day,
      case when turn % 5 = 4 then 'withdrawal' when turn % 6 = 5 and n % 4 = 0 then 'state-transfer' else 'deposit' end as kind,
      case when turn % 5 = 4 then -200 else 90 + (n * 37 + turn * 211) % 2500 end as amount
    from turns, this
  ), told as (
    select n, turn, greatest(day, opened_on) as day,
      greatest(greatest(day, opened_on) - case when (n + turn) % 7 = 0 then 10 else 0 end, opened_on) as value_date, kind, amount,
      null::int as reversed from done
    union all
    select n, turn, greatest(day, opened_on) + 5, greatest(day, opened_on) + 5, 'reversal', - amount, turn from done
    where n % 5 = 3 and turn = 2
  ), numbered as (
    select row_number() over (order by day, n, turn, reversed nulls first) as sequence, * from told
  )
  insert into movement (sequence, n, turn, day, value_date, kind, amount, reverses)
  select sequence, n, turn, day, value_date, kind, amount,
    case when reversed is not null then min(sequence) over (partition by n, turn) end
  from numbered`

/** What was done, as transactions of two entries: in one statement, for neither may be without the other. */
export const entriesSql = `
  with posted as (
   insert into transaction (book_id, sequence, id, kind, value_date, recorded_at, actor, reason, evidence, reverses, content_hash, hash)
   select book_id, sequence, gen_random_uuid(), kind, value_date, day + interval '20 hours', 'bench',
     case kind when 'reversal' then 'entered twice' end,
     case kind when 'state-transfer' then '{"source": "JUNTOS"}' else '{"channel": "branch"}' end::jsonb, reverses, sha256(''), sha256('')
   from movement, this order by sequence
  ), leg as (
     select m.sequence, 1 as position, b.id as account_id, m.amount, m.value_date
     from movement m cross join (select id from account join this using (book_id) where code = '1010') b
     union all
     select m.sequence, 2, l.own_id, - m.amount, m.value_date from movement m join lot l using (n)
   )
   insert into entry (book_id, sequence, position, account_id, direction, amount, value_date, debits_after, credits_after)
   select book_id, sequence, position, account_id, case when amount > 0 then 'debit' else 'credit' end::direction, abs(amount), value_date,
     sum(greatest(amount, 0)) over until, sum(greatest(- amount, 0)) over until
   from this, leg window until as (partition by account_id order by sequence) order by sequence, position`

/** What each account and the book came to. */
export const totalsSql = [
  `update account a set debits = x.debits, credits = x.credits
   from (
     select book_id, account_id, coalesce(sum(amount) filter (where direction = 'debit'), 0) as debits,
       coalesce(sum(amount) filter (where direction = 'credit'), 0) as credits
     from entry join this using (book_id) group by book_id, account_id
   ) x where a.book_id = x.book_id and a.id = x.account_id`,
  `update account a set status = 'closed', closed_on = l.opened_on + 400
   from lot l, this where a.book_id = this.book_id and l.n % 20 = 0
     and a.id in (l.own_id, l.locked_id, l.released_id, l.interest_id)`,
  `update book_head h set sequence = m.sequence, days_through = m.sequence, recorded_at = m.day + interval '20 hours',
     event_number = 1 + 4 * (select count(*) from lot)
   from this, movement m where h.book_id = this.book_id and m.sequence = (select max(sequence) from movement)`,
  `truncate movement`,
] as const
