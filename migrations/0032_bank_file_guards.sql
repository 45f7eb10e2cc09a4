-- What a bank gave is evidence: it is kept as it came, and nothing of it is altered.
grant select, insert on bank_account, bank_file, bank_file_piece, bank_statement, bank_line, reconciliation_break, break_comment, break_owner
  to qullqi_service;
--> statement-breakpoint
grant update (turns) on bank_account to qullqi_service;
--> statement-breakpoint
grant update (ended_at) on reconciliation_break to qullqi_service;
--> statement-breakpoint
create trigger bank_file_is_final before update or delete or truncate on bank_file
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_file_piece_is_final before update or delete or truncate on bank_file_piece
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_statement_is_final before update or delete or truncate on bank_statement
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_line_is_final before update or delete or truncate on bank_line
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger bank_account_is_kept before delete or truncate on bank_account
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger reconciliation_break_is_kept before delete or truncate on reconciliation_break
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger break_comment_is_final before update or delete or truncate on break_comment
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger break_owner_is_final before update or delete or truncate on break_owner
  for each statement execute function refuse_change();
--> statement-breakpoint
-- Of an account at the bank only its turns move on.
create function guard_bank_account() returns trigger language plpgsql as $$
begin
  if NEW.turns > OLD.turns and (to_jsonb(NEW) - 'turns') = (to_jsonb(OLD) - 'turns') then return NEW; end if;
  raise exception 'an account at the bank stays what it is' using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger bank_account_identity_is_final before update on bank_account for each row execute function guard_bank_account();
--> statement-breakpoint
-- A break ends once, and is otherwise what it was when it was found.
create function guard_reconciliation_break() returns trigger language plpgsql as $$
begin
  if OLD.ended_at is null and NEW.ended_at is not null and (to_jsonb(NEW) - 'ended_at') = (to_jsonb(OLD) - 'ended_at') then
    return NEW;
  end if;
  raise exception 'a break ends once, and nothing else of it changes' using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger reconciliation_break_ends_once before update on reconciliation_break for each row execute function guard_reconciliation_break();
--> statement-breakpoint
revoke execute on function guard_bank_account, guard_reconciliation_break from public;
