-- Seals are made, and never changed: what was handed out stays what it was.
grant select, insert on seal to qullqi_service;
--> statement-breakpoint
create trigger seal_is_final before update or delete or truncate on seal
  for each statement execute function refuse_change();
