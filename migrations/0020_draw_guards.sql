-- The service makes draws, and gives each its seed; nothing else of them changes, and nothing is deleted.
grant select, insert on draw, draw_entry, draw_exclusion, draw_result to qullqi_service;
--> statement-breakpoint
grant update (seed, seed_reference, seed_drawn_on, seeded_by, seeded_at) on draw to qullqi_service;
--> statement-breakpoint
create function guard_draw() returns trigger language plpgsql as $$
begin
  if OLD.seed is null and NEW.list_sha256 = OLD.list_sha256 and NEW.book_id = OLD.book_id and NEW.id = OLD.id then return NEW; end if;
  raise exception 'a draw gets its seed once, and its list stays' using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger draw_is_seeded_once before update on draw for each row execute function guard_draw();
--> statement-breakpoint
create trigger draw_stays before delete or truncate on draw for each statement execute function refuse_change();
--> statement-breakpoint
create trigger draw_entry_is_final before update or delete or truncate on draw_entry
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger draw_exclusion_is_final before update or delete or truncate on draw_exclusion
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger draw_result_is_final before update or delete or truncate on draw_result
  for each statement execute function refuse_change();
--> statement-breakpoint
revoke execute on function guard_draw from public;
