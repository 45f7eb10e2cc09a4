CREATE TABLE "balance_decided" (
	"book_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"savings_account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"decision_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"proposed_by" text NOT NULL,
	"decided_by" text NOT NULL,
	"transaction_id" uuid,
	CONSTRAINT "balance_decided_pkey" PRIMARY KEY("book_id","list_id","savings_account_id","kind"),
	CONSTRAINT "balance_decided_transaction_unique" UNIQUE("book_id","transaction_id"),
	CONSTRAINT "balance_decided_two_actors" CHECK ("balance_decided"."decided_by" <> "balance_decided"."proposed_by"),
	CONSTRAINT "balance_decided_approved_is_posted" CHECK (("balance_decided"."transaction_id" is not null) = ("balance_decided"."outcome" = 'approved'))
);
--> statement-breakpoint
CREATE TABLE "balance_decision" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"chosen" jsonb NOT NULL,
	"reason" text,
	"proposals" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"seal" "bytea" NOT NULL,
	CONSTRAINT "balance_decision_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "balance_decision_outcome_unique" UNIQUE("book_id","id","list_id","outcome","actor"),
	CONSTRAINT "balance_decision_outcome_known" CHECK (outcome in ('approved', 'rejected')),
	CONSTRAINT "balance_decision_decides" CHECK ("balance_decision"."proposals" between 1 and 1000),
	CONSTRAINT "balance_decision_no_has_reason" CHECK ("balance_decision"."outcome" = 'approved' or "balance_decision"."reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "balance_proposal" (
	"book_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"savings_account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"comparison_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"amount" bigint NOT NULL,
	"proposed_by" text NOT NULL,
	CONSTRAINT "balance_proposal_pkey" PRIMARY KEY("book_id","list_id","savings_account_id","kind"),
	CONSTRAINT "balance_proposal_maker_unique" UNIQUE("book_id","list_id","savings_account_id","kind","proposed_by"),
	CONSTRAINT "balance_proposal_kind_known" CHECK (kind in ('interest', 'fees')),
	CONSTRAINT "balance_proposal_amount_positive" CHECK ("balance_proposal"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "balance_comparison" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"event_number" bigint NOT NULL,
	"lines" integer NOT NULL,
	"accounts" integer NOT NULL,
	"ours" bigint NOT NULL,
	"theirs" bigint NOT NULL,
	"difference" bigint NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"seal" "bytea" NOT NULL,
	CONSTRAINT "balance_comparison_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "balance_comparison_actor_unique" UNIQUE("book_id","id","list_id","actor"),
	CONSTRAINT "balance_comparison_totals_unique" UNIQUE("book_id","id","lines","ours","theirs"),
	CONSTRAINT "balance_comparison_difference_ties" CHECK ("balance_comparison"."difference" = "balance_comparison"."theirs" - "balance_comparison"."ours"),
	CONSTRAINT "balance_comparison_counts" CHECK ("balance_comparison"."lines" > 0 and "balance_comparison"."accounts" between 0 and "balance_comparison"."lines")
);
--> statement-breakpoint
CREATE TABLE "balance_comparison_line" (
	"book_id" uuid NOT NULL,
	"comparison_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"all_lines" integer NOT NULL,
	"all_ours" bigint NOT NULL,
	"all_theirs" bigint NOT NULL,
	"file_row" integer,
	"bank_account_number" text,
	"cci" text,
	"told" text,
	"currency" text,
	"their_status" text,
	"interest" bigint,
	"fees" bigint,
	"outcome" text NOT NULL,
	"stranger" text,
	"savings_account_id" uuid,
	"ours" bigint,
	"theirs" bigint,
	"difference" bigint NOT NULL,
	"our_status" text,
	"explanations" jsonb NOT NULL,
	CONSTRAINT "balance_comparison_line_pkey" PRIMARY KEY("book_id","comparison_id","number"),
	CONSTRAINT "balance_comparison_line_account_unique" UNIQUE("book_id","comparison_id","number","savings_account_id"),
	CONSTRAINT "balance_comparison_line_outcome_known" CHECK (outcome in ('equal', 'differs', 'status-differs', 'only-ours', 'only-theirs', 'twice', 'currency')),
	CONSTRAINT "balance_comparison_line_stranger_known" CHECK (stranger in ('unknown', 'several', 'number-and-cci-differ')),
	CONSTRAINT "balance_comparison_line_our_status_known" CHECK (our_status in ('open', 'blocked', 'closed')),
	CONSTRAINT "balance_comparison_line_their_status_known" CHECK (their_status in ('open', 'blocked', 'closed')),
	CONSTRAINT "balance_comparison_line_difference_ties" CHECK ("balance_comparison_line"."difference" = coalesce("balance_comparison_line"."theirs", 0) - coalesce("balance_comparison_line"."ours", 0)),
	CONSTRAINT "balance_comparison_line_is_what_it_says" CHECK (case "balance_comparison_line"."outcome" when 'equal' then "balance_comparison_line"."theirs" is not null and "balance_comparison_line"."theirs" = "balance_comparison_line"."ours"
        and "balance_comparison_line"."savings_account_id" is not null
        when 'status-differs' then "balance_comparison_line"."theirs" is not null and "balance_comparison_line"."theirs" = "balance_comparison_line"."ours" and "balance_comparison_line"."their_status" <> "balance_comparison_line"."our_status"
        when 'differs' then "balance_comparison_line"."theirs" is not null and "balance_comparison_line"."ours" is not null and "balance_comparison_line"."theirs" <> "balance_comparison_line"."ours"
        when 'only-ours' then "balance_comparison_line"."theirs" is null and "balance_comparison_line"."ours" is not null
        when 'only-theirs' then "balance_comparison_line"."ours" is null and "balance_comparison_line"."theirs" is not null and "balance_comparison_line"."savings_account_id" is null
        when 'currency' then "balance_comparison_line"."theirs" is null else "balance_comparison_line"."theirs" is not null end),
	CONSTRAINT "balance_comparison_line_stranger_is_only_theirs" CHECK ("balance_comparison_line"."stranger" is null or "balance_comparison_line"."outcome" = 'only-theirs'),
	CONSTRAINT "balance_comparison_line_told_has_row" CHECK (("balance_comparison_line"."file_row" is null) = ("balance_comparison_line"."outcome" = 'only-ours')),
	CONSTRAINT "balance_comparison_line_not_negative" CHECK (least("balance_comparison_line"."interest", "balance_comparison_line"."fees", 0) >= 0)
);
--> statement-breakpoint
CREATE TABLE "balance_list" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"as_of" date NOT NULL,
	"sha256" "bytea" NOT NULL,
	"size" integer NOT NULL,
	"pieces" integer NOT NULL,
	"name" text,
	"media_type" text NOT NULL,
	"decimal" text NOT NULL,
	"encoding" text NOT NULL,
	"lines" integer NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"seal" "bytea" NOT NULL,
	CONSTRAINT "balance_list_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "balance_list_bytes_unique" UNIQUE("book_id","as_of","sha256","decimal","encoding"),
	CONSTRAINT "balance_list_is_sha256" CHECK (octet_length("balance_list"."sha256") = 32),
	CONSTRAINT "balance_list_size_bounded" CHECK ("balance_list"."size" between 1 and 33554432),
	CONSTRAINT "balance_list_decimal_known" CHECK (decimal in ('point', 'comma')),
	CONSTRAINT "balance_list_encoding_known" CHECK (encoding in ('utf-8', 'latin1')),
	CONSTRAINT "balance_list_lines_bounded" CHECK ("balance_list"."lines" between 1 and 200000)
);
--> statement-breakpoint
CREATE TABLE "balance_list_piece" (
	"book_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "balance_list_piece_pkey" PRIMARY KEY("book_id","list_id","number"),
	CONSTRAINT "balance_list_piece_bounded" CHECK (octet_length("balance_list_piece"."content") between 1 and 1048576),
	CONSTRAINT "balance_list_piece_number_not_negative" CHECK ("balance_list_piece"."number" >= 0)
);
--> statement-breakpoint
ALTER TABLE "balance_decided" ADD CONSTRAINT "balance_decided_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_decided" ADD CONSTRAINT "balance_decided_proposal_fkey" FOREIGN KEY ("book_id","list_id","savings_account_id","kind","proposed_by") REFERENCES "public"."balance_proposal"("book_id","list_id","savings_account_id","kind","proposed_by") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_decided" ADD CONSTRAINT "balance_decided_decision_fkey" FOREIGN KEY ("book_id","decision_id","list_id","outcome","decided_by") REFERENCES "public"."balance_decision"("book_id","id","list_id","outcome","actor") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_decided" ADD CONSTRAINT "balance_decided_transaction_fkey" FOREIGN KEY ("book_id","transaction_id") REFERENCES "public"."transaction"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_decision" ADD CONSTRAINT "balance_decision_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_decision" ADD CONSTRAINT "balance_decision_list_fkey" FOREIGN KEY ("book_id","list_id") REFERENCES "public"."balance_list"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_proposal" ADD CONSTRAINT "balance_proposal_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_proposal" ADD CONSTRAINT "balance_proposal_comparison_fkey" FOREIGN KEY ("book_id","comparison_id","list_id","proposed_by") REFERENCES "public"."balance_comparison"("book_id","id","list_id","actor") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_proposal" ADD CONSTRAINT "balance_proposal_line_fkey" FOREIGN KEY ("book_id","comparison_id","number","savings_account_id") REFERENCES "public"."balance_comparison_line"("book_id","comparison_id","number","savings_account_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_comparison" ADD CONSTRAINT "balance_comparison_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_comparison" ADD CONSTRAINT "balance_comparison_list_fkey" FOREIGN KEY ("book_id","list_id") REFERENCES "public"."balance_list"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_comparison_line" ADD CONSTRAINT "balance_comparison_line_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_comparison_line" ADD CONSTRAINT "balance_comparison_line_comparison_fkey" FOREIGN KEY ("book_id","comparison_id","all_lines","all_ours","all_theirs") REFERENCES "public"."balance_comparison"("book_id","id","lines","ours","theirs") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_comparison_line" ADD CONSTRAINT "balance_comparison_line_account_fkey" FOREIGN KEY ("book_id","savings_account_id") REFERENCES "public"."savings_account"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_list" ADD CONSTRAINT "balance_list_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_list_piece" ADD CONSTRAINT "balance_list_piece_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "balance_list_piece" ADD CONSTRAINT "balance_list_piece_list_fkey" FOREIGN KEY ("book_id","list_id") REFERENCES "public"."balance_list"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "balance_decided_by_decision" ON "balance_decided" USING btree ("book_id","decision_id");--> statement-breakpoint
CREATE INDEX "balance_comparison_by_list" ON "balance_comparison" USING btree ("book_id","list_id","recorded_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "balance_comparison_line_account_once" ON "balance_comparison_line" USING btree ("book_id","comparison_id","savings_account_id") WHERE outcome not in ('twice', 'currency');--> statement-breakpoint
CREATE INDEX "balance_comparison_line_by_outcome" ON "balance_comparison_line" USING btree ("book_id","comparison_id","outcome","number");--> statement-breakpoint
CREATE INDEX "balance_list_by_recording" ON "balance_list" USING btree ("book_id","recorded_at","id");