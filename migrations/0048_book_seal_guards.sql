-- What a seal says of a book is final as the seal is.
grant select, insert on book_seal to qullqi_service;
--> statement-breakpoint
create trigger book_seal_is_final before update or delete or truncate on book_seal
  for each statement execute function refuse_change();
