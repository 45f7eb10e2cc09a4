CREATE TABLE "audit_entry" (
	"book_id" uuid NOT NULL,
	"number" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"action" text NOT NULL,
	"actor" text,
	"request_id" text,
	"subject" text NOT NULL,
	"keys" text[] NOT NULL,
	"salt" "bytea" NOT NULL,
	"contents" "bytea"[] NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_entry_pkey" PRIMARY KEY("book_id","number"),
	CONSTRAINT "audit_entry_action_known" CHECK (action in ('insert', 'update', 'identity-read')),
	CONSTRAINT "audit_entry_number_positive" CHECK ("audit_entry"."number" > 0)
);
--> statement-breakpoint
CREATE TABLE "audit_head" (
	"book_id" uuid PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_pending" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"action" text NOT NULL,
	"actor" text,
	"request_id" text,
	"subject" text NOT NULL,
	"keys" text[] NOT NULL,
	"salt" "bytea" NOT NULL,
	"contents" "bytea"[] NOT NULL,
	CONSTRAINT "audit_pending_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "audit_pending_action_known" CHECK (action in ('insert', 'update', 'identity-read'))
);
--> statement-breakpoint
CREATE INDEX "audit_entry_subject_index" ON "audit_entry" USING btree ("book_id","subject","number");