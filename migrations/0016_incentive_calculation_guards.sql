-- What an institution told, and what was decided, is kept as it was.
grant select, insert on incentive_calculation, incentive_calculation_line, incentive_decision, incentive_decided to qullqi_service;
--> statement-breakpoint
create trigger incentive_calculation_is_final before update or delete or truncate on incentive_calculation
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger incentive_calculation_line_is_final before update or delete or truncate on incentive_calculation_line
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger incentive_decision_is_final before update or delete or truncate on incentive_decision
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger incentive_decided_is_final before update or delete or truncate on incentive_decided
  for each statement execute function refuse_change();
--> statement-breakpoint
grant update (deciders) on incentive_run to qullqi_service;
--> statement-breakpoint
grant update (savings_account_id, money, amount, document, document_use, decision_id) on incentive_run_line to qullqi_service;
--> statement-breakpoint
alter table incentive_run_line add constraint incentive_run_line_decision_fkey
  foreign key (book_id, decision_id) references incentive_decision (book_id, id);
--> statement-breakpoint
-- A run goes forward: nothing is paid before it is approved, and what was posted or given up stays so. Whose calculation is paid is
-- decided while it waits for approval, and whoever decided stays noted.
create or replace function guard_incentive_run() returns trigger language plpgsql as $$
begin
  if OLD.deciders <> NEW.deciders and not (OLD.status = 'prepared' and NEW.status = 'prepared' and NEW.deciders @> OLD.deciders) then
    raise exception 'of a run that is % nothing is decided', OLD.status using errcode = 'QL003';
  end if;
  if NEW.shared_out < OLD.shared_out or (NEW.shared_out, NEW.shared_back) is distinct from (OLD.shared_out, OLD.shared_back) and OLD.status <> 'posting' then
    raise exception 'what a run divided among funds is counted on while it posts' using errcode = 'QL003';
  end if;
  if OLD.status = NEW.status or (OLD.status, NEW.status) in (('preparing', 'prepared'), ('preparing', 'cancelled'), ('prepared', 'cancelled'),
    ('prepared', 'posting'), ('posting', 'stopped'), ('stopped', 'posting'), ('stopped', 'posted'), ('posting', 'posted')) then
    return NEW;
  end if;
  raise exception 'a run that is % does not become %', OLD.status, NEW.status using errcode = 'QL003';
end $$;
--> statement-breakpoint
-- What a line came to is said once; what it pays is changed by a decision only, before it is posted.
create or replace function guard_incentive_run_line() returns trigger language plpgsql as $$
begin
  if OLD.decision_id is distinct from NEW.decision_id then
    if NEW.decision_id is not null and OLD.outcome in ('due', 'blocked', 'nothing') and NEW.outcome in ('due', 'blocked', 'nothing') then
      return NEW;
    end if;
    raise exception 'of a line that is % nothing is decided', OLD.outcome using errcode = 'QL003';
  end if;
  if (OLD.amount, OLD.money, OLD.savings_account_id, OLD.document, OLD.document_use) is distinct from
    (NEW.amount, NEW.money, NEW.savings_account_id, NEW.document, NEW.document_use) then
    raise exception 'what a line pays is changed by a decision' using errcode = 'QL003';
  end if;
  if OLD.outcome = 'due' or (OLD.outcome = NEW.outcome and OLD.outcome = 'refused') then return NEW; end if;
  raise exception 'a line that is % stays so', OLD.outcome using errcode = 'QL003';
end $$;
