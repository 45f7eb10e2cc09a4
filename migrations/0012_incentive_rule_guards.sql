-- The service registers versions of rules; it changes only their end.
grant select, insert on incentive_rule to qullqi_service;
--> statement-breakpoint
grant update (valid_to) on incentive_rule to qullqi_service;
--> statement-breakpoint
-- Whoever registers a version of a rule locks its programme, so that two versions at once cannot overlap; a lock needs the right to update.
grant update (name) on programme to qullqi_service;
--> statement-breakpoint
-- The terms of a rule never change, and its end is set once.
create function guard_incentive_rule() returns trigger language plpgsql as $$
begin
  if OLD.valid_to is null or OLD.valid_to = NEW.valid_to then return NEW; end if;
  raise exception 'a rule ends once' using errcode = 'QL003';
end $$;
--> statement-breakpoint
create trigger incentive_rule_ends_once before update on incentive_rule for each row execute function guard_incentive_rule();
--> statement-breakpoint
revoke execute on function guard_incentive_rule from public;
