CREATE TABLE "incentive_calculation" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"lines" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "incentive_calculation_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "incentive_calculation_run_unique" UNIQUE("book_id","id","run_id"),
	CONSTRAINT "incentive_calculation_not_empty" CHECK ("incentive_calculation"."lines" > 0)
);
--> statement-breakpoint
CREATE TABLE "incentive_calculation_line" (
	"book_id" uuid NOT NULL,
	"calculation_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"savings_account_id" uuid,
	"bank_account_number" text,
	"rule" text NOT NULL,
	"told" text NOT NULL,
	"theirs" bigint,
	"comparison" text NOT NULL,
	"saver_id" uuid NOT NULL,
	"enrolment_id" uuid,
	"rule_id" uuid,
	"period" text NOT NULL,
	"ours" bigint,
	"paid_before" bigint NOT NULL,
	"reason" text,
	"stranger" text,
	"readings" jsonb NOT NULL,
	CONSTRAINT "incentive_calculation_line_pkey" PRIMARY KEY("book_id","calculation_id","number"),
	CONSTRAINT "incentive_calculation_line_unique" UNIQUE NULLS NOT DISTINCT("book_id","calculation_id","saver_id","enrolment_id","rule","period"),
	CONSTRAINT "incentive_calculation_line_comparison_known" CHECK (comparison in ('equal', 'differs', 'only-ours', 'only-theirs')),
	CONSTRAINT "incentive_calculation_line_stranger_known" CHECK (stranger in ('no-contract', 'no-such-period', 'nothing-owed')),
	CONSTRAINT "incentive_calculation_line_is_what_it_says" CHECK (case "incentive_calculation_line"."comparison" when 'equal' then "incentive_calculation_line"."theirs" = "incentive_calculation_line"."ours" when 'differs' then "incentive_calculation_line"."theirs" <> "incentive_calculation_line"."ours"
        when 'only-ours' then "incentive_calculation_line"."theirs" is null and "incentive_calculation_line"."ours" is not null else "incentive_calculation_line"."ours" is null and "incentive_calculation_line"."theirs" is not null end),
	CONSTRAINT "incentive_calculation_line_stranger_is_only_theirs" CHECK (("incentive_calculation_line"."stranger" is not null) = ("incentive_calculation_line"."comparison" = 'only-theirs')),
	CONSTRAINT "incentive_calculation_line_not_negative" CHECK (least("incentive_calculation_line"."theirs", "incentive_calculation_line"."ours", 0) >= 0)
);
--> statement-breakpoint
CREATE TABLE "incentive_decided" (
	"book_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"enrolment_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"period" text NOT NULL,
	"revision" smallint NOT NULL,
	"decision_id" uuid NOT NULL,
	"calculation_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"ruled" bigint NOT NULL,
	"owed" bigint NOT NULL,
	CONSTRAINT "incentive_decided_pkey" PRIMARY KEY("book_id","saver_id","enrolment_id","rule_id","period","revision"),
	CONSTRAINT "incentive_decided_line_unique" UNIQUE("book_id","decision_id","number"),
	CONSTRAINT "incentive_decided_not_negative" CHECK (least("incentive_decided"."ruled", "incentive_decided"."owed") >= 0),
	CONSTRAINT "incentive_decided_revision_not_negative" CHECK ("incentive_decided"."revision" >= 0)
);
--> statement-breakpoint
CREATE TABLE "incentive_decision" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"calculation_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"pay" text NOT NULL,
	"whole" boolean NOT NULL,
	"reason" text NOT NULL,
	"lines" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "incentive_decision_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "incentive_decision_pay_known" CHECK (pay in ('ours', 'theirs'))
);
--> statement-breakpoint
ALTER TABLE "incentive_run" ADD COLUMN "deciders" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "incentive_run_line" ADD COLUMN "decision_id" uuid;--> statement-breakpoint
ALTER TABLE "incentive_calculation" ADD CONSTRAINT "incentive_calculation_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation" ADD CONSTRAINT "incentive_calculation_run_fkey" FOREIGN KEY ("book_id","run_id") REFERENCES "public"."incentive_run"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_calculation_fkey" FOREIGN KEY ("book_id","calculation_id") REFERENCES "public"."incentive_calculation"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_enrolment_fkey" FOREIGN KEY ("book_id","enrolment_id") REFERENCES "public"."enrolment"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_calculation_line" ADD CONSTRAINT "incentive_calculation_line_account_fkey" FOREIGN KEY ("book_id","savings_account_id") REFERENCES "public"."savings_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decided" ADD CONSTRAINT "incentive_decided_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decided" ADD CONSTRAINT "incentive_decided_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decided" ADD CONSTRAINT "incentive_decided_decision_fkey" FOREIGN KEY ("book_id","decision_id") REFERENCES "public"."incentive_decision"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decided" ADD CONSTRAINT "incentive_decided_line_fkey" FOREIGN KEY ("book_id","calculation_id","number") REFERENCES "public"."incentive_calculation_line"("book_id","calculation_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decision" ADD CONSTRAINT "incentive_decision_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_decision" ADD CONSTRAINT "incentive_decision_calculation_fkey" FOREIGN KEY ("book_id","calculation_id","run_id") REFERENCES "public"."incentive_calculation"("book_id","id","run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "incentive_calculation_by_run" ON "incentive_calculation" USING btree ("book_id","run_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "incentive_decision_by_calculation" ON "incentive_decision" USING btree ("book_id","calculation_id","recorded_at","id");--> statement-breakpoint
ALTER TABLE "incentive_run" ADD CONSTRAINT "incentive_run_deciders_do_not_approve" CHECK ("incentive_run"."approved_by" is null or "incentive_run"."approved_by" <> all ("incentive_run"."deciders"));