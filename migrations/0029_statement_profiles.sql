CREATE TABLE "statement_profile" (
	"id" uuid PRIMARY KEY NOT NULL,
	"institution_id" uuid NOT NULL,
	"code" text NOT NULL,
	"revision" smallint NOT NULL,
	"profile" jsonb NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "statement_profile_revision_unique" UNIQUE("institution_id","code","revision"),
	CONSTRAINT "statement_profile_revision_positive" CHECK ("statement_profile"."revision" > 0)
);
--> statement-breakpoint
ALTER TABLE "statement_profile" ADD CONSTRAINT "statement_profile_institution_id_partner_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."partner_institution"("id") ON DELETE no action ON UPDATE no action;