-- The service asks, adds steps and authorises; it deletes nothing, and only the last number given moves on.
grant select, insert on paper_counter, disbursement_request, disbursement_line, disbursement_item, disbursement_step, transfer_authorisation
  to qullqi_service;
--> statement-breakpoint
grant update (last) on paper_counter to qullqi_service;
--> statement-breakpoint
create trigger disbursement_request_is_final before update or delete or truncate on disbursement_request
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger disbursement_line_is_final before update or delete or truncate on disbursement_line
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger disbursement_item_is_final before update or delete or truncate on disbursement_item
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger disbursement_step_is_final before update or delete or truncate on disbursement_step
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger transfer_authorisation_is_final before update or delete or truncate on transfer_authorisation
  for each statement execute function refuse_change();
--> statement-breakpoint
-- Numbers are given upwards, and none is given back.
create function guard_paper_counter() returns trigger language plpgsql as $$
begin
  if NEW.last > OLD.last then return NEW; end if;
  raise exception 'numbers go up' using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger paper_counter_goes_up before update on paper_counter for each row execute function guard_paper_counter();
--> statement-breakpoint
create trigger paper_counter_stays before delete or truncate on paper_counter
  for each statement execute function refuse_change();
--> statement-breakpoint
revoke execute on function guard_paper_counter from public;
