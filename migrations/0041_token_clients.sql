CREATE TABLE "token_client" (
	"id" uuid NOT NULL,
	"role" text NOT NULL,
	"issuer" text NOT NULL,
	"claim" text NOT NULL,
	"subject" text NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "token_client_pkey" PRIMARY KEY("id","role"),
	CONSTRAINT "token_client_id_is_a_tokens" CHECK (substr(id::text, 15, 1) = '8'),
	CONSTRAINT "token_client_role_known" CHECK (role in ('agent', 'bank', 'analyst', 'auditor', 'administrator')),
	CONSTRAINT "token_client_claim_known" CHECK (claim in ('sub', 'client_id'))
);
--> statement-breakpoint
ALTER TABLE "api_key" DROP CONSTRAINT "api_key_maker_whole";--> statement-breakpoint
CREATE INDEX "token_client_by_age" ON "token_client" USING btree ("first_seen_at","id","role");--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_token_client_renews_itself" CHECK (not substr(client_id::text, 15, 1) = '8' or created_by_client is not distinct from client_id);--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_maker_whole" CHECK (case when created_by is not null then created_by_client is not null
        else created_by_client is null or substr(created_by_client::text, 15, 1) = '8' end);