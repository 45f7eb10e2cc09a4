-- In which household somebody was counted is said once.
grant select, insert on incentive_counted to qullqi_service;
--> statement-breakpoint
create trigger incentive_counted_is_final before update or delete or truncate on incentive_counted
  for each statement execute function refuse_change();
