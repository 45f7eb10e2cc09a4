-- The service makes keys and revokes them; it cannot widen one, or delete one, or have one that was revoked open again.
grant select, insert on api_key to qullqi_service;
--> statement-breakpoint
grant update (revoked_at) on api_key to qullqi_service;
--> statement-breakpoint
create function api_key_stays_revoked() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'api_key_stays_revoked: a revocation is for good' using errcode = 'QL901';
end $$;
--> statement-breakpoint
revoke execute on function api_key_stays_revoked() from public;
--> statement-breakpoint
create trigger api_key_stays_revoked before update on api_key for each row
  when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at) execute function api_key_stays_revoked();
