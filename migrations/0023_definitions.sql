CREATE TABLE "definition" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"version" smallint NOT NULL,
	"follows" smallint,
	"title" text NOT NULL,
	"source" text NOT NULL,
	"terms" jsonb NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "definition_version_unique" UNIQUE("name","version"),
	CONSTRAINT "definition_version_positive" CHECK ("definition"."version" > 0),
	CONSTRAINT "definition_follows_the_one_before" CHECK ("definition"."follows" is not distinct from nullif("definition"."version" - 1, 0)),
	CONSTRAINT "definition_shipped_has_no_more" CHECK ("definition"."version" = 1 or lower("definition"."name") not in ('pas-v1', 'sierra-sur-4-ops', 'findex-active-12m', 'active-90d'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "definition_name_unlike_others" ON "definition" USING btree (lower("name"),"version");
--> statement-breakpoint
ALTER TABLE "definition" ADD CONSTRAINT "definition_follows_fkey" FOREIGN KEY ("name","follows") REFERENCES "public"."definition"("name","version") ON DELETE no action ON UPDATE no action;