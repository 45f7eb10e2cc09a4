CREATE TABLE "feed_event" (
	"book_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"after_sequence" bigint NOT NULL,
	"kind" text NOT NULL,
	"subject" uuid NOT NULL,
	"facts" text NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "feed_event_pkey" PRIMARY KEY("book_id","position"),
	CONSTRAINT "feed_event_order_unique" UNIQUE("book_id","after_sequence","position"),
	CONSTRAINT "feed_event_told_once" UNIQUE("book_id","kind","subject"),
	CONSTRAINT "feed_event_kind_known" CHECK (kind in ('proof-ready', 'break-opened', 'break-closed', 'break-resolved')),
	CONSTRAINT "feed_event_position_positive" CHECK ("feed_event"."position" > 0 and "feed_event"."after_sequence" >= 0)
);
--> statement-breakpoint
ALTER TABLE "feed_event" ADD CONSTRAINT "feed_event_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;