-- A webhook stays what it was registered as; whether it is enabled, and how far it was looked at, moves on.
grant select, insert on webhook, webhook_rotation, webhook_delivery to qullqi_service;
--> statement-breakpoint
grant update (status, disabled_because, status_at, status_actor, position) on webhook to qullqi_service;
--> statement-breakpoint
grant update (status, attempts, failures, due_at, last_outcome, last_status, last_at) on webhook_delivery to qullqi_service;
--> statement-breakpoint
create trigger webhook_is_kept before delete or truncate on webhook
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger webhook_identity_is_final before update of book_id, id, url, kinds, party, recorded_at, actor, content_hash on webhook
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger webhook_rotation_is_final before update or delete or truncate on webhook_rotation
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger webhook_delivery_is_kept before delete or truncate on webhook_delivery
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger webhook_delivery_identity_is_final before update of book_id, webhook_id, position, event_id, told_at on webhook_delivery
  for each statement execute function refuse_change();
