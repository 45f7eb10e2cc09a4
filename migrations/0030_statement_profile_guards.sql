-- A profile is told anew and never changed: each file says by which revision it was read.
grant select, insert on statement_profile to qullqi_service;
--> statement-breakpoint
create trigger statement_profile_is_final before update or delete or truncate on statement_profile
  for each statement execute function refuse_change();
