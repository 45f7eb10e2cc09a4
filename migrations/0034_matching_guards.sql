-- What was matched stays matched: a line and an entry are each claimed once, for the same money on both sides.
grant select, insert on matching_run, bank_match, bank_claim to qullqi_service;
--> statement-breakpoint
create trigger matching_run_is_final before update or delete or truncate on matching_run
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_match_is_final before update or delete or truncate on bank_match
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_claim_is_final before update or delete or truncate on bank_claim
  for each statement execute function refuse_change();
--> statement-breakpoint
-- The claims of a match come in one statement, and what its lines move is what its entries move.
create function guard_bank_claims() returns trigger language plpgsql as $$
begin
  if exists (
    select from inserted i group by i.book_id, i.match_id
    having sum(case when i.statement_id is null then -i.moves else i.moves end) <> 0 or min(i.number) <> 1
      or max(i.number) <> count(*)
  ) then
    raise exception 'what a match claims is the same money on both sides' using errcode = 'QL003';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger bank_claim_conserves after insert on bank_claim referencing new table as inserted
  for each statement execute function guard_bank_claims();
--> statement-breakpoint
revoke execute on function guard_bank_claims from public;
