CREATE TABLE "incentive_rule" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"code" text NOT NULL,
	"version" smallint NOT NULL,
	"place" smallint NOT NULL,
	"title" text NOT NULL,
	"currency" "currency" NOT NULL,
	"terms" jsonb NOT NULL,
	"origins" jsonb NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "incentive_rule_version_unique" UNIQUE("programme_id","code","version"),
	CONSTRAINT "incentive_rule_version_positive" CHECK ("incentive_rule"."version" > 0),
	CONSTRAINT "incentive_rule_dates_in_order" CHECK ("incentive_rule"."valid_to" is null or "incentive_rule"."valid_to" >= "incentive_rule"."valid_from")
);
--> statement-breakpoint
ALTER TABLE "incentive_rule" ADD CONSTRAINT "incentive_rule_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;