-- The service registers, prepares and notes; it deletes nothing, and changes only what moves on.
grant select, insert on financing, financing_share, account_limit, incentive_run, incentive_run_line, incentive, incentive_share, lock_end,
  household_period_file, household_period to qullqi_service;
--> statement-breakpoint
grant update (status, prepared_through, lines, savers, posted_through, shared_out, shared_back, approved_by, approved_at, stop_reason,
  funds_before, ended_at) on incentive_run to qullqi_service;
--> statement-breakpoint
grant update (outcome, reason, explanation, shared_from) on incentive_run_line to qullqi_service;
--> statement-breakpoint
create trigger incentive_is_final before update or delete or truncate on incentive
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger incentive_share_is_final before update or delete or truncate on incentive_share
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger lock_end_is_final before update or delete or truncate on lock_end
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger financing_is_final before update or delete or truncate on financing
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger financing_share_is_final before update or delete or truncate on financing_share
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger account_limit_is_final before update or delete or truncate on account_limit
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger household_period_is_final before update or delete or truncate on household_period
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger household_period_file_is_final before update or delete or truncate on household_period_file
  for each statement execute function refuse_change();
--> statement-breakpoint
-- A run goes forward: nothing is paid before it is approved, and what was posted or given up stays so.
create function guard_incentive_run() returns trigger language plpgsql as $$
begin
  if OLD.status = NEW.status or (OLD.status, NEW.status) in (('preparing', 'prepared'), ('preparing', 'cancelled'), ('prepared', 'cancelled'),
    ('prepared', 'posting'), ('posting', 'stopped'), ('stopped', 'posting'), ('stopped', 'posted'), ('posting', 'posted')) then
    return NEW;
  end if;
  raise exception 'a run that is % does not become %', OLD.status, NEW.status using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger incentive_run_goes_forward before update on incentive_run for each row execute function guard_incentive_run();
--> statement-breakpoint
-- What a line came to is said once.
create function guard_incentive_run_line() returns trigger language plpgsql as $$
begin
  if OLD.outcome = 'due' or (OLD.outcome = NEW.outcome and OLD.outcome = 'refused') then return NEW; end if;
  raise exception 'a line that is % stays so', OLD.outcome using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger incentive_run_line_is_said_once before update on incentive_run_line for each row execute function guard_incentive_run_line();
--> statement-breakpoint
revoke execute on function guard_incentive_run, guard_incentive_run_line from public;
