-- What PostgreSQL itself holds to be true of a ledger, whoever writes to it.

-- The service runs as this role, which owns nothing. Roles belong to the server, so another database may have made it.
do $$
begin
  if not exists (select 1 from pg_roles where rolname = 'qullqi_service') then
    create role qullqi_service nologin;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;
--> statement-breakpoint
do $$
begin
  -- Since PostgreSQL 16 whoever makes a role may grant it, but not yet act as it.
  if not pg_has_role(current_user, 'qullqi_service',
    case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
    execute format('grant qullqi_service to %I', current_user);
  end if;
exception when unique_violation then null;
end $$;
--> statement-breakpoint
grant usage on schema public to qullqi_service;
--> statement-breakpoint
-- A service that may not migrate sees by Drizzle's notes whether it is done.
grant usage on schema drizzle to qullqi_service;
--> statement-breakpoint
grant select on drizzle.__drizzle_migrations to qullqi_service;
--> statement-breakpoint
-- Balances are updated in place: room on the page keeps those updates away from the indexes.
alter table account set (fillfactor = 70);
--> statement-breakpoint
alter table account_day set (fillfactor = 80);
--> statement-breakpoint
alter table book_head set (fillfactor = 20);
--> statement-breakpoint
-- No transaction is without entries: both rows come in one statement, at whose end these two foreign keys are checked.
alter table transaction add constraint transaction_first_entry_fkey
  foreign key (book_id, sequence, first_entry) references entry (book_id, sequence, position);
--> statement-breakpoint
-- Positions run from 1, so an entry can never join a transaction later: position 1 is taken. Without a search path of its own,
-- which would be set and taken back by each posting: it calls nothing but what stands first in any, and reads only what it is given.
create function entry_balanced() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  select added.book_id, added.sequence into wrong
  from added
  group by added.book_id, added.sequence
  having sum(case added.direction when 'debit' then added.amount else -added.amount end) <> 0
    or count(*) < 2 or min(added.position) <> 1 or max(added.position) <> count(*)
  limit 1;
  if found then
    raise exception 'transaction_balanced: debits and credits of transaction % of book % differ, or its entries are not 1 to n',
      wrong.sequence, wrong.book_id using errcode = 'QL900';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger entry_balanced after insert on entry
  referencing new table as added for each statement execute function entry_balanced();
--> statement-breakpoint
create function refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'posted_is_final: % is refused', lower(tg_op) using errcode = 'QL901';
end $$;
--> statement-breakpoint
create trigger transaction_is_final before update or delete or truncate on transaction
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger entry_is_final before update or delete or truncate on entry
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger event_is_final before update or delete or truncate on event
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger account_is_kept before delete or truncate on account
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger account_identity_is_final before update of book_id, id, code, type, normal, opened_on, opened_event on account
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger account_day_identity_is_final before update of book_id, account_id, value_date on account_day
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger account_day_is_kept before delete or truncate on account_day
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger hold_is_kept before delete or truncate on hold
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger hold_identity_is_final before update of book_id, id, account_id, amount, placed_event, expires_at on hold
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger book_head_identity_is_final before update of book_id on book_head
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger book_head_is_kept before delete or truncate on book_head
  for each statement execute function refuse_change();
--> statement-breakpoint
-- An account's totals by day up to this moment; a day may have several rows, to be added.
create view account_day_to_date with (security_invoker = true) as
select d.book_id, d.account_id, d.value_date, d.debits, d.credits from account_day d
union all
select e.book_id, e.account_id, e.value_date, case e.direction when 'debit' then e.amount else 0 end,
  case e.direction when 'credit' then e.amount else 0 end
from book_head h join entry e on e.book_id = h.book_id and e.sequence > h.days_through;
--> statement-breakpoint
grant select on book, book_head, account, transaction, entry, account_day, account_day_to_date, hold, event to qullqi_service;
