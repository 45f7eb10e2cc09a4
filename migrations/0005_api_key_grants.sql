-- The service makes keys and revokes them; it cannot widen one, or delete one.
grant select, insert on api_key to qullqi_service;
--> statement-breakpoint
grant update (revoked_at) on api_key to qullqi_service;
