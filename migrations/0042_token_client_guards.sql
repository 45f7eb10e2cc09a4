-- Who came in by tokens is noted and never altered: what is recorded of transactions names them for ever.
grant select, insert on token_client to qullqi_service;
--> statement-breakpoint
create trigger token_client_is_final before update or delete or truncate on token_client
  for each statement execute function refuse_change();
