-- Releases are made, and never changed: what was published stays what it was, with the keys that prove it.
grant select, insert on release, signing_key to qullqi_service;
--> statement-breakpoint
create trigger release_is_final before update or delete or truncate on release
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger signing_key_is_final before update or delete or truncate on signing_key
  for each statement execute function refuse_change();
