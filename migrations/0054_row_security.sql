-- A second line of defence: a session sees and writes rows of the book that it was told, whatever its statement says. It is told for each
-- database transaction; one that was told nothing sees none. The owner, and so the ledger's functions and the checks of foreign keys, are
-- not held to it. Whether it was told of all books is asked so that the planner expects it was, and reckons by what the statement says.
alter table accepted_break enable row level security;
--> statement-breakpoint
create policy of_told_book on accepted_break using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table account enable row level security;
--> statement-breakpoint
create policy of_told_book on account using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table account_day enable row level security;
--> statement-breakpoint
create policy of_told_book on account_day using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table account_limit enable row level security;
--> statement-breakpoint
create policy of_told_book on account_limit using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table agent enable row level security;
--> statement-breakpoint
create policy of_told_book on agent using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table audit_entry enable row level security;
--> statement-breakpoint
create policy of_told_book on audit_entry using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table audit_head enable row level security;
--> statement-breakpoint
create policy of_told_book on audit_head using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table audit_pending enable row level security;
--> statement-breakpoint
create policy of_told_book on audit_pending using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_comparison enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_comparison using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_comparison_line enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_comparison_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_decided enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_decided using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_decision enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_decision using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_list enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_list using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_list_piece enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_list_piece using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table balance_proposal enable row level security;
--> statement-breakpoint
create policy of_told_book on balance_proposal using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_account enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_account using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_claim enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_claim using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_file enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_file using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_file_piece enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_file_piece using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_line enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_match enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_match using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table bank_statement enable row level security;
--> statement-breakpoint
create policy of_told_book on bank_statement using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table book_head enable row level security;
--> statement-breakpoint
create policy of_told_book on book_head using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table book_seal enable row level security;
--> statement-breakpoint
create policy of_told_book on book_seal using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table break_comment enable row level security;
--> statement-breakpoint
create policy of_told_book on break_comment using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table break_owner enable row level security;
--> statement-breakpoint
create policy of_told_book on break_owner using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table break_resolution enable row level security;
--> statement-breakpoint
create policy of_told_book on break_resolution using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table collection_sheet enable row level security;
--> statement-breakpoint
create policy of_told_book on collection_sheet using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table collection_sheet_line enable row level security;
--> statement-breakpoint
create policy of_told_book on collection_sheet_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table coordination enable row level security;
--> statement-breakpoint
create policy of_told_book on coordination using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table disbursement_item enable row level security;
--> statement-breakpoint
create policy of_told_book on disbursement_item using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table disbursement_line enable row level security;
--> statement-breakpoint
create policy of_told_book on disbursement_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table disbursement_request enable row level security;
--> statement-breakpoint
create policy of_told_book on disbursement_request using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table disbursement_step enable row level security;
--> statement-breakpoint
create policy of_told_book on disbursement_step using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table draw enable row level security;
--> statement-breakpoint
create policy of_told_book on draw using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table draw_entry enable row level security;
--> statement-breakpoint
create policy of_told_book on draw_entry using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table draw_exclusion enable row level security;
--> statement-breakpoint
create policy of_told_book on draw_exclusion using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table draw_result enable row level security;
--> statement-breakpoint
create policy of_told_book on draw_result using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table enrolment enable row level security;
--> statement-breakpoint
create policy of_told_book on enrolment using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table entry enable row level security;
--> statement-breakpoint
create policy of_told_book on entry using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table event enable row level security;
--> statement-breakpoint
create policy of_told_book on event using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table feed_event enable row level security;
--> statement-breakpoint
create policy of_told_book on feed_event using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table financing enable row level security;
--> statement-breakpoint
create policy of_told_book on financing using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table financing_share enable row level security;
--> statement-breakpoint
create policy of_told_book on financing_share using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table fund enable row level security;
--> statement-breakpoint
create policy of_told_book on fund using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table hold enable row level security;
--> statement-breakpoint
create policy of_told_book on hold using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table household_period enable row level security;
--> statement-breakpoint
create policy of_told_book on household_period using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table household_period_file enable row level security;
--> statement-breakpoint
create policy of_told_book on household_period_file using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_calculation enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_calculation using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_calculation_line enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_calculation_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_counted enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_counted using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_decided enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_decided using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_decision enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_decision using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_run enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_run using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_run_line enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_run_line using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table incentive_share enable row level security;
--> statement-breakpoint
create policy of_told_book on incentive_share using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table lock_end enable row level security;
--> statement-breakpoint
create policy of_told_book on lock_end using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table matching_run enable row level security;
--> statement-breakpoint
create policy of_told_book on matching_run using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table membership enable row level security;
--> statement-breakpoint
create policy of_told_book on membership using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table organisation enable row level security;
--> statement-breakpoint
create policy of_told_book on organisation using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table paper_counter enable row level security;
--> statement-breakpoint
create policy of_told_book on paper_counter using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table reconciliation_break enable row level security;
--> statement-breakpoint
create policy of_told_book on reconciliation_break using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table resolution_break enable row level security;
--> statement-breakpoint
create policy of_told_book on resolution_break using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table resolution_decision enable row level security;
--> statement-breakpoint
create policy of_told_book on resolution_decision using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table saver enable row level security;
--> statement-breakpoint
create policy of_told_book on saver using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table saver_correction enable row level security;
--> statement-breakpoint
create policy of_told_book on saver_correction using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table saver_version enable row level security;
--> statement-breakpoint
create policy of_told_book on saver_version using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table savings_account enable row level security;
--> statement-breakpoint
create policy of_told_book on savings_account using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table savings_account_status_change enable row level security;
--> statement-breakpoint
create policy of_told_book on savings_account_status_change using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table savings_book enable row level security;
--> statement-breakpoint
create policy of_told_book on savings_book using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table savings_group enable row level security;
--> statement-breakpoint
create policy of_told_book on savings_group using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table transaction enable row level security;
--> statement-breakpoint
create policy of_told_book on transaction using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table transfer_authorisation enable row level security;
--> statement-breakpoint
create policy of_told_book on transfer_authorisation using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table webhook enable row level security;
--> statement-breakpoint
create policy of_told_book on webhook using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table webhook_delivery enable row level security;
--> statement-breakpoint
create policy of_told_book on webhook_delivery using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
--> statement-breakpoint
alter table webhook_rotation enable row level security;
--> statement-breakpoint
create policy of_told_book on webhook_rotation using (
  book_id = nullif(current_setting('app.book_id', true), '')::uuid or current_setting('app.every_book', true) <> '');
