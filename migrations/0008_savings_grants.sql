-- The service registers and reads; it deletes nothing, and updates only what has an end or may be corrected.
grant select, insert on partner_institution, programme, identity_check to qullqi_service;
--> statement-breakpoint
grant select on territory to qullqi_service;
--> statement-breakpoint
grant select, insert on savings_book, agent, saver, saver_correction, savings_group, membership, coordination, organisation, enrolment,
  savings_account, savings_account_status_change, fund, collection_sheet, collection_sheet_line to qullqi_service;
--> statement-breakpoint
grant update (person, identified, given_names, family_names, sex, birth_date, district_code, mother_tongue, mother_tongue_consented_on,
  household_reference) on saver to qullqi_service;
--> statement-breakpoint
-- Whoever joins a group locks its row, so that two at once cannot both be the last; a lock needs the right to update.
grant update (meeting_place) on savings_group to qullqi_service;
--> statement-breakpoint
grant update (ends_on, end_recorded_at, end_actor) on membership, coordination to qullqi_service;
--> statement-breakpoint
grant update (ends_on, end_recorded_at, end_actor, end_reason) on enrolment to qullqi_service;
--> statement-breakpoint
-- Why an account was blocked or closed stays said.
create trigger savings_account_status_change_is_final before update or delete or truncate on savings_account_status_change
  for each statement execute function refuse_change();
--> statement-breakpoint
-- The lines of a sheet come in one statement and fill its positions, so that none can join a sheet later.
create function collection_sheet_whole() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  wrong record;
begin
  select added.book_id, added.sheet_id into wrong
  from added
  group by added.book_id, added.sheet_id
  having count(*) <> max(added.line_count) or min(added.position) <> 1 or max(added.position) <> count(*)
  limit 1;
  if found then
    raise exception 'collection_sheet_whole: the lines of sheet % of book % are not all there', wrong.sheet_id, wrong.book_id
      using errcode = 'QL902';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger collection_sheet_whole after insert on collection_sheet_line
  referencing new table as added for each statement execute function collection_sheet_whole();
--> statement-breakpoint
revoke execute on function collection_sheet_whole from public;
--> statement-breakpoint
create trigger savings_book_is_final before update or delete or truncate on savings_book
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger agent_is_final before update or delete or truncate on agent
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger savings_account_is_final before update or delete or truncate on savings_account
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger fund_is_final before update or delete or truncate on fund
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger collection_sheet_is_final before update or delete or truncate on collection_sheet
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger collection_sheet_line_is_final before update or delete or truncate on collection_sheet_line
  for each statement execute function refuse_change();
