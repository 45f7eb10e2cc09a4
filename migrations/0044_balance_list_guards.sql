-- What a bank listed, what it was found to be, and what people decided about it, is added and never altered.
grant select, insert on balance_list, balance_list_piece, balance_comparison, balance_comparison_line, balance_proposal, balance_decision,
  balance_decided to qullqi_service;
--> statement-breakpoint
create trigger balance_list_is_final before update or delete or truncate on balance_list
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_list_piece_is_final before update or delete or truncate on balance_list_piece
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_comparison_is_final before update or delete or truncate on balance_comparison
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_comparison_line_is_final before update or delete or truncate on balance_comparison_line
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_proposal_is_final before update or delete or truncate on balance_proposal
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_decision_is_final before update or delete or truncate on balance_decision
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger balance_decided_is_final before update or delete or truncate on balance_decided
  for each statement execute function refuse_change();
--> statement-breakpoint
-- The lines of a comparison come in one statement, and add up to what it says of both sides: so their differences are its difference.
create function guard_balance_lines() returns trigger language plpgsql as $$
begin
  if exists (
    select from inserted i group by i.book_id, i.comparison_id
    having count(*) <> max(i.all_lines) or min(i.number) <> 1 or max(i.number) <> count(*)
      or coalesce(sum(i.ours), 0) <> max(i.all_ours) or coalesce(sum(i.theirs), 0) <> max(i.all_theirs)
  ) then
    raise exception 'the lines of a comparison add up to what it says' using errcode = 'QL003';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger balance_comparison_lines_add_up after insert on balance_comparison_line referencing new table as inserted
  for each statement execute function guard_balance_lines();
--> statement-breakpoint
revoke execute on function guard_balance_lines from public;
