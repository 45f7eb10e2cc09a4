CREATE TABLE "accepted_break" (
	"book_id" uuid NOT NULL,
	"break_id" uuid NOT NULL,
	"resolution_id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "accepted_break_pkey" PRIMARY KEY("book_id","break_id"),
	CONSTRAINT "accepted_break_is_accepted" CHECK ("accepted_break"."kind" = 'accept')
);
--> statement-breakpoint
CREATE TABLE "break_resolution" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"content" jsonb NOT NULL,
	"difference" bigint,
	"tolerance" bigint,
	"run_id" uuid,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "break_resolution_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "break_resolution_actor_unique" UNIQUE("book_id","id","bank_account_id","actor"),
	CONSTRAINT "break_resolution_kind_unique" UNIQUE("book_id","id","kind"),
	CONSTRAINT "break_resolution_kind_known" CHECK (kind in ('match', 'post', 'reverse', 'adjust', 'accept')),
	CONSTRAINT "break_resolution_has_reason" CHECK (length("break_resolution"."reason") between 1 and 500),
	CONSTRAINT "break_resolution_adjusts_within_tolerance" CHECK (num_nonnulls("break_resolution"."difference", "break_resolution"."tolerance", "break_resolution"."run_id") = case "break_resolution"."kind" when 'adjust' then 3 else 0 end
        and ("break_resolution"."difference" is null or (abs("break_resolution"."difference") between 1 and "break_resolution"."tolerance")))
);
--> statement-breakpoint
CREATE TABLE "resolution_break" (
	"book_id" uuid NOT NULL,
	"resolution_id" uuid NOT NULL,
	"origin" uuid NOT NULL,
	"break_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"previous_turn" integer,
	"follows" uuid,
	CONSTRAINT "resolution_break_pkey" PRIMARY KEY("book_id","resolution_id","origin"),
	CONSTRAINT "resolution_break_turn_unique" UNIQUE("book_id","origin","turn"),
	CONSTRAINT "resolution_break_follows_unique" UNIQUE("book_id","origin","turn","resolution_id"),
	CONSTRAINT "resolution_break_follows_the_one_before" CHECK (case "resolution_break"."turn" when 1 then num_nonnulls("resolution_break"."previous_turn", "resolution_break"."follows") = 0
        else num_nonnulls("resolution_break"."previous_turn", "resolution_break"."follows") = 2 and "resolution_break"."previous_turn" = "resolution_break"."turn" - 1 and "resolution_break"."turn" > 1 end)
);
--> statement-breakpoint
CREATE TABLE "resolution_decision" (
	"book_id" uuid NOT NULL,
	"resolution_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"proposed_by" text NOT NULL,
	"approved" uuid,
	"reason" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "resolution_decision_pkey" PRIMARY KEY("book_id","resolution_id"),
	CONSTRAINT "resolution_decision_id_unique" UNIQUE("book_id","id"),
	CONSTRAINT "resolution_decision_approved_unique" UNIQUE("book_id","approved","bank_account_id"),
	CONSTRAINT "resolution_decision_outcome_known" CHECK (outcome in ('approved', 'rejected', 'withdrawn')),
	CONSTRAINT "resolution_decision_two_actors" CHECK (("resolution_decision"."actor" = "resolution_decision"."proposed_by") = ("resolution_decision"."outcome" = 'withdrawn')),
	CONSTRAINT "resolution_decision_approved_is_it" CHECK (case "resolution_decision"."outcome" when 'approved' then "resolution_decision"."approved" is not null and "resolution_decision"."approved" = "resolution_decision"."resolution_id" else "resolution_decision"."approved" is null end),
	CONSTRAINT "resolution_decision_no_has_reason" CHECK ("resolution_decision"."outcome" = 'approved' or "resolution_decision"."reason" is not null)
);
--> statement-breakpoint
ALTER TABLE "accepted_break" ADD CONSTRAINT "accepted_break_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accepted_break" ADD CONSTRAINT "accepted_break_break_fkey" FOREIGN KEY ("book_id","break_id") REFERENCES "public"."reconciliation_break"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accepted_break" ADD CONSTRAINT "accepted_break_approved_fkey" FOREIGN KEY ("book_id","resolution_id","bank_account_id") REFERENCES "public"."resolution_decision"("book_id","approved","bank_account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accepted_break" ADD CONSTRAINT "accepted_break_kind_fkey" FOREIGN KEY ("book_id","resolution_id","kind") REFERENCES "public"."break_resolution"("book_id","id","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_resolution" ADD CONSTRAINT "break_resolution_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_resolution" ADD CONSTRAINT "break_resolution_account_fkey" FOREIGN KEY ("book_id","bank_account_id") REFERENCES "public"."bank_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "break_resolution" ADD CONSTRAINT "break_resolution_run_fkey" FOREIGN KEY ("book_id","run_id","bank_account_id","tolerance") REFERENCES "public"."matching_run"("book_id","id","bank_account_id","tolerance") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_origin_fkey" FOREIGN KEY ("book_id","origin","origin") REFERENCES "public"."reconciliation_break"("book_id","id","origin") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_break_fkey" FOREIGN KEY ("book_id","break_id","origin") REFERENCES "public"."reconciliation_break"("book_id","id","origin") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_resolution_fkey" FOREIGN KEY ("book_id","resolution_id") REFERENCES "public"."break_resolution"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_previous_fkey" FOREIGN KEY ("book_id","origin","previous_turn","follows") REFERENCES "public"."resolution_break"("book_id","origin","turn","resolution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_break" ADD CONSTRAINT "resolution_break_follows_decided_fkey" FOREIGN KEY ("book_id","follows") REFERENCES "public"."resolution_decision"("book_id","resolution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_decision" ADD CONSTRAINT "resolution_decision_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resolution_decision" ADD CONSTRAINT "resolution_decision_resolution_fkey" FOREIGN KEY ("book_id","resolution_id","bank_account_id","proposed_by") REFERENCES "public"."break_resolution"("book_id","id","bank_account_id","actor") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "accepted_break_by_resolution" ON "accepted_break" USING btree ("book_id","resolution_id");--> statement-breakpoint
CREATE INDEX "break_resolution_by_recording" ON "break_resolution" USING btree ("book_id","bank_account_id","recorded_at","id");