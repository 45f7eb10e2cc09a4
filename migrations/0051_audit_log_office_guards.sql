-- And every table of what belongs to no book.
create trigger api_key_insert_is_logged after insert on api_key referencing new table as written
  for each statement execute function audit_rows('api_key', '', 'id');
--> statement-breakpoint
create trigger api_key_update_is_logged after update on api_key referencing old table as before new table as written
  for each statement execute function audit_rows('api_key', '', 'id');
--> statement-breakpoint
create trigger definition_insert_is_logged after insert on definition referencing new table as written
  for each statement execute function audit_rows('definition', '', 'id');
--> statement-breakpoint
create trigger definition_update_is_logged after update on definition referencing old table as before new table as written
  for each statement execute function audit_rows('definition', '', 'id');
--> statement-breakpoint
create trigger identity_check_insert_is_logged after insert on identity_check referencing new table as written
  for each statement execute function audit_rows('identity_check', '', 'id');
--> statement-breakpoint
create trigger identity_check_update_is_logged after update on identity_check referencing old table as before new table as written
  for each statement execute function audit_rows('identity_check', '', 'id');
--> statement-breakpoint
create trigger incentive_rule_insert_is_logged after insert on incentive_rule referencing new table as written
  for each statement execute function audit_rows('incentive_rule', '', 'id');
--> statement-breakpoint
create trigger incentive_rule_update_is_logged after update on incentive_rule referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_rule', '', 'id');
--> statement-breakpoint
create trigger partner_institution_insert_is_logged after insert on partner_institution referencing new table as written
  for each statement execute function audit_rows('partner_institution', '', 'id');
--> statement-breakpoint
create trigger partner_institution_update_is_logged after update on partner_institution referencing old table as before new table as written
  for each statement execute function audit_rows('partner_institution', '', 'id');
--> statement-breakpoint
create trigger programme_insert_is_logged after insert on programme referencing new table as written
  for each statement execute function audit_rows('programme', '', 'id');
--> statement-breakpoint
create trigger programme_update_is_logged after update on programme referencing old table as before new table as written
  for each statement execute function audit_rows('programme', '', 'id');
--> statement-breakpoint
create trigger release_insert_is_logged after insert on release referencing new table as written
  for each statement execute function audit_rows('release', '', 'id');
--> statement-breakpoint
create trigger release_update_is_logged after update on release referencing old table as before new table as written
  for each statement execute function audit_rows('release', '', 'id');
--> statement-breakpoint
create trigger signing_key_insert_is_logged after insert on signing_key referencing new table as written
  for each statement execute function audit_rows('signing_key', '', 'id');
--> statement-breakpoint
create trigger signing_key_update_is_logged after update on signing_key referencing old table as before new table as written
  for each statement execute function audit_rows('signing_key', '', 'id');
--> statement-breakpoint
create trigger statement_profile_insert_is_logged after insert on statement_profile referencing new table as written
  for each statement execute function audit_rows('statement_profile', '', 'id');
--> statement-breakpoint
create trigger statement_profile_update_is_logged after update on statement_profile referencing old table as before new table as written
  for each statement execute function audit_rows('statement_profile', '', 'id');
--> statement-breakpoint
create trigger token_client_insert_is_logged after insert on token_client referencing new table as written
  for each statement execute function audit_rows('token_client', '', 'id', 'role');
--> statement-breakpoint
create trigger token_client_update_is_logged after update on token_client referencing old table as before new table as written
  for each statement execute function audit_rows('token_client', '', 'id', 'role');
--> statement-breakpoint
-- What was there before is logged as it is now, so that from now on every row is in the log.
do $$
declare
  logged record;
  args text[];
begin
  perform set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true);
  for logged in
    select t.tgrelid::regclass as relation, string_to_array(encode(t.tgargs, 'escape'), '\000') as args
    from pg_trigger t where t.tgfoid = 'audit_rows'::regproc and t.tgtype & 4 <> 0
  loop
    args := logged.args || array['', '', '', '', ''];
    execute format(
      'insert into audit_pending (book_id, id, at, action, actor, subject, keys, salt, contents)
       select c.book_id, gen_random_uuid(), clock_timestamp(), ''insert'', ''migration'', %1$L, array[c.key], c.salt, array[audit_content(c.salt, c.row)]
       from (
         select coalesce((w.row ->> ''book_id'')::uuid, ''00000000-0000-0000-0000-000000000000'') as book_id, w.row, w.salt,
           concat_ws('' '', w.row ->> %3$L, w.row ->> %4$L, w.row ->> %5$L, w.row ->> %6$L, w.row ->> %7$L) as key
         from (select to_jsonb(x) - %2$L as row, uuid_send(gen_random_uuid()) as salt from %8$s x) w
       ) c',
      args[1], args[2], args[3], args[4], args[5], args[6], args[7], logged.relation);
  end loop;
end $$;
