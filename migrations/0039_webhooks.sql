CREATE TABLE "webhook" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"url" text NOT NULL,
	"kinds" text[] NOT NULL,
	"party" text NOT NULL,
	"status" text NOT NULL,
	"disabled_because" text,
	"status_at" timestamp (3) with time zone NOT NULL,
	"status_actor" text,
	"position" bigint NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "webhook_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "webhook_party_known" CHECK (party in ('bank', 'programme')),
	CONSTRAINT "webhook_status_known" CHECK (status in ('enabled', 'disabled')),
	CONSTRAINT "webhook_disabled_because" CHECK (("webhook"."status" = 'disabled') = ("webhook"."disabled_because" is not null)),
	CONSTRAINT "webhook_disabling_known" CHECK (disabled_because in ('by-hand', 'gone')),
	CONSTRAINT "webhook_kinds_known" CHECK (cardinality("webhook"."kinds") > 0 and "webhook"."kinds" <@ array['proof-ready', 'break-opened', 'break-closed', 'break-resolved']::text[])
);
--> statement-breakpoint
CREATE TABLE "webhook_delivery" (
	"book_id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"position" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"status" text NOT NULL,
	"attempts" integer NOT NULL,
	"failures" integer NOT NULL,
	"due_at" timestamp (3) with time zone,
	"last_outcome" text,
	"last_status" integer,
	"last_at" timestamp (3) with time zone,
	"told_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY("book_id","webhook_id","position"),
	CONSTRAINT "webhook_delivery_event_unique" UNIQUE("book_id","webhook_id","event_id"),
	CONSTRAINT "webhook_delivery_status_known" CHECK (status in ('waiting', 'delivered', 'dead')),
	CONSTRAINT "webhook_delivery_outcome_known" CHECK (last_outcome in ('accepted', 'declined', 'redirected', 'gone', 'timed-out', 'unreachable', 'address-refused', 'interrupted')),
	CONSTRAINT "webhook_delivery_waits_for_its_time" CHECK (("webhook_delivery"."status" = 'waiting') = ("webhook_delivery"."due_at" is not null)),
	CONSTRAINT "webhook_delivery_counts" CHECK ("webhook_delivery"."attempts" >= 0 and "webhook_delivery"."failures" >= 0)
);
--> statement-breakpoint
CREATE TABLE "webhook_rotation" (
	"book_id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"id" uuid NOT NULL,
	"previous_until" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "webhook_rotation_pkey" PRIMARY KEY("book_id","webhook_id","number"),
	CONSTRAINT "webhook_rotation_id_unique" UNIQUE("book_id","id"),
	CONSTRAINT "webhook_rotation_follows_the_first" CHECK ("webhook_rotation"."number" > 1)
);
--> statement-breakpoint
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_webhook_fkey" FOREIGN KEY ("book_id","webhook_id") REFERENCES "public"."webhook"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_event_fkey" FOREIGN KEY ("book_id","position") REFERENCES "public"."feed_event"("book_id","position") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_rotation" ADD CONSTRAINT "webhook_rotation_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_rotation" ADD CONSTRAINT "webhook_rotation_webhook_fkey" FOREIGN KEY ("book_id","webhook_id") REFERENCES "public"."webhook"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_by_recording" ON "webhook" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "webhook_delivery_waiting" ON "webhook_delivery" USING btree ("book_id","webhook_id","due_at","position") WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_delivery_by_status" ON "webhook_delivery" USING btree ("book_id","webhook_id","status","position");--> statement-breakpoint
CREATE INDEX "webhook_delivery_not_over" ON "webhook_delivery" USING btree ("book_id","status","told_at") WHERE status <> 'delivered';