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
