-- The audit log: what was written, by triggers, in the database transaction that wrote it; and whose names were read. Entries wait unlinked,
-- so that no writing of a book waits for another's commit, and are linked a moment later by whoever holds the head.
create function audit_hash(p_book uuid, p_previous bytea, p_number bigint, p_at timestamptz, p_action text, p_actor text, p_request text,
  p_subject text, p_keys text[], p_contents bytea[])
returns bytea language sql immutable as $$
  select sha256(convert_to(concat_ws(chr(10), encode(p_previous, 'hex'), p_book, p_number,
    round(extract(epoch from p_at) * 1000)::bigint, p_action, coalesce(p_actor, ''), coalesce(p_request, ''), p_subject,
    (select string_agg(concat_ws(' ', encode(r.content, 'hex'), r.key), chr(10) order by r.place)
     from unnest(p_keys, p_contents) with ordinality r(key, content, place))), 'UTF8'))
$$;
--> statement-breakpoint
-- A row as it is hashed. Whoever adds a column to a logged table lets its migration log the rows again.
-- What is empty is left out: a column that is added later changes no row that was logged, as long as it is empty there.
create function audit_content(p_salt bytea, p_row jsonb) returns bytea language sql immutable as $$
  select sha256(p_salt || convert_to(jsonb_strip_nulls(p_row)::text, 'UTF8'))
$$;
--> statement-breakpoint
create function audit_write(p_book uuid, p_action text, p_actor text, p_subject text, p_keys text[], p_salt bytea, p_contents bytea[])
returns void language plpgsql as $$
begin
  insert into audit_pending (book_id, id, at, action, actor, request_id, subject, keys, salt, contents)
  values (p_book, gen_random_uuid(), clock_timestamp(), p_action, replace(p_actor, chr(10), ' '),
    nullif(current_setting('app.request_id', true), ''), p_subject, p_keys, p_salt, p_contents);
end $$;
--> statement-breakpoint
-- Its arguments: the table, a column that is left out, and the columns of the key. Rows are hashed as they are written where it is UTC.
create function audit_rows() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  salt bytea := uuid_send(gen_random_uuid());
begin
  if current_setting('timezone') <> 'UTC' or current_setting('bytea_output') <> 'hex' then
    perform set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true);
  end if;
  if tg_op = 'UPDATE' and tg_argv[1] <> '' then
    perform from written w where not exists (select from before b where to_jsonb(b) - tg_argv[1] = to_jsonb(w) - tg_argv[1]);
    if not found then return null; end if;
  end if;
  -- Without the offset each use of a row would write it out anew.
  perform audit_write(coalesce(c.book_id::uuid, '00000000-0000-0000-0000-000000000000'), lower(tg_op),
    coalesce(nullif(current_setting('app.actor', true), ''), min(c.actor)), tg_argv[0], array_agg(c.key), salt, array_agg(c.content))
  from (
    select w.row ->> 'book_id' as book_id, w.row ->> 'actor' as actor, audit_content(salt, w.row) as content,
      replace(concat_ws(' ', w.row ->> tg_argv[2], w.row ->> tg_argv[3], w.row ->> tg_argv[4], w.row ->> tg_argv[5], w.row ->> tg_argv[6]),
        chr(10), ' ') as key
    from (select to_jsonb(x) - tg_argv[1] as row from written x offset 0) w
  ) c
  group by c.book_id;
  return null;
end $$;
--> statement-breakpoint
-- Readings of one book, several requests at once: the ids that each was told of are one text, with spaces between.
create function audit_read(p_book uuid, p_actors text[], p_requests text[], p_operations text[], p_keys text[])
returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into audit_pending (book_id, id, at, action, actor, request_id, subject, keys, salt, contents)
  select p_book, gen_random_uuid(), clock_timestamp(), 'identity-read', r.actor, r.request, r.operation,
    string_to_array(r.keys, ' '), '', '{}'
  from unnest(p_actors, p_requests, p_operations, p_keys) r(actor, request, operation, keys);
end $$;
--> statement-breakpoint
-- Links what waits, in the order in which it was written, some at a time; answers how many. A row is written again only after whoever
-- wrote it before has committed, so that of one row the later writing is never linked first.
create function audit_link(p_book uuid, p_most integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head record;
  one record;
  ids uuid[] := '{}';
  hashes bytea[] := '{}';
begin
  insert into audit_head (book_id, number, hash) values (p_book, 0, sha256(convert_to('audit of ' || p_book, 'UTF8')))
  on conflict do nothing;
  select h.number, h.hash into head from audit_head h where h.book_id = p_book for update;
  for one in
    select a.id, a.at, a.action, a.actor, a.request_id, a.subject, a.keys, a.contents
    from audit_pending a where a.book_id = p_book order by a.at, a.id limit p_most
  loop
    ids := ids || one.id;
    head.hash := audit_hash(p_book, head.hash, head.number + cardinality(ids), date_trunc('milliseconds', one.at), one.action, one.actor,
      one.request_id, one.subject, one.keys, one.contents);
    hashes := hashes || head.hash;
  end loop;
  if cardinality(ids) = 0 then return 0; end if;
  insert into audit_entry (book_id, number, at, action, actor, request_id, subject, keys, salt, contents, hash)
  select p_book, head.number + l.place, date_trunc('milliseconds', a.at), a.action, a.actor, a.request_id, a.subject, a.keys, a.salt,
    a.contents, l.hash
  from unnest(ids, hashes) with ordinality l(id, hash, place) join audit_pending a on a.book_id = p_book and a.id = l.id;
  delete from audit_pending a where a.book_id = p_book and a.id = any (ids);
  update audit_head h set number = h.number + cardinality(ids), hash = head.hash where h.book_id = p_book;
  return cardinality(ids);
end $$;
--> statement-breakpoint
revoke execute on function audit_hash, audit_content, audit_write, audit_rows, audit_read, audit_link from public;
--> statement-breakpoint
grant execute on function audit_hash, audit_content, audit_read, audit_link to qullqi_service;
--> statement-breakpoint
grant select on audit_entry, audit_pending, audit_head to qullqi_service;
--> statement-breakpoint
create trigger audit_entry_is_final before update or delete or truncate on audit_entry
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger audit_pending_is_final before update or truncate on audit_pending
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger audit_head_is_kept before delete or truncate on audit_head
  for each statement execute function refuse_change();
--> statement-breakpoint
-- Every table of books that the service may write, but for queues and what is signed.
create trigger accepted_break_insert_is_logged after insert on accepted_break referencing new table as written
  for each statement execute function audit_rows('accepted_break', '', 'break_id');
--> statement-breakpoint
create trigger accepted_break_update_is_logged after update on accepted_break referencing old table as before new table as written
  for each statement execute function audit_rows('accepted_break', '', 'break_id');
--> statement-breakpoint
create trigger account_limit_insert_is_logged after insert on account_limit referencing new table as written
  for each statement execute function audit_rows('account_limit', '', 'id');
--> statement-breakpoint
create trigger account_limit_update_is_logged after update on account_limit referencing old table as before new table as written
  for each statement execute function audit_rows('account_limit', '', 'id');
--> statement-breakpoint
create trigger agent_insert_is_logged after insert on agent referencing new table as written
  for each statement execute function audit_rows('agent', '', 'id');
--> statement-breakpoint
create trigger agent_update_is_logged after update on agent referencing old table as before new table as written
  for each statement execute function audit_rows('agent', '', 'id');
--> statement-breakpoint
create trigger balance_comparison_insert_is_logged after insert on balance_comparison referencing new table as written
  for each statement execute function audit_rows('balance_comparison', '', 'id');
--> statement-breakpoint
create trigger balance_comparison_update_is_logged after update on balance_comparison referencing old table as before new table as written
  for each statement execute function audit_rows('balance_comparison', '', 'id');
--> statement-breakpoint
create trigger balance_comparison_line_insert_is_logged after insert on balance_comparison_line referencing new table as written
  for each statement execute function audit_rows('balance_comparison_line', '', 'comparison_id', 'number');
--> statement-breakpoint
create trigger balance_comparison_line_update_is_logged after update on balance_comparison_line referencing old table as before new table as written
  for each statement execute function audit_rows('balance_comparison_line', '', 'comparison_id', 'number');
--> statement-breakpoint
create trigger balance_decided_insert_is_logged after insert on balance_decided referencing new table as written
  for each statement execute function audit_rows('balance_decided', '', 'list_id', 'savings_account_id', 'kind');
--> statement-breakpoint
create trigger balance_decided_update_is_logged after update on balance_decided referencing old table as before new table as written
  for each statement execute function audit_rows('balance_decided', '', 'list_id', 'savings_account_id', 'kind');
--> statement-breakpoint
create trigger balance_decision_insert_is_logged after insert on balance_decision referencing new table as written
  for each statement execute function audit_rows('balance_decision', '', 'id');
--> statement-breakpoint
create trigger balance_decision_update_is_logged after update on balance_decision referencing old table as before new table as written
  for each statement execute function audit_rows('balance_decision', '', 'id');
--> statement-breakpoint
create trigger balance_list_insert_is_logged after insert on balance_list referencing new table as written
  for each statement execute function audit_rows('balance_list', '', 'id');
--> statement-breakpoint
create trigger balance_list_update_is_logged after update on balance_list referencing old table as before new table as written
  for each statement execute function audit_rows('balance_list', '', 'id');
--> statement-breakpoint
create trigger balance_list_piece_insert_is_logged after insert on balance_list_piece referencing new table as written
  for each statement execute function audit_rows('balance_list_piece', '', 'list_id', 'number');
--> statement-breakpoint
create trigger balance_list_piece_update_is_logged after update on balance_list_piece referencing old table as before new table as written
  for each statement execute function audit_rows('balance_list_piece', '', 'list_id', 'number');
--> statement-breakpoint
create trigger balance_proposal_insert_is_logged after insert on balance_proposal referencing new table as written
  for each statement execute function audit_rows('balance_proposal', '', 'list_id', 'savings_account_id', 'kind');
--> statement-breakpoint
create trigger balance_proposal_update_is_logged after update on balance_proposal referencing old table as before new table as written
  for each statement execute function audit_rows('balance_proposal', '', 'list_id', 'savings_account_id', 'kind');
--> statement-breakpoint
create trigger bank_account_insert_is_logged after insert on bank_account referencing new table as written
  for each statement execute function audit_rows('bank_account', '', 'id');
--> statement-breakpoint
create trigger bank_account_update_is_logged after update on bank_account referencing old table as before new table as written
  for each statement execute function audit_rows('bank_account', '', 'id');
--> statement-breakpoint
create trigger bank_claim_insert_is_logged after insert on bank_claim referencing new table as written
  for each statement execute function audit_rows('bank_claim', '', 'match_id', 'number');
--> statement-breakpoint
create trigger bank_claim_update_is_logged after update on bank_claim referencing old table as before new table as written
  for each statement execute function audit_rows('bank_claim', '', 'match_id', 'number');
--> statement-breakpoint
create trigger bank_file_insert_is_logged after insert on bank_file referencing new table as written
  for each statement execute function audit_rows('bank_file', '', 'id');
--> statement-breakpoint
create trigger bank_file_update_is_logged after update on bank_file referencing old table as before new table as written
  for each statement execute function audit_rows('bank_file', '', 'id');
--> statement-breakpoint
create trigger bank_file_piece_insert_is_logged after insert on bank_file_piece referencing new table as written
  for each statement execute function audit_rows('bank_file_piece', '', 'file_id', 'number');
--> statement-breakpoint
create trigger bank_file_piece_update_is_logged after update on bank_file_piece referencing old table as before new table as written
  for each statement execute function audit_rows('bank_file_piece', '', 'file_id', 'number');
--> statement-breakpoint
create trigger bank_line_insert_is_logged after insert on bank_line referencing new table as written
  for each statement execute function audit_rows('bank_line', '', 'statement_id', 'number');
--> statement-breakpoint
create trigger bank_line_update_is_logged after update on bank_line referencing old table as before new table as written
  for each statement execute function audit_rows('bank_line', '', 'statement_id', 'number');
--> statement-breakpoint
create trigger bank_match_insert_is_logged after insert on bank_match referencing new table as written
  for each statement execute function audit_rows('bank_match', '', 'id');
--> statement-breakpoint
create trigger bank_match_update_is_logged after update on bank_match referencing old table as before new table as written
  for each statement execute function audit_rows('bank_match', '', 'id');
--> statement-breakpoint
create trigger bank_statement_insert_is_logged after insert on bank_statement referencing new table as written
  for each statement execute function audit_rows('bank_statement', '', 'id');
--> statement-breakpoint
create trigger bank_statement_update_is_logged after update on bank_statement referencing old table as before new table as written
  for each statement execute function audit_rows('bank_statement', '', 'id');
--> statement-breakpoint
create trigger break_comment_insert_is_logged after insert on break_comment referencing new table as written
  for each statement execute function audit_rows('break_comment', '', 'id');
--> statement-breakpoint
create trigger break_comment_update_is_logged after update on break_comment referencing old table as before new table as written
  for each statement execute function audit_rows('break_comment', '', 'id');
--> statement-breakpoint
create trigger break_owner_insert_is_logged after insert on break_owner referencing new table as written
  for each statement execute function audit_rows('break_owner', '', 'id');
--> statement-breakpoint
create trigger break_owner_update_is_logged after update on break_owner referencing old table as before new table as written
  for each statement execute function audit_rows('break_owner', '', 'id');
--> statement-breakpoint
create trigger break_resolution_insert_is_logged after insert on break_resolution referencing new table as written
  for each statement execute function audit_rows('break_resolution', '', 'id');
--> statement-breakpoint
create trigger break_resolution_update_is_logged after update on break_resolution referencing old table as before new table as written
  for each statement execute function audit_rows('break_resolution', '', 'id');
--> statement-breakpoint
create trigger collection_sheet_insert_is_logged after insert on collection_sheet referencing new table as written
  for each statement execute function audit_rows('collection_sheet', '', 'id');
--> statement-breakpoint
create trigger collection_sheet_update_is_logged after update on collection_sheet referencing old table as before new table as written
  for each statement execute function audit_rows('collection_sheet', '', 'id');
--> statement-breakpoint
create trigger collection_sheet_line_insert_is_logged after insert on collection_sheet_line referencing new table as written
  for each statement execute function audit_rows('collection_sheet_line', '', 'sheet_id', 'line');
--> statement-breakpoint
create trigger collection_sheet_line_update_is_logged after update on collection_sheet_line referencing old table as before new table as written
  for each statement execute function audit_rows('collection_sheet_line', '', 'sheet_id', 'line');
--> statement-breakpoint
create trigger coordination_insert_is_logged after insert on coordination referencing new table as written
  for each statement execute function audit_rows('coordination', '', 'id');
--> statement-breakpoint
create trigger coordination_update_is_logged after update on coordination referencing old table as before new table as written
  for each statement execute function audit_rows('coordination', '', 'id');
--> statement-breakpoint
create trigger disbursement_item_insert_is_logged after insert on disbursement_item referencing new table as written
  for each statement execute function audit_rows('disbursement_item', '', 'request_id', 'run_line');
--> statement-breakpoint
create trigger disbursement_item_update_is_logged after update on disbursement_item referencing old table as before new table as written
  for each statement execute function audit_rows('disbursement_item', '', 'request_id', 'run_line');
--> statement-breakpoint
create trigger disbursement_line_insert_is_logged after insert on disbursement_line referencing new table as written
  for each statement execute function audit_rows('disbursement_line', '', 'request_id', 'number');
--> statement-breakpoint
create trigger disbursement_line_update_is_logged after update on disbursement_line referencing old table as before new table as written
  for each statement execute function audit_rows('disbursement_line', '', 'request_id', 'number');
--> statement-breakpoint
create trigger disbursement_request_insert_is_logged after insert on disbursement_request referencing new table as written
  for each statement execute function audit_rows('disbursement_request', '', 'id');
--> statement-breakpoint
create trigger disbursement_request_update_is_logged after update on disbursement_request referencing old table as before new table as written
  for each statement execute function audit_rows('disbursement_request', '', 'id');
--> statement-breakpoint
create trigger disbursement_step_insert_is_logged after insert on disbursement_step referencing new table as written
  for each statement execute function audit_rows('disbursement_step', '', 'request_id', 'status');
--> statement-breakpoint
create trigger disbursement_step_update_is_logged after update on disbursement_step referencing old table as before new table as written
  for each statement execute function audit_rows('disbursement_step', '', 'request_id', 'status');
--> statement-breakpoint
create trigger draw_insert_is_logged after insert on draw referencing new table as written
  for each statement execute function audit_rows('draw', '', 'id');
--> statement-breakpoint
create trigger draw_update_is_logged after update on draw referencing old table as before new table as written
  for each statement execute function audit_rows('draw', '', 'id');
--> statement-breakpoint
create trigger draw_entry_insert_is_logged after insert on draw_entry referencing new table as written
  for each statement execute function audit_rows('draw_entry', '', 'draw_id', 'district_code', 'saver_id');
--> statement-breakpoint
create trigger draw_entry_update_is_logged after update on draw_entry referencing old table as before new table as written
  for each statement execute function audit_rows('draw_entry', '', 'draw_id', 'district_code', 'saver_id');
--> statement-breakpoint
create trigger draw_exclusion_insert_is_logged after insert on draw_exclusion referencing new table as written
  for each statement execute function audit_rows('draw_exclusion', '', 'draw_id', 'saver_id');
--> statement-breakpoint
create trigger draw_exclusion_update_is_logged after update on draw_exclusion referencing old table as before new table as written
  for each statement execute function audit_rows('draw_exclusion', '', 'draw_id', 'saver_id');
--> statement-breakpoint
create trigger draw_result_insert_is_logged after insert on draw_result referencing new table as written
  for each statement execute function audit_rows('draw_result', '', 'draw_id', 'district_code', 'place');
--> statement-breakpoint
create trigger draw_result_update_is_logged after update on draw_result referencing old table as before new table as written
  for each statement execute function audit_rows('draw_result', '', 'draw_id', 'district_code', 'place');
--> statement-breakpoint
create trigger enrolment_insert_is_logged after insert on enrolment referencing new table as written
  for each statement execute function audit_rows('enrolment', '', 'id');
--> statement-breakpoint
create trigger enrolment_update_is_logged after update on enrolment referencing old table as before new table as written
  for each statement execute function audit_rows('enrolment', '', 'id');
--> statement-breakpoint
create trigger financing_insert_is_logged after insert on financing referencing new table as written
  for each statement execute function audit_rows('financing', '', 'id');
--> statement-breakpoint
create trigger financing_update_is_logged after update on financing referencing old table as before new table as written
  for each statement execute function audit_rows('financing', '', 'id');
--> statement-breakpoint
create trigger financing_share_insert_is_logged after insert on financing_share referencing new table as written
  for each statement execute function audit_rows('financing_share', '', 'financing_id', 'place');
--> statement-breakpoint
create trigger financing_share_update_is_logged after update on financing_share referencing old table as before new table as written
  for each statement execute function audit_rows('financing_share', '', 'financing_id', 'place');
--> statement-breakpoint
create trigger fund_insert_is_logged after insert on fund referencing new table as written
  for each statement execute function audit_rows('fund', '', 'id');
--> statement-breakpoint
create trigger fund_update_is_logged after update on fund referencing old table as before new table as written
  for each statement execute function audit_rows('fund', '', 'id');
--> statement-breakpoint
create trigger household_period_insert_is_logged after insert on household_period referencing new table as written
  for each statement execute function audit_rows('household_period', '', 'file_id', 'line');
--> statement-breakpoint
create trigger household_period_update_is_logged after update on household_period referencing old table as before new table as written
  for each statement execute function audit_rows('household_period', '', 'file_id', 'line');
--> statement-breakpoint
create trigger household_period_file_insert_is_logged after insert on household_period_file referencing new table as written
  for each statement execute function audit_rows('household_period_file', '', 'id');
--> statement-breakpoint
create trigger household_period_file_update_is_logged after update on household_period_file referencing old table as before new table as written
  for each statement execute function audit_rows('household_period_file', '', 'id');
--> statement-breakpoint
create trigger incentive_insert_is_logged after insert on incentive referencing new table as written
  for each statement execute function audit_rows('incentive', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
--> statement-breakpoint
create trigger incentive_update_is_logged after update on incentive referencing old table as before new table as written
  for each statement execute function audit_rows('incentive', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
--> statement-breakpoint
create trigger incentive_calculation_insert_is_logged after insert on incentive_calculation referencing new table as written
  for each statement execute function audit_rows('incentive_calculation', '', 'id');
--> statement-breakpoint
create trigger incentive_calculation_update_is_logged after update on incentive_calculation referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_calculation', '', 'id');
--> statement-breakpoint
create trigger incentive_calculation_line_insert_is_logged after insert on incentive_calculation_line referencing new table as written
  for each statement execute function audit_rows('incentive_calculation_line', '', 'calculation_id', 'number');
--> statement-breakpoint
create trigger incentive_calculation_line_update_is_logged after update on incentive_calculation_line referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_calculation_line', '', 'calculation_id', 'number');
--> statement-breakpoint
create trigger incentive_counted_insert_is_logged after insert on incentive_counted referencing new table as written
  for each statement execute function audit_rows('incentive_counted', '', 'saver_id', 'rule_id', 'period');
--> statement-breakpoint
create trigger incentive_counted_update_is_logged after update on incentive_counted referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_counted', '', 'saver_id', 'rule_id', 'period');
--> statement-breakpoint
create trigger incentive_decided_insert_is_logged after insert on incentive_decided referencing new table as written
  for each statement execute function audit_rows('incentive_decided', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
--> statement-breakpoint
create trigger incentive_decided_update_is_logged after update on incentive_decided referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_decided', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
--> statement-breakpoint
create trigger incentive_decision_insert_is_logged after insert on incentive_decision referencing new table as written
  for each statement execute function audit_rows('incentive_decision', '', 'id');
--> statement-breakpoint
create trigger incentive_decision_update_is_logged after update on incentive_decision referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_decision', '', 'id');
--> statement-breakpoint
create trigger incentive_run_insert_is_logged after insert on incentive_run referencing new table as written
  for each statement execute function audit_rows('incentive_run', '', 'id');
--> statement-breakpoint
create trigger incentive_run_update_is_logged after update on incentive_run referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_run', '', 'id');
--> statement-breakpoint
create trigger incentive_run_line_insert_is_logged after insert on incentive_run_line referencing new table as written
  for each statement execute function audit_rows('incentive_run_line', '', 'run_id', 'number');
--> statement-breakpoint
create trigger incentive_run_line_update_is_logged after update on incentive_run_line referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_run_line', '', 'run_id', 'number');
--> statement-breakpoint
create trigger incentive_share_insert_is_logged after insert on incentive_share referencing new table as written
  for each statement execute function audit_rows('incentive_share', '', 'transaction_id', 'fund_id');
--> statement-breakpoint
create trigger incentive_share_update_is_logged after update on incentive_share referencing old table as before new table as written
  for each statement execute function audit_rows('incentive_share', '', 'transaction_id', 'fund_id');
--> statement-breakpoint
create trigger lock_end_insert_is_logged after insert on lock_end referencing new table as written
  for each statement execute function audit_rows('lock_end', '', 'enrolment_id', 'savings_account_id', 'outcome', 'number');
--> statement-breakpoint
create trigger lock_end_update_is_logged after update on lock_end referencing old table as before new table as written
  for each statement execute function audit_rows('lock_end', '', 'enrolment_id', 'savings_account_id', 'outcome', 'number');
--> statement-breakpoint
create trigger matching_run_insert_is_logged after insert on matching_run referencing new table as written
  for each statement execute function audit_rows('matching_run', '', 'id');
--> statement-breakpoint
create trigger matching_run_update_is_logged after update on matching_run referencing old table as before new table as written
  for each statement execute function audit_rows('matching_run', '', 'id');
--> statement-breakpoint
create trigger membership_insert_is_logged after insert on membership referencing new table as written
  for each statement execute function audit_rows('membership', '', 'id');
--> statement-breakpoint
create trigger membership_update_is_logged after update on membership referencing old table as before new table as written
  for each statement execute function audit_rows('membership', '', 'id');
--> statement-breakpoint
create trigger organisation_insert_is_logged after insert on organisation referencing new table as written
  for each statement execute function audit_rows('organisation', '', 'id');
--> statement-breakpoint
create trigger organisation_update_is_logged after update on organisation referencing old table as before new table as written
  for each statement execute function audit_rows('organisation', '', 'id');
--> statement-breakpoint
create trigger paper_counter_insert_is_logged after insert on paper_counter referencing new table as written
  for each statement execute function audit_rows('paper_counter', '', 'kind', 'year');
--> statement-breakpoint
create trigger paper_counter_update_is_logged after update on paper_counter referencing old table as before new table as written
  for each statement execute function audit_rows('paper_counter', '', 'kind', 'year');
--> statement-breakpoint
create trigger reconciliation_break_insert_is_logged after insert on reconciliation_break referencing new table as written
  for each statement execute function audit_rows('reconciliation_break', '', 'id');
--> statement-breakpoint
create trigger reconciliation_break_update_is_logged after update on reconciliation_break referencing old table as before new table as written
  for each statement execute function audit_rows('reconciliation_break', '', 'id');
--> statement-breakpoint
create trigger resolution_break_insert_is_logged after insert on resolution_break referencing new table as written
  for each statement execute function audit_rows('resolution_break', '', 'resolution_id', 'origin');
--> statement-breakpoint
create trigger resolution_break_update_is_logged after update on resolution_break referencing old table as before new table as written
  for each statement execute function audit_rows('resolution_break', '', 'resolution_id', 'origin');
--> statement-breakpoint
create trigger resolution_decision_insert_is_logged after insert on resolution_decision referencing new table as written
  for each statement execute function audit_rows('resolution_decision', '', 'resolution_id');
--> statement-breakpoint
create trigger resolution_decision_update_is_logged after update on resolution_decision referencing old table as before new table as written
  for each statement execute function audit_rows('resolution_decision', '', 'resolution_id');
--> statement-breakpoint
create trigger saver_insert_is_logged after insert on saver referencing new table as written
  for each statement execute function audit_rows('saver', '', 'id');
--> statement-breakpoint
create trigger saver_update_is_logged after update on saver referencing old table as before new table as written
  for each statement execute function audit_rows('saver', '', 'id');
--> statement-breakpoint
create trigger saver_correction_insert_is_logged after insert on saver_correction referencing new table as written
  for each statement execute function audit_rows('saver_correction', '', 'id');
--> statement-breakpoint
create trigger saver_correction_update_is_logged after update on saver_correction referencing old table as before new table as written
  for each statement execute function audit_rows('saver_correction', '', 'id');
--> statement-breakpoint
create trigger saver_version_insert_is_logged after insert on saver_version referencing new table as written
  for each statement execute function audit_rows('saver_version', '', 'saver_id', 'number');
--> statement-breakpoint
create trigger saver_version_update_is_logged after update on saver_version referencing old table as before new table as written
  for each statement execute function audit_rows('saver_version', '', 'saver_id', 'number');
--> statement-breakpoint
create trigger savings_account_insert_is_logged after insert on savings_account referencing new table as written
  for each statement execute function audit_rows('savings_account', '', 'id');
--> statement-breakpoint
create trigger savings_account_update_is_logged after update on savings_account referencing old table as before new table as written
  for each statement execute function audit_rows('savings_account', '', 'id');
--> statement-breakpoint
create trigger savings_account_status_change_insert_is_logged after insert on savings_account_status_change referencing new table as written
  for each statement execute function audit_rows('savings_account_status_change', '', 'id');
--> statement-breakpoint
create trigger savings_account_status_change_update_is_logged after update on savings_account_status_change referencing old table as before new table as written
  for each statement execute function audit_rows('savings_account_status_change', '', 'id');
--> statement-breakpoint
create trigger savings_book_insert_is_logged after insert on savings_book referencing new table as written
  for each statement execute function audit_rows('savings_book', '');
--> statement-breakpoint
create trigger savings_book_update_is_logged after update on savings_book referencing old table as before new table as written
  for each statement execute function audit_rows('savings_book', '');
--> statement-breakpoint
create trigger savings_group_insert_is_logged after insert on savings_group referencing new table as written
  for each statement execute function audit_rows('savings_group', '', 'id');
--> statement-breakpoint
create trigger savings_group_update_is_logged after update on savings_group referencing old table as before new table as written
  for each statement execute function audit_rows('savings_group', '', 'id');
--> statement-breakpoint
create trigger transfer_authorisation_insert_is_logged after insert on transfer_authorisation referencing new table as written
  for each statement execute function audit_rows('transfer_authorisation', '', 'request_id', 'line');
--> statement-breakpoint
create trigger transfer_authorisation_update_is_logged after update on transfer_authorisation referencing old table as before new table as written
  for each statement execute function audit_rows('transfer_authorisation', '', 'request_id', 'line');
--> statement-breakpoint
create trigger webhook_insert_is_logged after insert on webhook referencing new table as written
  for each statement execute function audit_rows('webhook', 'position', 'id');
--> statement-breakpoint
create trigger webhook_update_is_logged after update on webhook referencing old table as before new table as written
  for each statement execute function audit_rows('webhook', 'position', 'id');
--> statement-breakpoint
create trigger webhook_rotation_insert_is_logged after insert on webhook_rotation referencing new table as written
  for each statement execute function audit_rows('webhook_rotation', '', 'webhook_id', 'number');
--> statement-breakpoint
create trigger webhook_rotation_update_is_logged after update on webhook_rotation referencing old table as before new table as written
  for each statement execute function audit_rows('webhook_rotation', '', 'webhook_id', 'number');
