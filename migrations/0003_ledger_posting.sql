-- The ledger's verbs. The book is always the first argument; each locks the book's head, decides, and writes.
-- A refusal is raised with SQLSTATE QL001, its code as message and its facts as JSON in the detail.

create function ledger_refuse(p_code text, p_facts json default '{}') returns void language plpgsql as $$
begin
  raise exception '%', p_code using errcode = 'QL001', detail = p_facts::text;
end $$;
--> statement-breakpoint
-- The link of an event to the one before it. Every event's hash is made here.
create function ledger_event_link(p_previous bytea, p_number bigint, p_after bigint, p_at timestamptz, p_kind text, p_subject uuid,
  p_actor text, p_content text)
returns bytea language sql immutable as $$
  select sha256(p_previous || int8send(p_number) || int8send(p_after) || int8send(round(extract(epoch from p_at) * 1000)::bigint)
    || convert_to(p_kind || chr(10) || p_subject || chr(10) || p_actor || chr(10) || p_content, 'UTF8'))
$$;
--> statement-breakpoint
-- Appends to the book's register; the caller holds the head's lock.
create function ledger_append_event(p_book uuid, p_kind text, p_subject uuid, p_at timestamptz, p_actor text, p_content text)
returns bigint language plpgsql as $$
declare
  head book_head;
  link bytea;
begin
  select * into head from book_head h where h.book_id = p_book;
  link := ledger_event_link(head.event_hash, head.event_number + 1, head.sequence, p_at, p_kind, p_subject, p_actor, p_content);
  insert into event (book_id, number, kind, subject, after_sequence, recorded_at, actor, content, hash)
  values (p_book, head.event_number + 1, p_kind::event_kind, p_subject, head.sequence, p_at, p_actor, p_content, link);
  update book_head h set event_number = head.event_number + 1, event_hash = link, recorded_at = p_at where h.book_id = p_book;
  return head.event_number + 1;
end $$;
--> statement-breakpoint
-- Ends the placed holds whose time has come. Called under the head's lock before anything is decided.
create function ledger_expire_holds(p_book uuid, p_at timestamptz) returns int language plpgsql as $$
declare
  overdue record;
  ended int := 0;
begin
  for overdue in
    select h.id, h.account_id, h.amount, h.expires_at from hold h
    where h.book_id = p_book and h.status = 'placed' and h.expires_at <= p_at order by h.expires_at, h.id
  loop
    update hold h set status = 'expired', ended_at = p_at where h.book_id = p_book and h.id = overdue.id;
    update account a set held = a.held - overdue.amount where a.book_id = p_book and a.id = overdue.account_id;
    perform ledger_append_event(p_book, 'hold-expired', overdue.id, p_at, 'ledger', format('{"hold":"%s"}', overdue.id));
    ended := ended + 1;
  end loop;
  update book_head b set next_expiry = (select min(h.expires_at) from hold h where h.book_id = p_book and h.status = 'placed')
  where b.book_id = p_book;
  return ended;
end $$;
--> statement-breakpoint
-- When a placed hold has ended before its time: the next expiry is always that of the placed ones, so that it can be verified.
create function ledger_forget_expiry(p_book uuid, p_expires_at timestamptz) returns void language sql as $$
  update book_head b set next_expiry = (select min(h.expires_at) from hold h where h.book_id = p_book and h.status = 'placed')
  where b.book_id = p_book and b.next_expiry = p_expires_at
$$;
--> statement-breakpoint
-- Locks the head and answers the instant at which what follows is recorded: never before what was recorded already.
create function ledger_begin(p_book uuid, p_now timestamptz) returns timestamptz language plpgsql as $$
declare
  head record;
  at timestamptz;
begin
  select h.recorded_at, h.next_expiry into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at);
  if head.next_expiry <= at then perform ledger_expire_holds(p_book, at); end if;
  return at;
end $$;
--> statement-breakpoint
create function ledger_expire(p_book uuid, p_now timestamptz) returns int language plpgsql security definer
set search_path = public, pg_temp as $$
declare
  before bigint;
  after bigint;
begin
  select h.event_number into before from book_head h where h.book_id = p_book for no key update;
  perform ledger_begin(p_book, p_now);
  select h.event_number into after from book_head h where h.book_id = p_book;
  return coalesce(after - before, 0);
end $$;
--> statement-breakpoint
create function ledger_open_book(p_book uuid, p_now timestamptz, p_actor text, p_code text, p_name text, p_currency text, p_opened_on date,
  p_content text)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  known record;
  at timestamptz := date_trunc('milliseconds', p_now);
begin
  select b.code, b.name, b.currency::text, b.opened_on into known from book b where b.id = p_book;
  if found then
    if (known.code, known.name, known.currency, known.opened_on) is distinct from (p_code, p_name, p_currency, p_opened_on) then
      perform ledger_refuse('id-reused');
    end if;
    return false;
  end if;
  if p_opened_on > (at at time zone interval '-05:00')::date then perform ledger_refuse('date-in-future'); end if;
  insert into book (id, code, name, currency, opened_on) values (p_book, p_code, p_name, p_currency::currency, p_opened_on)
  on conflict do nothing;
  if not found then
    -- Two openings at once: the same book opened beside us is a replay, another book with this code is not.
    if exists (select 1 from book b where b.id = p_book and b.code = p_code and b.name = p_name and b.currency::text = p_currency
      and b.opened_on = p_opened_on) then
      return false;
    end if;
    perform ledger_refuse(case when exists (select 1 from book b where b.id = p_book) then 'id-reused' else 'book-code-taken' end);
  end if;
  insert into book_head (book_id, sequence, days_through, hash, recorded_at, event_number, event_hash)
  values (p_book, 0, 0, sha256(convert_to('transactions of ' || p_book, 'UTF8')), at, 0, sha256(convert_to('events of ' || p_book, 'UTF8')));
  perform ledger_append_event(p_book, 'book-opened', p_book, at, p_actor, p_content);
  return true;
end $$;
--> statement-breakpoint
-- Opens accounts, all or none. `p_accounts`: [{id, code, name, type, normal, floor, openedOn, content}].
-- Answers how many were new: an account opened before with the same content is a replay.
create function ledger_open_accounts(p_book uuid, p_now timestamptz, p_actor text, p_accounts jsonb)
returns int language plpgsql security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  head book_head;
  item record;
  link bytea;
  number bigint;
  ids uuid[] := '{}';
  contents text[] := '{}';
  links bytea[] := '{}';
begin
  select * into head from book_head h where h.book_id = p_book;
  link := head.event_hash;
  number := head.event_number;
  for item in
    select x.id, x.floor, x.content, known.content as known, taken.id as taken
    from jsonb_to_recordset(p_accounts) as x(id uuid, code text, floor bigint, content text)
    left join lateral (
      select e.content from account a join event e on e.book_id = p_book and e.number = a.opened_event
      where a.book_id = p_book and a.id = x.id limit 1
    ) known on true
    left join lateral (select a.id from account a where a.book_id = p_book and a.code = x.code limit 1) taken on true
  loop
    if item.known is not null then
      if item.known <> item.content then perform ledger_refuse('id-reused', json_build_object('accountId', item.id)); end if;
      continue;
    end if;
    if item.taken is not null then perform ledger_refuse('account-code-taken', json_build_object('accountId', item.id)); end if;
    if item.floor > 0 then perform ledger_refuse('balance-below-floor', json_build_object('accountId', item.id)); end if;
    number := number + 1;
    link := ledger_event_link(link, number, head.sequence, at, 'account-opened', item.id, p_actor, item.content);
    ids := ids || item.id;
    contents := contents || item.content;
    links := links || link;
  end loop;
  if cardinality(ids) = 0 then return 0; end if;
  insert into event (book_id, number, kind, subject, after_sequence, recorded_at, actor, content, hash)
  select p_book, head.event_number + i, 'account-opened', ids[i], head.sequence, at, p_actor, contents[i], links[i]
  from generate_series(1, cardinality(ids)) i;
  insert into account (book_id, id, code, name, type, normal, floor, status, opened_on, opened_event)
  select p_book, x.id, x.code, x.name, x.type, x.normal, x.floor, 'open', x."openedOn", head.event_number + array_position(ids, x.id)
  from jsonb_to_recordset(p_accounts)
    as x(id uuid, code text, name text, type account_type, normal direction, floor bigint, "openedOn" date)
  where x.id = any(ids);
  update book_head h set event_number = number, event_hash = link, recorded_at = at where h.book_id = p_book;
  return cardinality(ids);
exception when unique_violation then
  -- The same code, or the same id, twice in one list.
  perform ledger_refuse('account-code-taken');
end $$;
--> statement-breakpoint
-- Changes what may change of accounts, all or none. `p_changes`: [{id, name?, status?, floor?, closedOn?, content}].
create function ledger_change_accounts(p_book uuid, p_now timestamptz, p_actor text, p_changes jsonb)
returns int language plpgsql security definer set search_path = public, pg_temp as $$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  item jsonb;
  acc account;
  to_status text;
  to_floor bigint;
  to_closed date;
  last_day date;
  changed int := 0;
begin
  for item in select x from jsonb_array_elements(p_changes) x loop
    select * into acc from account a where a.book_id = p_book and a.id = (item ->> 'id')::uuid;
    if not found then perform ledger_refuse('account-not-found', json_build_object('accountId', item ->> 'id')); end if;
    to_status := coalesce(item ->> 'status', acc.status::text);
    to_floor := case when item ? 'floor' then (item ->> 'floor')::bigint else acc.floor end;
    to_closed := case when item ? 'closedOn' then (item ->> 'closedOn')::date else acc.closed_on end;
    if to_status = acc.status::text and to_floor is not distinct from acc.floor and to_closed is not distinct from acc.closed_on
      and coalesce(item ->> 'name', acc.name) = acc.name then
      continue;
    end if;
    if acc.status = 'closed' then perform ledger_refuse('account-closed', json_build_object('accountId', acc.id)); end if;
    if to_status = 'closed' and (acc.debits <> acc.credits or acc.held <> 0) then
      perform ledger_refuse('account-not-empty', json_build_object('accountId', acc.id));
    end if;
    if to_closed > (at at time zone interval '-05:00')::date then
      perform ledger_refuse('date-in-future', json_build_object('accountId', acc.id));
    end if;
    if to_closed is not null then
      select max(d.value_date) into last_day from account_day_to_date d where d.book_id = p_book and d.account_id = acc.id;
      if to_closed < greatest(last_day, acc.opened_on) then
        perform ledger_refuse('account-not-effective', json_build_object('accountId', acc.id));
      end if;
    end if;
    if to_floor is not null
      and (case acc.normal when 'debit' then acc.debits - acc.credits else acc.credits - acc.debits end) - acc.held < to_floor then
      perform ledger_refuse('balance-below-floor', json_build_object('accountId', acc.id));
    end if;
    update account a set name = coalesce(item ->> 'name', acc.name), status = to_status::account_status, floor = to_floor, closed_on = to_closed
    where a.book_id = p_book and a.id = acc.id;
    perform ledger_append_event(p_book, 'account-changed', acc.id, at, p_actor, item ->> 'content');
    changed := changed + 1;
  end loop;
  return changed;
end $$;
--> statement-breakpoint
create function ledger_place_hold(p_book uuid, p_now timestamptz, p_actor text, p_hold uuid, p_account uuid, p_amount bigint,
  p_expires_at timestamptz, p_content text)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  acc account;
  known text;
  available bigint;
begin
  select e.content into known from hold h join event e on e.book_id = p_book and e.number = h.placed_event
  where h.book_id = p_book and h.id = p_hold;
  if found then
    if known <> p_content then perform ledger_refuse('id-reused'); end if;
    return false;
  end if;
  select * into acc from account a where a.book_id = p_book and a.id = p_account;
  if not found then perform ledger_refuse('account-not-found', json_build_object('accountId', p_account)); end if;
  if acc.status <> 'open' then perform ledger_refuse('account-' || acc.status, json_build_object('accountId', p_account)); end if;
  if p_expires_at <= at then perform ledger_refuse('hold-expiry-past'); end if;
  -- Far below what a sum of a bigint's width could take beside the account's totals.
  if acc.held > 100000000000000000 then
    perform ledger_refuse('account-total-too-large', json_build_object('accountId', p_account));
  end if;
  available := case acc.normal when 'debit' then acc.debits - acc.credits else acc.credits - acc.debits end - acc.held;
  if acc.floor is not null and available - p_amount < acc.floor then
    perform ledger_refuse('balance-below-floor', json_build_object('accountId', p_account, 'availableMinor', available::text));
  end if;
  insert into hold (book_id, id, account_id, amount, status, placed_event, expires_at)
  values (p_book, p_hold, p_account, p_amount, 'placed',
    ledger_append_event(p_book, 'hold-placed', p_hold, at, p_actor, p_content), p_expires_at);
  update account a set held = a.held + p_amount where a.book_id = p_book and a.id = p_account;
  update book_head b set next_expiry = least(b.next_expiry, p_expires_at) where b.book_id = p_book;
  return true;
end $$;
--> statement-breakpoint
create function ledger_release_hold(p_book uuid, p_now timestamptz, p_actor text, p_hold uuid, p_content text)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  h hold;
begin
  select * into h from hold x where x.book_id = p_book and x.id = p_hold;
  if not found then perform ledger_refuse('hold-not-found'); end if;
  if h.status = 'released' then return false; end if;
  if h.status <> 'placed' then perform ledger_refuse('hold-not-placed', json_build_object('status', h.status)); end if;
  update hold x set status = 'released', ended_at = at where x.book_id = p_book and x.id = p_hold;
  update account a set held = a.held - h.amount where a.book_id = p_book and a.id = h.account_id;
  perform ledger_forget_expiry(p_book, h.expires_at);
  perform ledger_append_event(p_book, 'hold-released', p_hold, at, p_actor, p_content);
  return true;
end $$;
--> statement-breakpoint
-- Closes the month that ends on `p_through`; months close in order, and only when they are over. The first is the one the
-- book was opened in, or that of the earliest value date when that is earlier.
create function ledger_close_month(p_book uuid, p_now timestamptz, p_today date, p_actor text, p_through date, p_content text)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  head book_head;
  next_day date;
begin
  select * into head from book_head h where h.book_id = p_book;
  if p_through <= head.closed_through then return false; end if;
  if p_through >= least(p_today, (at at time zone interval '-05:00')::date) then perform ledger_refuse('month-not-over'); end if;
  next_day := coalesce(head.closed_through + 1,
    (select least(b.opened_on, (select min(d.value_date) from account_day_to_date d where d.book_id = p_book)) from book b where b.id = p_book));
  if p_through <> (date_trunc('month', next_day) + interval '1 month - 1 day')::date then
    perform ledger_refuse('month-out-of-order', json_build_object('nextMonth', to_char(next_day, 'YYYY-MM')));
  end if;
  update book_head h set closed_through = p_through where h.book_id = p_book;
  perform ledger_append_event(p_book, 'month-closed', p_book, at, p_actor, p_content);
  return true;
end $$;
--> statement-breakpoint
-- Answers the last sequence recorded at `p_instant` or before, and sees to it that nothing more ever will be: the head's lock
-- waits for what is being recorded, and the event makes all that follows later. Null when the head has passed the instant
-- already, and so needs no event.
create function ledger_settle_instant(p_book uuid, p_now timestamptz, p_instant timestamptz) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head record;
  at timestamptz;
begin
  if p_instant > p_now then perform ledger_refuse('instant-in-future'); end if;
  select h.recorded_at, h.sequence into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  if head.recorded_at > p_instant then return null; end if;
  at := ledger_begin(p_book, greatest(p_now, p_instant + interval '1 millisecond'));
  perform ledger_append_event(p_book, 'instant-settled', p_book, at, 'ledger',
    format('{"instant":"%s"}', to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  return head.sequence;
end $$;
--> statement-breakpoint
-- Brings the totals by day up to the head: in one go for many transactions, for each alone would cost them a tenth.
create function ledger_add_days(p_book uuid) returns void language plpgsql as $$
declare
  head record;
begin
  select b.sequence, b.days_through into head from book_head b where b.book_id = p_book;
  insert into account_day as day (book_id, account_id, value_date, debits, credits)
  select p_book, e.account_id, e.value_date, coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0),
    coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0)
  from entry e where e.book_id = p_book and e.sequence > head.days_through and e.sequence <= head.sequence
  group by e.account_id, e.value_date
  on conflict (book_id, account_id, value_date)
  do update set debits = day.debits + excluded.debits, credits = day.credits + excluded.credits;
  update book_head b set days_through = head.sequence where b.book_id = p_book;
end $$;
--> statement-breakpoint
-- Decides a batch of drafts in order and writes those it accepts, set by set. One element a draft in p_ids … p_holds;
-- draft i's entries are p_first[i] to p_first[i + 1] - 1 of p_entry_*, whose accounts are places in p_accounts (in the order of
-- their ids, each once) and whose amounts are minor units, debits positive. Drafts of one p_groups number other than 0 stand
-- together, all or none; p_same[i] is the place of the last draft before it in this batch with the same id, or 0.
-- What does not fit together is a mistake of ours, not of a client: QL002, and nothing is written. What is judged and what is
-- written is told by the same places, so that none of a draft's entries is the one and not the other.
-- Answers ["outcome,sequence,recorded at in ms,hash,account,fact", …] where outcome is 'posted', 'replayed',
-- 'list-refused' (accepted, but another of its group was not) or a refusal's code; the fact is what was available in minor
-- units, or the next open date.
create function ledger_post(
  p_book uuid, p_now timestamptz, p_today date,
  p_ids uuid[], p_groups int[], p_same int[], p_kinds text[], p_value_dates date[], p_actors text[], p_contents bytea[], p_docs jsonb,
  p_reverses bigint[], p_holds uuid[],
  p_first int[], p_entry_account int[], p_entry_amount bigint[], p_accounts uuid[])
returns json language plpgsql security definer
set search_path = public, pg_temp
-- Arrays make custom plans look cheap and cost more to plan than to run; the tables are only ever reached by their keys.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  n constant int := cardinality(p_ids);
  most constant bigint := 9000000000000000000;
  head record;
  at timestamptz; at_ms bigint; seq bigint; link bytea;
  known record;
  any_known boolean;
  known_ids uuid[]; known_contents bytea[]; known_seqs bigint[]; known_ms bigint[]; known_hashes bytea[];
  a_status text[]; a_sign int[]; a_floor bigint[]; a_opened date[]; a_closed date[];
  a_debits bigint[]; a_credits bigint[]; a_held bigint[];
  h_ids uuid[]; h_accounts uuid[]; h_amounts bigint[]; h_statuses text[];
  h record;
  reversed bigint[];
  d_outcome text[] := array_fill(''::text, array[n]);
  d_seq bigint[] := array_fill(null::bigint, array[n]);
  d_ms bigint[] := array_fill(null::bigint, array[n]);
  d_hash bytea[] := array_fill(null::bytea, array[n]);
  d_account int[] := array_fill(null::int, array[n]);
  d_available bigint[] := array_fill(null::bigint, array[n]);
  d_captured bigint[] := case when p_holds is null then null else array_fill(0::bigint, array[n]) end;
  e_debits bigint[] := array_fill(0::bigint, array[cardinality(p_entry_account)]);
  e_credits bigint[] := array_fill(0::bigint, array[cardinality(p_entry_account)]);
  code text; k int; amount bigint; applied int; first int; last int; pos int; twin int; day date;
  hold_place int; hold_account int; captured bigint; expiry timestamptz;
  group_from int := 0; group_failed boolean := false; group_seq bigint; group_link bytea;
  d_told text[] := array_fill(''::text, array[n]);
begin
  select b.sequence, b.hash, b.recorded_at, b.closed_through, b.next_expiry, b.days_through into head
  from book_head b where b.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at);
  if p_today > (at at time zone interval '-05:00')::date then
    raise exception 'today is no later than the day in Lima' using errcode = 'QL002';
  end if;
  if head.next_expiry <= at then perform ledger_expire_holds(p_book, at); end if;
  at_ms := round(extract(epoch from at) * 1000);
  seq := head.sequence;
  link := head.hash;

  select array_agg(a.status::text), array_agg(case a.normal when 'debit' then 1 else -1 end), array_agg(a.floor), array_agg(a.opened_on),
    array_agg(a.closed_on), array_agg(a.debits), array_agg(a.credits), array_agg(a.held),
    exists (select from unnest(p_ids) x(id) cross join lateral (select from transaction t where t.book_id = p_book and t.id = x.id limit 1) t)
  into a_status, a_sign, a_floor, a_opened, a_closed, a_debits, a_credits, a_held, any_known
  from (
    select a.* from unnest(p_accounts) with ordinality x(id, place)
    left join lateral (select * from account a where a.book_id = p_book and a.id = x.id limit 1) a on true order by x.place
  ) a;
  for k in 2..cardinality(p_accounts) loop
    if (p_accounts[k - 1] < p_accounts[k]) is not true then
      raise exception 'each account has one place' using errcode = 'QL002';
    end if;
  end loop;

  if any_known then for known in
    select t.* from unnest(p_ids) x(id)
    cross join lateral (
      select t.id, t.content_hash, t.sequence, t.recorded_at, t.hash from transaction t
      where t.book_id = p_book and t.id = x.id limit 1
    ) t
  loop
    known_ids := known_ids || known.id;
    known_contents := known_contents || known.content_hash;
    known_seqs := known_seqs || known.sequence;
    known_ms := known_ms || round(extract(epoch from known.recorded_at) * 1000)::bigint;
    known_hashes := known_hashes || known.hash;
  end loop; end if;

  if p_reverses is not null then
    select array_agg(t.reverses) into reversed from transaction t where t.book_id = p_book and t.reverses = any(p_reverses);
    -- The draft of a reversal is made from its original's entries; one that is no mirror is a mistake of ours, not of a client.
    perform from (
      select x.place, array_agg(row(p_accounts[p_entry_account[j]], - p_entry_amount[j]) order by j) as entries
      from unnest(p_reverses) with ordinality x(original, place), generate_series(p_first[x.place], p_first[x.place + 1] - 1) j
      where x.original is not null group by x.place
    ) given
    left join transaction t on t.book_id = p_book and t.sequence = p_reverses[given.place]
    where p_kinds[given.place] <> 'reversal' or t.kind = 'reversal' or p_value_dates[given.place] < t.value_date or given.entries is distinct from (
      select array_agg(row(e.account_id, case e.direction when 'debit' then e.amount else - e.amount end) order by e.position)
      from entry e where e.book_id = p_book and e.sequence = p_reverses[given.place]);
    if found then raise exception 'a reversal mirrors its original' using errcode = 'QL002'; end if;
    if exists (select from unnest(p_kinds, p_reverses) x(kind, original) where x.kind = 'reversal' and x.original is null) then
      raise exception 'a reversal has an original' using errcode = 'QL002';
    end if;
  elsif 'reversal' = any(p_kinds) then
    raise exception 'a reversal has an original' using errcode = 'QL002';
  end if;
  if p_holds is not null then
    select array_agg(x.id), array_agg(x.account_id), array_agg(x.amount), array_agg(x.status::text)
    into h_ids, h_accounts, h_amounts, h_statuses
    from hold x where x.book_id = p_book and x.id = any(p_holds);
  end if;

  for i in 1..n loop
    code := null; applied := 0; hold_place := null; captured := null;
    day := p_value_dates[i]; first := p_first[i]; last := p_first[i + 1] - 1;
    if (first <= last) is not true then raise exception 'each draft has entries of its own' using errcode = 'QL002'; end if;
    if p_groups[i] <> 0 and (i = 1 or p_groups[i - 1] <> p_groups[i]) then
      group_from := i; group_failed := false; group_seq := seq; group_link := link;
    end if;

    -- Whoever used this id in this batch and was not refused: a refusal leaves an id free.
    twin := p_same[i];
    if twin <> 0 and (twin < i and p_ids[twin] = p_ids[i]) is not true then
      raise exception 'a draft before it has its id' using errcode = 'QL002';
    end if;
    while twin > 0 and d_outcome[twin] not in ('posted', 'replayed') loop twin := p_same[twin]; end loop;

    pos := case when known_ids is null then null else array_position(known_ids, p_ids[i]) end;
    if pos is not null then
      if known_contents[pos] = p_contents[i] then
        d_outcome[i] := 'replayed'; d_seq[i] := known_seqs[pos]; d_ms[i] := known_ms[pos]; d_hash[i] := known_hashes[pos];
      else
        code := 'id-reused';
      end if;
    elsif twin > 0 then
      pos := twin;
      if p_contents[pos] = p_contents[i] then
        d_outcome[i] := 'replayed'; d_seq[i] := d_seq[pos]; d_ms[i] := d_ms[pos]; d_hash[i] := d_hash[pos];
      else
        code := 'id-reused';
      end if;
    elsif day <= head.closed_through then
      code := 'month-closed';
    elsif day > p_today then
      code := 'value-date-in-future';
    elsif p_reverses is not null and p_reverses[i] = any(reversed) then
      code := 'transaction-already-reversed';
    else
      for j in first..last loop
        k := p_entry_account[j]; amount := p_entry_amount[j];
        code := case a_status[k] when 'open' then null when 'blocked' then 'account-blocked' when 'closed' then 'account-closed' else 'account-not-found' end;
        if code is null and (day < a_opened[k] or day > a_closed[k]) then code := 'account-not-effective'; end if;
        if code is null and (a_debits[k] > most or a_credits[k] > most) then code := 'account-total-too-large'; end if;
        if code is not null then d_account[i] := k; exit; end if;
        if amount > 0 then a_debits[k] := a_debits[k] + amount; else a_credits[k] := a_credits[k] - amount; end if;
        e_debits[j] := a_debits[k]; e_credits[j] := a_credits[k];
        applied := j;
      end loop;
      if code is null and p_holds is not null and p_holds[i] is not null then
        pos := array_position(h_ids, p_holds[i]);
        if pos is null then
          code := 'hold-not-found';
        elsif h_statuses[pos] <> 'placed' then
          code := 'hold-not-placed';
        else
          captured := 0; hold_account := null;
          for j in first..last loop
            k := p_entry_account[j];
            if p_accounts[k] = h_accounts[pos] then hold_account := k; captured := captured - p_entry_amount[j] * a_sign[k]; end if;
          end loop;
          if hold_account is null or captured <= 0 then
            code := 'hold-not-captured';
          elsif captured > h_amounts[pos] then
            code := 'hold-exceeded';
          else
            hold_place := pos;
            a_held[hold_account] := a_held[hold_account] - h_amounts[pos];
          end if;
        end if;
      end if;
      if code is null then
        for j in first..last loop
          k := p_entry_account[j];
          if a_floor[k] is not null and (a_debits[k] - a_credits[k]) * a_sign[k] - a_held[k] < a_floor[k] then
            code := 'balance-below-floor'; d_account[i] := k; exit;
          end if;
        end loop;
      end if;
      if code is null then
        seq := seq + 1;
        link := sha256(link || int8send(seq) || int8send(at_ms) || p_contents[i] || convert_to(p_actors[i], 'UTF8'));
        d_outcome[i] := 'posted'; d_seq[i] := seq; d_ms[i] := at_ms; d_hash[i] := link;
        if p_reverses is not null and p_reverses[i] is not null then reversed := reversed || p_reverses[i]; end if;
        if hold_place is not null then h_statuses[hold_place] := 'captured'; d_captured[i] := captured; end if;
      else
        for j in first..applied loop
          k := p_entry_account[j]; amount := p_entry_amount[j];
          if amount > 0 then a_debits[k] := a_debits[k] - amount; else a_credits[k] := a_credits[k] + amount; end if;
        end loop;
        if hold_place is not null then a_held[hold_account] := a_held[hold_account] + h_amounts[hold_place]; end if;
        if code = 'balance-below-floor' then
          k := d_account[i];
          d_available[i] := (a_debits[k] - a_credits[k]) * a_sign[k] - a_held[k];
        end if;
      end if;
    end if;
    if code is not null then
      d_outcome[i] := code;
      if p_groups[i] <> 0 then group_failed := true; end if;
    end if;

    if group_failed and p_groups[i] <> 0 and (i = n or p_groups[i + 1] <> p_groups[i]) then
      -- The group falls: what its accepted drafts did is undone, from the last to the first.
      for g in reverse i..group_from loop
        if d_outcome[g] = 'posted' then
          for j in p_first[g]..p_first[g + 1] - 1 loop
            k := p_entry_account[j]; amount := p_entry_amount[j];
            if amount > 0 then a_debits[k] := a_debits[k] - amount; else a_credits[k] := a_credits[k] + amount; end if;
          end loop;
          if p_reverses is not null then reversed := array_remove(reversed, p_reverses[g]); end if;
          if p_holds is not null and p_holds[g] is not null then
            pos := array_position(h_ids, p_holds[g]);
            h_statuses[pos] := 'placed';
            d_captured[g] := 0;
            k := array_position(p_accounts, h_accounts[pos]);
            a_held[k] := a_held[k] + h_amounts[pos];
          end if;
        end if;
        if d_outcome[g] = 'posted' or (d_outcome[g] = 'replayed' and d_seq[g] > group_seq) then
          d_outcome[g] := 'list-refused'; d_seq[g] := null; d_ms[g] := null; d_hash[g] := null;
        end if;
      end loop;
      seq := group_seq; link := group_link; group_failed := false;
    end if;
  end loop;

  if seq > head.sequence then
    -- One statement: each would cost its start and the reading of its tables' checks.
    with posted_now as (
      insert into transaction (book_id, sequence, id, kind, value_date, recorded_at, actor, reason, evidence, reverses, hold_id, content_hash, hash)
      select p_book, d_seq[i], p_ids[i], p_kinds[i], p_value_dates[i], at, p_actors[i], p_docs -> (i - 1) ->> 'reason',
        coalesce(p_docs -> (i - 1) -> 'evidence', '{}'), p_reverses[i], p_holds[i], p_contents[i], d_hash[i]
      from generate_series(1, n) i where d_outcome[i] = 'posted'
    ), entered as (
      insert into entry (book_id, sequence, position, account_id, direction, amount, value_date, debits_after, credits_after)
      select p_book, d_seq[i], j - p_first[i] + 1, p_accounts[p_entry_account[j]],
        case when p_entry_amount[j] > 0 then 'debit'::direction else 'credit'::direction end, abs(p_entry_amount[j]), p_value_dates[i],
        e_debits[j], e_credits[j]
      from generate_series(1, n) i, generate_series(p_first[i], p_first[i + 1] - 1) j
      where d_outcome[i] = 'posted'
    ), totals as (
      update account a set debits = x.debits, credits = x.credits, held = x.held
      from unnest(p_accounts, a_debits, a_credits, a_held) x(id, debits, credits, held)
      where a.book_id = p_book and a.id = x.id and (a.debits <> x.debits or a.credits <> x.credits or a.held <> x.held)
    )
    update book_head b set sequence = seq, hash = link, recorded_at = at where b.book_id = p_book;

    if seq - head.days_through >= 256 then perform ledger_add_days(p_book); end if;

    if p_holds is not null then
      for h in
        select p_holds[i] as id, d_captured[i] as captured, p_ids[i] as transaction_id, p_actors[i] as actor
        from generate_series(1, n) i where d_outcome[i] = 'posted' and d_captured[i] > 0 order by i
      loop
        update hold x set status = 'captured', captured = h.captured, ended_at = at where x.book_id = p_book and x.id = h.id
        returning x.expires_at into expiry;
        perform ledger_forget_expiry(p_book, expiry);
        perform ledger_append_event(p_book, 'hold-captured', h.id, at, h.actor,
          format('{"captured":"%s","hold":"%s","transaction":"%s"}', h.captured, h.id, h.transaction_id));
      end loop;
    end if;
  end if;

  for i in 1..n loop
    d_told[i] := concat_ws(',', d_outcome[i], coalesce(d_seq[i]::text, ''), coalesce(d_ms[i]::text, ''), coalesce(encode(d_hash[i], 'hex'), ''),
      coalesce(p_accounts[d_account[i]]::text, ''),
      case d_outcome[i] when 'month-closed' then (head.closed_through + 1)::text else coalesce(d_available[i]::text, '') end);
  end loop;
  return array_to_json(d_told);
end $$;
--> statement-breakpoint
revoke execute on all functions in schema public from public;
--> statement-breakpoint
grant execute on function ledger_post, ledger_open_book, ledger_open_accounts, ledger_change_accounts, ledger_place_hold,
  ledger_release_hold, ledger_close_month, ledger_settle_instant, ledger_expire to qullqi_service;
