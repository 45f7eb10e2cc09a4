CREATE TABLE "account_limit" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"most_balance" bigint,
	"most_a_day" bigint,
	"most_a_month" bigint,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "account_limit_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "account_limit_one_a_day" UNIQUE("book_id","valid_from"),
	CONSTRAINT "account_limit_positive" CHECK (least("account_limit"."most_balance", "account_limit"."most_a_day", "account_limit"."most_a_month") > 0)
);
--> statement-breakpoint
CREATE TABLE "financing" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"programme_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "financing_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "financing_one_a_day" UNIQUE("book_id","programme_id","valid_from")
);
--> statement-breakpoint
CREATE TABLE "financing_share" (
	"book_id" uuid NOT NULL,
	"financing_id" uuid NOT NULL,
	"place" smallint NOT NULL,
	"fund_id" uuid NOT NULL,
	"budget_code" text NOT NULL,
	"share" numeric(7, 6) NOT NULL,
	CONSTRAINT "financing_share_pkey" PRIMARY KEY("book_id","financing_id","place"),
	CONSTRAINT "financing_share_fund_unique" UNIQUE("book_id","financing_id","fund_id"),
	CONSTRAINT "financing_share_is_a_part" CHECK ("financing_share"."share" > 0 and "financing_share"."share" <= 1)
);
--> statement-breakpoint
CREATE TABLE "household_period" (
	"book_id" uuid NOT NULL,
	"household" text NOT NULL,
	"period" text NOT NULL,
	"revision" smallint NOT NULL,
	"status" text NOT NULL,
	"amount" bigint NOT NULL,
	"first_childhood" bigint NOT NULL,
	"secondary_school" bigint NOT NULL,
	"file_id" uuid NOT NULL,
	"line" integer NOT NULL,
	CONSTRAINT "household_period_pkey" PRIMARY KEY("book_id","household","period","revision"),
	CONSTRAINT "household_period_line_unique" UNIQUE("book_id","file_id","line"),
	CONSTRAINT "household_period_revision_not_negative" CHECK ("household_period"."revision" >= 0),
	CONSTRAINT "household_period_status_known" CHECK (status in ('MET', 'FAILED', 'WAIVED')),
	CONSTRAINT "household_period_is_bimester" CHECK ("household_period"."period" ~ '^[0-9]{4}-B[1-6]$' and "household_period"."period" >= '2005'),
	CONSTRAINT "household_period_amounts_not_negative" CHECK (least("household_period"."amount", "household_period"."first_childhood", "household_period"."secondary_school") >= 0)
);
--> statement-breakpoint
CREATE TABLE "household_period_file" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"corrects" boolean NOT NULL,
	"lines" integer NOT NULL,
	"added" integer NOT NULL,
	"corrected" integer NOT NULL,
	"left_out" integer,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "household_period_file_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "household_period_file_is_sha256" CHECK ("household_period_file"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "household_period_file_lines_add_up" CHECK (least("household_period_file"."added", "household_period_file"."corrected", "household_period_file"."left_out") >= 0 and "household_period_file"."added" + "household_period_file"."corrected" + coalesce("household_period_file"."left_out", 0) <= "household_period_file"."lines"),
	CONSTRAINT "household_period_file_corrects_or_not" CHECK ("household_period_file"."corrects" or "household_period_file"."corrected" = 0)
);
--> statement-breakpoint
CREATE TABLE "incentive" (
	"book_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"period" text NOT NULL,
	"revision" smallint NOT NULL,
	"follows" smallint,
	"enrolment_id" uuid NOT NULL,
	"savings_account_id" uuid NOT NULL,
	"money" text NOT NULL,
	"amount" bigint NOT NULL,
	"household" text,
	"turn" smallint NOT NULL,
	"run_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"transaction_id" uuid NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"document" text,
	"document_use" smallint,
	CONSTRAINT "incentive_pkey" PRIMARY KEY("book_id","saver_id","enrolment_id","rule_id","period","revision"),
	CONSTRAINT "incentive_transaction_unique" UNIQUE("book_id","transaction_id"),
	CONSTRAINT "incentive_line_unique" UNIQUE("book_id","run_id","line"),
	CONSTRAINT "incentive_follows_the_one_before" CHECK ("incentive"."revision" >= 0 and coalesce("incentive"."follows", -1) = "incentive"."revision" - 1),
	CONSTRAINT "incentive_turn_is_a_households" CHECK ("incentive"."turn" >= 0 and ("incentive"."turn" = 0 or "incentive"."household" is not null)),
	CONSTRAINT "incentive_not_zero" CHECK ("incentive"."amount" <> 0 and ("incentive"."revision" > 0 or "incentive"."amount" > 0))
);
--> statement-breakpoint
CREATE TABLE "incentive_run" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"programme_id" uuid NOT NULL,
	"month" text NOT NULL,
	"value_date" date NOT NULL,
	"financing_id" uuid NOT NULL,
	"status" text NOT NULL,
	"cutoff" bigint NOT NULL,
	"prepared_through" uuid,
	"lines" integer NOT NULL,
	"savers" integer NOT NULL,
	"posted_through" integer NOT NULL,
	"shared_out" bigint DEFAULT 0 NOT NULL,
	"shared_back" jsonb DEFAULT '{}' NOT NULL,
	"approved_by" text,
	"approved_at" timestamp (3) with time zone,
	"stop_reason" text,
	"funds_before" jsonb,
	"ended_at" timestamp (3) with time zone,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "incentive_run_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "incentive_run_status_known" CHECK (status in ('preparing', 'prepared', 'posting', 'stopped', 'posted', 'cancelled')),
	CONSTRAINT "incentive_run_is_approved_to_post" CHECK (("incentive_run"."status" in ('posting', 'stopped', 'posted')) = ("incentive_run"."approved_by" is not null and "incentive_run"."approved_at" is not null)),
	CONSTRAINT "incentive_run_stops_for_a_reason" CHECK (("incentive_run"."status" = 'stopped') = ("incentive_run"."stop_reason" is not null)),
	CONSTRAINT "incentive_run_two_actors" CHECK ("incentive_run"."approved_by" is null or "incentive_run"."approved_by" <> "incentive_run"."actor"),
	CONSTRAINT "incentive_run_shared_out_not_negative" CHECK ("incentive_run"."shared_out" >= 0)
);
--> statement-breakpoint
CREATE TABLE "incentive_run_line" (
	"book_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"saver_id" uuid NOT NULL,
	"enrolment_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"period" text NOT NULL,
	"revision" smallint NOT NULL,
	"savings_account_id" uuid,
	"money" text,
	"household" text,
	"turn" smallint NOT NULL,
	"amount" bigint NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"explanation" jsonb NOT NULL,
	"document" text,
	"document_use" smallint,
	"shared_from" bigint,
	CONSTRAINT "incentive_run_line_pkey" PRIMARY KEY("book_id","run_id","number"),
	CONSTRAINT "incentive_run_line_unique" UNIQUE("book_id","run_id","saver_id","enrolment_id","rule_id","period"),
	CONSTRAINT "incentive_run_line_outcome_known" CHECK (outcome in ('due', 'posted', 'blocked', 'refused', 'nothing')),
	CONSTRAINT "incentive_run_line_nothing_is_zero" CHECK (("incentive_run_line"."outcome" = 'nothing') = ("incentive_run_line"."amount" = 0)),
	CONSTRAINT "incentive_run_line_shared_when_paid" CHECK (("incentive_run_line"."shared_from" is not null) = ("incentive_run_line"."outcome" = 'posted' and "incentive_run_line"."amount" > 0))
);
--> statement-breakpoint
CREATE TABLE "incentive_share" (
	"book_id" uuid NOT NULL,
	"transaction_id" uuid NOT NULL,
	"fund_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "incentive_share_pkey" PRIMARY KEY("book_id","transaction_id","fund_id"),
	CONSTRAINT "incentive_share_not_zero" CHECK ("incentive_share"."amount" <> 0)
);
--> statement-breakpoint
CREATE TABLE "lock_end" (
	"book_id" uuid NOT NULL,
	"enrolment_id" uuid NOT NULL,
	"savings_account_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"number" smallint NOT NULL,
	"amount" bigint NOT NULL,
	"ended_on" date NOT NULL,
	"transaction_id" uuid NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "lock_end_pkey" PRIMARY KEY("book_id","enrolment_id","savings_account_id","outcome","number"),
	CONSTRAINT "lock_end_transaction_unique" UNIQUE("book_id","transaction_id"),
	CONSTRAINT "lock_end_outcome_known" CHECK (outcome in ('released', 'forfeited')),
	CONSTRAINT "lock_end_amount_positive" CHECK ("lock_end"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "account_limit" ADD CONSTRAINT "account_limit_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financing" ADD CONSTRAINT "financing_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financing" ADD CONSTRAINT "financing_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financing_share" ADD CONSTRAINT "financing_share_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financing_share" ADD CONSTRAINT "financing_share_financing_fkey" FOREIGN KEY ("book_id","financing_id") REFERENCES "public"."financing"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financing_share" ADD CONSTRAINT "financing_share_fund_fkey" FOREIGN KEY ("book_id","fund_id") REFERENCES "public"."fund"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "household_period" ADD CONSTRAINT "household_period_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "household_period" ADD CONSTRAINT "household_period_file_fkey" FOREIGN KEY ("book_id","file_id") REFERENCES "public"."household_period_file"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "household_period_file" ADD CONSTRAINT "household_period_file_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_follows_fkey" FOREIGN KEY ("book_id","saver_id","enrolment_id","rule_id","period","follows") REFERENCES "public"."incentive"("book_id","saver_id","enrolment_id","rule_id","period","revision") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_enrolment_fkey" FOREIGN KEY ("book_id","enrolment_id") REFERENCES "public"."enrolment"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_savings_account_fkey" FOREIGN KEY ("book_id","savings_account_id") REFERENCES "public"."savings_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive" ADD CONSTRAINT "incentive_run_fkey" FOREIGN KEY ("book_id","run_id","line") REFERENCES "public"."incentive_run_line"("book_id","run_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run" ADD CONSTRAINT "incentive_run_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run" ADD CONSTRAINT "incentive_run_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run" ADD CONSTRAINT "incentive_run_financing_fkey" FOREIGN KEY ("book_id","financing_id") REFERENCES "public"."financing"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run_line" ADD CONSTRAINT "incentive_run_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run_line" ADD CONSTRAINT "incentive_run_line_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_run_line" ADD CONSTRAINT "incentive_run_line_run_fkey" FOREIGN KEY ("book_id","run_id") REFERENCES "public"."incentive_run"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_share" ADD CONSTRAINT "incentive_share_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_share" ADD CONSTRAINT "incentive_share_fund_fkey" FOREIGN KEY ("book_id","fund_id") REFERENCES "public"."fund"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_end" ADD CONSTRAINT "lock_end_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_end" ADD CONSTRAINT "lock_end_enrolment_fkey" FOREIGN KEY ("book_id","enrolment_id") REFERENCES "public"."enrolment"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_end" ADD CONSTRAINT "lock_end_savings_account_fkey" FOREIGN KEY ("book_id","savings_account_id") REFERENCES "public"."savings_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "household_period_file_by_recording" ON "household_period_file" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "incentive_household_unique" ON "incentive" USING btree ("book_id","household","rule_id","period","turn","revision") WHERE household is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "incentive_document_unique" ON "incentive" USING btree ("book_id","document","rule_id","document_use") WHERE document is not null;--> statement-breakpoint
CREATE INDEX "incentive_by_enrolment" ON "incentive" USING btree ("book_id","enrolment_id","recorded_at");--> statement-breakpoint
CREATE UNIQUE INDEX "incentive_run_one_open" ON "incentive_run" USING btree ("book_id","programme_id") WHERE status in ('preparing', 'prepared', 'posting', 'stopped');--> statement-breakpoint
CREATE INDEX "incentive_run_line_by_document" ON "incentive_run_line" USING btree ("book_id","document") WHERE document is not null;--> statement-breakpoint
CREATE INDEX "incentive_run_by_recording" ON "incentive_run" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "incentive_share_by_fund" ON "incentive_share" USING btree ("book_id","fund_id","transaction_id");