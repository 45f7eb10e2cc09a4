CREATE TABLE "bank_claim" (
	"book_id" uuid NOT NULL,
	"match_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"statement_id" uuid,
	"line" integer,
	"sequence" bigint,
	"position" smallint,
	"moves" bigint NOT NULL,
	CONSTRAINT "bank_claim_pkey" PRIMARY KEY("book_id","match_id","number"),
	CONSTRAINT "bank_claim_line_once" UNIQUE("book_id","statement_id","line"),
	CONSTRAINT "bank_claim_entry_once" UNIQUE("book_id","sequence","position"),
	CONSTRAINT "bank_claim_is_of_one_thing" CHECK (num_nonnulls("bank_claim"."statement_id", "bank_claim"."line") in (0, 2) and num_nonnulls("bank_claim"."sequence", "bank_claim"."position") in (0, 2)
        and num_nonnulls("bank_claim"."statement_id", "bank_claim"."sequence") = 1),
	CONSTRAINT "bank_claim_moves_something" CHECK ("bank_claim"."moves" <> 0)
);
--> statement-breakpoint
CREATE TABLE "bank_match" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"run_id" uuid,
	"resolution_id" uuid,
	"number" integer NOT NULL,
	"rule" text NOT NULL,
	"reasons" jsonb NOT NULL,
	CONSTRAINT "bank_match_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "bank_match_is_made_once" CHECK (num_nonnulls("bank_match"."run_id", "bank_match"."resolution_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "matching_run" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"bank_account_id" uuid NOT NULL,
	"through" date NOT NULL,
	"rules" jsonb NOT NULL,
	"tolerance" bigint NOT NULL,
	"told" jsonb NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "matching_run_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "matching_run_account_unique" UNIQUE("book_id","id","bank_account_id"),
	CONSTRAINT "matching_run_tolerance_unique" UNIQUE("book_id","id","bank_account_id","tolerance"),
	CONSTRAINT "matching_run_tolerance_is_the_rules" CHECK ("matching_run"."tolerance" = ("matching_run"."rules" ->> 'tolerance')::bigint)
);
--> statement-breakpoint
ALTER TABLE "bank_claim" ADD CONSTRAINT "bank_claim_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_claim" ADD CONSTRAINT "bank_claim_match_fkey" FOREIGN KEY ("book_id","match_id") REFERENCES "public"."bank_match"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_claim" ADD CONSTRAINT "bank_claim_line_fkey" FOREIGN KEY ("book_id","statement_id","line","moves") REFERENCES "public"."bank_line"("book_id","statement_id","number","moves") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_claim" ADD CONSTRAINT "bank_claim_entry_fkey" FOREIGN KEY ("book_id","sequence","position") REFERENCES "public"."entry"("book_id","sequence","position") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_match" ADD CONSTRAINT "bank_match_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_match" ADD CONSTRAINT "bank_match_run_fkey" FOREIGN KEY ("book_id","run_id","bank_account_id") REFERENCES "public"."matching_run"("book_id","id","bank_account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matching_run" ADD CONSTRAINT "matching_run_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matching_run" ADD CONSTRAINT "matching_run_account_fkey" FOREIGN KEY ("book_id","bank_account_id") REFERENCES "public"."bank_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bank_match_number_unique" ON "bank_match" USING btree ("book_id",coalesce(run_id, resolution_id),"number");--> statement-breakpoint
CREATE INDEX "matching_run_by_account" ON "matching_run" USING btree ("book_id","bank_account_id","recorded_at","id");