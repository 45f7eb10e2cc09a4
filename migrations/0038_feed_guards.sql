-- What happened in a book beside its transactions: told once, in the database transaction of what it tells, and never altered.
create function feed_hash(p_book uuid, p_position bigint, p_after bigint, p_kind text, p_subject uuid, p_facts text, p_at timestamptz)
returns bytea language sql immutable as $$
  select sha256(convert_to(concat_ws(chr(10), p_book, p_position, p_after, p_kind, p_subject,
    round(extract(epoch from p_at) * 1000)::bigint, p_facts), 'UTF8'))
$$;
--> statement-breakpoint
-- Appends events in their order. Places are given under the lock of the book's head, as sequences are: whoever holds it commits
-- before the next, so that nobody who reads in this order is ever overtaken by what commits later.
create function feed_tell(p_book uuid, p_now timestamptz, p_kinds text[], p_subjects uuid[], p_facts text[])
returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head record;
  last record;
  at timestamptz;
begin
  select h.sequence, h.recorded_at into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  select e.position, e.recorded_at into last from feed_event e where e.book_id = p_book order by e.position desc limit 1;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at, last.recorded_at);
  insert into feed_event (book_id, position, after_sequence, kind, subject, facts, recorded_at, hash)
  select p_book, coalesce(last.position, 0) + x.place, head.sequence, x.kind, x.subject, x.facts, at,
    feed_hash(p_book, coalesce(last.position, 0) + x.place, head.sequence, x.kind, x.subject, x.facts, at)
  from unnest(p_kinds, p_subjects, p_facts) with ordinality x(kind, subject, facts, place);
end $$;
--> statement-breakpoint
create trigger feed_event_is_final before update or delete or truncate on feed_event
  for each statement execute function refuse_change();
--> statement-breakpoint
revoke execute on function feed_hash, feed_tell from public;
--> statement-breakpoint
grant execute on function feed_hash, feed_tell to qullqi_service;
--> statement-breakpoint
grant select on feed_event to qullqi_service;
