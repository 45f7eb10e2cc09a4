CREATE TABLE "break_comment" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"origin" uuid NOT NULL,
	"role" text NOT NULL,
	"text" text NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "break_comment_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "break_comment_role_known" CHECK (role in ('agent', 'bank', 'analyst', 'auditor', 'administrator')),
	CONSTRAINT "break_comment_says_something" CHECK (length("break_comment"."text") between 1 and 2000)
);
--> statement-breakpoint
CREATE TABLE "break_owner" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"origin" uuid NOT NULL,
	"number" integer NOT NULL,
	"owner" uuid,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "break_owner_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "break_owner_number_unique" UNIQUE("book_id","origin","number"),
	CONSTRAINT "break_owner_number_positive" CHECK ("break_owner"."number" > 0)
);
--> statement-breakpoint
CREATE TABLE "reconciliation_break" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"origin" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"subject" text NOT NULL,
	"statement_id" uuid,
	"line" integer,
	"sequence" bigint,
	"position" smallint,
	"amount" bigint,
	"day" date NOT NULL,
	"detail" text NOT NULL,
	"question" uuid,
	"score" smallint,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "reconciliation_break_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "reconciliation_break_origin_unique" UNIQUE("book_id","id","origin"),
	CONSTRAINT "reconciliation_break_reason_known" CHECK (reason in ('missing-in-ledger', 'in-transit', 'late-at-bank', 'amount-differs', 'date-out-of-window', 'reference-differs', 'ambiguous', 'duplicate-at-bank', 'duplicate-in-ledger', 'reversal-unmatched', 'wrong-account', 'unknown-beneficiary', 'fee-or-interest', 'residue', 'statement-number-reused', 'statement-gap', 'statement-opening-differs', 'statement-unbalanced', 'currency')),
	CONSTRAINT "reconciliation_break_is_of_one_thing" CHECK (("reconciliation_break"."sequence" is null) = ("reconciliation_break"."position" is null) and ("reconciliation_break"."sequence" is null) <> ("reconciliation_break"."statement_id" is null)
        and ("reconciliation_break"."line" is null or "reconciliation_break"."statement_id" is not null)),
	CONSTRAINT "reconciliation_break_score_within" CHECK ("reconciliation_break"."score" is null or ("reconciliation_break"."score" between 1 and 99 and "reconciliation_break"."question" is not null)),
	CONSTRAINT "reconciliation_break_ends_later" CHECK ("reconciliation_break"."ended_at" >= "reconciliation_break"."opened_at")
);
--> statement-breakpoint
CREATE TABLE "bank_account" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" text NOT NULL,
	"number_key" text NOT NULL,
	"account_id" uuid NOT NULL,
	"profile_code" text,
	"turns" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "bank_account_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "bank_account_number_unique" UNIQUE("book_id","number_key"),
	CONSTRAINT "bank_account_account_unique" UNIQUE("book_id","account_id"),
	CONSTRAINT "bank_account_number_key_plain" CHECK ("bank_account"."number_key" ~ '^[0-9A-Z]+$'),
	CONSTRAINT "bank_account_turns_not_negative" CHECK ("bank_account"."turns" >= 0)
);
--> statement-breakpoint
CREATE TABLE "bank_file" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sha256" "bytea" NOT NULL,
	"size" integer NOT NULL,
	"pieces" integer NOT NULL,
	"name" text,
	"media_type" text NOT NULL,
	"format" text NOT NULL,
	"profile_id" uuid,
	"verdict" jsonb,
	"statements" integer NOT NULL,
	"lines" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "bank_file_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "bank_file_bytes_unique" UNIQUE("book_id","sha256"),
	CONSTRAINT "bank_file_is_sha256" CHECK (octet_length("bank_file"."sha256") = 32),
	CONSTRAINT "bank_file_size_bounded" CHECK ("bank_file"."size" between 1 and 104857600),
	CONSTRAINT "bank_file_format_known" CHECK (format in ('camt', 'mt940', 'profile')),
	CONSTRAINT "bank_file_profile_reads_it" CHECK (("bank_file"."profile_id" is not null) = ("bank_file"."format" = 'profile')),
	CONSTRAINT "bank_file_counts" CHECK ("bank_file"."statements" > 0 and "bank_file"."lines" >= 0)
);
--> statement-breakpoint
CREATE TABLE "bank_file_piece" (
	"book_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "bank_file_piece_pkey" PRIMARY KEY("book_id","file_id","number"),
	CONSTRAINT "bank_file_piece_bounded" CHECK (octet_length("bank_file_piece"."content") between 1 and 1048576),
	CONSTRAINT "bank_file_piece_number_not_negative" CHECK ("bank_file_piece"."number" >= 0)
);
--> statement-breakpoint
CREATE TABLE "bank_line" (
	"book_id" uuid NOT NULL,
	"statement_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"place" text NOT NULL,
	"standing" text NOT NULL,
	"same_as" "bytea" NOT NULL,
	"occurrence" integer NOT NULL,
	"amount" numeric NOT NULL,
	"currency" text NOT NULL,
	"side" text NOT NULL,
	"moves" bigint,
	"status" text NOT NULL,
	"is_reversal" boolean NOT NULL,
	"booking_day" date,
	"value_day" date,
	"day" date NOT NULL,
	"reference" text,
	"end_to_end_id" text,
	"code" text,
	"counterparty" text,
	"counterparty_account" text,
	"text" text NOT NULL,
	"details" jsonb NOT NULL,
	CONSTRAINT "bank_line_pkey" PRIMARY KEY("book_id","statement_id","number"),
	CONSTRAINT "bank_line_moves_unique" UNIQUE("book_id","statement_id","number","moves"),
	CONSTRAINT "bank_line_standing_known" CHECK (standing in ('new', 'repeated', 'disputed', 'notice')),
	CONSTRAINT "bank_line_side_known" CHECK (side in ('credit', 'debit')),
	CONSTRAINT "bank_line_status_known" CHECK (status in ('booked', 'pending', 'information')),
	CONSTRAINT "bank_line_amount_not_negative" CHECK ("bank_line"."amount" >= 0),
	CONSTRAINT "bank_line_occurrence_positive" CHECK ("bank_line"."occurrence" > 0),
	CONSTRAINT "bank_line_moves_what_it_says" CHECK ("bank_line"."moves" is null or ("bank_line"."standing" = 'new' and "bank_line"."status" = 'booked' and "bank_line"."moves" <> 0
        and ("bank_line"."moves" > 0) = ("bank_line"."side" = 'credit')))
);
--> statement-breakpoint
CREATE TABLE "bank_statement" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"turn" integer NOT NULL,
	"standing" text NOT NULL,
	"reference" text,
	"number" text,
	"sequence" bigint,
	"page" integer,
	"currency" text,
	"from_day" date NOT NULL,
	"to_day" date NOT NULL,
	"created_at" text,
	"opening" numeric,
	"closing" numeric,
	"credits" numeric NOT NULL,
	"debits" numeric NOT NULL,
	"residue" numeric,
	"lines" integer NOT NULL,
	"repeated" integer NOT NULL,
	"uncounted" integer NOT NULL,
	"balances" jsonb NOT NULL,
	"warnings" jsonb NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "bank_statement_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "bank_statement_position_unique" UNIQUE("book_id","file_id","position"),
	CONSTRAINT "bank_statement_account_unique" UNIQUE("book_id","id","bank_account_id"),
	CONSTRAINT "bank_statement_standing_known" CHECK (standing in ('taken', 'notice', 'repeated', 'disputed')),
	CONSTRAINT "bank_statement_days_in_order" CHECK ("bank_statement"."from_day" <= "bank_statement"."to_day"),
	CONSTRAINT "bank_statement_counts" CHECK ("bank_statement"."repeated" between 0 and "bank_statement"."lines" and "bank_statement"."uncounted" between 0 and "bank_statement"."lines"),
	CONSTRAINT "bank_statement_residue_is_what_is_left" CHECK ("bank_statement"."residue" is null or "bank_statement"."residue" = "bank_statement"."closing" - "bank_statement"."opening" - "bank_statement"."credits" + "bank_statement"."debits")
);
--> statement-breakpoint
ALTER TABLE "break_comment" ADD CONSTRAINT "break_comment_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_comment" ADD CONSTRAINT "break_comment_origin_fkey" FOREIGN KEY ("book_id","origin","origin") REFERENCES "public"."reconciliation_break"("book_id","id","origin") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_owner" ADD CONSTRAINT "break_owner_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_owner" ADD CONSTRAINT "break_owner_origin_fkey" FOREIGN KEY ("book_id","origin","origin") REFERENCES "public"."reconciliation_break"("book_id","id","origin") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_origin_fkey" FOREIGN KEY ("book_id","origin") REFERENCES "public"."reconciliation_break"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_account_fkey" FOREIGN KEY ("book_id","bank_account_id") REFERENCES "public"."bank_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_statement_fkey" FOREIGN KEY ("book_id","statement_id") REFERENCES "public"."bank_statement"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_line_fkey" FOREIGN KEY ("book_id","statement_id","line") REFERENCES "public"."bank_line"("book_id","statement_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_break" ADD CONSTRAINT "reconciliation_break_entry_fkey" FOREIGN KEY ("book_id","sequence","position") REFERENCES "public"."entry"("book_id","sequence","position") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_account" ADD CONSTRAINT "bank_account_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_account" ADD CONSTRAINT "bank_account_account_fkey" FOREIGN KEY ("book_id","account_id") REFERENCES "public"."account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_file" ADD CONSTRAINT "bank_file_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_file" ADD CONSTRAINT "bank_file_profile_id_statement_profile_id_fk" FOREIGN KEY ("profile_id") REFERENCES "public"."statement_profile"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_file_piece" ADD CONSTRAINT "bank_file_piece_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_file_piece" ADD CONSTRAINT "bank_file_piece_file_fkey" FOREIGN KEY ("book_id","file_id") REFERENCES "public"."bank_file"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_line" ADD CONSTRAINT "bank_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_line" ADD CONSTRAINT "bank_line_statement_fkey" FOREIGN KEY ("book_id","statement_id","bank_account_id") REFERENCES "public"."bank_statement"("book_id","id","bank_account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement" ADD CONSTRAINT "bank_statement_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement" ADD CONSTRAINT "bank_statement_account_fkey" FOREIGN KEY ("book_id","bank_account_id") REFERENCES "public"."bank_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement" ADD CONSTRAINT "bank_statement_file_fkey" FOREIGN KEY ("book_id","file_id") REFERENCES "public"."bank_file"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "break_comment_by_recording" ON "break_comment" USING btree ("book_id","origin","recorded_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "reconciliation_break_open_once" ON "reconciliation_break" USING btree ("book_id","bank_account_id","subject") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "reconciliation_break_by_day" ON "reconciliation_break" USING btree ("book_id","bank_account_id","day","subject","id");--> statement-breakpoint
CREATE INDEX "reconciliation_break_by_question" ON "reconciliation_break" USING btree ("book_id","question");--> statement-breakpoint
CREATE INDEX "reconciliation_break_by_origin" ON "reconciliation_break" USING btree ("book_id","origin");--> statement-breakpoint
CREATE INDEX "bank_account_by_recording" ON "bank_account" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "bank_file_by_recording" ON "bank_file" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "bank_line_counted_once" ON "bank_line" USING btree ("book_id","bank_account_id","same_as","occurrence") WHERE standing = 'new';--> statement-breakpoint
CREATE INDEX "bank_line_by_content" ON "bank_line" USING btree ("book_id","bank_account_id","same_as","occurrence");--> statement-breakpoint
CREATE INDEX "bank_line_by_day" ON "bank_line" USING btree ("book_id","bank_account_id","day","statement_id","number");--> statement-breakpoint
CREATE INDEX "bank_statement_by_day" ON "bank_statement" USING btree ("book_id","bank_account_id","to_day","id");