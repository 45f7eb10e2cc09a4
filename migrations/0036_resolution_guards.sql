-- What people decide about breaks is added and never altered: proposals, what became of them, and what stays as it is.
grant select, insert on break_resolution, resolution_break, resolution_decision, accepted_break to qullqi_service;
--> statement-breakpoint
create trigger break_resolution_is_final before update or delete or truncate on break_resolution
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger resolution_break_is_final before update or delete or truncate on resolution_break
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger resolution_decision_is_final before update or delete or truncate on resolution_decision
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger accepted_break_is_final before update or delete or truncate on accepted_break
  for each statement execute function refuse_change();
--> statement-breakpoint
-- Whoever claims by hand has the approval of another. Proposals refer to runs, and runs' matches to them: so the key is here.
alter table bank_match add constraint bank_match_resolution_fkey foreign key (book_id, resolution_id, bank_account_id)
  references resolution_decision (book_id, approved, bank_account_id);
