CREATE TABLE "collection_sheet" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"coordinator_id" uuid NOT NULL,
	"meeting_date" date NOT NULL,
	"cash_count" bigint NOT NULL,
	"on_refusal" text NOT NULL,
	"line_count" smallint NOT NULL,
	"written_hash" "bytea" NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "collection_sheet_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "collection_sheet_line_count_unique" UNIQUE("book_id","id","line_count"),
	CONSTRAINT "collection_sheet_once" UNIQUE("book_id","group_id","meeting_date","content_hash"),
	CONSTRAINT "collection_sheet_on_refusal_known" CHECK (on_refusal in ('refuse-sheet', 'post-without')),
	CONSTRAINT "collection_sheet_line_count_positive" CHECK ("collection_sheet"."line_count" > 0)
);
--> statement-breakpoint
CREATE TABLE "collection_sheet_line" (
	"book_id" uuid NOT NULL,
	"sheet_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"line_count" smallint NOT NULL,
	"line" smallint NOT NULL,
	"savings_account_id" uuid,
	"bank_account_number" text,
	"deposit" bigint,
	"withdrawal" bigint,
	"depositor_id" uuid,
	"purpose" text,
	"deposit_transaction_id" uuid,
	"withdrawal_transaction_id" uuid,
	"refusal" text,
	CONSTRAINT "collection_sheet_line_pkey" PRIMARY KEY("book_id","sheet_id","line"),
	CONSTRAINT "collection_sheet_line_position_unique" UNIQUE("book_id","sheet_id","position"),
	CONSTRAINT "collection_sheet_line_positive" CHECK ("collection_sheet_line"."line" > 0),
	CONSTRAINT "collection_sheet_line_position_within_count" CHECK ("collection_sheet_line"."position" between 1 and "collection_sheet_line"."line_count"),
	CONSTRAINT "collection_sheet_line_amounts_positive" CHECK ("collection_sheet_line"."deposit" > 0 and "collection_sheet_line"."withdrawal" > 0),
	CONSTRAINT "collection_sheet_line_posted_or_refused" CHECK (("collection_sheet_line"."deposit_transaction_id" is not null) = ("collection_sheet_line"."refusal" is null and "collection_sheet_line"."deposit" is not null)
        and ("collection_sheet_line"."withdrawal_transaction_id" is not null) = ("collection_sheet_line"."refusal" is null and "collection_sheet_line"."withdrawal" is not null))
);
--> statement-breakpoint
CREATE TABLE "fund" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"funding_source" text NOT NULL,
	"opened_on" date NOT NULL,
	"account_id" uuid NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "fund_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "fund_code_unique" UNIQUE("book_id","code")
);
--> statement-breakpoint
CREATE TABLE "savings_account" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"holder_kind" text NOT NULL,
	"saver_id" uuid,
	"group_id" uuid,
	"organisation_id" uuid,
	"bank_account_number" text,
	"cci" text,
	"cci_valid" boolean,
	"opened_on" date NOT NULL,
	"agent_id" uuid,
	"own_account_id" uuid NOT NULL,
	"incentive_locked_account_id" uuid NOT NULL,
	"incentive_released_account_id" uuid NOT NULL,
	"interest_account_id" uuid NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "savings_account_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "savings_account_own_account_unique" UNIQUE("book_id","own_account_id"),
	CONSTRAINT "savings_account_has_one_holder" CHECK (case "savings_account"."holder_kind" when 'saver' then "savings_account"."saver_id" when 'group' then "savings_account"."group_id" when 'organisation' then "savings_account"."organisation_id" end is not null
        and num_nonnulls("savings_account"."saver_id", "savings_account"."group_id", "savings_account"."organisation_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "savings_account_status_change" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"savings_account_id" uuid NOT NULL,
	"status" text NOT NULL,
	"reason" text NOT NULL,
	"closed_on" date,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "savings_account_status_change_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "savings_account_status_change_status_known" CHECK (status in ('open', 'blocked', 'closed')),
	CONSTRAINT "savings_account_status_change_has_reason" CHECK ("savings_account_status_change"."reason" <> ''),
	CONSTRAINT "savings_account_status_change_closing_has_day" CHECK (("savings_account_status_change"."status" = 'closed') = ("savings_account_status_change"."closed_on" is not null))
);
--> statement-breakpoint
CREATE TABLE "agent" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"starts_on" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "agent_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "agent_code_unique" UNIQUE("book_id","code")
);
--> statement-breakpoint
CREATE TABLE "coordination" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"end_recorded_at" timestamp (3) with time zone,
	"end_actor" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "coordination_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "coordination_one_start_a_day" UNIQUE("book_id","group_id","starts_on"),
	CONSTRAINT "coordination_dates_in_order" CHECK ("coordination"."ends_on" is null or "coordination"."ends_on" >= "coordination"."starts_on")
);
--> statement-breakpoint
CREATE TABLE "enrolment" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"programme_id" uuid NOT NULL,
	"starts_on" date NOT NULL,
	"contract_months" smallint NOT NULL,
	"cohort" text NOT NULL,
	"end_reason" text,
	"ends_on" date,
	"end_recorded_at" timestamp (3) with time zone,
	"end_actor" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "enrolment_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "enrolment_contract_months_positive" CHECK ("enrolment"."contract_months" > 0),
	CONSTRAINT "enrolment_dates_in_order" CHECK ("enrolment"."ends_on" is null or "enrolment"."ends_on" >= "enrolment"."starts_on"),
	CONSTRAINT "enrolment_end_reason_known" CHECK (end_reason in ('completed', 'withdrew', 'moved', 'died', 'entered-by-mistake')),
	CONSTRAINT "enrolment_completed_at_its_end" CHECK ("enrolment"."end_reason" is distinct from 'completed' or "enrolment"."ends_on" >= date_trunc('month', "enrolment"."starts_on" + make_interval(months => "enrolment"."contract_months") - interval '1 day')),
	CONSTRAINT "enrolment_end_has_reason" CHECK (("enrolment"."ends_on" is null) = ("enrolment"."end_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "membership" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"end_recorded_at" timestamp (3) with time zone,
	"end_actor" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "membership_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "membership_one_start_a_day" UNIQUE("book_id","saver_id","starts_on"),
	CONSTRAINT "membership_dates_in_order" CHECK ("membership"."ends_on" is null or "membership"."ends_on" >= "membership"."starts_on")
);
--> statement-breakpoint
CREATE TABLE "organisation" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"ruc" text,
	"district_code" text NOT NULL,
	"registered_on" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "organisation_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "organisation_ruc_unique" UNIQUE("book_id","ruc"),
	CONSTRAINT "organisation_kind_known" CHECK (kind in ('community', 'association', 'committee', 'other'))
);
--> statement-breakpoint
CREATE TABLE "saver" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"person" "bytea" NOT NULL,
	"identified" boolean NOT NULL,
	"given_names" text NOT NULL,
	"family_names" text NOT NULL,
	"sex" text NOT NULL,
	"birth_date" date,
	"district_code" text NOT NULL,
	"mother_tongue" text,
	"mother_tongue_consented_on" date,
	"household_reference" text,
	"registered_on" date NOT NULL,
	"agent_id" uuid,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "saver_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "saver_person_unique" UNIQUE("book_id","person"),
	CONSTRAINT "saver_sex_known" CHECK (sex in ('female', 'male')),
	CONSTRAINT "saver_person_is_sha256" CHECK (length("saver"."person") = 32),
	CONSTRAINT "saver_mother_tongue_is_consented" CHECK (("saver"."mother_tongue" is null) = ("saver"."mother_tongue_consented_on" is null))
);
--> statement-breakpoint
CREATE TABLE "saver_correction" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"fields" text[] NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "saver_correction_pkey" PRIMARY KEY("book_id","id")
);
--> statement-breakpoint
CREATE TABLE "savings_book" (
	"book_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"opened_on" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "savings_book_pkey" PRIMARY KEY("book_id")
);
--> statement-breakpoint
CREATE TABLE "savings_group" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"district_code" text NOT NULL,
	"meeting_place" text,
	"formed_on" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "savings_group_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "savings_group_code_unique" UNIQUE("book_id","code")
);
--> statement-breakpoint
ALTER TABLE "collection_sheet" ADD CONSTRAINT "collection_sheet_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet" ADD CONSTRAINT "collection_sheet_group_fkey" FOREIGN KEY ("book_id","group_id") REFERENCES "public"."savings_group"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet" ADD CONSTRAINT "collection_sheet_agent_fkey" FOREIGN KEY ("book_id","agent_id") REFERENCES "public"."agent"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet" ADD CONSTRAINT "collection_sheet_coordinator_fkey" FOREIGN KEY ("book_id","coordinator_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet_line" ADD CONSTRAINT "collection_sheet_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet_line" ADD CONSTRAINT "collection_sheet_line_sheet_fkey" FOREIGN KEY ("book_id","sheet_id","line_count") REFERENCES "public"."collection_sheet"("book_id","id","line_count") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet_line" ADD CONSTRAINT "collection_sheet_line_deposit_fkey" FOREIGN KEY ("book_id","deposit_transaction_id") REFERENCES "public"."transaction"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_sheet_line" ADD CONSTRAINT "collection_sheet_line_withdrawal_fkey" FOREIGN KEY ("book_id","withdrawal_transaction_id") REFERENCES "public"."transaction"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fund" ADD CONSTRAINT "fund_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account" ADD CONSTRAINT "savings_account_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account" ADD CONSTRAINT "savings_account_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account" ADD CONSTRAINT "savings_account_group_fkey" FOREIGN KEY ("book_id","group_id") REFERENCES "public"."savings_group"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account" ADD CONSTRAINT "savings_account_organisation_fkey" FOREIGN KEY ("book_id","organisation_id") REFERENCES "public"."organisation"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account" ADD CONSTRAINT "savings_account_agent_fkey" FOREIGN KEY ("book_id","agent_id") REFERENCES "public"."agent"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account_status_change" ADD CONSTRAINT "savings_account_status_change_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_account_status_change" ADD CONSTRAINT "savings_account_status_change_account_fkey" FOREIGN KEY ("book_id","savings_account_id") REFERENCES "public"."savings_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent" ADD CONSTRAINT "agent_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coordination" ADD CONSTRAINT "coordination_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coordination" ADD CONSTRAINT "coordination_group_fkey" FOREIGN KEY ("book_id","group_id") REFERENCES "public"."savings_group"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coordination" ADD CONSTRAINT "coordination_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_group_fkey" FOREIGN KEY ("book_id","group_id") REFERENCES "public"."savings_group"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_district_code_territory_code_fk" FOREIGN KEY ("district_code") REFERENCES "public"."territory"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver" ADD CONSTRAINT "saver_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver" ADD CONSTRAINT "saver_district_code_territory_code_fk" FOREIGN KEY ("district_code") REFERENCES "public"."territory"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver" ADD CONSTRAINT "saver_agent_fkey" FOREIGN KEY ("book_id","agent_id") REFERENCES "public"."agent"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver_correction" ADD CONSTRAINT "saver_correction_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver_correction" ADD CONSTRAINT "saver_correction_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_book" ADD CONSTRAINT "savings_book_book_id_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."book"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_book" ADD CONSTRAINT "savings_book_institution_id_partner_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."partner_institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_group" ADD CONSTRAINT "savings_group_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "savings_group" ADD CONSTRAINT "savings_group_district_code_territory_code_fk" FOREIGN KEY ("district_code") REFERENCES "public"."territory"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "savings_account_bank_account_number_unique" ON "savings_account" USING btree ("book_id",upper(replace("bank_account_number", '-', '')));--> statement-breakpoint
CREATE INDEX "collection_sheet_by_recording" ON "collection_sheet" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "collection_sheet_by_group" ON "collection_sheet" USING btree ("book_id","group_id","meeting_date","id");--> statement-breakpoint
CREATE INDEX "fund_by_recording" ON "fund" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "savings_account_by_saver" ON "savings_account" USING btree ("book_id","saver_id","opened_on","id");--> statement-breakpoint
CREATE INDEX "savings_account_by_recording" ON "savings_account" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "savings_account_status_change_by_account" ON "savings_account_status_change" USING btree ("book_id","savings_account_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "savings_account_status_change_by_recording" ON "savings_account_status_change" USING btree ("book_id","recorded_at");--> statement-breakpoint
CREATE INDEX "agent_by_recording" ON "agent" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "coordination_one_open" ON "coordination" USING btree ("book_id","group_id") WHERE ends_on is null;--> statement-breakpoint
CREATE UNIQUE INDEX "enrolment_one_open" ON "enrolment" USING btree ("book_id","saver_id","programme_id") WHERE ends_on is null;--> statement-breakpoint
CREATE INDEX "enrolment_by_saver" ON "enrolment" USING btree ("book_id","saver_id","starts_on","id");--> statement-breakpoint
CREATE INDEX "enrolment_by_recording" ON "enrolment" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "enrolment_by_end" ON "enrolment" USING btree ("book_id","end_recorded_at") WHERE end_recorded_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "membership_one_open" ON "membership" USING btree ("book_id","saver_id") WHERE ends_on is null;--> statement-breakpoint
CREATE INDEX "membership_by_group" ON "membership" USING btree ("book_id","group_id","starts_on","id");--> statement-breakpoint
CREATE INDEX "membership_by_recording" ON "membership" USING btree ("book_id","recorded_at");--> statement-breakpoint
CREATE INDEX "membership_by_end" ON "membership" USING btree ("book_id","end_recorded_at") WHERE end_recorded_at is not null;--> statement-breakpoint
CREATE INDEX "organisation_by_recording" ON "organisation" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "saver_by_recording" ON "saver" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "saver_correction_by_saver" ON "saver_correction" USING btree ("book_id","saver_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "saver_correction_by_recording" ON "saver_correction" USING btree ("book_id","recorded_at");--> statement-breakpoint
CREATE INDEX "savings_group_by_recording" ON "savings_group" USING btree ("book_id","recorded_at","id");