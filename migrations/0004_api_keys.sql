CREATE TABLE "api_key" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" uuid NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"books" uuid[],
	"agent_id" uuid,
	"read_only" boolean NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" uuid,
	"created_by_client" uuid,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_key_client_unique" UNIQUE("id","client_id"),
	CONSTRAINT "api_key_role_known" CHECK (role in ('agent', 'bank', 'analyst', 'auditor', 'administrator')),
	CONSTRAINT "api_key_administrator_reaches_all_books" CHECK (role <> 'administrator' or books is null),
	CONSTRAINT "api_key_agent_id_is_an_agents" CHECK ((agent_id is not null) = (role = 'agent')),
	CONSTRAINT "api_key_books_not_empty" CHECK (cardinality(books) > 0),
	CONSTRAINT "api_key_expires_later" CHECK (expires_at > created_at),
	CONSTRAINT "api_key_maker_whole" CHECK ((created_by is null) = (created_by_client is null))
);
--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_created_by_fkey" FOREIGN KEY ("created_by","created_by_client") REFERENCES "public"."api_key"("id","client_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_key_by_age" ON "api_key" USING btree ("created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_key_client_renews_itself" ON "api_key" USING btree ("client_id") WHERE created_by_client is distinct from client_id;