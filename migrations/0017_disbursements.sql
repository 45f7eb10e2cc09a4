CREATE TABLE "disbursement_item" (
	"book_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"run_line" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "disbursement_item_pkey" PRIMARY KEY("book_id","request_id","run_line"),
	CONSTRAINT "disbursement_item_amount_positive" CHECK ("disbursement_item"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "disbursement_line" (
	"book_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"group_id" uuid,
	"savers" integer NOT NULL,
	"transactions" integer NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "disbursement_line_pkey" PRIMARY KEY("book_id","request_id","number"),
	CONSTRAINT "disbursement_line_group_unique" UNIQUE NULLS NOT DISTINCT("book_id","group_id","request_id"),
	CONSTRAINT "disbursement_line_not_empty" CHECK ("disbursement_line"."number" > 0 and "disbursement_line"."amount" > 0 and "disbursement_line"."savers" > 0 and "disbursement_line"."transactions" >= "disbursement_line"."savers")
);
--> statement-breakpoint
CREATE TABLE "disbursement_request" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"rule_code" text NOT NULL,
	"fund_id" uuid NOT NULL,
	"budget_code" text NOT NULL,
	"year" smallint NOT NULL,
	"number" integer NOT NULL,
	"follows" integer,
	"requested_on" date NOT NULL,
	"savers" integer NOT NULL,
	"transactions" integer NOT NULL,
	"amount" bigint NOT NULL,
	"replaces" uuid,
	"replaced_status" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "disbursement_request_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "disbursement_request_number_unique" UNIQUE("book_id","year","number"),
	CONSTRAINT "disbursement_request_actor_unique" UNIQUE("book_id","id","actor"),
	CONSTRAINT "disbursement_request_total_unique" UNIQUE("book_id","id","amount","transactions"),
	CONSTRAINT "disbursement_request_replaced_once" UNIQUE("book_id","replaces"),
	CONSTRAINT "disbursement_request_follows_the_one_before" CHECK (case "disbursement_request"."number" when 1 then "disbursement_request"."follows" is null else "disbursement_request"."follows" is not null and "disbursement_request"."follows" = "disbursement_request"."number" - 1 end),
	CONSTRAINT "disbursement_request_number_positive" CHECK ("disbursement_request"."number" > 0),
	CONSTRAINT "disbursement_request_year_is_its_day" CHECK ("disbursement_request"."year" = extract(year from "disbursement_request"."requested_on")),
	CONSTRAINT "disbursement_request_not_empty" CHECK ("disbursement_request"."amount" > 0 and "disbursement_request"."savers" > 0 and "disbursement_request"."transactions" >= "disbursement_request"."savers"),
	CONSTRAINT "disbursement_request_replaces_a_cancelled_one" CHECK (("disbursement_request"."replaces" is null) = ("disbursement_request"."replaced_status" is null) and ("disbursement_request"."replaced_status" is null or "disbursement_request"."replaced_status" = 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "disbursement_step" (
	"book_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"status" text NOT NULL,
	"id" uuid NOT NULL,
	"follows" text,
	"follows_on" date,
	"requested_by" text NOT NULL,
	"day" date NOT NULL,
	"reference" text,
	"ledger_amount" bigint,
	"ledger_transactions" integer,
	"first_sequence" bigint,
	"last_sequence" bigint,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "disbursement_step_pkey" PRIMARY KEY("book_id","request_id","status"),
	CONSTRAINT "disbursement_step_id_unique" UNIQUE("book_id","id"),
	CONSTRAINT "disbursement_step_followed_once" UNIQUE("book_id","request_id","follows"),
	CONSTRAINT "disbursement_step_day_unique" UNIQUE("book_id","request_id","status","day"),
	CONSTRAINT "disbursement_step_status_known" CHECK (status in ('requested', 'authorised', 'paid', 'cancelled')),
	CONSTRAINT "disbursement_step_in_order" CHECK (case "disbursement_step"."status"
        when 'requested' then "disbursement_step"."follows" is null and "disbursement_step"."follows_on" is null and "disbursement_step"."reference" is null
        else "disbursement_step"."follows" is not null and "disbursement_step"."follows_on" is not null and "disbursement_step"."day" >= "disbursement_step"."follows_on" and "disbursement_step"."reference" is not null end
        and case "disbursement_step"."status" when 'authorised' then "disbursement_step"."follows" = 'requested' when 'paid' then "disbursement_step"."follows" = 'authorised'
          when 'cancelled' then "disbursement_step"."follows" in ('requested', 'authorised') else true end),
	CONSTRAINT "disbursement_step_two_actors" CHECK ("disbursement_step"."status" <> 'authorised' or "disbursement_step"."actor" <> "disbursement_step"."requested_by"),
	CONSTRAINT "disbursement_step_paid_is_in_ledger" CHECK (num_nulls("disbursement_step"."ledger_amount", "disbursement_step"."ledger_transactions", "disbursement_step"."first_sequence", "disbursement_step"."last_sequence") = case "disbursement_step"."status" when 'paid' then 0 else 4 end),
	CONSTRAINT "disbursement_step_sequences_in_order" CHECK ("disbursement_step"."first_sequence" <= "disbursement_step"."last_sequence")
);
--> statement-breakpoint
CREATE TABLE "paper_counter" (
	"book_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"year" smallint NOT NULL,
	"last" integer NOT NULL,
	CONSTRAINT "paper_counter_pkey" PRIMARY KEY("book_id","kind","year"),
	CONSTRAINT "paper_counter_kind_known" CHECK (kind in ('request', 'authorisation')),
	CONSTRAINT "paper_counter_positive" CHECK ("paper_counter"."last" > 0)
);
--> statement-breakpoint
CREATE TABLE "transfer_authorisation" (
	"book_id" uuid NOT NULL,
	"request_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"status" text NOT NULL,
	"year" smallint NOT NULL,
	"number" integer NOT NULL,
	"follows" integer,
	"reference" text NOT NULL,
	CONSTRAINT "transfer_authorisation_pkey" PRIMARY KEY("book_id","request_id","line"),
	CONSTRAINT "transfer_authorisation_number_unique" UNIQUE("book_id","year","number"),
	CONSTRAINT "transfer_authorisation_is_authorised" CHECK ("transfer_authorisation"."status" = 'authorised'),
	CONSTRAINT "transfer_authorisation_follows_the_one_before" CHECK (case "transfer_authorisation"."number" when 1 then "transfer_authorisation"."follows" is null else "transfer_authorisation"."follows" is not null and "transfer_authorisation"."follows" = "transfer_authorisation"."number" - 1 end),
	CONSTRAINT "transfer_authorisation_number_positive" CHECK ("transfer_authorisation"."number" > 0)
);
--> statement-breakpoint
ALTER TABLE "disbursement_item" ADD CONSTRAINT "disbursement_item_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_item" ADD CONSTRAINT "disbursement_item_line_fkey" FOREIGN KEY ("book_id","request_id","line") REFERENCES "public"."disbursement_line"("book_id","request_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_item" ADD CONSTRAINT "disbursement_item_run_line_fkey" FOREIGN KEY ("book_id","run_id","run_line") REFERENCES "public"."incentive_run_line"("book_id","run_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_line" ADD CONSTRAINT "disbursement_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_line" ADD CONSTRAINT "disbursement_line_request_fkey" FOREIGN KEY ("book_id","request_id") REFERENCES "public"."disbursement_request"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_line" ADD CONSTRAINT "disbursement_line_group_fkey" FOREIGN KEY ("book_id","group_id") REFERENCES "public"."savings_group"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_request" ADD CONSTRAINT "disbursement_request_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_request" ADD CONSTRAINT "disbursement_request_follows_fkey" FOREIGN KEY ("book_id","year","follows") REFERENCES "public"."disbursement_request"("book_id","year","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_request" ADD CONSTRAINT "disbursement_request_run_fkey" FOREIGN KEY ("book_id","run_id") REFERENCES "public"."incentive_run"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_request" ADD CONSTRAINT "disbursement_request_fund_fkey" FOREIGN KEY ("book_id","fund_id") REFERENCES "public"."fund"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_request" ADD CONSTRAINT "disbursement_request_replaces_fkey" FOREIGN KEY ("book_id","replaces","replaced_status") REFERENCES "public"."disbursement_step"("book_id","request_id","status") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_step" ADD CONSTRAINT "disbursement_step_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_step" ADD CONSTRAINT "disbursement_step_requested_by_fkey" FOREIGN KEY ("book_id","request_id","requested_by") REFERENCES "public"."disbursement_request"("book_id","id","actor") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_step" ADD CONSTRAINT "disbursement_step_follows_fkey" FOREIGN KEY ("book_id","request_id","follows","follows_on") REFERENCES "public"."disbursement_step"("book_id","request_id","status","day") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disbursement_step" ADD CONSTRAINT "disbursement_step_ledger_fkey" FOREIGN KEY ("book_id","request_id","ledger_amount","ledger_transactions") REFERENCES "public"."disbursement_request"("book_id","id","amount","transactions") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_counter" ADD CONSTRAINT "paper_counter_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_authorisation" ADD CONSTRAINT "transfer_authorisation_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_authorisation" ADD CONSTRAINT "transfer_authorisation_follows_fkey" FOREIGN KEY ("book_id","year","follows") REFERENCES "public"."transfer_authorisation"("book_id","year","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_authorisation" ADD CONSTRAINT "transfer_authorisation_line_fkey" FOREIGN KEY ("book_id","request_id","line") REFERENCES "public"."disbursement_line"("book_id","request_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_authorisation" ADD CONSTRAINT "transfer_authorisation_step_fkey" FOREIGN KEY ("book_id","request_id","status") REFERENCES "public"."disbursement_step"("book_id","request_id","status") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "disbursement_item_by_line" ON "disbursement_item" USING btree ("book_id","request_id","line","run_line");--> statement-breakpoint
CREATE UNIQUE INDEX "disbursement_request_one_in_force" ON "disbursement_request" USING btree ("book_id","run_id","rule_code","fund_id") WHERE replaces is null;