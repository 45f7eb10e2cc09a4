CREATE TYPE "public"."account_status" AS ENUM('open', 'blocked', 'closed');--> statement-breakpoint
CREATE TYPE "public"."account_type" AS ENUM('asset', 'liability', 'equity', 'income', 'expense');--> statement-breakpoint
CREATE TYPE "public"."direction" AS ENUM('debit', 'credit');--> statement-breakpoint
CREATE TYPE "public"."event_kind" AS ENUM('book-opened', 'account-opened', 'account-changed', 'hold-placed', 'hold-captured', 'hold-released', 'hold-expired', 'month-closed', 'instant-settled');--> statement-breakpoint
CREATE TYPE "public"."hold_status" AS ENUM('placed', 'captured', 'released', 'expired');--> statement-breakpoint
CREATE TABLE "account" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"type" "account_type" NOT NULL,
	"normal" "direction" NOT NULL,
	"floor" bigint,
	"status" "account_status" NOT NULL,
	"opened_on" date NOT NULL,
	"closed_on" date,
	"opened_event" bigint NOT NULL,
	"debits" bigint DEFAULT 0 NOT NULL,
	"credits" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "account_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "account_code_unique" UNIQUE("book_id","code"),
	CONSTRAINT "account_totals_not_negative" CHECK ("account"."debits" >= 0 and "account"."credits" >= 0 and "account"."held" >= 0),
	CONSTRAINT "account_available_above_floor" CHECK ("account"."floor" is null or case "account"."normal" when 'debit' then "account"."debits" - "account"."credits" else "account"."credits" - "account"."debits" end - "account"."held" >= "account"."floor"),
	CONSTRAINT "account_closed_is_empty" CHECK ("account"."status" <> 'closed' or ("account"."debits" = "account"."credits" and "account"."held" = 0))
);
--> statement-breakpoint
CREATE TABLE "account_day" (
	"book_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"value_date" date NOT NULL,
	"debits" bigint NOT NULL,
	"credits" bigint NOT NULL,
	CONSTRAINT "account_day_pkey" PRIMARY KEY("book_id","account_id","value_date")
);
--> statement-breakpoint
CREATE TABLE "book_head" (
	"book_id" uuid PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"event_number" bigint NOT NULL,
	"event_hash" "bytea" NOT NULL,
	"closed_through" date,
	"days_through" bigint NOT NULL,
	"next_expiry" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "entry" (
	"book_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"position" smallint NOT NULL,
	"account_id" uuid NOT NULL,
	"direction" "direction" NOT NULL,
	"amount" bigint NOT NULL,
	"value_date" date NOT NULL,
	"debits_after" bigint NOT NULL,
	"credits_after" bigint NOT NULL,
	CONSTRAINT "entry_pkey" PRIMARY KEY("book_id","sequence","position"),
	CONSTRAINT "entry_amount_positive" CHECK ("entry"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "event" (
	"book_id" uuid NOT NULL,
	"number" bigint NOT NULL,
	"kind" "event_kind" NOT NULL,
	"subject" uuid NOT NULL,
	"after_sequence" bigint NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content" text NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "event_pkey" PRIMARY KEY("book_id","number")
);
--> statement-breakpoint
CREATE TABLE "hold" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"captured" bigint DEFAULT 0 NOT NULL,
	"status" "hold_status" NOT NULL,
	"placed_event" bigint NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "hold_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "hold_amount_positive" CHECK ("hold"."amount" > 0),
	CONSTRAINT "hold_captured_within_amount" CHECK (case "hold"."status" when 'captured' then "hold"."captured" between 1 and "hold"."amount" else "hold"."captured" = 0 end)
);
--> statement-breakpoint
CREATE TABLE "transaction" (
	"book_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"value_date" date NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"evidence" jsonb NOT NULL,
	"reverses" bigint,
	"hold_id" uuid,
	"content_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"first_entry" smallint DEFAULT 1 NOT NULL,
	CONSTRAINT "transaction_pkey" PRIMARY KEY("book_id","sequence"),
	CONSTRAINT "transaction_id_unique" UNIQUE("book_id","id"),
	CONSTRAINT "transaction_reversed_once" UNIQUE("book_id","reverses"),
	CONSTRAINT "transaction_first_entry_is_one" CHECK ("transaction"."first_entry" = 1),
	CONSTRAINT "transaction_adjustment_has_reason" CHECK ("transaction"."kind" <> 'adjustment' or "transaction"."reason" is not null)
);
--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_book_id_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."book"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "book_head" ADD CONSTRAINT "book_head_book_id_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."book"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entry" ADD CONSTRAINT "entry_transaction_fkey" FOREIGN KEY ("book_id","sequence") REFERENCES "public"."transaction"("book_id","sequence") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entry" ADD CONSTRAINT "entry_account_fkey" FOREIGN KEY ("book_id","account_id") REFERENCES "public"."account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event" ADD CONSTRAINT "event_book_id_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."book"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hold" ADD CONSTRAINT "hold_account_fkey" FOREIGN KEY ("book_id","account_id") REFERENCES "public"."account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transaction" ADD CONSTRAINT "transaction_reverses_fkey" FOREIGN KEY ("book_id","reverses") REFERENCES "public"."transaction"("book_id","sequence") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transaction" ADD CONSTRAINT "transaction_hold_fkey" FOREIGN KEY ("book_id","hold_id") REFERENCES "public"."hold"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "entry_by_recording" ON "entry" USING btree ("book_id","account_id","sequence","position");--> statement-breakpoint
CREATE INDEX "entry_by_value_date" ON "entry" USING btree ("book_id","account_id","value_date","sequence","position");--> statement-breakpoint
CREATE INDEX "event_by_subject" ON "event" USING btree ("book_id","subject","number");--> statement-breakpoint
CREATE INDEX "hold_placed" ON "hold" USING btree ("book_id","account_id","expires_at") WHERE status = 'placed';