-- The present shape of the database, dumped from its catalogue after all migrations: for reading and for noticing changes.
-- Made by `npm run db:dump`; never edited, never run.

-- roles

create role qullqi_service nologin;

-- types

create type account_status as enum ('open', 'blocked', 'closed');
create type account_type as enum ('asset', 'liability', 'equity', 'income', 'expense');
create type currency as enum ('PEN', 'USD', 'BOB', 'COP', 'EUR', 'CLP');
create type direction as enum ('debit', 'credit');
create type event_kind as enum ('book-opened', 'account-opened', 'account-changed', 'hold-placed', 'hold-captured', 'hold-released', 'hold-expired', 'month-closed', 'instant-settled');
create type hold_status as enum ('placed', 'captured', 'released', 'expired');

-- tables

create table accepted_break (
  book_id uuid not null,
  break_id uuid not null,
  resolution_id uuid not null,
  bank_account_id uuid not null,
  kind text not null,
  constraint accepted_break_pkey PRIMARY KEY (book_id, break_id),
  constraint accepted_break_approved_fkey FOREIGN KEY (book_id, resolution_id, bank_account_id) REFERENCES resolution_decision(book_id, approved, bank_account_id),
  constraint accepted_break_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint accepted_break_break_fkey FOREIGN KEY (book_id, break_id) REFERENCES reconciliation_break(book_id, id),
  constraint accepted_break_kind_fkey FOREIGN KEY (book_id, resolution_id, kind) REFERENCES break_resolution(book_id, id, kind),
  constraint accepted_break_is_accepted CHECK ((kind = 'accept'::text))
);
alter table accepted_break enable row level security;

create table account (
  book_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  type account_type not null,
  normal direction not null,
  floor bigint,
  status account_status not null,
  opened_on date not null,
  closed_on date,
  opened_event bigint not null,
  debits bigint not null default 0,
  credits bigint not null default 0,
  held bigint not null default 0,
  constraint account_pkey PRIMARY KEY (book_id, id),
  constraint account_code_unique UNIQUE (book_id, code),
  constraint account_book_id_book_id_fk FOREIGN KEY (book_id) REFERENCES book(id),
  constraint account_available_above_floor CHECK (((floor IS NULL) OR ((
CASE normal
    WHEN 'debit'::direction THEN (debits - credits)
    ELSE (credits - debits)
END - held) >= floor))),
  constraint account_closed_is_empty CHECK (((status <> 'closed'::account_status) OR ((debits = credits) AND (held = 0)))),
  constraint account_totals_not_negative CHECK (((debits >= 0) AND (credits >= 0) AND (held >= 0)))
) with (fillfactor=70);
alter table account enable row level security;

create table account_day (
  book_id uuid not null,
  account_id uuid not null,
  value_date date not null,
  debits bigint not null,
  credits bigint not null,
  constraint account_day_pkey PRIMARY KEY (book_id, account_id, value_date)
) with (fillfactor=80);
alter table account_day enable row level security;

create table account_limit (
  book_id uuid not null,
  id uuid not null,
  valid_from date not null,
  most_balance bigint,
  most_a_day bigint,
  most_a_month bigint,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint account_limit_pkey PRIMARY KEY (book_id, id),
  constraint account_limit_one_a_day UNIQUE (book_id, valid_from),
  constraint account_limit_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint account_limit_positive CHECK ((LEAST(most_balance, most_a_day, most_a_month) > 0))
);
alter table account_limit enable row level security;

create table agent (
  book_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  starts_on date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint agent_pkey PRIMARY KEY (book_id, id),
  constraint agent_code_unique UNIQUE (book_id, code),
  constraint agent_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id)
);
alter table agent enable row level security;

create table api_key (
  id uuid not null,
  client_id uuid not null,
  name text not null,
  role text not null,
  books uuid[],
  agent_id uuid,
  read_only boolean not null,
  secret_hash text not null,
  created_at timestamp(3) with time zone not null,
  created_by uuid,
  created_by_client uuid,
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_client_unique UNIQUE (id, client_id),
  constraint api_key_created_by_fkey FOREIGN KEY (created_by, created_by_client) REFERENCES api_key(id, client_id),
  constraint api_key_administrator_reaches_all_books CHECK (((role <> 'administrator'::text) OR (books IS NULL))),
  constraint api_key_agent_id_is_an_agents CHECK (((agent_id IS NOT NULL) = (role = 'agent'::text))),
  constraint api_key_books_not_empty CHECK ((cardinality(books) > 0)),
  constraint api_key_expires_later CHECK ((expires_at > created_at)),
  constraint api_key_maker_whole CHECK (
CASE
    WHEN (created_by IS NOT NULL) THEN (created_by_client IS NOT NULL)
    ELSE ((created_by_client IS NULL) OR (substr((created_by_client)::text, 15, 1) = '8'::text))
END),
  constraint api_key_role_known CHECK ((role = ANY (ARRAY['agent'::text, 'bank'::text, 'analyst'::text, 'auditor'::text, 'administrator'::text]))),
  constraint api_key_token_client_renews_itself CHECK (((NOT (substr((client_id)::text, 15, 1) = '8'::text)) OR (NOT (created_by_client IS DISTINCT FROM client_id))))
);

create table audit_entry (
  book_id uuid not null,
  number bigint not null,
  at timestamp(3) with time zone not null,
  action text not null,
  actor text,
  request_id text,
  subject text not null,
  keys text[] not null,
  salt bytea not null,
  contents bytea[] not null,
  hash bytea not null,
  constraint audit_entry_pkey PRIMARY KEY (book_id, number),
  constraint audit_entry_action_known CHECK ((action = ANY (ARRAY['insert'::text, 'update'::text, 'identity-read'::text]))),
  constraint audit_entry_number_positive CHECK ((number > 0))
);
alter table audit_entry enable row level security;

create table audit_head (
  book_id uuid not null,
  number bigint not null,
  hash bytea not null,
  constraint audit_head_pkey PRIMARY KEY (book_id)
);
alter table audit_head enable row level security;

create table audit_pending (
  book_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  action text not null,
  actor text,
  request_id text,
  subject text not null,
  keys text[] not null,
  salt bytea not null,
  contents bytea[] not null,
  constraint audit_pending_pkey PRIMARY KEY (book_id, id),
  constraint audit_pending_action_known CHECK ((action = ANY (ARRAY['insert'::text, 'update'::text, 'identity-read'::text])))
);
alter table audit_pending enable row level security;

create table balance_comparison (
  book_id uuid not null,
  id uuid not null,
  list_id uuid not null,
  sequence bigint not null,
  event_number bigint not null,
  lines integer not null,
  accounts integer not null,
  ours bigint not null,
  theirs bigint not null,
  difference bigint not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  seal bytea not null,
  constraint balance_comparison_pkey PRIMARY KEY (book_id, id),
  constraint balance_comparison_actor_unique UNIQUE (book_id, id, list_id, actor),
  constraint balance_comparison_totals_unique UNIQUE (book_id, id, lines, ours, theirs),
  constraint balance_comparison_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_comparison_list_fkey FOREIGN KEY (book_id, list_id) REFERENCES balance_list(book_id, id),
  constraint balance_comparison_counts CHECK (((lines > 0) AND ((accounts >= 0) AND (accounts <= lines)))),
  constraint balance_comparison_difference_ties CHECK ((difference = (theirs - ours)))
);
alter table balance_comparison enable row level security;

create table balance_comparison_line (
  book_id uuid not null,
  comparison_id uuid not null,
  number integer not null,
  all_lines integer not null,
  all_ours bigint not null,
  all_theirs bigint not null,
  file_row integer,
  bank_account_number text,
  cci text,
  told text,
  currency text,
  their_status text,
  interest bigint,
  fees bigint,
  outcome text not null,
  stranger text,
  savings_account_id uuid,
  ours bigint,
  theirs bigint,
  difference bigint not null,
  our_status text,
  explanations jsonb not null,
  constraint balance_comparison_line_pkey PRIMARY KEY (book_id, comparison_id, number),
  constraint balance_comparison_line_account_unique UNIQUE (book_id, comparison_id, number, savings_account_id),
  constraint balance_comparison_line_account_fkey FOREIGN KEY (book_id, savings_account_id) REFERENCES savings_account(book_id, id),
  constraint balance_comparison_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_comparison_line_comparison_fkey FOREIGN KEY (book_id, comparison_id, all_lines, all_ours, all_theirs) REFERENCES balance_comparison(book_id, id, lines, ours, theirs),
  constraint balance_comparison_line_difference_ties CHECK ((difference = (COALESCE(theirs, (0)::bigint) - COALESCE(ours, (0)::bigint)))),
  constraint balance_comparison_line_is_what_it_says CHECK (
CASE outcome
    WHEN 'equal'::text THEN ((theirs IS NOT NULL) AND (theirs = ours) AND (savings_account_id IS NOT NULL))
    WHEN 'status-differs'::text THEN ((theirs IS NOT NULL) AND (theirs = ours) AND (their_status <> our_status))
    WHEN 'differs'::text THEN ((theirs IS NOT NULL) AND (ours IS NOT NULL) AND (theirs <> ours))
    WHEN 'only-ours'::text THEN ((theirs IS NULL) AND (ours IS NOT NULL))
    WHEN 'only-theirs'::text THEN ((ours IS NULL) AND (theirs IS NOT NULL) AND (savings_account_id IS NULL))
    WHEN 'currency'::text THEN (theirs IS NULL)
    ELSE (theirs IS NOT NULL)
END),
  constraint balance_comparison_line_not_negative CHECK ((LEAST(interest, fees, (0)::bigint) >= 0)),
  constraint balance_comparison_line_our_status_known CHECK ((our_status = ANY (ARRAY['open'::text, 'blocked'::text, 'closed'::text]))),
  constraint balance_comparison_line_outcome_known CHECK ((outcome = ANY (ARRAY['equal'::text, 'differs'::text, 'status-differs'::text, 'only-ours'::text, 'only-theirs'::text, 'twice'::text, 'currency'::text]))),
  constraint balance_comparison_line_stranger_is_only_theirs CHECK (((stranger IS NULL) OR (outcome = 'only-theirs'::text))),
  constraint balance_comparison_line_stranger_known CHECK ((stranger = ANY (ARRAY['unknown'::text, 'several'::text, 'number-and-cci-differ'::text]))),
  constraint balance_comparison_line_their_status_known CHECK ((their_status = ANY (ARRAY['open'::text, 'blocked'::text, 'closed'::text]))),
  constraint balance_comparison_line_told_has_row CHECK (((file_row IS NULL) = (outcome = 'only-ours'::text)))
);
alter table balance_comparison_line enable row level security;

create table balance_decided (
  book_id uuid not null,
  list_id uuid not null,
  savings_account_id uuid not null,
  kind text not null,
  decision_id uuid not null,
  outcome text not null,
  proposed_by text not null,
  decided_by text not null,
  transaction_id uuid,
  constraint balance_decided_pkey PRIMARY KEY (book_id, list_id, savings_account_id, kind),
  constraint balance_decided_transaction_unique UNIQUE (book_id, transaction_id),
  constraint balance_decided_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_decided_decision_fkey FOREIGN KEY (book_id, decision_id, list_id, outcome, decided_by) REFERENCES balance_decision(book_id, id, list_id, outcome, actor),
  constraint balance_decided_proposal_fkey FOREIGN KEY (book_id, list_id, savings_account_id, kind, proposed_by) REFERENCES balance_proposal(book_id, list_id, savings_account_id, kind, proposed_by),
  constraint balance_decided_transaction_fkey FOREIGN KEY (book_id, transaction_id) REFERENCES transaction(book_id, id),
  constraint balance_decided_approved_is_posted CHECK (((transaction_id IS NOT NULL) = (outcome = 'approved'::text))),
  constraint balance_decided_two_actors CHECK ((decided_by <> proposed_by))
);
alter table balance_decided enable row level security;

create table balance_decision (
  book_id uuid not null,
  id uuid not null,
  list_id uuid not null,
  outcome text not null,
  chosen jsonb not null,
  reason text,
  proposals integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  seal bytea not null,
  constraint balance_decision_pkey PRIMARY KEY (book_id, id),
  constraint balance_decision_outcome_unique UNIQUE (book_id, id, list_id, outcome, actor),
  constraint balance_decision_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_decision_list_fkey FOREIGN KEY (book_id, list_id) REFERENCES balance_list(book_id, id),
  constraint balance_decision_decides CHECK (((proposals >= 1) AND (proposals <= 1000))),
  constraint balance_decision_no_has_reason CHECK (((outcome = 'approved'::text) OR (reason IS NOT NULL))),
  constraint balance_decision_outcome_known CHECK ((outcome = ANY (ARRAY['approved'::text, 'rejected'::text])))
);
alter table balance_decision enable row level security;

create table balance_list (
  book_id uuid not null,
  id uuid not null,
  as_of date not null,
  sha256 bytea not null,
  size integer not null,
  pieces integer not null,
  name text,
  media_type text not null,
  "decimal" text not null,
  encoding text not null,
  lines integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  seal bytea not null,
  constraint balance_list_pkey PRIMARY KEY (book_id, id),
  constraint balance_list_bytes_unique UNIQUE (book_id, as_of, sha256, "decimal", encoding),
  constraint balance_list_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_list_decimal_known CHECK (("decimal" = ANY (ARRAY['point'::text, 'comma'::text]))),
  constraint balance_list_encoding_known CHECK ((encoding = ANY (ARRAY['utf-8'::text, 'latin1'::text]))),
  constraint balance_list_is_sha256 CHECK ((octet_length(sha256) = 32)),
  constraint balance_list_lines_bounded CHECK (((lines >= 1) AND (lines <= 200000))),
  constraint balance_list_size_bounded CHECK (((size >= 1) AND (size <= 33554432)))
);
alter table balance_list enable row level security;

create table balance_list_piece (
  book_id uuid not null,
  list_id uuid not null,
  number integer not null,
  content bytea not null,
  constraint balance_list_piece_pkey PRIMARY KEY (book_id, list_id, number),
  constraint balance_list_piece_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_list_piece_list_fkey FOREIGN KEY (book_id, list_id) REFERENCES balance_list(book_id, id),
  constraint balance_list_piece_bounded CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 1048576))),
  constraint balance_list_piece_number_not_negative CHECK ((number >= 0))
);
alter table balance_list_piece enable row level security;

create table balance_proposal (
  book_id uuid not null,
  list_id uuid not null,
  savings_account_id uuid not null,
  kind text not null,
  comparison_id uuid not null,
  number integer not null,
  amount bigint not null,
  proposed_by text not null,
  constraint balance_proposal_pkey PRIMARY KEY (book_id, list_id, savings_account_id, kind),
  constraint balance_proposal_maker_unique UNIQUE (book_id, list_id, savings_account_id, kind, proposed_by),
  constraint balance_proposal_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint balance_proposal_comparison_fkey FOREIGN KEY (book_id, comparison_id, list_id, proposed_by) REFERENCES balance_comparison(book_id, id, list_id, actor),
  constraint balance_proposal_line_fkey FOREIGN KEY (book_id, comparison_id, number, savings_account_id) REFERENCES balance_comparison_line(book_id, comparison_id, number, savings_account_id),
  constraint balance_proposal_amount_positive CHECK ((amount > 0)),
  constraint balance_proposal_kind_known CHECK ((kind = ANY (ARRAY['interest'::text, 'fees'::text])))
);
alter table balance_proposal enable row level security;

create table bank_account (
  book_id uuid not null,
  id uuid not null,
  number text not null,
  number_key text not null,
  account_id uuid not null,
  profile_code text,
  turns integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint bank_account_pkey PRIMARY KEY (book_id, id),
  constraint bank_account_account_unique UNIQUE (book_id, account_id),
  constraint bank_account_number_unique UNIQUE (book_id, number_key),
  constraint bank_account_account_fkey FOREIGN KEY (book_id, account_id) REFERENCES account(book_id, id),
  constraint bank_account_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_account_number_key_plain CHECK ((number_key ~ '^[0-9A-Z]+$'::text)),
  constraint bank_account_turns_not_negative CHECK ((turns >= 0))
);
alter table bank_account enable row level security;

create table bank_claim (
  book_id uuid not null,
  match_id uuid not null,
  number integer not null,
  statement_id uuid,
  line integer,
  sequence bigint,
  "position" smallint,
  moves bigint not null,
  constraint bank_claim_pkey PRIMARY KEY (book_id, match_id, number),
  constraint bank_claim_entry_once UNIQUE (book_id, sequence, "position"),
  constraint bank_claim_line_once UNIQUE (book_id, statement_id, line),
  constraint bank_claim_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_claim_entry_fkey FOREIGN KEY (book_id, sequence, "position") REFERENCES entry(book_id, sequence, "position"),
  constraint bank_claim_line_fkey FOREIGN KEY (book_id, statement_id, line, moves) REFERENCES bank_line(book_id, statement_id, number, moves),
  constraint bank_claim_match_fkey FOREIGN KEY (book_id, match_id) REFERENCES bank_match(book_id, id),
  constraint bank_claim_is_of_one_thing CHECK (((num_nonnulls(statement_id, line) = ANY (ARRAY[0, 2])) AND (num_nonnulls(sequence, "position") = ANY (ARRAY[0, 2])) AND (num_nonnulls(statement_id, sequence) = 1))),
  constraint bank_claim_moves_something CHECK ((moves <> 0))
);
alter table bank_claim enable row level security;

create table bank_file (
  book_id uuid not null,
  id uuid not null,
  sha256 bytea not null,
  size integer not null,
  pieces integer not null,
  name text,
  media_type text not null,
  format text not null,
  profile_id uuid,
  verdict jsonb,
  statements integer not null,
  lines integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint bank_file_pkey PRIMARY KEY (book_id, id),
  constraint bank_file_bytes_unique UNIQUE (book_id, sha256),
  constraint bank_file_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_file_profile_id_statement_profile_id_fk FOREIGN KEY (profile_id) REFERENCES statement_profile(id),
  constraint bank_file_counts CHECK (((statements > 0) AND (lines >= 0))),
  constraint bank_file_format_known CHECK ((format = ANY (ARRAY['camt'::text, 'mt940'::text, 'profile'::text]))),
  constraint bank_file_is_sha256 CHECK ((octet_length(sha256) = 32)),
  constraint bank_file_profile_reads_it CHECK (((profile_id IS NOT NULL) = (format = 'profile'::text))),
  constraint bank_file_size_bounded CHECK (((size >= 1) AND (size <= 104857600)))
);
alter table bank_file enable row level security;

create table bank_file_piece (
  book_id uuid not null,
  file_id uuid not null,
  number integer not null,
  content bytea not null,
  constraint bank_file_piece_pkey PRIMARY KEY (book_id, file_id, number),
  constraint bank_file_piece_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_file_piece_file_fkey FOREIGN KEY (book_id, file_id) REFERENCES bank_file(book_id, id),
  constraint bank_file_piece_bounded CHECK (((octet_length(content) >= 1) AND (octet_length(content) <= 1048576))),
  constraint bank_file_piece_number_not_negative CHECK ((number >= 0))
);
alter table bank_file_piece enable row level security;

create table bank_line (
  book_id uuid not null,
  statement_id uuid not null,
  number integer not null,
  bank_account_id uuid not null,
  place text not null,
  standing text not null,
  same_as bytea not null,
  occurrence integer not null,
  amount numeric not null,
  currency text not null,
  side text not null,
  moves bigint,
  status text not null,
  is_reversal boolean not null,
  booking_day date,
  value_day date,
  day date not null,
  reference text,
  end_to_end_id text,
  code text,
  counterparty text,
  counterparty_account text,
  text text not null,
  details jsonb not null,
  constraint bank_line_pkey PRIMARY KEY (book_id, statement_id, number),
  constraint bank_line_moves_unique UNIQUE (book_id, statement_id, number, moves),
  constraint bank_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_line_statement_fkey FOREIGN KEY (book_id, statement_id, bank_account_id) REFERENCES bank_statement(book_id, id, bank_account_id),
  constraint bank_line_amount_not_negative CHECK ((amount >= (0)::numeric)),
  constraint bank_line_moves_what_it_says CHECK (((moves IS NULL) OR ((standing = 'new'::text) AND (status = 'booked'::text) AND (moves <> 0) AND ((moves > 0) = (side = 'credit'::text))))),
  constraint bank_line_occurrence_positive CHECK ((occurrence > 0)),
  constraint bank_line_side_known CHECK ((side = ANY (ARRAY['credit'::text, 'debit'::text]))),
  constraint bank_line_standing_known CHECK ((standing = ANY (ARRAY['new'::text, 'repeated'::text, 'disputed'::text, 'notice'::text]))),
  constraint bank_line_status_known CHECK ((status = ANY (ARRAY['booked'::text, 'pending'::text, 'information'::text])))
);
alter table bank_line enable row level security;

create table bank_match (
  book_id uuid not null,
  id uuid not null,
  bank_account_id uuid not null,
  run_id uuid,
  resolution_id uuid,
  number integer not null,
  rule text not null,
  reasons jsonb not null,
  constraint bank_match_pkey PRIMARY KEY (book_id, id),
  constraint bank_match_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_match_resolution_fkey FOREIGN KEY (book_id, resolution_id, bank_account_id) REFERENCES resolution_decision(book_id, approved, bank_account_id),
  constraint bank_match_run_fkey FOREIGN KEY (book_id, run_id, bank_account_id) REFERENCES matching_run(book_id, id, bank_account_id),
  constraint bank_match_is_made_once CHECK ((num_nonnulls(run_id, resolution_id) = 1))
);
alter table bank_match enable row level security;

create table bank_statement (
  book_id uuid not null,
  id uuid not null,
  bank_account_id uuid not null,
  file_id uuid not null,
  "position" integer not null,
  turn integer not null,
  standing text not null,
  reference text,
  number text,
  sequence bigint,
  page integer,
  currency text,
  from_day date not null,
  to_day date not null,
  created_at text,
  opening numeric,
  closing numeric,
  credits numeric not null,
  debits numeric not null,
  residue numeric,
  lines integer not null,
  repeated integer not null,
  uncounted integer not null,
  balances jsonb not null,
  warnings jsonb not null,
  content_hash bytea not null,
  unsure integer,
  constraint bank_statement_pkey PRIMARY KEY (book_id, id),
  constraint bank_statement_account_unique UNIQUE (book_id, id, bank_account_id),
  constraint bank_statement_position_unique UNIQUE (book_id, file_id, "position"),
  constraint bank_statement_account_fkey FOREIGN KEY (book_id, bank_account_id) REFERENCES bank_account(book_id, id),
  constraint bank_statement_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint bank_statement_file_fkey FOREIGN KEY (book_id, file_id) REFERENCES bank_file(book_id, id),
  constraint bank_statement_counts CHECK ((((repeated >= 0) AND (repeated <= lines)) AND ((uncounted >= 0) AND (uncounted <= lines)) AND (unsure > 0))),
  constraint bank_statement_days_in_order CHECK ((from_day <= to_day)),
  constraint bank_statement_residue_is_what_is_left CHECK (((residue IS NULL) OR (residue = (((closing - opening) - credits) + debits)))),
  constraint bank_statement_standing_known CHECK ((standing = ANY (ARRAY['taken'::text, 'notice'::text, 'repeated'::text, 'disputed'::text])))
);
alter table bank_statement enable row level security;

create table book (
  id uuid not null,
  code text not null,
  name text not null,
  currency currency not null,
  opened_on date not null,
  constraint book_pkey PRIMARY KEY (id),
  constraint book_code_unique UNIQUE (code)
);

create table book_head (
  book_id uuid not null,
  sequence bigint not null,
  hash bytea not null,
  recorded_at timestamp(3) with time zone not null,
  event_number bigint not null,
  event_hash bytea not null,
  closed_through date,
  days_through bigint not null,
  next_expiry timestamp(3) with time zone,
  constraint book_head_pkey PRIMARY KEY (book_id),
  constraint book_head_book_id_book_id_fk FOREIGN KEY (book_id) REFERENCES book(id)
) with (fillfactor=20);
alter table book_head enable row level security;

create table book_seal (
  book_id uuid not null,
  number integer not null,
  after bigint not null,
  through bigint not null,
  hash bytea not null,
  root bytea not null,
  event_number bigint not null,
  event_hash bytea not null,
  audit_number bigint not null,
  audit_hash bytea not null,
  constraint book_seal_pkey PRIMARY KEY (book_id, number),
  constraint book_seal_book_id_book_id_fk FOREIGN KEY (book_id) REFERENCES book(id),
  constraint book_seal_number_seal_number_fk FOREIGN KEY (number) REFERENCES seal(number),
  constraint book_seal_audit_number_not_negative CHECK ((audit_number >= 0)),
  constraint book_seal_in_order CHECK (((after >= 0) AND (through >= after) AND (event_number > 0)))
);
alter table book_seal enable row level security;

create table break_comment (
  book_id uuid not null,
  id uuid not null,
  origin uuid not null,
  role text not null,
  text text not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint break_comment_pkey PRIMARY KEY (book_id, id),
  constraint break_comment_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint break_comment_origin_fkey FOREIGN KEY (book_id, origin, origin) REFERENCES reconciliation_break(book_id, id, origin),
  constraint break_comment_role_known CHECK ((role = ANY (ARRAY['agent'::text, 'bank'::text, 'analyst'::text, 'auditor'::text, 'administrator'::text]))),
  constraint break_comment_says_something CHECK (((length(text) >= 1) AND (length(text) <= 2000)))
);
alter table break_comment enable row level security;

create table break_owner (
  book_id uuid not null,
  id uuid not null,
  origin uuid not null,
  number integer not null,
  owner uuid,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint break_owner_pkey PRIMARY KEY (book_id, id),
  constraint break_owner_number_unique UNIQUE (book_id, origin, number),
  constraint break_owner_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint break_owner_origin_fkey FOREIGN KEY (book_id, origin, origin) REFERENCES reconciliation_break(book_id, id, origin),
  constraint break_owner_number_positive CHECK ((number > 0))
);
alter table break_owner enable row level security;

create table break_resolution (
  book_id uuid not null,
  id uuid not null,
  bank_account_id uuid not null,
  kind text not null,
  reason text not null,
  content jsonb not null,
  difference bigint,
  tolerance bigint,
  run_id uuid,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint break_resolution_pkey PRIMARY KEY (book_id, id),
  constraint break_resolution_actor_unique UNIQUE (book_id, id, bank_account_id, actor),
  constraint break_resolution_kind_unique UNIQUE (book_id, id, kind),
  constraint break_resolution_account_fkey FOREIGN KEY (book_id, bank_account_id) REFERENCES bank_account(book_id, id),
  constraint break_resolution_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint break_resolution_run_fkey FOREIGN KEY (book_id, run_id, bank_account_id, tolerance) REFERENCES matching_run(book_id, id, bank_account_id, tolerance),
  constraint break_resolution_adjusts_within_tolerance CHECK (((num_nonnulls(difference, tolerance, run_id) =
CASE kind
    WHEN 'adjust'::text THEN 3
    ELSE 0
END) AND ((difference IS NULL) OR ((abs(difference) >= 1) AND (abs(difference) <= tolerance))))),
  constraint break_resolution_has_reason CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
  constraint break_resolution_kind_known CHECK ((kind = ANY (ARRAY['match'::text, 'post'::text, 'reverse'::text, 'adjust'::text, 'accept'::text])))
);
alter table break_resolution enable row level security;

create table collection_sheet (
  book_id uuid not null,
  id uuid not null,
  group_id uuid not null,
  agent_id uuid not null,
  coordinator_id uuid not null,
  meeting_date date not null,
  cash_count bigint not null,
  on_refusal text not null,
  line_count smallint not null,
  written_hash bytea not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint collection_sheet_pkey PRIMARY KEY (book_id, id),
  constraint collection_sheet_line_count_unique UNIQUE (book_id, id, line_count),
  constraint collection_sheet_once UNIQUE (book_id, group_id, meeting_date, content_hash),
  constraint collection_sheet_agent_fkey FOREIGN KEY (book_id, agent_id) REFERENCES agent(book_id, id),
  constraint collection_sheet_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint collection_sheet_coordinator_fkey FOREIGN KEY (book_id, coordinator_id) REFERENCES saver(book_id, id),
  constraint collection_sheet_group_fkey FOREIGN KEY (book_id, group_id) REFERENCES savings_group(book_id, id),
  constraint collection_sheet_line_count_positive CHECK ((line_count > 0)),
  constraint collection_sheet_on_refusal_known CHECK ((on_refusal = ANY (ARRAY['refuse-sheet'::text, 'post-without'::text])))
);
alter table collection_sheet enable row level security;

create table collection_sheet_line (
  book_id uuid not null,
  sheet_id uuid not null,
  "position" smallint not null,
  line_count smallint not null,
  line smallint not null,
  savings_account_id uuid,
  bank_account_number text,
  deposit bigint,
  withdrawal bigint,
  depositor_id uuid,
  purpose text,
  deposit_transaction_id uuid,
  withdrawal_transaction_id uuid,
  refusal text,
  constraint collection_sheet_line_pkey PRIMARY KEY (book_id, sheet_id, line),
  constraint collection_sheet_line_position_unique UNIQUE (book_id, sheet_id, "position"),
  constraint collection_sheet_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint collection_sheet_line_deposit_fkey FOREIGN KEY (book_id, deposit_transaction_id) REFERENCES transaction(book_id, id),
  constraint collection_sheet_line_sheet_fkey FOREIGN KEY (book_id, sheet_id, line_count) REFERENCES collection_sheet(book_id, id, line_count),
  constraint collection_sheet_line_withdrawal_fkey FOREIGN KEY (book_id, withdrawal_transaction_id) REFERENCES transaction(book_id, id),
  constraint collection_sheet_line_amounts_positive CHECK (((deposit > 0) AND (withdrawal > 0))),
  constraint collection_sheet_line_position_within_count CHECK ((("position" >= 1) AND ("position" <= line_count))),
  constraint collection_sheet_line_positive CHECK ((line > 0)),
  constraint collection_sheet_line_posted_or_refused CHECK ((((deposit_transaction_id IS NOT NULL) = ((refusal IS NULL) AND (deposit IS NOT NULL))) AND ((withdrawal_transaction_id IS NOT NULL) = ((refusal IS NULL) AND (withdrawal IS NOT NULL)))))
);
alter table collection_sheet_line enable row level security;

create table coordination (
  book_id uuid not null,
  id uuid not null,
  group_id uuid not null,
  saver_id uuid not null,
  starts_on date not null,
  ends_on date,
  end_recorded_at timestamp(3) with time zone,
  end_actor text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint coordination_pkey PRIMARY KEY (book_id, id),
  constraint coordination_one_start_a_day UNIQUE (book_id, group_id, starts_on),
  constraint coordination_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint coordination_group_fkey FOREIGN KEY (book_id, group_id) REFERENCES savings_group(book_id, id),
  constraint coordination_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint coordination_dates_in_order CHECK (((ends_on IS NULL) OR (ends_on >= starts_on)))
);
alter table coordination enable row level security;

create table definition (
  id uuid not null,
  name text not null,
  version smallint not null,
  follows smallint,
  title text not null,
  source text not null,
  terms jsonb not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint definition_pkey PRIMARY KEY (id),
  constraint definition_version_unique UNIQUE (name, version),
  constraint definition_follows_fkey FOREIGN KEY (name, follows) REFERENCES definition(name, version),
  constraint definition_follows_the_one_before CHECK ((NOT (follows IS DISTINCT FROM NULLIF((version - 1), 0)))),
  constraint definition_shipped_has_no_more CHECK (((version = 1) OR (lower(name) <> ALL (ARRAY['pas-v1'::text, 'sierra-sur-4-ops'::text, 'findex-active-12m'::text, 'active-90d'::text])))),
  constraint definition_version_positive CHECK ((version > 0))
);

create table disbursement_item (
  book_id uuid not null,
  request_id uuid not null,
  run_line integer not null,
  run_id uuid not null,
  line integer not null,
  amount bigint not null,
  constraint disbursement_item_pkey PRIMARY KEY (book_id, request_id, run_line),
  constraint disbursement_item_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint disbursement_item_line_fkey FOREIGN KEY (book_id, request_id, line) REFERENCES disbursement_line(book_id, request_id, number),
  constraint disbursement_item_run_line_fkey FOREIGN KEY (book_id, run_id, run_line) REFERENCES incentive_run_line(book_id, run_id, number),
  constraint disbursement_item_amount_positive CHECK ((amount > 0))
);
alter table disbursement_item enable row level security;

create table disbursement_line (
  book_id uuid not null,
  request_id uuid not null,
  number integer not null,
  group_id uuid,
  savers integer not null,
  transactions integer not null,
  amount bigint not null,
  constraint disbursement_line_pkey PRIMARY KEY (book_id, request_id, number),
  constraint disbursement_line_group_unique UNIQUE NULLS NOT DISTINCT (book_id, group_id, request_id),
  constraint disbursement_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint disbursement_line_group_fkey FOREIGN KEY (book_id, group_id) REFERENCES savings_group(book_id, id),
  constraint disbursement_line_request_fkey FOREIGN KEY (book_id, request_id) REFERENCES disbursement_request(book_id, id),
  constraint disbursement_line_not_empty CHECK (((number > 0) AND (amount > 0) AND (savers > 0) AND (transactions >= savers)))
);
alter table disbursement_line enable row level security;

create table disbursement_request (
  book_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  rule_code text not null,
  fund_id uuid not null,
  budget_code text not null,
  year smallint not null,
  number integer not null,
  follows integer,
  requested_on date not null,
  savers integer not null,
  transactions integer not null,
  amount bigint not null,
  replaces uuid,
  replaced_status text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint disbursement_request_pkey PRIMARY KEY (book_id, id),
  constraint disbursement_request_actor_unique UNIQUE (book_id, id, actor),
  constraint disbursement_request_number_unique UNIQUE (book_id, year, number),
  constraint disbursement_request_replaced_once UNIQUE (book_id, replaces),
  constraint disbursement_request_total_unique UNIQUE (book_id, id, amount, transactions),
  constraint disbursement_request_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint disbursement_request_follows_fkey FOREIGN KEY (book_id, year, follows) REFERENCES disbursement_request(book_id, year, number),
  constraint disbursement_request_fund_fkey FOREIGN KEY (book_id, fund_id) REFERENCES fund(book_id, id),
  constraint disbursement_request_replaces_fkey FOREIGN KEY (book_id, replaces, replaced_status) REFERENCES disbursement_step(book_id, request_id, status),
  constraint disbursement_request_run_fkey FOREIGN KEY (book_id, run_id) REFERENCES incentive_run(book_id, id),
  constraint disbursement_request_follows_the_one_before CHECK (
CASE number
    WHEN 1 THEN (follows IS NULL)
    ELSE ((follows IS NOT NULL) AND (follows = (number - 1)))
END),
  constraint disbursement_request_not_empty CHECK (((amount > 0) AND (savers > 0) AND (transactions >= savers))),
  constraint disbursement_request_number_positive CHECK ((number > 0)),
  constraint disbursement_request_replaces_a_cancelled_one CHECK ((((replaces IS NULL) = (replaced_status IS NULL)) AND ((replaced_status IS NULL) OR (replaced_status = 'cancelled'::text)))),
  constraint disbursement_request_year_is_its_day CHECK (((year)::numeric = EXTRACT(year FROM requested_on)))
);
alter table disbursement_request enable row level security;

create table disbursement_step (
  book_id uuid not null,
  request_id uuid not null,
  status text not null,
  id uuid not null,
  follows text,
  follows_on date,
  requested_by text not null,
  day date not null,
  reference text,
  ledger_amount bigint,
  ledger_transactions integer,
  first_sequence bigint,
  last_sequence bigint,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint disbursement_step_pkey PRIMARY KEY (book_id, request_id, status),
  constraint disbursement_step_day_unique UNIQUE (book_id, request_id, status, day),
  constraint disbursement_step_followed_once UNIQUE (book_id, request_id, follows),
  constraint disbursement_step_id_unique UNIQUE (book_id, id),
  constraint disbursement_step_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint disbursement_step_follows_fkey FOREIGN KEY (book_id, request_id, follows, follows_on) REFERENCES disbursement_step(book_id, request_id, status, day),
  constraint disbursement_step_ledger_fkey FOREIGN KEY (book_id, request_id, ledger_amount, ledger_transactions) REFERENCES disbursement_request(book_id, id, amount, transactions),
  constraint disbursement_step_requested_by_fkey FOREIGN KEY (book_id, request_id, requested_by) REFERENCES disbursement_request(book_id, id, actor),
  constraint disbursement_step_in_order CHECK ((
CASE status
    WHEN 'requested'::text THEN ((follows IS NULL) AND (follows_on IS NULL) AND (reference IS NULL))
    ELSE ((follows IS NOT NULL) AND (follows_on IS NOT NULL) AND (day >= follows_on) AND (reference IS NOT NULL))
END AND
CASE status
    WHEN 'authorised'::text THEN (follows = 'requested'::text)
    WHEN 'paid'::text THEN (follows = 'authorised'::text)
    WHEN 'cancelled'::text THEN (follows = ANY (ARRAY['requested'::text, 'authorised'::text]))
    ELSE true
END)),
  constraint disbursement_step_paid_is_in_ledger CHECK ((num_nulls(ledger_amount, ledger_transactions, first_sequence, last_sequence) =
CASE status
    WHEN 'paid'::text THEN 0
    ELSE 4
END)),
  constraint disbursement_step_sequences_in_order CHECK ((first_sequence <= last_sequence)),
  constraint disbursement_step_status_known CHECK ((status = ANY (ARRAY['requested'::text, 'authorised'::text, 'paid'::text, 'cancelled'::text]))),
  constraint disbursement_step_two_actors CHECK (((status <> 'authorised'::text) OR (actor <> requested_by)))
);
alter table disbursement_step enable row level security;

create table draw (
  book_id uuid not null,
  id uuid not null,
  programme_id uuid not null,
  rule_id uuid not null,
  bimester text not null,
  cut_off date not null,
  known_through bigint not null,
  winners_per_district smallint not null,
  prize bigint not null,
  entries integer not null,
  districts integer not null,
  excluded integer not null,
  list_sha256 text not null,
  seed text,
  seed_reference text,
  seed_drawn_on date,
  seeded_by text,
  seeded_at timestamp(3) with time zone,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint draw_pkey PRIMARY KEY (book_id, id),
  constraint draw_one_a_bimester UNIQUE (book_id, programme_id, bimester),
  constraint draw_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint draw_programme_id_programme_id_fk FOREIGN KEY (programme_id) REFERENCES programme(id),
  constraint draw_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint draw_has_prizes CHECK (((winners_per_district > 0) AND (prize > 0) AND (entries > 0))),
  constraint draw_is_of_bimester CHECK ((bimester ~ '^[0-9]{4}-B[1-6]$'::text)),
  constraint draw_list_before_seed CHECK ((seeded_at >= recorded_at)),
  constraint draw_list_is_sha256 CHECK ((list_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint draw_seed_is_whole CHECK ((num_nulls(seed, seed_reference, seed_drawn_on, seeded_by, seeded_at) = ANY (ARRAY[0, 5]))),
  constraint draw_two_actors CHECK ((seeded_by <> actor))
);
alter table draw enable row level security;

create table draw_entry (
  book_id uuid not null,
  draw_id uuid not null,
  district_code text not null,
  saver_id uuid not null,
  constraint draw_entry_pkey PRIMARY KEY (book_id, draw_id, district_code, saver_id),
  constraint draw_entry_saver_unique UNIQUE (book_id, draw_id, saver_id),
  constraint draw_entry_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint draw_entry_draw_fkey FOREIGN KEY (book_id, draw_id) REFERENCES draw(book_id, id),
  constraint draw_entry_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint draw_entry_district_is_ubigeo CHECK ((district_code ~ '^[0-9]{6}$'::text))
);
alter table draw_entry enable row level security;

create table draw_exclusion (
  book_id uuid not null,
  draw_id uuid not null,
  saver_id uuid not null,
  reason text not null,
  constraint draw_exclusion_pkey PRIMARY KEY (book_id, draw_id, saver_id),
  constraint draw_exclusion_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint draw_exclusion_draw_fkey FOREIGN KEY (book_id, draw_id) REFERENCES draw(book_id, id),
  constraint draw_exclusion_reason_known CHECK ((reason = ANY (ARRAY['no-contract-that-day'::text, 'no-balance'::text, 'counted-with-household'::text])))
);
alter table draw_exclusion enable row level security;

create table draw_result (
  book_id uuid not null,
  draw_id uuid not null,
  district_code text not null,
  place integer not null,
  saver_id uuid not null,
  prize bigint,
  constraint draw_result_pkey PRIMARY KEY (book_id, draw_id, district_code, place),
  constraint draw_result_saver_unique UNIQUE (book_id, draw_id, saver_id),
  constraint draw_result_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint draw_result_entry_fkey FOREIGN KEY (book_id, draw_id, district_code, saver_id) REFERENCES draw_entry(book_id, draw_id, district_code, saver_id),
  constraint draw_result_place_positive CHECK ((place > 0)),
  constraint draw_result_prize_positive CHECK ((prize > 0))
);
alter table draw_result enable row level security;

create table enrolment (
  book_id uuid not null,
  id uuid not null,
  saver_id uuid not null,
  programme_id uuid not null,
  starts_on date not null,
  contract_months smallint not null,
  cohort text not null,
  end_reason text,
  ends_on date,
  end_recorded_at timestamp(3) with time zone,
  end_actor text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint enrolment_pkey PRIMARY KEY (book_id, id),
  constraint enrolment_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint enrolment_programme_id_programme_id_fk FOREIGN KEY (programme_id) REFERENCES programme(id),
  constraint enrolment_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint enrolment_completed_at_its_end CHECK (((end_reason IS DISTINCT FROM 'completed'::text) OR (ends_on >= date_trunc('month'::text, ((starts_on + make_interval(months => (contract_months)::integer)) - '1 day'::interval))))),
  constraint enrolment_contract_months_positive CHECK ((contract_months > 0)),
  constraint enrolment_dates_in_order CHECK (((ends_on IS NULL) OR (ends_on >= starts_on))),
  constraint enrolment_end_has_reason CHECK (((ends_on IS NULL) = (end_reason IS NULL))),
  constraint enrolment_end_reason_known CHECK ((end_reason = ANY (ARRAY['completed'::text, 'withdrew'::text, 'moved'::text, 'died'::text, 'entered-by-mistake'::text])))
);
alter table enrolment enable row level security;

create table entry (
  book_id uuid not null,
  sequence bigint not null,
  "position" smallint not null,
  account_id uuid not null,
  direction direction not null,
  amount bigint not null,
  value_date date not null,
  debits_after bigint not null,
  credits_after bigint not null,
  constraint entry_pkey PRIMARY KEY (book_id, sequence, "position"),
  constraint entry_account_fkey FOREIGN KEY (book_id, account_id) REFERENCES account(book_id, id),
  constraint entry_transaction_fkey FOREIGN KEY (book_id, sequence) REFERENCES transaction(book_id, sequence),
  constraint entry_amount_positive CHECK ((amount > 0))
);
alter table entry enable row level security;

create table event (
  book_id uuid not null,
  number bigint not null,
  kind event_kind not null,
  subject uuid not null,
  after_sequence bigint not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content text not null,
  hash bytea not null,
  constraint event_pkey PRIMARY KEY (book_id, number),
  constraint event_book_id_book_id_fk FOREIGN KEY (book_id) REFERENCES book(id)
);
alter table event enable row level security;

create table feed_event (
  book_id uuid not null,
  "position" bigint not null,
  after_sequence bigint not null,
  kind text not null,
  subject uuid not null,
  facts text not null,
  recorded_at timestamp(3) with time zone not null,
  hash bytea not null,
  constraint feed_event_pkey PRIMARY KEY (book_id, "position"),
  constraint feed_event_order_unique UNIQUE (book_id, after_sequence, "position"),
  constraint feed_event_told_once UNIQUE (book_id, kind, subject),
  constraint feed_event_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint feed_event_kind_known CHECK ((kind = ANY (ARRAY['proof-ready'::text, 'break-opened'::text, 'break-closed'::text, 'break-resolved'::text]))),
  constraint feed_event_position_positive CHECK ((("position" > 0) AND (after_sequence >= 0)))
);
alter table feed_event enable row level security;

create table financing (
  book_id uuid not null,
  id uuid not null,
  programme_id uuid not null,
  valid_from date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint financing_pkey PRIMARY KEY (book_id, id),
  constraint financing_one_a_day UNIQUE (book_id, programme_id, valid_from),
  constraint financing_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint financing_programme_id_programme_id_fk FOREIGN KEY (programme_id) REFERENCES programme(id)
);
alter table financing enable row level security;

create table financing_share (
  book_id uuid not null,
  financing_id uuid not null,
  place smallint not null,
  fund_id uuid not null,
  budget_code text not null,
  share numeric(7,6) not null,
  constraint financing_share_pkey PRIMARY KEY (book_id, financing_id, place),
  constraint financing_share_fund_unique UNIQUE (book_id, financing_id, fund_id),
  constraint financing_share_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint financing_share_financing_fkey FOREIGN KEY (book_id, financing_id) REFERENCES financing(book_id, id),
  constraint financing_share_fund_fkey FOREIGN KEY (book_id, fund_id) REFERENCES fund(book_id, id),
  constraint financing_share_is_a_part CHECK (((share > (0)::numeric) AND (share <= (1)::numeric)))
);
alter table financing_share enable row level security;

create table fund (
  book_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  funding_source text not null,
  opened_on date not null,
  account_id uuid not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint fund_pkey PRIMARY KEY (book_id, id),
  constraint fund_code_unique UNIQUE (book_id, code),
  constraint fund_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id)
);
alter table fund enable row level security;

create table hold (
  book_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  amount bigint not null,
  captured bigint not null default 0,
  status hold_status not null,
  placed_event bigint not null,
  expires_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  constraint hold_pkey PRIMARY KEY (book_id, id),
  constraint hold_account_fkey FOREIGN KEY (book_id, account_id) REFERENCES account(book_id, id),
  constraint hold_amount_positive CHECK ((amount > 0)),
  constraint hold_captured_within_amount CHECK (
CASE status
    WHEN 'captured'::hold_status THEN ((captured >= 1) AND (captured <= amount))
    ELSE (captured = 0)
END)
);
alter table hold enable row level security;

create table household_period (
  book_id uuid not null,
  household text not null,
  period text not null,
  revision smallint not null,
  status text not null,
  amount bigint not null,
  first_childhood bigint not null,
  secondary_school bigint not null,
  file_id uuid not null,
  line integer not null,
  constraint household_period_pkey PRIMARY KEY (book_id, household, period, revision),
  constraint household_period_line_unique UNIQUE (book_id, file_id, line),
  constraint household_period_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint household_period_file_fkey FOREIGN KEY (book_id, file_id) REFERENCES household_period_file(book_id, id),
  constraint household_period_amounts_not_negative CHECK ((LEAST(amount, first_childhood, secondary_school) >= 0)),
  constraint household_period_is_bimester CHECK (((period ~ '^[0-9]{4}-B[1-6]$'::text) AND (period >= '2005'::text))),
  constraint household_period_revision_not_negative CHECK ((revision >= 0)),
  constraint household_period_status_known CHECK ((status = ANY (ARRAY['MET'::text, 'FAILED'::text, 'WAIVED'::text])))
);
alter table household_period enable row level security;

create table household_period_file (
  book_id uuid not null,
  id uuid not null,
  sha256 text not null,
  corrects boolean not null,
  lines integer not null,
  added integer not null,
  corrected integer not null,
  left_out integer,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint household_period_file_pkey PRIMARY KEY (book_id, id),
  constraint household_period_file_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint household_period_file_corrects_or_not CHECK ((corrects OR (corrected = 0))),
  constraint household_period_file_is_sha256 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint household_period_file_lines_add_up CHECK (((LEAST(added, corrected, left_out) >= 0) AND (((added + corrected) + COALESCE(left_out, 0)) <= lines)))
);
alter table household_period_file enable row level security;

create table identity_check (
  id smallint not null,
  value bytea not null,
  constraint identity_check_pkey PRIMARY KEY (id),
  constraint identity_check_is_one_row CHECK ((id = 1))
);

create table incentive (
  book_id uuid not null,
  saver_id uuid not null,
  rule_id uuid not null,
  period text not null,
  revision smallint not null,
  follows smallint,
  enrolment_id uuid not null,
  savings_account_id uuid not null,
  money text not null,
  amount bigint not null,
  household text,
  turn smallint not null,
  run_id uuid not null,
  line integer not null,
  transaction_id uuid not null,
  recorded_at timestamp(3) with time zone not null,
  document text,
  document_use smallint,
  constraint incentive_pkey PRIMARY KEY (book_id, saver_id, enrolment_id, rule_id, period, revision),
  constraint incentive_line_unique UNIQUE (book_id, run_id, line),
  constraint incentive_transaction_unique UNIQUE (book_id, transaction_id),
  constraint incentive_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_enrolment_fkey FOREIGN KEY (book_id, enrolment_id) REFERENCES enrolment(book_id, id),
  constraint incentive_follows_fkey FOREIGN KEY (book_id, saver_id, enrolment_id, rule_id, period, follows) REFERENCES incentive(book_id, saver_id, enrolment_id, rule_id, period, revision),
  constraint incentive_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint incentive_run_fkey FOREIGN KEY (book_id, run_id, line) REFERENCES incentive_run_line(book_id, run_id, number),
  constraint incentive_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint incentive_savings_account_fkey FOREIGN KEY (book_id, savings_account_id) REFERENCES savings_account(book_id, id),
  constraint incentive_follows_the_one_before CHECK (((revision >= 0) AND (COALESCE((follows)::integer, '-1'::integer) = (revision - 1)))),
  constraint incentive_not_zero CHECK (((amount <> 0) AND ((revision > 0) OR (amount > 0)))),
  constraint incentive_turn_is_a_households CHECK (((turn >= 0) AND ((turn = 0) OR (household IS NOT NULL))))
);
alter table incentive enable row level security;

create table incentive_calculation (
  book_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  lines integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint incentive_calculation_pkey PRIMARY KEY (book_id, id),
  constraint incentive_calculation_run_unique UNIQUE (book_id, id, run_id),
  constraint incentive_calculation_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_calculation_run_fkey FOREIGN KEY (book_id, run_id) REFERENCES incentive_run(book_id, id),
  constraint incentive_calculation_not_empty CHECK ((lines > 0))
);
alter table incentive_calculation enable row level security;

create table incentive_calculation_line (
  book_id uuid not null,
  calculation_id uuid not null,
  number integer not null,
  savings_account_id uuid,
  bank_account_number text,
  rule text not null,
  told text not null,
  theirs bigint,
  comparison text not null,
  saver_id uuid not null,
  enrolment_id uuid,
  rule_id uuid,
  period text not null,
  ours bigint,
  paid_before bigint not null,
  reason text,
  stranger text,
  readings jsonb not null,
  constraint incentive_calculation_line_pkey PRIMARY KEY (book_id, calculation_id, number),
  constraint incentive_calculation_line_unique UNIQUE NULLS NOT DISTINCT (book_id, calculation_id, saver_id, enrolment_id, rule, period),
  constraint incentive_calculation_line_account_fkey FOREIGN KEY (book_id, savings_account_id) REFERENCES savings_account(book_id, id),
  constraint incentive_calculation_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_calculation_line_calculation_fkey FOREIGN KEY (book_id, calculation_id) REFERENCES incentive_calculation(book_id, id),
  constraint incentive_calculation_line_enrolment_fkey FOREIGN KEY (book_id, enrolment_id) REFERENCES enrolment(book_id, id),
  constraint incentive_calculation_line_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint incentive_calculation_line_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint incentive_calculation_line_comparison_known CHECK ((comparison = ANY (ARRAY['equal'::text, 'differs'::text, 'only-ours'::text, 'only-theirs'::text]))),
  constraint incentive_calculation_line_is_what_it_says CHECK (
CASE comparison
    WHEN 'equal'::text THEN (theirs = ours)
    WHEN 'differs'::text THEN (theirs <> ours)
    WHEN 'only-ours'::text THEN ((theirs IS NULL) AND (ours IS NOT NULL))
    ELSE ((ours IS NULL) AND (theirs IS NOT NULL))
END),
  constraint incentive_calculation_line_not_negative CHECK ((LEAST(theirs, ours, (0)::bigint) >= 0)),
  constraint incentive_calculation_line_stranger_is_only_theirs CHECK (((stranger IS NOT NULL) = (comparison = 'only-theirs'::text))),
  constraint incentive_calculation_line_stranger_known CHECK ((stranger = ANY (ARRAY['no-contract'::text, 'no-such-period'::text, 'nothing-owed'::text])))
);
alter table incentive_calculation_line enable row level security;

create table incentive_counted (
  book_id uuid not null,
  saver_id uuid not null,
  rule_id uuid not null,
  period text not null,
  household text,
  constraint incentive_counted_pkey PRIMARY KEY (book_id, saver_id, rule_id, period),
  constraint incentive_counted_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_counted_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint incentive_counted_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id)
);
alter table incentive_counted enable row level security;

create table incentive_decided (
  book_id uuid not null,
  saver_id uuid not null,
  enrolment_id uuid not null,
  rule_id uuid not null,
  period text not null,
  revision smallint not null,
  decision_id uuid not null,
  calculation_id uuid not null,
  number integer not null,
  ruled bigint not null,
  owed bigint not null,
  constraint incentive_decided_pkey PRIMARY KEY (book_id, saver_id, enrolment_id, rule_id, period, revision),
  constraint incentive_decided_line_unique UNIQUE (book_id, decision_id, number),
  constraint incentive_decided_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_decided_decision_fkey FOREIGN KEY (book_id, decision_id) REFERENCES incentive_decision(book_id, id),
  constraint incentive_decided_line_fkey FOREIGN KEY (book_id, calculation_id, number) REFERENCES incentive_calculation_line(book_id, calculation_id, number),
  constraint incentive_decided_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint incentive_decided_not_negative CHECK ((LEAST(ruled, owed) >= 0)),
  constraint incentive_decided_revision_not_negative CHECK ((revision >= 0))
);
alter table incentive_decided enable row level security;

create table incentive_decision (
  book_id uuid not null,
  id uuid not null,
  calculation_id uuid not null,
  run_id uuid not null,
  pay text not null,
  whole boolean not null,
  reason text not null,
  lines integer not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint incentive_decision_pkey PRIMARY KEY (book_id, id),
  constraint incentive_decision_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_decision_calculation_fkey FOREIGN KEY (book_id, calculation_id, run_id) REFERENCES incentive_calculation(book_id, id, run_id),
  constraint incentive_decision_pay_known CHECK ((pay = ANY (ARRAY['ours'::text, 'theirs'::text])))
);
alter table incentive_decision enable row level security;

create table incentive_rule (
  id uuid not null,
  programme_id uuid not null,
  code text not null,
  version smallint not null,
  place smallint not null,
  title text not null,
  currency currency not null,
  terms jsonb not null,
  origins jsonb not null,
  valid_from date not null,
  valid_to date,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint incentive_rule_pkey PRIMARY KEY (id),
  constraint incentive_rule_version_unique UNIQUE (programme_id, code, version),
  constraint incentive_rule_programme_id_programme_id_fk FOREIGN KEY (programme_id) REFERENCES programme(id),
  constraint incentive_rule_dates_in_order CHECK (((valid_to IS NULL) OR (valid_to >= valid_from))),
  constraint incentive_rule_version_positive CHECK ((version > 0))
);

create table incentive_run (
  book_id uuid not null,
  id uuid not null,
  programme_id uuid not null,
  month text not null,
  value_date date not null,
  financing_id uuid not null,
  status text not null,
  cutoff bigint not null,
  prepared_through uuid,
  lines integer not null,
  savers integer not null,
  posted_through integer not null,
  shared_out bigint not null default 0,
  shared_back jsonb not null default '{}'::jsonb,
  approved_by text,
  approved_at timestamp(3) with time zone,
  stop_reason text,
  funds_before jsonb,
  ended_at timestamp(3) with time zone,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  deciders text[] not null default '{}'::text[],
  constraint incentive_run_pkey PRIMARY KEY (book_id, id),
  constraint incentive_run_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_run_financing_fkey FOREIGN KEY (book_id, financing_id) REFERENCES financing(book_id, id),
  constraint incentive_run_programme_id_programme_id_fk FOREIGN KEY (programme_id) REFERENCES programme(id),
  constraint incentive_run_deciders_do_not_approve CHECK (((approved_by IS NULL) OR (approved_by <> ALL (deciders)))),
  constraint incentive_run_is_approved_to_post CHECK (((status = ANY (ARRAY['posting'::text, 'stopped'::text, 'posted'::text])) = ((approved_by IS NOT NULL) AND (approved_at IS NOT NULL)))),
  constraint incentive_run_shared_out_not_negative CHECK ((shared_out >= 0)),
  constraint incentive_run_status_known CHECK ((status = ANY (ARRAY['preparing'::text, 'prepared'::text, 'posting'::text, 'stopped'::text, 'posted'::text, 'cancelled'::text]))),
  constraint incentive_run_stops_for_a_reason CHECK (((status = 'stopped'::text) = (stop_reason IS NOT NULL))),
  constraint incentive_run_two_actors CHECK (((approved_by IS NULL) OR (approved_by <> actor)))
);
alter table incentive_run enable row level security;

create table incentive_run_line (
  book_id uuid not null,
  run_id uuid not null,
  number integer not null,
  saver_id uuid not null,
  enrolment_id uuid not null,
  rule_id uuid not null,
  period text not null,
  revision smallint not null,
  savings_account_id uuid,
  money text,
  household text,
  turn smallint not null,
  amount bigint not null,
  outcome text not null,
  reason text,
  explanation jsonb not null,
  document text,
  document_use smallint,
  shared_from bigint,
  decision_id uuid,
  constraint incentive_run_line_pkey PRIMARY KEY (book_id, run_id, number),
  constraint incentive_run_line_unique UNIQUE (book_id, run_id, saver_id, enrolment_id, rule_id, period),
  constraint incentive_run_line_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_run_line_decision_fkey FOREIGN KEY (book_id, decision_id) REFERENCES incentive_decision(book_id, id),
  constraint incentive_run_line_rule_id_incentive_rule_id_fk FOREIGN KEY (rule_id) REFERENCES incentive_rule(id),
  constraint incentive_run_line_run_fkey FOREIGN KEY (book_id, run_id) REFERENCES incentive_run(book_id, id),
  constraint incentive_run_line_nothing_is_zero CHECK (((outcome = 'nothing'::text) = (amount = 0))),
  constraint incentive_run_line_outcome_known CHECK ((outcome = ANY (ARRAY['due'::text, 'posted'::text, 'blocked'::text, 'refused'::text, 'nothing'::text]))),
  constraint incentive_run_line_shared_when_paid CHECK (((shared_from IS NOT NULL) = ((outcome = 'posted'::text) AND (amount > 0))))
);
alter table incentive_run_line enable row level security;

create table incentive_share (
  book_id uuid not null,
  transaction_id uuid not null,
  fund_id uuid not null,
  amount bigint not null,
  constraint incentive_share_pkey PRIMARY KEY (book_id, transaction_id, fund_id),
  constraint incentive_share_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint incentive_share_fund_fkey FOREIGN KEY (book_id, fund_id) REFERENCES fund(book_id, id),
  constraint incentive_share_not_zero CHECK ((amount <> 0))
);
alter table incentive_share enable row level security;

create table lock_end (
  book_id uuid not null,
  enrolment_id uuid not null,
  savings_account_id uuid not null,
  outcome text not null,
  number smallint not null,
  amount bigint not null,
  ended_on date not null,
  transaction_id uuid not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  constraint lock_end_pkey PRIMARY KEY (book_id, enrolment_id, savings_account_id, outcome, number),
  constraint lock_end_transaction_unique UNIQUE (book_id, transaction_id),
  constraint lock_end_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint lock_end_enrolment_fkey FOREIGN KEY (book_id, enrolment_id) REFERENCES enrolment(book_id, id),
  constraint lock_end_savings_account_fkey FOREIGN KEY (book_id, savings_account_id) REFERENCES savings_account(book_id, id),
  constraint lock_end_amount_positive CHECK ((amount > 0)),
  constraint lock_end_outcome_known CHECK ((outcome = ANY (ARRAY['released'::text, 'forfeited'::text])))
);
alter table lock_end enable row level security;

create table matching_run (
  book_id uuid not null,
  id uuid not null,
  bank_account_id uuid not null,
  through date not null,
  rules jsonb not null,
  tolerance bigint not null,
  told jsonb not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint matching_run_pkey PRIMARY KEY (book_id, id),
  constraint matching_run_account_unique UNIQUE (book_id, id, bank_account_id),
  constraint matching_run_tolerance_unique UNIQUE (book_id, id, bank_account_id, tolerance),
  constraint matching_run_account_fkey FOREIGN KEY (book_id, bank_account_id) REFERENCES bank_account(book_id, id),
  constraint matching_run_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint matching_run_tolerance_is_the_rules CHECK ((tolerance = ((rules ->> 'tolerance'::text))::bigint))
);
alter table matching_run enable row level security;

create table membership (
  book_id uuid not null,
  id uuid not null,
  group_id uuid not null,
  saver_id uuid not null,
  starts_on date not null,
  ends_on date,
  end_recorded_at timestamp(3) with time zone,
  end_actor text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint membership_pkey PRIMARY KEY (book_id, id),
  constraint membership_one_start_a_day UNIQUE (book_id, saver_id, starts_on),
  constraint membership_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint membership_group_fkey FOREIGN KEY (book_id, group_id) REFERENCES savings_group(book_id, id),
  constraint membership_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint membership_dates_in_order CHECK (((ends_on IS NULL) OR (ends_on >= starts_on)))
);
alter table membership enable row level security;

create table organisation (
  book_id uuid not null,
  id uuid not null,
  name text not null,
  kind text not null,
  ruc text,
  district_code text not null,
  registered_on date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint organisation_pkey PRIMARY KEY (book_id, id),
  constraint organisation_ruc_unique UNIQUE (book_id, ruc),
  constraint organisation_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint organisation_district_code_territory_code_fk FOREIGN KEY (district_code) REFERENCES territory(code),
  constraint organisation_kind_known CHECK ((kind = ANY (ARRAY['community'::text, 'association'::text, 'committee'::text, 'other'::text])))
);
alter table organisation enable row level security;

create table paper_counter (
  book_id uuid not null,
  kind text not null,
  year smallint not null,
  last integer not null,
  constraint paper_counter_pkey PRIMARY KEY (book_id, kind, year),
  constraint paper_counter_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint paper_counter_kind_known CHECK ((kind = ANY (ARRAY['request'::text, 'authorisation'::text]))),
  constraint paper_counter_positive CHECK ((last > 0))
);
alter table paper_counter enable row level security;

create table partner_institution (
  id uuid not null,
  code text not null,
  name text not null,
  kind text not null,
  ruc text,
  cci_entity text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint partner_institution_pkey PRIMARY KEY (id),
  constraint partner_institution_code_unique UNIQUE (code),
  constraint partner_institution_kind_known CHECK ((kind = ANY (ARRAY['bank'::text, 'caja'::text, 'cooperative'::text, 'other'::text])))
);

create table programme (
  id uuid not null,
  code text not null,
  name text not null,
  contract_months smallint not null,
  valid_from date not null,
  valid_to date,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint programme_pkey PRIMARY KEY (id),
  constraint programme_code_unique UNIQUE (code),
  constraint programme_contract_months_positive CHECK ((contract_months > 0)),
  constraint programme_dates_in_order CHECK (((valid_to IS NULL) OR (valid_to >= valid_from)))
);

create table reconciliation_break (
  book_id uuid not null,
  id uuid not null,
  origin uuid not null,
  bank_account_id uuid not null,
  reason text not null,
  subject text not null,
  statement_id uuid,
  line integer,
  sequence bigint,
  "position" smallint,
  amount bigint,
  day date not null,
  detail text not null,
  question uuid,
  score smallint,
  opened_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  constraint reconciliation_break_pkey PRIMARY KEY (book_id, id),
  constraint reconciliation_break_origin_unique UNIQUE (book_id, id, origin),
  constraint reconciliation_break_account_fkey FOREIGN KEY (book_id, bank_account_id) REFERENCES bank_account(book_id, id),
  constraint reconciliation_break_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint reconciliation_break_entry_fkey FOREIGN KEY (book_id, sequence, "position") REFERENCES entry(book_id, sequence, "position"),
  constraint reconciliation_break_line_fkey FOREIGN KEY (book_id, statement_id, line) REFERENCES bank_line(book_id, statement_id, number),
  constraint reconciliation_break_origin_fkey FOREIGN KEY (book_id, origin) REFERENCES reconciliation_break(book_id, id),
  constraint reconciliation_break_statement_fkey FOREIGN KEY (book_id, statement_id) REFERENCES bank_statement(book_id, id),
  constraint reconciliation_break_ends_later CHECK ((ended_at >= opened_at)),
  constraint reconciliation_break_is_of_one_thing CHECK ((((sequence IS NULL) = ("position" IS NULL)) AND ((sequence IS NULL) <> (statement_id IS NULL)) AND ((line IS NULL) OR (statement_id IS NOT NULL)))),
  constraint reconciliation_break_reason_known CHECK ((reason = ANY (ARRAY['missing-in-ledger'::text, 'in-transit'::text, 'late-at-bank'::text, 'amount-differs'::text, 'date-out-of-window'::text, 'reference-differs'::text, 'ambiguous'::text, 'duplicate-at-bank'::text, 'duplicate-in-ledger'::text, 'reversal-unmatched'::text, 'wrong-account'::text, 'unknown-beneficiary'::text, 'fee-or-interest'::text, 'residue'::text, 'statement-number-reused'::text, 'statement-gap'::text, 'statement-opening-differs'::text, 'statement-unbalanced'::text, 'statement-overlap-unclear'::text, 'currency'::text]))),
  constraint reconciliation_break_score_within CHECK (((score IS NULL) OR (((score >= 1) AND (score <= 99)) AND (question IS NOT NULL))))
);
alter table reconciliation_break enable row level security;

create table release (
  id uuid not null,
  number integer not null,
  code text not null,
  title text not null,
  revises uuid,
  currency text not null,
  tables jsonb not null,
  book_ids uuid[] not null,
  cut_off jsonb not null,
  definition text not null,
  profile text not null,
  k smallint not null,
  code_version text not null,
  code_commit text,
  content bytea not null,
  sha256 bytea not null,
  signature text not null,
  signing_key text not null,
  counted bytea not null,
  counted_sha256 bytea not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint release_pkey PRIMARY KEY (id),
  constraint release_code_unique UNIQUE (code),
  constraint release_number_unique UNIQUE (number),
  constraint release_revises_release_id_fk FOREIGN KEY (revises) REFERENCES release(id),
  constraint release_signing_key_signing_key_id_fk FOREIGN KEY (signing_key) REFERENCES signing_key(id),
  constraint release_content_bounded CHECK ((octet_length(content) <= 16777216)),
  constraint release_hash_is_of_content CHECK ((sha256 = sha256(content))),
  constraint release_hash_is_of_counted CHECK ((counted_sha256 = sha256(counted))),
  constraint release_k_hides CHECK ((k >= 3)),
  constraint release_number_positive CHECK ((number > 0)),
  constraint release_revises_another CHECK ((revises <> id))
);

create table resolution_break (
  book_id uuid not null,
  resolution_id uuid not null,
  origin uuid not null,
  break_id uuid not null,
  turn integer not null,
  previous_turn integer,
  follows uuid,
  constraint resolution_break_pkey PRIMARY KEY (book_id, resolution_id, origin),
  constraint resolution_break_follows_unique UNIQUE (book_id, origin, turn, resolution_id),
  constraint resolution_break_turn_unique UNIQUE (book_id, origin, turn),
  constraint resolution_break_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint resolution_break_break_fkey FOREIGN KEY (book_id, break_id, origin) REFERENCES reconciliation_break(book_id, id, origin),
  constraint resolution_break_follows_decided_fkey FOREIGN KEY (book_id, follows) REFERENCES resolution_decision(book_id, resolution_id),
  constraint resolution_break_origin_fkey FOREIGN KEY (book_id, origin, origin) REFERENCES reconciliation_break(book_id, id, origin),
  constraint resolution_break_previous_fkey FOREIGN KEY (book_id, origin, previous_turn, follows) REFERENCES resolution_break(book_id, origin, turn, resolution_id),
  constraint resolution_break_resolution_fkey FOREIGN KEY (book_id, resolution_id) REFERENCES break_resolution(book_id, id),
  constraint resolution_break_follows_the_one_before CHECK (
CASE turn
    WHEN 1 THEN (num_nonnulls(previous_turn, follows) = 0)
    ELSE ((num_nonnulls(previous_turn, follows) = 2) AND (previous_turn = (turn - 1)) AND (turn > 1))
END)
);
alter table resolution_break enable row level security;

create table resolution_decision (
  book_id uuid not null,
  resolution_id uuid not null,
  id uuid not null,
  bank_account_id uuid not null,
  outcome text not null,
  proposed_by text not null,
  approved uuid,
  reason text,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint resolution_decision_pkey PRIMARY KEY (book_id, resolution_id),
  constraint resolution_decision_approved_unique UNIQUE (book_id, approved, bank_account_id),
  constraint resolution_decision_id_unique UNIQUE (book_id, id),
  constraint resolution_decision_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint resolution_decision_resolution_fkey FOREIGN KEY (book_id, resolution_id, bank_account_id, proposed_by) REFERENCES break_resolution(book_id, id, bank_account_id, actor),
  constraint resolution_decision_approved_is_it CHECK (
CASE outcome
    WHEN 'approved'::text THEN ((approved IS NOT NULL) AND (approved = resolution_id))
    ELSE (approved IS NULL)
END),
  constraint resolution_decision_no_has_reason CHECK (((outcome = 'approved'::text) OR (reason IS NOT NULL))),
  constraint resolution_decision_outcome_known CHECK ((outcome = ANY (ARRAY['approved'::text, 'rejected'::text, 'withdrawn'::text]))),
  constraint resolution_decision_two_actors CHECK (((actor = proposed_by) = (outcome = 'withdrawn'::text)))
);
alter table resolution_decision enable row level security;

create table saver (
  book_id uuid not null,
  id uuid not null,
  person bytea not null,
  identified boolean not null,
  given_names text not null,
  family_names text not null,
  sex text not null,
  birth_date date,
  district_code text not null,
  mother_tongue text,
  mother_tongue_consented_on date,
  household_reference text,
  registered_on date not null,
  agent_id uuid,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint saver_pkey PRIMARY KEY (book_id, id),
  constraint saver_person_unique UNIQUE (book_id, person),
  constraint saver_agent_fkey FOREIGN KEY (book_id, agent_id) REFERENCES agent(book_id, id),
  constraint saver_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint saver_district_code_territory_code_fk FOREIGN KEY (district_code) REFERENCES territory(code),
  constraint saver_mother_tongue_is_consented CHECK (((mother_tongue IS NULL) = (mother_tongue_consented_on IS NULL))),
  constraint saver_person_is_sha256 CHECK ((length(person) = 32)),
  constraint saver_sex_known CHECK ((sex = ANY (ARRAY['female'::text, 'male'::text])))
);
alter table saver enable row level security;

create table saver_correction (
  book_id uuid not null,
  id uuid not null,
  saver_id uuid not null,
  reason text not null,
  fields text[] not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint saver_correction_pkey PRIMARY KEY (book_id, id),
  constraint saver_correction_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint saver_correction_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id)
);
alter table saver_correction enable row level security;

create table saver_version (
  book_id uuid not null,
  saver_id uuid not null,
  number smallint not null,
  person bytea not null,
  since date,
  district_code text not null,
  sex text not null,
  birth_date date,
  mother_tongue text,
  recorded_at timestamp(3) with time zone not null,
  constraint saver_version_pkey PRIMARY KEY (book_id, saver_id, number),
  constraint saver_version_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint saver_version_district_code_territory_code_fk FOREIGN KEY (district_code) REFERENCES territory(code),
  constraint saver_version_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint saver_version_first_is_from_ever CHECK (((number > 0) OR (since IS NULL))),
  constraint saver_version_number_not_negative CHECK ((number >= 0)),
  constraint saver_version_sex_known CHECK ((sex = ANY (ARRAY['female'::text, 'male'::text])))
);
alter table saver_version enable row level security;

create table savings_account (
  book_id uuid not null,
  id uuid not null,
  holder_kind text not null,
  saver_id uuid,
  group_id uuid,
  organisation_id uuid,
  bank_account_number text,
  cci text,
  cci_valid boolean,
  opened_on date not null,
  agent_id uuid,
  own_account_id uuid not null,
  incentive_locked_account_id uuid not null,
  incentive_released_account_id uuid not null,
  interest_account_id uuid not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint savings_account_pkey PRIMARY KEY (book_id, id),
  constraint savings_account_own_account_unique UNIQUE (book_id, own_account_id),
  constraint savings_account_agent_fkey FOREIGN KEY (book_id, agent_id) REFERENCES agent(book_id, id),
  constraint savings_account_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint savings_account_group_fkey FOREIGN KEY (book_id, group_id) REFERENCES savings_group(book_id, id),
  constraint savings_account_organisation_fkey FOREIGN KEY (book_id, organisation_id) REFERENCES organisation(book_id, id),
  constraint savings_account_saver_fkey FOREIGN KEY (book_id, saver_id) REFERENCES saver(book_id, id),
  constraint savings_account_has_one_holder CHECK (((
CASE holder_kind
    WHEN 'saver'::text THEN saver_id
    WHEN 'group'::text THEN group_id
    WHEN 'organisation'::text THEN organisation_id
    ELSE NULL::uuid
END IS NOT NULL) AND (num_nonnulls(saver_id, group_id, organisation_id) = 1)))
);
alter table savings_account enable row level security;

create table savings_account_status_change (
  book_id uuid not null,
  id uuid not null,
  savings_account_id uuid not null,
  status text not null,
  reason text not null,
  closed_on date,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint savings_account_status_change_pkey PRIMARY KEY (book_id, id),
  constraint savings_account_status_change_account_fkey FOREIGN KEY (book_id, savings_account_id) REFERENCES savings_account(book_id, id),
  constraint savings_account_status_change_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint savings_account_status_change_closing_has_day CHECK (((status = 'closed'::text) = (closed_on IS NOT NULL))),
  constraint savings_account_status_change_has_reason CHECK ((reason <> ''::text)),
  constraint savings_account_status_change_status_known CHECK ((status = ANY (ARRAY['open'::text, 'blocked'::text, 'closed'::text])))
);
alter table savings_account_status_change enable row level security;

create table savings_book (
  book_id uuid not null,
  institution_id uuid not null,
  opened_on date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint savings_book_pkey PRIMARY KEY (book_id),
  constraint savings_book_book_id_book_id_fk FOREIGN KEY (book_id) REFERENCES book(id),
  constraint savings_book_institution_id_partner_institution_id_fk FOREIGN KEY (institution_id) REFERENCES partner_institution(id)
);
alter table savings_book enable row level security;

create table savings_group (
  book_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  district_code text not null,
  meeting_place text,
  formed_on date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint savings_group_pkey PRIMARY KEY (book_id, id),
  constraint savings_group_code_unique UNIQUE (book_id, code),
  constraint savings_group_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint savings_group_district_code_territory_code_fk FOREIGN KEY (district_code) REFERENCES territory(code)
);
alter table savings_group enable row level security;

create table seal (
  number integer not null,
  day date not null,
  sealed_at timestamp(3) with time zone not null,
  previous bytea,
  sections integer not null,
  root bytea not null,
  signature text not null,
  signing_key text not null,
  office_hash bytea not null,
  constraint seal_pkey PRIMARY KEY (number),
  constraint seal_day_unique UNIQUE (day),
  constraint seal_signing_key_signing_key_id_fk FOREIGN KEY (signing_key) REFERENCES signing_key(id),
  constraint seal_has_sections CHECK ((sections > 0)),
  constraint seal_names_the_one_before CHECK (((previous IS NULL) = (number = 1))),
  constraint seal_number_positive CHECK ((number > 0))
);

create table signing_key (
  id text not null,
  public_key bytea not null,
  recorded_at timestamp(3) with time zone not null,
  constraint signing_key_pkey PRIMARY KEY (id),
  constraint signing_key_is_ed25519 CHECK ((octet_length(public_key) = 32)),
  constraint signing_key_is_its_thumbprint CHECK ((id = rtrim(translate(encode(sha256(convert_to((('{"crv":"Ed25519","kty":"OKP","x":"'::text || rtrim(translate(encode(public_key, 'base64'::text), '+/'::text, '-_'::text), '='::text)) || '"}'::text), 'UTF8'::name)), 'base64'::text), '+/'::text, '-_'::text), '='::text)))
);

create table statement_profile (
  id uuid not null,
  institution_id uuid not null,
  code text not null,
  revision smallint not null,
  profile jsonb not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint statement_profile_pkey PRIMARY KEY (id),
  constraint statement_profile_revision_unique UNIQUE (institution_id, code, revision),
  constraint statement_profile_institution_id_partner_institution_id_fk FOREIGN KEY (institution_id) REFERENCES partner_institution(id),
  constraint statement_profile_revision_positive CHECK ((revision > 0))
);

create table territory (
  code text not null,
  name text not null,
  reniec_code text,
  constraint territory_pkey PRIMARY KEY (code),
  constraint territory_reniec_code_unique UNIQUE (reniec_code),
  constraint territory_code_is_ubigeo CHECK ((code ~ '^([0-9]{2}){1,3}$'::text))
);

create table token_client (
  id uuid not null,
  role text not null,
  issuer text not null,
  claim text not null,
  subject text not null,
  first_seen_at timestamp(3) with time zone not null,
  constraint token_client_pkey PRIMARY KEY (id, role),
  constraint token_client_claim_known CHECK ((claim = ANY (ARRAY['sub'::text, 'client_id'::text]))),
  constraint token_client_id_is_a_tokens CHECK ((substr((id)::text, 15, 1) = '8'::text)),
  constraint token_client_role_known CHECK ((role = ANY (ARRAY['agent'::text, 'bank'::text, 'analyst'::text, 'auditor'::text, 'administrator'::text])))
);

create table transaction (
  book_id uuid not null,
  sequence bigint not null,
  id uuid not null,
  kind text not null,
  value_date date not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  reason text,
  evidence jsonb not null,
  reverses bigint,
  hold_id uuid,
  content_hash bytea not null,
  hash bytea not null,
  first_entry smallint not null default 1,
  constraint transaction_pkey PRIMARY KEY (book_id, sequence),
  constraint transaction_id_unique UNIQUE (book_id, id),
  constraint transaction_reversed_once UNIQUE (book_id, reverses),
  constraint transaction_first_entry_fkey FOREIGN KEY (book_id, sequence, first_entry) REFERENCES entry(book_id, sequence, "position"),
  constraint transaction_hold_fkey FOREIGN KEY (book_id, hold_id) REFERENCES hold(book_id, id),
  constraint transaction_reverses_fkey FOREIGN KEY (book_id, reverses) REFERENCES transaction(book_id, sequence),
  constraint transaction_adjustment_has_reason CHECK (((kind <> 'adjustment'::text) OR (reason IS NOT NULL))),
  constraint transaction_first_entry_is_one CHECK ((first_entry = 1))
);
alter table transaction enable row level security;

create table transfer_authorisation (
  book_id uuid not null,
  request_id uuid not null,
  line integer not null,
  status text not null,
  year smallint not null,
  number integer not null,
  follows integer,
  reference text not null,
  constraint transfer_authorisation_pkey PRIMARY KEY (book_id, request_id, line),
  constraint transfer_authorisation_number_unique UNIQUE (book_id, year, number),
  constraint transfer_authorisation_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint transfer_authorisation_follows_fkey FOREIGN KEY (book_id, year, follows) REFERENCES transfer_authorisation(book_id, year, number),
  constraint transfer_authorisation_line_fkey FOREIGN KEY (book_id, request_id, line) REFERENCES disbursement_line(book_id, request_id, number),
  constraint transfer_authorisation_step_fkey FOREIGN KEY (book_id, request_id, status) REFERENCES disbursement_step(book_id, request_id, status),
  constraint transfer_authorisation_follows_the_one_before CHECK (
CASE number
    WHEN 1 THEN (follows IS NULL)
    ELSE ((follows IS NOT NULL) AND (follows = (number - 1)))
END),
  constraint transfer_authorisation_is_authorised CHECK ((status = 'authorised'::text)),
  constraint transfer_authorisation_number_positive CHECK ((number > 0))
);
alter table transfer_authorisation enable row level security;

create table webhook (
  book_id uuid not null,
  id uuid not null,
  url text not null,
  kinds text[] not null,
  party text not null,
  status text not null,
  disabled_because text,
  status_at timestamp(3) with time zone not null,
  status_actor text,
  "position" bigint not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint webhook_pkey PRIMARY KEY (book_id, id),
  constraint webhook_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint webhook_disabled_because CHECK (((status = 'disabled'::text) = (disabled_because IS NOT NULL))),
  constraint webhook_disabling_known CHECK ((disabled_because = ANY (ARRAY['by-hand'::text, 'gone'::text]))),
  constraint webhook_kinds_known CHECK (((cardinality(kinds) > 0) AND (kinds <@ ARRAY['proof-ready'::text, 'break-opened'::text, 'break-closed'::text, 'break-resolved'::text]))),
  constraint webhook_party_known CHECK ((party = ANY (ARRAY['bank'::text, 'programme'::text]))),
  constraint webhook_status_known CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text])))
);
alter table webhook enable row level security;

create table webhook_delivery (
  book_id uuid not null,
  webhook_id uuid not null,
  "position" bigint not null,
  event_id uuid not null,
  status text not null,
  attempts integer not null,
  failures integer not null,
  due_at timestamp(3) with time zone,
  last_outcome text,
  last_status integer,
  last_at timestamp(3) with time zone,
  told_at timestamp(3) with time zone not null,
  constraint webhook_delivery_pkey PRIMARY KEY (book_id, webhook_id, "position"),
  constraint webhook_delivery_event_unique UNIQUE (book_id, webhook_id, event_id),
  constraint webhook_delivery_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint webhook_delivery_event_fkey FOREIGN KEY (book_id, "position") REFERENCES feed_event(book_id, "position"),
  constraint webhook_delivery_webhook_fkey FOREIGN KEY (book_id, webhook_id) REFERENCES webhook(book_id, id),
  constraint webhook_delivery_counts CHECK (((attempts >= 0) AND (failures >= 0))),
  constraint webhook_delivery_outcome_known CHECK ((last_outcome = ANY (ARRAY['accepted'::text, 'declined'::text, 'redirected'::text, 'gone'::text, 'timed-out'::text, 'unreachable'::text, 'address-refused'::text, 'interrupted'::text]))),
  constraint webhook_delivery_status_known CHECK ((status = ANY (ARRAY['waiting'::text, 'delivered'::text, 'dead'::text]))),
  constraint webhook_delivery_waits_for_its_time CHECK (((status = 'waiting'::text) = (due_at IS NOT NULL)))
);
alter table webhook_delivery enable row level security;

create table webhook_rotation (
  book_id uuid not null,
  webhook_id uuid not null,
  number integer not null,
  id uuid not null,
  previous_until timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  actor text not null,
  content_hash bytea not null,
  constraint webhook_rotation_pkey PRIMARY KEY (book_id, webhook_id, number),
  constraint webhook_rotation_id_unique UNIQUE (book_id, id),
  constraint webhook_rotation_book_id_savings_book_book_id_fk FOREIGN KEY (book_id) REFERENCES savings_book(book_id),
  constraint webhook_rotation_webhook_fkey FOREIGN KEY (book_id, webhook_id) REFERENCES webhook(book_id, id),
  constraint webhook_rotation_follows_the_first CHECK ((number > 1))
);
alter table webhook_rotation enable row level security;

-- indexes

CREATE INDEX accepted_break_by_resolution ON public.accepted_break USING btree (book_id, resolution_id);
CREATE INDEX agent_by_recording ON public.agent USING btree (book_id, recorded_at, id);
CREATE INDEX api_key_by_age ON public.api_key USING btree (created_at, id);
CREATE UNIQUE INDEX api_key_client_renews_itself ON public.api_key USING btree (client_id) WHERE (created_by_client IS DISTINCT FROM client_id);
CREATE INDEX audit_entry_subject_index ON public.audit_entry USING btree (book_id, subject, number);
CREATE INDEX balance_comparison_by_list ON public.balance_comparison USING btree (book_id, list_id, recorded_at, id);
CREATE UNIQUE INDEX balance_comparison_line_account_once ON public.balance_comparison_line USING btree (book_id, comparison_id, savings_account_id) WHERE (outcome <> ALL (ARRAY['twice'::text, 'currency'::text]));
CREATE INDEX balance_comparison_line_by_outcome ON public.balance_comparison_line USING btree (book_id, comparison_id, outcome, number);
CREATE INDEX balance_decided_by_decision ON public.balance_decided USING btree (book_id, decision_id);
CREATE INDEX balance_list_by_recording ON public.balance_list USING btree (book_id, recorded_at, id);
CREATE INDEX bank_account_by_recording ON public.bank_account USING btree (book_id, recorded_at, id);
CREATE INDEX bank_file_by_recording ON public.bank_file USING btree (book_id, recorded_at, id);
CREATE INDEX bank_line_by_content ON public.bank_line USING btree (book_id, bank_account_id, same_as, occurrence);
CREATE INDEX bank_line_by_day ON public.bank_line USING btree (book_id, bank_account_id, day, statement_id, number);
CREATE UNIQUE INDEX bank_line_counted_once ON public.bank_line USING btree (book_id, bank_account_id, same_as, occurrence) WHERE (standing = 'new'::text);
CREATE UNIQUE INDEX bank_match_number_unique ON public.bank_match USING btree (book_id, COALESCE(run_id, resolution_id), number);
CREATE INDEX bank_statement_by_day ON public.bank_statement USING btree (book_id, bank_account_id, to_day, id);
CREATE INDEX break_comment_by_recording ON public.break_comment USING btree (book_id, origin, recorded_at, id);
CREATE INDEX break_resolution_by_recording ON public.break_resolution USING btree (book_id, bank_account_id, recorded_at, id);
CREATE INDEX collection_sheet_by_group ON public.collection_sheet USING btree (book_id, group_id, meeting_date, id);
CREATE INDEX collection_sheet_by_recording ON public.collection_sheet USING btree (book_id, recorded_at, id);
CREATE UNIQUE INDEX coordination_one_open ON public.coordination USING btree (book_id, group_id) WHERE (ends_on IS NULL);
CREATE UNIQUE INDEX definition_name_unlike_others ON public.definition USING btree (lower(name), version);
CREATE INDEX disbursement_item_by_line ON public.disbursement_item USING btree (book_id, request_id, line, run_line);
CREATE UNIQUE INDEX disbursement_request_one_in_force ON public.disbursement_request USING btree (book_id, run_id, rule_code, fund_id) WHERE (replaces IS NULL);
CREATE INDEX draw_by_recording ON public.draw USING btree (book_id, recorded_at, id);
CREATE INDEX enrolment_by_end ON public.enrolment USING btree (book_id, end_recorded_at) WHERE (end_recorded_at IS NOT NULL);
CREATE INDEX enrolment_by_recording ON public.enrolment USING btree (book_id, recorded_at, id);
CREATE INDEX enrolment_by_saver ON public.enrolment USING btree (book_id, saver_id, starts_on, id);
CREATE UNIQUE INDEX enrolment_one_open ON public.enrolment USING btree (book_id, saver_id, programme_id) WHERE (ends_on IS NULL);
CREATE INDEX entry_by_recording ON public.entry USING btree (book_id, account_id, sequence, "position");
CREATE INDEX entry_by_value_date ON public.entry USING btree (book_id, account_id, value_date, sequence, "position");
CREATE INDEX event_by_subject ON public.event USING btree (book_id, subject, number);
CREATE INDEX fund_by_recording ON public.fund USING btree (book_id, recorded_at, id);
CREATE INDEX hold_placed ON public.hold USING btree (book_id, account_id, expires_at) WHERE (status = 'placed'::hold_status);
CREATE INDEX household_period_file_by_recording ON public.household_period_file USING btree (book_id, recorded_at, id);
CREATE INDEX incentive_by_enrolment ON public.incentive USING btree (book_id, enrolment_id, recorded_at);
CREATE INDEX incentive_calculation_by_run ON public.incentive_calculation USING btree (book_id, run_id, recorded_at, id);
CREATE INDEX incentive_counted_by_household ON public.incentive_counted USING btree (book_id, household) WHERE (household IS NOT NULL);
CREATE INDEX incentive_decision_by_calculation ON public.incentive_decision USING btree (book_id, calculation_id, recorded_at, id);
CREATE UNIQUE INDEX incentive_document_unique ON public.incentive USING btree (book_id, document, rule_id, document_use) WHERE (document IS NOT NULL);
CREATE UNIQUE INDEX incentive_household_unique ON public.incentive USING btree (book_id, household, rule_id, period, turn, revision) WHERE (household IS NOT NULL);
CREATE INDEX incentive_run_by_recording ON public.incentive_run USING btree (book_id, recorded_at, id);
CREATE INDEX incentive_run_line_by_document ON public.incentive_run_line USING btree (book_id, document) WHERE (document IS NOT NULL);
CREATE UNIQUE INDEX incentive_run_one_open ON public.incentive_run USING btree (book_id, programme_id) WHERE (status = ANY (ARRAY['preparing'::text, 'prepared'::text, 'posting'::text, 'stopped'::text]));
CREATE INDEX incentive_share_by_fund ON public.incentive_share USING btree (book_id, fund_id, transaction_id);
CREATE INDEX matching_run_by_account ON public.matching_run USING btree (book_id, bank_account_id, recorded_at, id);
CREATE INDEX membership_by_end ON public.membership USING btree (book_id, end_recorded_at) WHERE (end_recorded_at IS NOT NULL);
CREATE INDEX membership_by_group ON public.membership USING btree (book_id, group_id, starts_on, id);
CREATE INDEX membership_by_recording ON public.membership USING btree (book_id, recorded_at);
CREATE UNIQUE INDEX membership_one_open ON public.membership USING btree (book_id, saver_id) WHERE (ends_on IS NULL);
CREATE INDEX organisation_by_recording ON public.organisation USING btree (book_id, recorded_at, id);
CREATE INDEX reconciliation_break_by_day ON public.reconciliation_break USING btree (book_id, bank_account_id, day, subject, id);
CREATE INDEX reconciliation_break_by_origin ON public.reconciliation_break USING btree (book_id, origin);
CREATE INDEX reconciliation_break_by_question ON public.reconciliation_break USING btree (book_id, question);
CREATE INDEX reconciliation_break_open_entry ON public.reconciliation_break USING btree (book_id, sequence, "position") WHERE (ended_at IS NULL);
CREATE INDEX reconciliation_break_open_line ON public.reconciliation_break USING btree (book_id, statement_id, line) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX reconciliation_break_open_once ON public.reconciliation_break USING btree (book_id, bank_account_id, subject) WHERE (ended_at IS NULL);
CREATE INDEX saver_by_household ON public.saver USING btree (book_id, household_reference) WHERE (household_reference IS NOT NULL);
CREATE INDEX saver_by_recording ON public.saver USING btree (book_id, recorded_at, id);
CREATE INDEX saver_correction_by_recording ON public.saver_correction USING btree (book_id, recorded_at);
CREATE INDEX saver_correction_by_saver ON public.saver_correction USING btree (book_id, saver_id, recorded_at, id);
CREATE INDEX saver_version_by_recording ON public.saver_version USING btree (book_id, recorded_at, saver_id, number);
CREATE UNIQUE INDEX savings_account_bank_account_number_unique ON public.savings_account USING btree (book_id, upper(replace(bank_account_number, '-'::text, ''::text)));
CREATE INDEX savings_account_by_recording ON public.savings_account USING btree (book_id, recorded_at, id);
CREATE INDEX savings_account_by_saver ON public.savings_account USING btree (book_id, saver_id, opened_on, id);
CREATE INDEX savings_account_status_change_by_account ON public.savings_account_status_change USING btree (book_id, savings_account_id, recorded_at, id);
CREATE INDEX savings_account_status_change_by_recording ON public.savings_account_status_change USING btree (book_id, recorded_at);
CREATE INDEX savings_group_by_recording ON public.savings_group USING btree (book_id, recorded_at, id);
CREATE INDEX token_client_by_age ON public.token_client USING btree (first_seen_at, id, role);
CREATE INDEX webhook_by_recording ON public.webhook USING btree (book_id, recorded_at, id);
CREATE INDEX webhook_delivery_by_status ON public.webhook_delivery USING btree (book_id, webhook_id, status, "position");
CREATE INDEX webhook_delivery_not_over ON public.webhook_delivery USING btree (book_id, status, told_at) WHERE (status <> 'delivered'::text);
CREATE INDEX webhook_delivery_waiting ON public.webhook_delivery USING btree (book_id, webhook_id, due_at, "position") WHERE (status = 'waiting'::text);

-- views

create view account_day_to_date with (security_invoker=true) as
 SELECT d.book_id,
    d.account_id,
    d.value_date,
    d.debits,
    d.credits
   FROM account_day d
UNION ALL
 SELECT e.book_id,
    e.account_id,
    e.value_date,
        CASE e.direction
            WHEN 'debit'::direction THEN e.amount
            ELSE 0::bigint
        END AS debits,
        CASE e.direction
            WHEN 'credit'::direction THEN e.amount
            ELSE 0::bigint
        END AS credits
   FROM book_head h
     JOIN entry e ON e.book_id = h.book_id AND e.sequence > h.days_through;

-- functions

CREATE OR REPLACE FUNCTION public.api_key_stays_revoked()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'api_key_stays_revoked: a revocation is for good' using errcode = 'QL901';
end $function$;

CREATE OR REPLACE FUNCTION public.audit_content(p_salt bytea, p_row jsonb)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select sha256(p_salt || convert_to(jsonb_strip_nulls(p_row)::text, 'UTF8'))
$function$;

CREATE OR REPLACE FUNCTION public.audit_hash(p_book uuid, p_previous bytea, p_number bigint, p_at timestamp with time zone, p_action text, p_actor text, p_request text, p_subject text, p_keys text[], p_contents bytea[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select sha256(convert_to(concat_ws(chr(10), encode(p_previous, 'hex'), p_book, p_number,
    round(extract(epoch from p_at) * 1000)::bigint, p_action, coalesce(p_actor, ''), coalesce(p_request, ''), p_subject,
    (select string_agg(concat_ws(' ', encode(r.content, 'hex'), r.key), chr(10) order by r.place)
     from unnest(p_keys, p_contents) with ordinality r(key, content, place))), 'UTF8'))
$function$;

CREATE OR REPLACE FUNCTION public.audit_link(p_book uuid, p_most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.audit_read(p_book uuid, p_actors text[], p_requests text[], p_operations text[], p_keys text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into audit_pending (book_id, id, at, action, actor, request_id, subject, keys, salt, contents)
  select p_book, gen_random_uuid(), clock_timestamp(), 'identity-read', r.actor, r.request, r.operation,
    string_to_array(r.keys, ' '), '', '{}'
  from unnest(p_actors, p_requests, p_operations, p_keys) r(actor, request, operation, keys);
end $function$;

CREATE OR REPLACE FUNCTION public.audit_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.audit_write(p_book uuid, p_action text, p_actor text, p_subject text, p_keys text[], p_salt bytea, p_contents bytea[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into audit_pending (book_id, id, at, action, actor, request_id, subject, keys, salt, contents)
  values (p_book, gen_random_uuid(), clock_timestamp(), p_action, replace(p_actor, chr(10), ' '),
    nullif(current_setting('app.request_id', true), ''), p_subject, p_keys, p_salt, p_contents);
end $function$;

CREATE OR REPLACE FUNCTION public.collection_sheet_whole()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.entry_balanced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  wrong record;
begin
  select added.book_id, added.sequence into wrong
  from added
  group by added.book_id, added.sequence
  having sum(case added.direction when 'debit' then added.amount else -added.amount end) <> 0
    or count(*) < 2 or min(added.position) <> 1 or max(added.position) <> count(*)
  limit 1;
  if found then
    raise exception 'transaction_balanced: debits and credits of transaction % of book % differ, or its entries are not 1 to n',
      wrong.sequence, wrong.book_id using errcode = 'QL900';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.feed_hash(p_book uuid, p_position bigint, p_after bigint, p_kind text, p_subject uuid, p_facts text, p_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select sha256(convert_to(concat_ws(chr(10), p_book, p_position, p_after, p_kind, p_subject,
    round(extract(epoch from p_at) * 1000)::bigint, p_facts), 'UTF8'))
$function$;

CREATE OR REPLACE FUNCTION public.feed_tell(p_book uuid, p_now timestamp with time zone, p_kinds text[], p_subjects uuid[], p_facts text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  head record;
  last record;
  at timestamptz;
begin
  select h.sequence, h.recorded_at into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  select e.position, e.recorded_at into last from feed_event e where e.book_id = p_book order by e.position desc limit 1;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at, last.recorded_at);
  insert into feed_event (book_id, position, after_sequence, kind, subject, facts, recorded_at, hash)
  select p_book, coalesce(last.position, 0) + x.place, head.sequence, x.kind, x.subject, x.facts, at,
    feed_hash(p_book, coalesce(last.position, 0) + x.place, head.sequence, x.kind, x.subject, x.facts, at)
  from unnest(p_kinds, p_subjects, p_facts) with ordinality x(kind, subject, facts, place);
end $function$;

CREATE OR REPLACE FUNCTION public.guard_balance_lines()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select from inserted i group by i.book_id, i.comparison_id
    having count(*) <> max(i.all_lines) or min(i.number) <> 1 or max(i.number) <> count(*)
      or coalesce(sum(i.ours), 0) <> max(i.all_ours) or coalesce(sum(i.theirs), 0) <> max(i.all_theirs)
  ) then
    raise exception 'the lines of a comparison add up to what it says' using errcode = 'QL003';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.guard_bank_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if NEW.turns > OLD.turns and (to_jsonb(NEW) - 'turns') = (to_jsonb(OLD) - 'turns') then return NEW; end if;
  raise exception 'an account at the bank stays what it is' using errcode = 'QL003';
end $function$;

CREATE OR REPLACE FUNCTION public.guard_bank_claims()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select from inserted i group by i.book_id, i.match_id
    having sum(case when i.statement_id is null then -i.moves else i.moves end) <> 0 or min(i.number) <> 1
      or max(i.number) <> count(*)
  ) then
    raise exception 'what a match claims is the same money on both sides' using errcode = 'QL003';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.guard_draw()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if OLD.seed is null and NEW.list_sha256 = OLD.list_sha256 and NEW.book_id = OLD.book_id and NEW.id = OLD.id then return NEW; end if;
  raise exception 'a draw gets its seed once, and its list stays' using errcode = 'QL003';
end $function$;

CREATE OR REPLACE FUNCTION public.guard_incentive_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if OLD.valid_to is null or OLD.valid_to = NEW.valid_to then return NEW; end if;
  raise exception 'a rule ends once' using errcode = 'QL003';
end $function$;

CREATE OR REPLACE FUNCTION public.guard_incentive_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.guard_incentive_run_line()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.guard_paper_counter()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if NEW.last > OLD.last then return NEW; end if;
  raise exception 'numbers go up' using errcode = 'QL003';
end $function$;

CREATE OR REPLACE FUNCTION public.guard_reconciliation_break()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if OLD.ended_at is null and NEW.ended_at is not null and (to_jsonb(NEW) - 'ended_at') = (to_jsonb(OLD) - 'ended_at') then
    return NEW;
  end if;
  raise exception 'a break ends once, and nothing else of it changes' using errcode = 'QL003';
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_add_days(p_book uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  head record;
begin
  select b.sequence, b.days_through into head from book_head b where b.book_id = p_book;
  insert into account_day as day (book_id, account_id, value_date, debits, credits)
  select p_book, e.account_id, e.value_date, coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0),
    coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0)
  from entry e where e.book_id = p_book and e.sequence > head.days_through and e.sequence <= head.sequence
  group by e.account_id, e.value_date
  on conflict (book_id, account_id, value_date)
  do update set debits = day.debits + excluded.debits, credits = day.credits + excluded.credits;
  update book_head b set days_through = head.sequence where b.book_id = p_book;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_append_event(p_book uuid, p_kind text, p_subject uuid, p_at timestamp with time zone, p_actor text, p_content text)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  head book_head;
  link bytea;
begin
  select * into head from book_head h where h.book_id = p_book;
  link := ledger_event_link(head.event_hash, head.event_number + 1, head.sequence, p_at, p_kind, p_subject, p_actor, p_content);
  insert into event (book_id, number, kind, subject, after_sequence, recorded_at, actor, content, hash)
  values (p_book, head.event_number + 1, p_kind::event_kind, p_subject, head.sequence, p_at, p_actor, p_content, link);
  update book_head h set event_number = head.event_number + 1, event_hash = link, recorded_at = p_at where h.book_id = p_book;
  return head.event_number + 1;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_begin(p_book uuid, p_now timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
AS $function$
declare
  head record;
  at timestamptz;
begin
  select h.recorded_at, h.next_expiry into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at);
  if head.next_expiry <= at then perform ledger_expire_holds(p_book, at); end if;
  return at;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_change_accounts(p_book uuid, p_now timestamp with time zone, p_actor text, p_changes jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  item jsonb;
  acc account;
  to_status text;
  to_floor bigint;
  to_closed date;
  last_day date;
  changed int := 0;
begin
  for item in select x from jsonb_array_elements(p_changes) x loop
    select * into acc from account a where a.book_id = p_book and a.id = (item ->> 'id')::uuid;
    if not found then perform ledger_refuse('account-not-found', json_build_object('accountId', item ->> 'id')); end if;
    to_status := coalesce(item ->> 'status', acc.status::text);
    to_floor := case when item ? 'floor' then (item ->> 'floor')::bigint else acc.floor end;
    to_closed := case when item ? 'closedOn' then (item ->> 'closedOn')::date else acc.closed_on end;
    if to_status = acc.status::text and to_floor is not distinct from acc.floor and to_closed is not distinct from acc.closed_on
      and coalesce(item ->> 'name', acc.name) = acc.name then
      continue;
    end if;
    if acc.status = 'closed' then perform ledger_refuse('account-closed', json_build_object('accountId', acc.id)); end if;
    if to_status = 'closed' and (acc.debits <> acc.credits or acc.held <> 0) then
      perform ledger_refuse('account-not-empty', json_build_object('accountId', acc.id));
    end if;
    if to_closed > (at at time zone interval '-05:00')::date then
      perform ledger_refuse('date-in-future', json_build_object('accountId', acc.id));
    end if;
    if to_closed is not null then
      select max(d.value_date) into last_day from account_day_to_date d where d.book_id = p_book and d.account_id = acc.id;
      if to_closed < greatest(last_day, acc.opened_on) then
        perform ledger_refuse('account-not-effective', json_build_object('accountId', acc.id));
      end if;
    end if;
    if to_floor is not null
      and (case acc.normal when 'debit' then acc.debits - acc.credits else acc.credits - acc.debits end) - acc.held < to_floor then
      perform ledger_refuse('balance-below-floor', json_build_object('accountId', acc.id));
    end if;
    update account a set name = coalesce(item ->> 'name', acc.name), status = to_status::account_status, floor = to_floor, closed_on = to_closed
    where a.book_id = p_book and a.id = acc.id;
    perform ledger_append_event(p_book, 'account-changed', acc.id, at, p_actor, item ->> 'content');
    changed := changed + 1;
  end loop;
  return changed;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_close_month(p_book uuid, p_now timestamp with time zone, p_today date, p_actor text, p_through date, p_content text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  head book_head;
  next_day date;
begin
  select * into head from book_head h where h.book_id = p_book;
  if p_through <= head.closed_through then return false; end if;
  if p_through >= least(p_today, (at at time zone interval '-05:00')::date) then perform ledger_refuse('month-not-over'); end if;
  next_day := coalesce(head.closed_through + 1,
    (select least(b.opened_on, (select min(d.value_date) from account_day_to_date d where d.book_id = p_book)) from book b where b.id = p_book));
  if p_through <> (date_trunc('month', next_day) + interval '1 month - 1 day')::date then
    perform ledger_refuse('month-out-of-order', json_build_object('nextMonth', to_char(next_day, 'YYYY-MM')));
  end if;
  update book_head h set closed_through = p_through where h.book_id = p_book;
  perform ledger_append_event(p_book, 'month-closed', p_book, at, p_actor, p_content);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_event_link(p_previous bytea, p_number bigint, p_after bigint, p_at timestamp with time zone, p_kind text, p_subject uuid, p_actor text, p_content text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select sha256(p_previous || int8send(p_number) || int8send(p_after) || int8send(round(extract(epoch from p_at) * 1000)::bigint)
    || convert_to(p_kind || chr(10) || p_subject || chr(10) || p_actor || chr(10) || p_content, 'UTF8'))
$function$;

CREATE OR REPLACE FUNCTION public.ledger_expire(p_book uuid, p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  before bigint;
  after bigint;
begin
  select h.event_number into before from book_head h where h.book_id = p_book for no key update;
  perform ledger_begin(p_book, p_now);
  select h.event_number into after from book_head h where h.book_id = p_book;
  return coalesce(after - before, 0);
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_expire_holds(p_book uuid, p_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  overdue record;
  ended int := 0;
begin
  for overdue in
    select h.id, h.account_id, h.amount, h.expires_at from hold h
    where h.book_id = p_book and h.status = 'placed' and h.expires_at <= p_at order by h.expires_at, h.id
  loop
    update hold h set status = 'expired', ended_at = p_at where h.book_id = p_book and h.id = overdue.id;
    update account a set held = a.held - overdue.amount where a.book_id = p_book and a.id = overdue.account_id;
    perform ledger_append_event(p_book, 'hold-expired', overdue.id, p_at, 'ledger', format('{"hold":"%s"}', overdue.id));
    ended := ended + 1;
  end loop;
  update book_head b set next_expiry = (select min(h.expires_at) from hold h where h.book_id = p_book and h.status = 'placed')
  where b.book_id = p_book;
  return ended;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_forget_expiry(p_book uuid, p_expires_at timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  update book_head b set next_expiry = (select min(h.expires_at) from hold h where h.book_id = p_book and h.status = 'placed')
  where b.book_id = p_book and b.next_expiry = p_expires_at
$function$;

CREATE OR REPLACE FUNCTION public.ledger_open_accounts(p_book uuid, p_now timestamp with time zone, p_actor text, p_accounts jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  head book_head;
  item record;
  link bytea;
  number bigint;
  ids uuid[] := '{}';
  contents text[] := '{}';
  links bytea[] := '{}';
begin
  select * into head from book_head h where h.book_id = p_book;
  link := head.event_hash;
  number := head.event_number;
  for item in
    select x.id, x.floor, x.content, known.content as known, taken.id as taken
    from jsonb_to_recordset(p_accounts) as x(id uuid, code text, floor bigint, content text)
    left join lateral (
      select e.content from account a join event e on e.book_id = p_book and e.number = a.opened_event
      where a.book_id = p_book and a.id = x.id limit 1
    ) known on true
    left join lateral (select a.id from account a where a.book_id = p_book and a.code = x.code limit 1) taken on true
  loop
    if item.known is not null then
      if item.known <> item.content then perform ledger_refuse('id-reused', json_build_object('accountId', item.id)); end if;
      continue;
    end if;
    if item.taken is not null then perform ledger_refuse('account-code-taken', json_build_object('accountId', item.id)); end if;
    if item.floor > 0 then perform ledger_refuse('balance-below-floor', json_build_object('accountId', item.id)); end if;
    number := number + 1;
    link := ledger_event_link(link, number, head.sequence, at, 'account-opened', item.id, p_actor, item.content);
    ids := ids || item.id;
    contents := contents || item.content;
    links := links || link;
  end loop;
  if cardinality(ids) = 0 then return 0; end if;
  insert into event (book_id, number, kind, subject, after_sequence, recorded_at, actor, content, hash)
  select p_book, head.event_number + i, 'account-opened', ids[i], head.sequence, at, p_actor, contents[i], links[i]
  from generate_series(1, cardinality(ids)) i;
  insert into account (book_id, id, code, name, type, normal, floor, status, opened_on, opened_event)
  select p_book, x.id, x.code, x.name, x.type, x.normal, x.floor, 'open', x."openedOn", head.event_number + array_position(ids, x.id)
  from jsonb_to_recordset(p_accounts)
    as x(id uuid, code text, name text, type account_type, normal direction, floor bigint, "openedOn" date)
  where x.id = any(ids);
  update book_head h set event_number = number, event_hash = link, recorded_at = at where h.book_id = p_book;
  return cardinality(ids);
exception when unique_violation then
  -- The same code, or the same id, twice in one list.
  perform ledger_refuse('account-code-taken');
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_open_book(p_book uuid, p_now timestamp with time zone, p_actor text, p_code text, p_name text, p_currency text, p_opened_on date, p_content text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  known record;
  at timestamptz := date_trunc('milliseconds', p_now);
begin
  select b.code, b.name, b.currency::text, b.opened_on into known from book b where b.id = p_book;
  if found then
    if (known.code, known.name, known.currency, known.opened_on) is distinct from (p_code, p_name, p_currency, p_opened_on) then
      perform ledger_refuse('id-reused');
    end if;
    return false;
  end if;
  if p_opened_on > (at at time zone interval '-05:00')::date then perform ledger_refuse('date-in-future'); end if;
  insert into book (id, code, name, currency, opened_on) values (p_book, p_code, p_name, p_currency::currency, p_opened_on)
  on conflict do nothing;
  if not found then
    -- Two openings at once: the same book opened beside us is a replay, another book with this code is not.
    if exists (select 1 from book b where b.id = p_book and b.code = p_code and b.name = p_name and b.currency::text = p_currency
      and b.opened_on = p_opened_on) then
      return false;
    end if;
    perform ledger_refuse(case when exists (select 1 from book b where b.id = p_book) then 'id-reused' else 'book-code-taken' end);
  end if;
  insert into book_head (book_id, sequence, days_through, hash, recorded_at, event_number, event_hash)
  values (p_book, 0, 0, sha256(convert_to('transactions of ' || p_book, 'UTF8')), at, 0, sha256(convert_to('events of ' || p_book, 'UTF8')));
  perform ledger_append_event(p_book, 'book-opened', p_book, at, p_actor, p_content);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_place_hold(p_book uuid, p_now timestamp with time zone, p_actor text, p_hold uuid, p_account uuid, p_amount bigint, p_expires_at timestamp with time zone, p_content text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  acc account;
  known text;
  available bigint;
begin
  select e.content into known from hold h join event e on e.book_id = p_book and e.number = h.placed_event
  where h.book_id = p_book and h.id = p_hold;
  if found then
    if known <> p_content then perform ledger_refuse('id-reused'); end if;
    return false;
  end if;
  select * into acc from account a where a.book_id = p_book and a.id = p_account;
  if not found then perform ledger_refuse('account-not-found', json_build_object('accountId', p_account)); end if;
  if acc.status <> 'open' then perform ledger_refuse('account-' || acc.status, json_build_object('accountId', p_account)); end if;
  if p_expires_at <= at then perform ledger_refuse('hold-expiry-past'); end if;
  -- Far below what a sum of a bigint's width could take beside the account's totals.
  if acc.held > 100000000000000000 then
    perform ledger_refuse('account-total-too-large', json_build_object('accountId', p_account));
  end if;
  available := case acc.normal when 'debit' then acc.debits - acc.credits else acc.credits - acc.debits end - acc.held;
  if acc.floor is not null and available - p_amount < acc.floor then
    perform ledger_refuse('balance-below-floor', json_build_object('accountId', p_account, 'availableMinor', available::text));
  end if;
  insert into hold (book_id, id, account_id, amount, status, placed_event, expires_at)
  values (p_book, p_hold, p_account, p_amount, 'placed',
    ledger_append_event(p_book, 'hold-placed', p_hold, at, p_actor, p_content), p_expires_at);
  update account a set held = a.held + p_amount where a.book_id = p_book and a.id = p_account;
  update book_head b set next_expiry = least(b.next_expiry, p_expires_at) where b.book_id = p_book;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_post(p_book uuid, p_now timestamp with time zone, p_today date, p_ids uuid[], p_groups integer[], p_same integer[], p_kinds text[], p_value_dates date[], p_actors text[], p_contents bytea[], p_docs jsonb, p_reverses bigint[], p_holds uuid[], p_first integer[], p_entry_account integer[], p_entry_amount bigint[], p_accounts uuid[])
 RETURNS json
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  n constant int := cardinality(p_ids);
  most constant bigint := 9000000000000000000;
  head record;
  at timestamptz; at_ms bigint; seq bigint; link bytea;
  known record;
  any_known boolean;
  known_ids uuid[]; known_contents bytea[]; known_seqs bigint[]; known_ms bigint[]; known_hashes bytea[];
  a_status text[]; a_sign int[]; a_floor bigint[]; a_opened date[]; a_closed date[];
  a_debits bigint[]; a_credits bigint[]; a_held bigint[];
  h_ids uuid[]; h_accounts uuid[]; h_amounts bigint[]; h_statuses text[];
  h record;
  reversed bigint[];
  d_outcome text[] := array_fill(''::text, array[n]);
  d_seq bigint[] := array_fill(null::bigint, array[n]);
  d_ms bigint[] := array_fill(null::bigint, array[n]);
  d_hash bytea[] := array_fill(null::bytea, array[n]);
  d_account int[] := array_fill(null::int, array[n]);
  d_available bigint[] := array_fill(null::bigint, array[n]);
  d_captured bigint[] := case when p_holds is null then null else array_fill(0::bigint, array[n]) end;
  e_debits bigint[] := array_fill(0::bigint, array[cardinality(p_entry_account)]);
  e_credits bigint[] := array_fill(0::bigint, array[cardinality(p_entry_account)]);
  code text; k int; amount bigint; applied int; first int; last int; pos int; twin int; day date;
  hold_place int; hold_account int; captured bigint; expiry timestamptz;
  group_from int := 0; group_failed boolean := false; group_seq bigint; group_link bytea;
  d_told text[] := array_fill(''::text, array[n]);
begin
  select b.sequence, b.hash, b.recorded_at, b.closed_through, b.next_expiry, b.days_through into head
  from book_head b where b.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  at := greatest(date_trunc('milliseconds', p_now), head.recorded_at);
  if p_today > (at at time zone interval '-05:00')::date then
    raise exception 'today is no later than the day in Lima' using errcode = 'QL002';
  end if;
  if head.next_expiry <= at then perform ledger_expire_holds(p_book, at); end if;
  at_ms := round(extract(epoch from at) * 1000);
  seq := head.sequence;
  link := head.hash;

  select array_agg(a.status::text), array_agg(case a.normal when 'debit' then 1 else -1 end), array_agg(a.floor), array_agg(a.opened_on),
    array_agg(a.closed_on), array_agg(a.debits), array_agg(a.credits), array_agg(a.held),
    exists (select from unnest(p_ids) x(id) cross join lateral (select from transaction t where t.book_id = p_book and t.id = x.id limit 1) t)
  into a_status, a_sign, a_floor, a_opened, a_closed, a_debits, a_credits, a_held, any_known
  from (
    select a.* from unnest(p_accounts) with ordinality x(id, place)
    left join lateral (select * from account a where a.book_id = p_book and a.id = x.id limit 1) a on true order by x.place
  ) a;
  for k in 2..cardinality(p_accounts) loop
    if (p_accounts[k - 1] < p_accounts[k]) is not true then
      raise exception 'each account has one place' using errcode = 'QL002';
    end if;
  end loop;

  if any_known then for known in
    select t.* from unnest(p_ids) x(id)
    cross join lateral (
      select t.id, t.content_hash, t.sequence, t.recorded_at, t.hash from transaction t
      where t.book_id = p_book and t.id = x.id limit 1
    ) t
  loop
    known_ids := known_ids || known.id;
    known_contents := known_contents || known.content_hash;
    known_seqs := known_seqs || known.sequence;
    known_ms := known_ms || round(extract(epoch from known.recorded_at) * 1000)::bigint;
    known_hashes := known_hashes || known.hash;
  end loop; end if;

  if p_reverses is not null then
    select array_agg(t.reverses) into reversed from transaction t where t.book_id = p_book and t.reverses = any(p_reverses);
    -- The draft of a reversal is made from its original's entries; one that is no mirror is a mistake of ours, not of a client.
    perform from (
      select x.place, array_agg(row(p_accounts[p_entry_account[j]], - p_entry_amount[j]) order by j) as entries
      from unnest(p_reverses) with ordinality x(original, place), generate_series(p_first[x.place], p_first[x.place + 1] - 1) j
      where x.original is not null group by x.place
    ) given
    left join transaction t on t.book_id = p_book and t.sequence = p_reverses[given.place]
    where p_kinds[given.place] <> 'reversal' or t.kind = 'reversal' or p_value_dates[given.place] < t.value_date or given.entries is distinct from (
      select array_agg(row(e.account_id, case e.direction when 'debit' then e.amount else - e.amount end) order by e.position)
      from entry e where e.book_id = p_book and e.sequence = p_reverses[given.place]);
    if found then raise exception 'a reversal mirrors its original' using errcode = 'QL002'; end if;
    if exists (select from unnest(p_kinds, p_reverses) x(kind, original) where x.kind = 'reversal' and x.original is null) then
      raise exception 'a reversal has an original' using errcode = 'QL002';
    end if;
  elsif 'reversal' = any(p_kinds) then
    raise exception 'a reversal has an original' using errcode = 'QL002';
  end if;
  if p_holds is not null then
    select array_agg(x.id), array_agg(x.account_id), array_agg(x.amount), array_agg(x.status::text)
    into h_ids, h_accounts, h_amounts, h_statuses
    from hold x where x.book_id = p_book and x.id = any(p_holds);
  end if;

  for i in 1..n loop
    code := null; applied := 0; hold_place := null; captured := null;
    day := p_value_dates[i]; first := p_first[i]; last := p_first[i + 1] - 1;
    if (first <= last) is not true then raise exception 'each draft has entries of its own' using errcode = 'QL002'; end if;
    if p_groups[i] <> 0 and (i = 1 or p_groups[i - 1] <> p_groups[i]) then
      group_from := i; group_failed := false; group_seq := seq; group_link := link;
    end if;

    -- Whoever used this id in this batch and was not refused: a refusal leaves an id free.
    twin := p_same[i];
    if twin <> 0 and (twin < i and p_ids[twin] = p_ids[i]) is not true then
      raise exception 'a draft before it has its id' using errcode = 'QL002';
    end if;
    while twin > 0 and d_outcome[twin] not in ('posted', 'replayed') loop twin := p_same[twin]; end loop;

    pos := case when known_ids is null then null else array_position(known_ids, p_ids[i]) end;
    if pos is not null then
      if known_contents[pos] = p_contents[i] then
        d_outcome[i] := 'replayed'; d_seq[i] := known_seqs[pos]; d_ms[i] := known_ms[pos]; d_hash[i] := known_hashes[pos];
      else
        code := 'id-reused';
      end if;
    elsif twin > 0 then
      pos := twin;
      if p_contents[pos] = p_contents[i] then
        d_outcome[i] := 'replayed'; d_seq[i] := d_seq[pos]; d_ms[i] := d_ms[pos]; d_hash[i] := d_hash[pos];
      else
        code := 'id-reused';
      end if;
    elsif day <= head.closed_through then
      code := 'month-closed';
    elsif day > p_today then
      code := 'value-date-in-future';
    elsif p_reverses is not null and p_reverses[i] = any(reversed) then
      code := 'transaction-already-reversed';
    else
      for j in first..last loop
        k := p_entry_account[j]; amount := p_entry_amount[j];
        code := case a_status[k] when 'open' then null when 'blocked' then 'account-blocked' when 'closed' then 'account-closed' else 'account-not-found' end;
        if code is null and (day < a_opened[k] or day > a_closed[k]) then code := 'account-not-effective'; end if;
        if code is null and (a_debits[k] > most or a_credits[k] > most) then code := 'account-total-too-large'; end if;
        if code is not null then d_account[i] := k; exit; end if;
        if amount > 0 then a_debits[k] := a_debits[k] + amount; else a_credits[k] := a_credits[k] - amount; end if;
        e_debits[j] := a_debits[k]; e_credits[j] := a_credits[k];
        applied := j;
      end loop;
      if code is null and p_holds is not null and p_holds[i] is not null then
        pos := array_position(h_ids, p_holds[i]);
        if pos is null then
          code := 'hold-not-found';
        elsif h_statuses[pos] <> 'placed' then
          code := 'hold-not-placed';
        else
          captured := 0; hold_account := null;
          for j in first..last loop
            k := p_entry_account[j];
            if p_accounts[k] = h_accounts[pos] then hold_account := k; captured := captured - p_entry_amount[j] * a_sign[k]; end if;
          end loop;
          if hold_account is null or captured <= 0 then
            code := 'hold-not-captured';
          elsif captured > h_amounts[pos] then
            code := 'hold-exceeded';
          else
            hold_place := pos;
            a_held[hold_account] := a_held[hold_account] - h_amounts[pos];
          end if;
        end if;
      end if;
      if code is null then
        for j in first..last loop
          k := p_entry_account[j];
          if a_floor[k] is not null and (a_debits[k] - a_credits[k]) * a_sign[k] - a_held[k] < a_floor[k] then
            code := 'balance-below-floor'; d_account[i] := k; exit;
          end if;
        end loop;
      end if;
      if code is null then
        seq := seq + 1;
        link := sha256(link || int8send(seq) || int8send(at_ms) || p_contents[i] || convert_to(p_actors[i], 'UTF8'));
        d_outcome[i] := 'posted'; d_seq[i] := seq; d_ms[i] := at_ms; d_hash[i] := link;
        if p_reverses is not null and p_reverses[i] is not null then reversed := reversed || p_reverses[i]; end if;
        if hold_place is not null then h_statuses[hold_place] := 'captured'; d_captured[i] := captured; end if;
      else
        for j in first..applied loop
          k := p_entry_account[j]; amount := p_entry_amount[j];
          if amount > 0 then a_debits[k] := a_debits[k] - amount; else a_credits[k] := a_credits[k] + amount; end if;
        end loop;
        if hold_place is not null then a_held[hold_account] := a_held[hold_account] + h_amounts[hold_place]; end if;
        if code = 'balance-below-floor' then
          k := d_account[i];
          d_available[i] := (a_debits[k] - a_credits[k]) * a_sign[k] - a_held[k];
        end if;
      end if;
    end if;
    if code is not null then
      d_outcome[i] := code;
      if p_groups[i] <> 0 then group_failed := true; end if;
    end if;

    if group_failed and p_groups[i] <> 0 and (i = n or p_groups[i + 1] <> p_groups[i]) then
      -- The group falls: what its accepted drafts did is undone, from the last to the first.
      for g in reverse i..group_from loop
        if d_outcome[g] = 'posted' then
          for j in p_first[g]..p_first[g + 1] - 1 loop
            k := p_entry_account[j]; amount := p_entry_amount[j];
            if amount > 0 then a_debits[k] := a_debits[k] - amount; else a_credits[k] := a_credits[k] + amount; end if;
          end loop;
          if p_reverses is not null then reversed := array_remove(reversed, p_reverses[g]); end if;
          if p_holds is not null and p_holds[g] is not null then
            pos := array_position(h_ids, p_holds[g]);
            h_statuses[pos] := 'placed';
            d_captured[g] := 0;
            k := array_position(p_accounts, h_accounts[pos]);
            a_held[k] := a_held[k] + h_amounts[pos];
          end if;
        end if;
        if d_outcome[g] = 'posted' or (d_outcome[g] = 'replayed' and d_seq[g] > group_seq) then
          d_outcome[g] := 'list-refused'; d_seq[g] := null; d_ms[g] := null; d_hash[g] := null;
        end if;
      end loop;
      seq := group_seq; link := group_link; group_failed := false;
    end if;
  end loop;

  if seq > head.sequence then
    -- One statement: each would cost its start and the reading of its tables' checks.
    with posted_now as (
      insert into transaction (book_id, sequence, id, kind, value_date, recorded_at, actor, reason, evidence, reverses, hold_id, content_hash, hash)
      select p_book, d_seq[i], p_ids[i], p_kinds[i], p_value_dates[i], at, p_actors[i], p_docs -> (i - 1) ->> 'reason',
        coalesce(p_docs -> (i - 1) -> 'evidence', '{}'), p_reverses[i], p_holds[i], p_contents[i], d_hash[i]
      from generate_series(1, n) i where d_outcome[i] = 'posted'
    ), entered as (
      insert into entry (book_id, sequence, position, account_id, direction, amount, value_date, debits_after, credits_after)
      select p_book, d_seq[i], j - p_first[i] + 1, p_accounts[p_entry_account[j]],
        case when p_entry_amount[j] > 0 then 'debit'::direction else 'credit'::direction end, abs(p_entry_amount[j]), p_value_dates[i],
        e_debits[j], e_credits[j]
      from generate_series(1, n) i, generate_series(p_first[i], p_first[i + 1] - 1) j
      where d_outcome[i] = 'posted'
    ), totals as (
      update account a set debits = x.debits, credits = x.credits, held = x.held
      from unnest(p_accounts, a_debits, a_credits, a_held) x(id, debits, credits, held)
      where a.book_id = p_book and a.id = x.id and (a.debits <> x.debits or a.credits <> x.credits or a.held <> x.held)
    )
    update book_head b set sequence = seq, hash = link, recorded_at = at where b.book_id = p_book;

    if seq - head.days_through >= 256 then perform ledger_add_days(p_book); end if;

    if p_holds is not null then
      for h in
        select p_holds[i] as id, d_captured[i] as captured, p_ids[i] as transaction_id, p_actors[i] as actor
        from generate_series(1, n) i where d_outcome[i] = 'posted' and d_captured[i] > 0 order by i
      loop
        update hold x set status = 'captured', captured = h.captured, ended_at = at where x.book_id = p_book and x.id = h.id
        returning x.expires_at into expiry;
        perform ledger_forget_expiry(p_book, expiry);
        perform ledger_append_event(p_book, 'hold-captured', h.id, at, h.actor,
          format('{"captured":"%s","hold":"%s","transaction":"%s"}', h.captured, h.id, h.transaction_id));
      end loop;
    end if;
  end if;

  for i in 1..n loop
    d_told[i] := concat_ws(',', d_outcome[i], coalesce(d_seq[i]::text, ''), coalesce(d_ms[i]::text, ''), coalesce(encode(d_hash[i], 'hex'), ''),
      coalesce(p_accounts[d_account[i]]::text, ''),
      case d_outcome[i] when 'month-closed' then (head.closed_through + 1)::text else coalesce(d_available[i]::text, '') end);
  end loop;
  return array_to_json(d_told);
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_refuse(p_code text, p_facts json DEFAULT '{}'::json)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '%', p_code using errcode = 'QL001', detail = p_facts::text;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_release_hold(p_book uuid, p_now timestamp with time zone, p_actor text, p_hold uuid, p_content text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  at timestamptz := ledger_begin(p_book, p_now);
  h hold;
begin
  select * into h from hold x where x.book_id = p_book and x.id = p_hold;
  if not found then perform ledger_refuse('hold-not-found'); end if;
  if h.status = 'released' then return false; end if;
  if h.status <> 'placed' then perform ledger_refuse('hold-not-placed', json_build_object('status', h.status)); end if;
  update hold x set status = 'released', ended_at = at where x.book_id = p_book and x.id = p_hold;
  update account a set held = a.held - h.amount where a.book_id = p_book and a.id = h.account_id;
  perform ledger_forget_expiry(p_book, h.expires_at);
  perform ledger_append_event(p_book, 'hold-released', p_hold, at, p_actor, p_content);
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_settle_instant(p_book uuid, p_now timestamp with time zone, p_instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  head record;
  at timestamptz;
begin
  if p_instant > p_now then perform ledger_refuse('instant-in-future'); end if;
  select h.recorded_at, h.sequence into head from book_head h where h.book_id = p_book for no key update;
  if not found then perform ledger_refuse('book-not-found'); end if;
  if head.recorded_at > p_instant then return null; end if;
  at := ledger_begin(p_book, greatest(p_now, p_instant + interval '1 millisecond'));
  perform ledger_append_event(p_book, 'instant-settled', p_book, at, 'ledger',
    format('{"instant":"%s"}', to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  return head.sequence;
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'posted_is_final: % is refused', lower(tg_op) using errcode = 'QL901';
end $function$;

CREATE OR REPLACE FUNCTION public.saver_version_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if new.mother_tongue is null and to_jsonb(new) - 'mother_tongue' = to_jsonb(old) - 'mother_tongue' then
    return new;
  end if;
  raise exception 'saver_version_stays: a language may be forgotten, and not told anew' using errcode = 'QL901';
end $function$;

-- triggers

CREATE TRIGGER accepted_break_insert_is_logged AFTER INSERT ON public.accepted_break REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('accepted_break', '', 'break_id');
CREATE TRIGGER accepted_break_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.accepted_break FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accepted_break_update_is_logged AFTER UPDATE ON public.accepted_break REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('accepted_break', '', 'break_id');
CREATE TRIGGER account_identity_is_final BEFORE UPDATE OF book_id, id, code, type, normal, opened_on, opened_event ON public.account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_is_kept BEFORE DELETE OR TRUNCATE ON public.account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_day_identity_is_final BEFORE UPDATE OF book_id, account_id, value_date ON public.account_day FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_day_is_kept BEFORE DELETE OR TRUNCATE ON public.account_day FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_limit_insert_is_logged AFTER INSERT ON public.account_limit REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('account_limit', '', 'id');
CREATE TRIGGER account_limit_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.account_limit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_limit_update_is_logged AFTER UPDATE ON public.account_limit REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('account_limit', '', 'id');
CREATE TRIGGER agent_insert_is_logged AFTER INSERT ON public.agent REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('agent', '', 'id');
CREATE TRIGGER agent_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.agent FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agent_update_is_logged AFTER UPDATE ON public.agent REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('agent', '', 'id');
CREATE TRIGGER api_key_insert_is_logged AFTER INSERT ON public.api_key REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('api_key', '', 'id');
CREATE TRIGGER api_key_stays_revoked BEFORE UPDATE ON public.api_key FOR EACH ROW WHEN (((old.revoked_at IS NOT NULL) AND (new.revoked_at IS DISTINCT FROM old.revoked_at))) EXECUTE FUNCTION api_key_stays_revoked();
CREATE TRIGGER api_key_update_is_logged AFTER UPDATE ON public.api_key REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('api_key', '', 'id');
CREATE TRIGGER audit_entry_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_pending_is_final BEFORE UPDATE OR TRUNCATE ON public.audit_pending FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_comparison_insert_is_logged AFTER INSERT ON public.balance_comparison REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_comparison', '', 'id');
CREATE TRIGGER balance_comparison_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_comparison FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_comparison_update_is_logged AFTER UPDATE ON public.balance_comparison REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_comparison', '', 'id');
CREATE TRIGGER balance_comparison_line_insert_is_logged AFTER INSERT ON public.balance_comparison_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_comparison_line', '', 'comparison_id', 'number');
CREATE TRIGGER balance_comparison_line_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_comparison_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_comparison_line_update_is_logged AFTER UPDATE ON public.balance_comparison_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_comparison_line', '', 'comparison_id', 'number');
CREATE TRIGGER balance_comparison_lines_add_up AFTER INSERT ON public.balance_comparison_line REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_balance_lines();
CREATE TRIGGER balance_decided_insert_is_logged AFTER INSERT ON public.balance_decided REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_decided', '', 'list_id', 'savings_account_id', 'kind');
CREATE TRIGGER balance_decided_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_decided FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_decided_update_is_logged AFTER UPDATE ON public.balance_decided REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_decided', '', 'list_id', 'savings_account_id', 'kind');
CREATE TRIGGER balance_decision_insert_is_logged AFTER INSERT ON public.balance_decision REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_decision', '', 'id');
CREATE TRIGGER balance_decision_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_decision_update_is_logged AFTER UPDATE ON public.balance_decision REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_decision', '', 'id');
CREATE TRIGGER balance_list_insert_is_logged AFTER INSERT ON public.balance_list REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_list', '', 'id');
CREATE TRIGGER balance_list_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_list FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_list_update_is_logged AFTER UPDATE ON public.balance_list REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_list', '', 'id');
CREATE TRIGGER balance_list_piece_insert_is_logged AFTER INSERT ON public.balance_list_piece REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_list_piece', '', 'list_id', 'number');
CREATE TRIGGER balance_list_piece_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_list_piece FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_list_piece_update_is_logged AFTER UPDATE ON public.balance_list_piece REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_list_piece', '', 'list_id', 'number');
CREATE TRIGGER balance_proposal_insert_is_logged AFTER INSERT ON public.balance_proposal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_proposal', '', 'list_id', 'savings_account_id', 'kind');
CREATE TRIGGER balance_proposal_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.balance_proposal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_proposal_update_is_logged AFTER UPDATE ON public.balance_proposal REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('balance_proposal', '', 'list_id', 'savings_account_id', 'kind');
CREATE TRIGGER bank_account_identity_is_final BEFORE UPDATE ON public.bank_account FOR EACH ROW EXECUTE FUNCTION guard_bank_account();
CREATE TRIGGER bank_account_insert_is_logged AFTER INSERT ON public.bank_account REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_account', '', 'id');
CREATE TRIGGER bank_account_is_kept BEFORE DELETE OR TRUNCATE ON public.bank_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_account_update_is_logged AFTER UPDATE ON public.bank_account REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_account', '', 'id');
CREATE TRIGGER bank_claim_conserves AFTER INSERT ON public.bank_claim REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION guard_bank_claims();
CREATE TRIGGER bank_claim_insert_is_logged AFTER INSERT ON public.bank_claim REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_claim', '', 'match_id', 'number');
CREATE TRIGGER bank_claim_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_claim FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_claim_update_is_logged AFTER UPDATE ON public.bank_claim REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_claim', '', 'match_id', 'number');
CREATE TRIGGER bank_file_insert_is_logged AFTER INSERT ON public.bank_file REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_file', '', 'id');
CREATE TRIGGER bank_file_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_file FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_file_update_is_logged AFTER UPDATE ON public.bank_file REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_file', '', 'id');
CREATE TRIGGER bank_file_piece_insert_is_logged AFTER INSERT ON public.bank_file_piece REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_file_piece', '', 'file_id', 'number');
CREATE TRIGGER bank_file_piece_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_file_piece FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_file_piece_update_is_logged AFTER UPDATE ON public.bank_file_piece REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_file_piece', '', 'file_id', 'number');
CREATE TRIGGER bank_line_insert_is_logged AFTER INSERT ON public.bank_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_line', '', 'statement_id', 'number');
CREATE TRIGGER bank_line_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_line_update_is_logged AFTER UPDATE ON public.bank_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_line', '', 'statement_id', 'number');
CREATE TRIGGER bank_match_insert_is_logged AFTER INSERT ON public.bank_match REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_match', '', 'id');
CREATE TRIGGER bank_match_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_match FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_match_update_is_logged AFTER UPDATE ON public.bank_match REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_match', '', 'id');
CREATE TRIGGER bank_statement_insert_is_logged AFTER INSERT ON public.bank_statement REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_statement', '', 'id');
CREATE TRIGGER bank_statement_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bank_statement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_statement_update_is_logged AFTER UPDATE ON public.bank_statement REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('bank_statement', '', 'id');
CREATE TRIGGER book_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.book FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_head_identity_is_final BEFORE UPDATE OF book_id ON public.book_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_head_is_kept BEFORE DELETE OR TRUNCATE ON public.book_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_seal_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.book_seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_comment_insert_is_logged AFTER INSERT ON public.break_comment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_comment', '', 'id');
CREATE TRIGGER break_comment_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.break_comment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_comment_update_is_logged AFTER UPDATE ON public.break_comment REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_comment', '', 'id');
CREATE TRIGGER break_owner_insert_is_logged AFTER INSERT ON public.break_owner REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_owner', '', 'id');
CREATE TRIGGER break_owner_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.break_owner FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_owner_update_is_logged AFTER UPDATE ON public.break_owner REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_owner', '', 'id');
CREATE TRIGGER break_resolution_insert_is_logged AFTER INSERT ON public.break_resolution REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_resolution', '', 'id');
CREATE TRIGGER break_resolution_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.break_resolution FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER break_resolution_update_is_logged AFTER UPDATE ON public.break_resolution REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('break_resolution', '', 'id');
CREATE TRIGGER collection_sheet_insert_is_logged AFTER INSERT ON public.collection_sheet REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('collection_sheet', '', 'id');
CREATE TRIGGER collection_sheet_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.collection_sheet FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER collection_sheet_update_is_logged AFTER UPDATE ON public.collection_sheet REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('collection_sheet', '', 'id');
CREATE TRIGGER collection_sheet_line_insert_is_logged AFTER INSERT ON public.collection_sheet_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('collection_sheet_line', '', 'sheet_id', 'line');
CREATE TRIGGER collection_sheet_line_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.collection_sheet_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER collection_sheet_line_update_is_logged AFTER UPDATE ON public.collection_sheet_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('collection_sheet_line', '', 'sheet_id', 'line');
CREATE TRIGGER collection_sheet_whole AFTER INSERT ON public.collection_sheet_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION collection_sheet_whole();
CREATE TRIGGER coordination_insert_is_logged AFTER INSERT ON public.coordination REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('coordination', '', 'id');
CREATE TRIGGER coordination_update_is_logged AFTER UPDATE ON public.coordination REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('coordination', '', 'id');
CREATE TRIGGER definition_insert_is_logged AFTER INSERT ON public.definition REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('definition', '', 'id');
CREATE TRIGGER definition_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.definition FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER definition_update_is_logged AFTER UPDATE ON public.definition REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('definition', '', 'id');
CREATE TRIGGER disbursement_item_insert_is_logged AFTER INSERT ON public.disbursement_item REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_item', '', 'request_id', 'run_line');
CREATE TRIGGER disbursement_item_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.disbursement_item FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disbursement_item_update_is_logged AFTER UPDATE ON public.disbursement_item REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_item', '', 'request_id', 'run_line');
CREATE TRIGGER disbursement_line_insert_is_logged AFTER INSERT ON public.disbursement_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_line', '', 'request_id', 'number');
CREATE TRIGGER disbursement_line_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.disbursement_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disbursement_line_update_is_logged AFTER UPDATE ON public.disbursement_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_line', '', 'request_id', 'number');
CREATE TRIGGER disbursement_request_insert_is_logged AFTER INSERT ON public.disbursement_request REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_request', '', 'id');
CREATE TRIGGER disbursement_request_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.disbursement_request FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disbursement_request_update_is_logged AFTER UPDATE ON public.disbursement_request REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_request', '', 'id');
CREATE TRIGGER disbursement_step_insert_is_logged AFTER INSERT ON public.disbursement_step REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_step', '', 'request_id', 'status');
CREATE TRIGGER disbursement_step_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.disbursement_step FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disbursement_step_update_is_logged AFTER UPDATE ON public.disbursement_step REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('disbursement_step', '', 'request_id', 'status');
CREATE TRIGGER draw_insert_is_logged AFTER INSERT ON public.draw REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw', '', 'id');
CREATE TRIGGER draw_is_seeded_once BEFORE UPDATE ON public.draw FOR EACH ROW EXECUTE FUNCTION guard_draw();
CREATE TRIGGER draw_stays BEFORE DELETE OR TRUNCATE ON public.draw FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_update_is_logged AFTER UPDATE ON public.draw REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw', '', 'id');
CREATE TRIGGER draw_entry_insert_is_logged AFTER INSERT ON public.draw_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_entry', '', 'draw_id', 'district_code', 'saver_id');
CREATE TRIGGER draw_entry_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.draw_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_entry_update_is_logged AFTER UPDATE ON public.draw_entry REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_entry', '', 'draw_id', 'district_code', 'saver_id');
CREATE TRIGGER draw_exclusion_insert_is_logged AFTER INSERT ON public.draw_exclusion REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_exclusion', '', 'draw_id', 'saver_id');
CREATE TRIGGER draw_exclusion_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.draw_exclusion FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_exclusion_update_is_logged AFTER UPDATE ON public.draw_exclusion REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_exclusion', '', 'draw_id', 'saver_id');
CREATE TRIGGER draw_result_insert_is_logged AFTER INSERT ON public.draw_result REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_result', '', 'draw_id', 'district_code', 'place');
CREATE TRIGGER draw_result_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.draw_result FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_result_update_is_logged AFTER UPDATE ON public.draw_result REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('draw_result', '', 'draw_id', 'district_code', 'place');
CREATE TRIGGER enrolment_insert_is_logged AFTER INSERT ON public.enrolment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('enrolment', '', 'id');
CREATE TRIGGER enrolment_update_is_logged AFTER UPDATE ON public.enrolment REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('enrolment', '', 'id');
CREATE TRIGGER entry_balanced AFTER INSERT ON public.entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_balanced();
CREATE TRIGGER entry_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_event_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.feed_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER financing_insert_is_logged AFTER INSERT ON public.financing REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('financing', '', 'id');
CREATE TRIGGER financing_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.financing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER financing_update_is_logged AFTER UPDATE ON public.financing REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('financing', '', 'id');
CREATE TRIGGER financing_share_insert_is_logged AFTER INSERT ON public.financing_share REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('financing_share', '', 'financing_id', 'place');
CREATE TRIGGER financing_share_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.financing_share FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER financing_share_update_is_logged AFTER UPDATE ON public.financing_share REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('financing_share', '', 'financing_id', 'place');
CREATE TRIGGER fund_insert_is_logged AFTER INSERT ON public.fund REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('fund', '', 'id');
CREATE TRIGGER fund_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.fund FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_update_is_logged AFTER UPDATE ON public.fund REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('fund', '', 'id');
CREATE TRIGGER hold_identity_is_final BEFORE UPDATE OF book_id, id, account_id, amount, placed_event, expires_at ON public.hold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_is_kept BEFORE DELETE OR TRUNCATE ON public.hold FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER household_period_insert_is_logged AFTER INSERT ON public.household_period REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('household_period', '', 'file_id', 'line');
CREATE TRIGGER household_period_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.household_period FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER household_period_update_is_logged AFTER UPDATE ON public.household_period REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('household_period', '', 'file_id', 'line');
CREATE TRIGGER household_period_file_insert_is_logged AFTER INSERT ON public.household_period_file REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('household_period_file', '', 'id');
CREATE TRIGGER household_period_file_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.household_period_file FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER household_period_file_update_is_logged AFTER UPDATE ON public.household_period_file REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('household_period_file', '', 'id');
CREATE TRIGGER identity_check_insert_is_logged AFTER INSERT ON public.identity_check REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('identity_check', '', 'id');
CREATE TRIGGER identity_check_update_is_logged AFTER UPDATE ON public.identity_check REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('identity_check', '', 'id');
CREATE TRIGGER incentive_insert_is_logged AFTER INSERT ON public.incentive REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
CREATE TRIGGER incentive_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_update_is_logged AFTER UPDATE ON public.incentive REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
CREATE TRIGGER incentive_calculation_insert_is_logged AFTER INSERT ON public.incentive_calculation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_calculation', '', 'id');
CREATE TRIGGER incentive_calculation_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_calculation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_calculation_update_is_logged AFTER UPDATE ON public.incentive_calculation REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_calculation', '', 'id');
CREATE TRIGGER incentive_calculation_line_insert_is_logged AFTER INSERT ON public.incentive_calculation_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_calculation_line', '', 'calculation_id', 'number');
CREATE TRIGGER incentive_calculation_line_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_calculation_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_calculation_line_update_is_logged AFTER UPDATE ON public.incentive_calculation_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_calculation_line', '', 'calculation_id', 'number');
CREATE TRIGGER incentive_counted_insert_is_logged AFTER INSERT ON public.incentive_counted REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_counted', '', 'saver_id', 'rule_id', 'period');
CREATE TRIGGER incentive_counted_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_counted FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_counted_update_is_logged AFTER UPDATE ON public.incentive_counted REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_counted', '', 'saver_id', 'rule_id', 'period');
CREATE TRIGGER incentive_decided_insert_is_logged AFTER INSERT ON public.incentive_decided REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_decided', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
CREATE TRIGGER incentive_decided_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_decided FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_decided_update_is_logged AFTER UPDATE ON public.incentive_decided REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_decided', '', 'saver_id', 'enrolment_id', 'rule_id', 'period', 'revision');
CREATE TRIGGER incentive_decision_insert_is_logged AFTER INSERT ON public.incentive_decision REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_decision', '', 'id');
CREATE TRIGGER incentive_decision_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_decision_update_is_logged AFTER UPDATE ON public.incentive_decision REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_decision', '', 'id');
CREATE TRIGGER incentive_rule_ends_once BEFORE UPDATE ON public.incentive_rule FOR EACH ROW EXECUTE FUNCTION guard_incentive_rule();
CREATE TRIGGER incentive_rule_insert_is_logged AFTER INSERT ON public.incentive_rule REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_rule', '', 'id');
CREATE TRIGGER incentive_rule_update_is_logged AFTER UPDATE ON public.incentive_rule REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_rule', '', 'id');
CREATE TRIGGER incentive_run_goes_forward BEFORE UPDATE ON public.incentive_run FOR EACH ROW EXECUTE FUNCTION guard_incentive_run();
CREATE TRIGGER incentive_run_insert_is_logged AFTER INSERT ON public.incentive_run REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_run', '', 'id');
CREATE TRIGGER incentive_run_update_is_logged AFTER UPDATE ON public.incentive_run REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_run', '', 'id');
CREATE TRIGGER incentive_run_line_insert_is_logged AFTER INSERT ON public.incentive_run_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_run_line', '', 'run_id', 'number');
CREATE TRIGGER incentive_run_line_is_said_once BEFORE UPDATE ON public.incentive_run_line FOR EACH ROW EXECUTE FUNCTION guard_incentive_run_line();
CREATE TRIGGER incentive_run_line_update_is_logged AFTER UPDATE ON public.incentive_run_line REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_run_line', '', 'run_id', 'number');
CREATE TRIGGER incentive_share_insert_is_logged AFTER INSERT ON public.incentive_share REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_share', '', 'transaction_id', 'fund_id');
CREATE TRIGGER incentive_share_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.incentive_share FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER incentive_share_update_is_logged AFTER UPDATE ON public.incentive_share REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('incentive_share', '', 'transaction_id', 'fund_id');
CREATE TRIGGER lock_end_insert_is_logged AFTER INSERT ON public.lock_end REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('lock_end', '', 'enrolment_id', 'savings_account_id', 'outcome', 'number');
CREATE TRIGGER lock_end_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.lock_end FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lock_end_update_is_logged AFTER UPDATE ON public.lock_end REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('lock_end', '', 'enrolment_id', 'savings_account_id', 'outcome', 'number');
CREATE TRIGGER matching_run_insert_is_logged AFTER INSERT ON public.matching_run REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('matching_run', '', 'id');
CREATE TRIGGER matching_run_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.matching_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER matching_run_update_is_logged AFTER UPDATE ON public.matching_run REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('matching_run', '', 'id');
CREATE TRIGGER membership_insert_is_logged AFTER INSERT ON public.membership REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('membership', '', 'id');
CREATE TRIGGER membership_update_is_logged AFTER UPDATE ON public.membership REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('membership', '', 'id');
CREATE TRIGGER organisation_insert_is_logged AFTER INSERT ON public.organisation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('organisation', '', 'id');
CREATE TRIGGER organisation_update_is_logged AFTER UPDATE ON public.organisation REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('organisation', '', 'id');
CREATE TRIGGER paper_counter_goes_up BEFORE UPDATE ON public.paper_counter FOR EACH ROW EXECUTE FUNCTION guard_paper_counter();
CREATE TRIGGER paper_counter_insert_is_logged AFTER INSERT ON public.paper_counter REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('paper_counter', '', 'kind', 'year');
CREATE TRIGGER paper_counter_stays BEFORE DELETE OR TRUNCATE ON public.paper_counter FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER paper_counter_update_is_logged AFTER UPDATE ON public.paper_counter REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('paper_counter', '', 'kind', 'year');
CREATE TRIGGER partner_institution_insert_is_logged AFTER INSERT ON public.partner_institution REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('partner_institution', '', 'id');
CREATE TRIGGER partner_institution_update_is_logged AFTER UPDATE ON public.partner_institution REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('partner_institution', '', 'id');
CREATE TRIGGER programme_insert_is_logged AFTER INSERT ON public.programme REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('programme', '', 'id');
CREATE TRIGGER programme_update_is_logged AFTER UPDATE ON public.programme REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('programme', '', 'id');
CREATE TRIGGER reconciliation_break_ends_once BEFORE UPDATE ON public.reconciliation_break FOR EACH ROW EXECUTE FUNCTION guard_reconciliation_break();
CREATE TRIGGER reconciliation_break_insert_is_logged AFTER INSERT ON public.reconciliation_break REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('reconciliation_break', '', 'id');
CREATE TRIGGER reconciliation_break_is_kept BEFORE DELETE OR TRUNCATE ON public.reconciliation_break FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reconciliation_break_update_is_logged AFTER UPDATE ON public.reconciliation_break REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('reconciliation_break', '', 'id');
CREATE TRIGGER release_insert_is_logged AFTER INSERT ON public.release REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('release', '', 'id');
CREATE TRIGGER release_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.release FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_update_is_logged AFTER UPDATE ON public.release REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('release', '', 'id');
CREATE TRIGGER resolution_break_insert_is_logged AFTER INSERT ON public.resolution_break REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('resolution_break', '', 'resolution_id', 'origin');
CREATE TRIGGER resolution_break_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.resolution_break FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER resolution_break_update_is_logged AFTER UPDATE ON public.resolution_break REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('resolution_break', '', 'resolution_id', 'origin');
CREATE TRIGGER resolution_decision_insert_is_logged AFTER INSERT ON public.resolution_decision REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('resolution_decision', '', 'resolution_id');
CREATE TRIGGER resolution_decision_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.resolution_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER resolution_decision_update_is_logged AFTER UPDATE ON public.resolution_decision REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('resolution_decision', '', 'resolution_id');
CREATE TRIGGER saver_insert_is_logged AFTER INSERT ON public.saver REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver', '', 'id');
CREATE TRIGGER saver_update_is_logged AFTER UPDATE ON public.saver REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver', '', 'id');
CREATE TRIGGER saver_correction_insert_is_logged AFTER INSERT ON public.saver_correction REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver_correction', '', 'id');
CREATE TRIGGER saver_correction_update_is_logged AFTER UPDATE ON public.saver_correction REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver_correction', '', 'id');
CREATE TRIGGER saver_version_insert_is_logged AFTER INSERT ON public.saver_version REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver_version', '', 'saver_id', 'number');
CREATE TRIGGER saver_version_is_not_removed BEFORE DELETE OR TRUNCATE ON public.saver_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER saver_version_stays BEFORE UPDATE ON public.saver_version FOR EACH ROW EXECUTE FUNCTION saver_version_stays();
CREATE TRIGGER saver_version_update_is_logged AFTER UPDATE ON public.saver_version REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('saver_version', '', 'saver_id', 'number');
CREATE TRIGGER savings_account_insert_is_logged AFTER INSERT ON public.savings_account REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_account', '', 'id');
CREATE TRIGGER savings_account_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.savings_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER savings_account_update_is_logged AFTER UPDATE ON public.savings_account REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_account', '', 'id');
CREATE TRIGGER savings_account_status_change_insert_is_logged AFTER INSERT ON public.savings_account_status_change REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_account_status_change', '', 'id');
CREATE TRIGGER savings_account_status_change_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.savings_account_status_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER savings_account_status_change_update_is_logged AFTER UPDATE ON public.savings_account_status_change REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_account_status_change', '', 'id');
CREATE TRIGGER savings_book_insert_is_logged AFTER INSERT ON public.savings_book REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_book', '');
CREATE TRIGGER savings_book_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.savings_book FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER savings_book_update_is_logged AFTER UPDATE ON public.savings_book REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_book', '');
CREATE TRIGGER savings_group_insert_is_logged AFTER INSERT ON public.savings_group REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_group', '', 'id');
CREATE TRIGGER savings_group_update_is_logged AFTER UPDATE ON public.savings_group REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('savings_group', '', 'id');
CREATE TRIGGER seal_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_key_insert_is_logged AFTER INSERT ON public.signing_key REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('signing_key', '', 'id');
CREATE TRIGGER signing_key_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.signing_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_key_update_is_logged AFTER UPDATE ON public.signing_key REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('signing_key', '', 'id');
CREATE TRIGGER statement_profile_insert_is_logged AFTER INSERT ON public.statement_profile REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('statement_profile', '', 'id');
CREATE TRIGGER statement_profile_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.statement_profile FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_profile_update_is_logged AFTER UPDATE ON public.statement_profile REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('statement_profile', '', 'id');
CREATE TRIGGER token_client_insert_is_logged AFTER INSERT ON public.token_client REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('token_client', '', 'id', 'role');
CREATE TRIGGER token_client_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.token_client FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER token_client_update_is_logged AFTER UPDATE ON public.token_client REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('token_client', '', 'id', 'role');
CREATE TRIGGER transaction_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transaction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_authorisation_insert_is_logged AFTER INSERT ON public.transfer_authorisation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('transfer_authorisation', '', 'request_id', 'line');
CREATE TRIGGER transfer_authorisation_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfer_authorisation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_authorisation_update_is_logged AFTER UPDATE ON public.transfer_authorisation REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('transfer_authorisation', '', 'request_id', 'line');
CREATE TRIGGER webhook_identity_is_final BEFORE UPDATE OF book_id, id, url, kinds, party, recorded_at, actor, content_hash ON public.webhook FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_insert_is_logged AFTER INSERT ON public.webhook REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('webhook', 'position', 'id');
CREATE TRIGGER webhook_is_kept BEFORE DELETE OR TRUNCATE ON public.webhook FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_update_is_logged AFTER UPDATE ON public.webhook REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('webhook', 'position', 'id');
CREATE TRIGGER webhook_delivery_identity_is_final BEFORE UPDATE OF book_id, webhook_id, "position", event_id, told_at ON public.webhook_delivery FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_delivery_is_kept BEFORE DELETE OR TRUNCATE ON public.webhook_delivery FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_rotation_insert_is_logged AFTER INSERT ON public.webhook_rotation REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('webhook_rotation', '', 'webhook_id', 'number');
CREATE TRIGGER webhook_rotation_is_final BEFORE DELETE OR UPDATE OR TRUNCATE ON public.webhook_rotation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_rotation_update_is_logged AFTER UPDATE ON public.webhook_rotation REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION audit_rows('webhook_rotation', '', 'webhook_id', 'number');

-- policies

create policy of_told_book on accepted_break as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on account as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on account_day as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on account_limit as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on agent as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on audit_entry as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on audit_head as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on audit_pending as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_comparison as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_comparison_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_decided as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_decision as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_list as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_list_piece as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on balance_proposal as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_account as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_claim as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_file as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_file_piece as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_match as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on bank_statement as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on book_head as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on book_seal as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on break_comment as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on break_owner as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on break_resolution as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on collection_sheet as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on collection_sheet_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on coordination as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on disbursement_item as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on disbursement_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on disbursement_request as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on disbursement_step as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on draw as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on draw_entry as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on draw_exclusion as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on draw_result as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on enrolment as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on entry as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on event as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on feed_event as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on financing as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on financing_share as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on fund as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on hold as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on household_period as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on household_period_file as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_calculation as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_calculation_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_counted as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_decided as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_decision as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_run as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_run_line as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on incentive_share as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on lock_end as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on matching_run as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on membership as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on organisation as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on paper_counter as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on reconciliation_break as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on resolution_break as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on resolution_decision as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on saver as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on saver_correction as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on saver_version as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on savings_account as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on savings_account_status_change as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on savings_book as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on savings_group as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on transaction as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on transfer_authorisation as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on webhook as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on webhook_delivery as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));
create policy of_told_book on webhook_rotation as permissive for all to public using (((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text)));

-- grants

grant update on column api_key.revoked_at to qullqi_service;
grant update on column bank_account.turns to qullqi_service;
grant update on column coordination.end_actor to qullqi_service;
grant update on column coordination.end_recorded_at to qullqi_service;
grant update on column coordination.ends_on to qullqi_service;
grant update on column draw.seed to qullqi_service;
grant update on column draw.seed_drawn_on to qullqi_service;
grant update on column draw.seed_reference to qullqi_service;
grant update on column draw.seeded_at to qullqi_service;
grant update on column draw.seeded_by to qullqi_service;
grant update on column enrolment.end_actor to qullqi_service;
grant update on column enrolment.end_reason to qullqi_service;
grant update on column enrolment.end_recorded_at to qullqi_service;
grant update on column enrolment.ends_on to qullqi_service;
grant update on column incentive_rule.valid_to to qullqi_service;
grant update on column incentive_run.approved_at to qullqi_service;
grant update on column incentive_run.approved_by to qullqi_service;
grant update on column incentive_run.deciders to qullqi_service;
grant update on column incentive_run.ended_at to qullqi_service;
grant update on column incentive_run.funds_before to qullqi_service;
grant update on column incentive_run.lines to qullqi_service;
grant update on column incentive_run.posted_through to qullqi_service;
grant update on column incentive_run.prepared_through to qullqi_service;
grant update on column incentive_run.savers to qullqi_service;
grant update on column incentive_run.shared_back to qullqi_service;
grant update on column incentive_run.shared_out to qullqi_service;
grant update on column incentive_run.status to qullqi_service;
grant update on column incentive_run.stop_reason to qullqi_service;
grant update on column incentive_run_line.amount to qullqi_service;
grant update on column incentive_run_line.decision_id to qullqi_service;
grant update on column incentive_run_line.document to qullqi_service;
grant update on column incentive_run_line.document_use to qullqi_service;
grant update on column incentive_run_line.explanation to qullqi_service;
grant update on column incentive_run_line.money to qullqi_service;
grant update on column incentive_run_line.outcome to qullqi_service;
grant update on column incentive_run_line.reason to qullqi_service;
grant update on column incentive_run_line.savings_account_id to qullqi_service;
grant update on column incentive_run_line.shared_from to qullqi_service;
grant update on column membership.end_actor to qullqi_service;
grant update on column membership.end_recorded_at to qullqi_service;
grant update on column membership.ends_on to qullqi_service;
grant update on column paper_counter.last to qullqi_service;
grant update on column programme.name to qullqi_service;
grant update on column reconciliation_break.ended_at to qullqi_service;
grant update on column saver.birth_date to qullqi_service;
grant update on column saver.district_code to qullqi_service;
grant update on column saver.family_names to qullqi_service;
grant update on column saver.given_names to qullqi_service;
grant update on column saver.household_reference to qullqi_service;
grant update on column saver.identified to qullqi_service;
grant update on column saver.mother_tongue to qullqi_service;
grant update on column saver.mother_tongue_consented_on to qullqi_service;
grant update on column saver.person to qullqi_service;
grant update on column saver.sex to qullqi_service;
grant update on column saver_version.mother_tongue to qullqi_service;
grant update on column savings_group.meeting_place to qullqi_service;
grant update on column webhook."position" to qullqi_service;
grant update on column webhook.disabled_because to qullqi_service;
grant update on column webhook.status to qullqi_service;
grant update on column webhook.status_actor to qullqi_service;
grant update on column webhook.status_at to qullqi_service;
grant update on column webhook_delivery.attempts to qullqi_service;
grant update on column webhook_delivery.due_at to qullqi_service;
grant update on column webhook_delivery.failures to qullqi_service;
grant update on column webhook_delivery.last_at to qullqi_service;
grant update on column webhook_delivery.last_outcome to qullqi_service;
grant update on column webhook_delivery.last_status to qullqi_service;
grant update on column webhook_delivery.status to qullqi_service;
grant execute on function audit_content(bytea,jsonb) to qullqi_service;
grant execute on function audit_hash(uuid,bytea,bigint,timestamp with time zone,text,text,text,text,text[],bytea[]) to qullqi_service;
grant execute on function audit_link(uuid,integer) to qullqi_service;
grant execute on function audit_read(uuid,text[],text[],text[],text[]) to qullqi_service;
grant execute on function feed_hash(uuid,bigint,bigint,text,uuid,text,timestamp with time zone) to qullqi_service;
grant execute on function feed_tell(uuid,timestamp with time zone,text[],uuid[],text[]) to qullqi_service;
grant execute on function ledger_change_accounts(uuid,timestamp with time zone,text,jsonb) to qullqi_service;
grant execute on function ledger_close_month(uuid,timestamp with time zone,date,text,date,text) to qullqi_service;
grant execute on function ledger_expire(uuid,timestamp with time zone) to qullqi_service;
grant execute on function ledger_open_accounts(uuid,timestamp with time zone,text,jsonb) to qullqi_service;
grant execute on function ledger_open_book(uuid,timestamp with time zone,text,text,text,text,date,text) to qullqi_service;
grant execute on function ledger_place_hold(uuid,timestamp with time zone,text,uuid,uuid,bigint,timestamp with time zone,text) to qullqi_service;
grant execute on function ledger_post(uuid,timestamp with time zone,date,uuid[],integer[],integer[],text[],date[],text[],bytea[],jsonb,bigint[],uuid[],integer[],integer[],bigint[],uuid[]) to qullqi_service;
grant execute on function ledger_release_hold(uuid,timestamp with time zone,text,uuid,text) to qullqi_service;
grant execute on function ledger_settle_instant(uuid,timestamp with time zone,timestamp with time zone) to qullqi_service;
grant usage on schema public to public;
grant usage on schema public to qullqi_service;
grant insert, select on table accepted_break to qullqi_service;
grant select on table account to qullqi_service;
grant select on table account_day to qullqi_service;
grant select on table account_day_to_date to qullqi_service;
grant insert, select on table account_limit to qullqi_service;
grant insert, select on table agent to qullqi_service;
grant insert, select on table api_key to qullqi_service;
grant select on table audit_entry to qullqi_service;
grant select on table audit_head to qullqi_service;
grant select on table audit_pending to qullqi_service;
grant insert, select on table balance_comparison to qullqi_service;
grant insert, select on table balance_comparison_line to qullqi_service;
grant insert, select on table balance_decided to qullqi_service;
grant insert, select on table balance_decision to qullqi_service;
grant insert, select on table balance_list to qullqi_service;
grant insert, select on table balance_list_piece to qullqi_service;
grant insert, select on table balance_proposal to qullqi_service;
grant insert, select on table bank_account to qullqi_service;
grant insert, select on table bank_claim to qullqi_service;
grant insert, select on table bank_file to qullqi_service;
grant insert, select on table bank_file_piece to qullqi_service;
grant insert, select on table bank_line to qullqi_service;
grant insert, select on table bank_match to qullqi_service;
grant insert, select on table bank_statement to qullqi_service;
grant select on table book to qullqi_service;
grant select on table book_head to qullqi_service;
grant insert, select on table book_seal to qullqi_service;
grant insert, select on table break_comment to qullqi_service;
grant insert, select on table break_owner to qullqi_service;
grant insert, select on table break_resolution to qullqi_service;
grant insert, select on table collection_sheet to qullqi_service;
grant insert, select on table collection_sheet_line to qullqi_service;
grant insert, select on table coordination to qullqi_service;
grant insert, select on table definition to qullqi_service;
grant insert, select on table disbursement_item to qullqi_service;
grant insert, select on table disbursement_line to qullqi_service;
grant insert, select on table disbursement_request to qullqi_service;
grant insert, select on table disbursement_step to qullqi_service;
grant insert, select on table draw to qullqi_service;
grant insert, select on table draw_entry to qullqi_service;
grant insert, select on table draw_exclusion to qullqi_service;
grant insert, select on table draw_result to qullqi_service;
grant insert, select on table enrolment to qullqi_service;
grant select on table entry to qullqi_service;
grant select on table event to qullqi_service;
grant select on table feed_event to qullqi_service;
grant insert, select on table financing to qullqi_service;
grant insert, select on table financing_share to qullqi_service;
grant insert, select on table fund to qullqi_service;
grant select on table hold to qullqi_service;
grant insert, select on table household_period to qullqi_service;
grant insert, select on table household_period_file to qullqi_service;
grant insert, select on table identity_check to qullqi_service;
grant insert, select on table incentive to qullqi_service;
grant insert, select on table incentive_calculation to qullqi_service;
grant insert, select on table incentive_calculation_line to qullqi_service;
grant insert, select on table incentive_counted to qullqi_service;
grant insert, select on table incentive_decided to qullqi_service;
grant insert, select on table incentive_decision to qullqi_service;
grant insert, select on table incentive_rule to qullqi_service;
grant insert, select on table incentive_run to qullqi_service;
grant insert, select on table incentive_run_line to qullqi_service;
grant insert, select on table incentive_share to qullqi_service;
grant insert, select on table lock_end to qullqi_service;
grant insert, select on table matching_run to qullqi_service;
grant insert, select on table membership to qullqi_service;
grant insert, select on table organisation to qullqi_service;
grant insert, select on table paper_counter to qullqi_service;
grant insert, select on table partner_institution to qullqi_service;
grant insert, select on table programme to qullqi_service;
grant insert, select on table reconciliation_break to qullqi_service;
grant insert, select on table release to qullqi_service;
grant insert, select on table resolution_break to qullqi_service;
grant insert, select on table resolution_decision to qullqi_service;
grant insert, select on table saver to qullqi_service;
grant insert, select on table saver_correction to qullqi_service;
grant insert, select on table saver_version to qullqi_service;
grant insert, select on table savings_account to qullqi_service;
grant insert, select on table savings_account_status_change to qullqi_service;
grant insert, select on table savings_book to qullqi_service;
grant insert, select on table savings_group to qullqi_service;
grant insert, select on table seal to qullqi_service;
grant insert, select on table signing_key to qullqi_service;
grant insert, select on table statement_profile to qullqi_service;
grant select on table territory to qullqi_service;
grant insert, select on table token_client to qullqi_service;
grant select on table transaction to qullqi_service;
grant insert, select on table transfer_authorisation to qullqi_service;
grant insert, select on table webhook to qullqi_service;
grant insert, select on table webhook_delivery to qullqi_service;
grant insert, select on table webhook_rotation to qullqi_service;
