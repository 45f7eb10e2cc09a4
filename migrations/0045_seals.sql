CREATE TABLE "seal" (
	"number" integer PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"sealed_at" timestamp (3) with time zone NOT NULL,
	"previous" "bytea",
	"sections" integer NOT NULL,
	"root" "bytea" NOT NULL,
	"signature" text NOT NULL,
	"signing_key" text NOT NULL,
	CONSTRAINT "seal_day_unique" UNIQUE("day"),
	CONSTRAINT "seal_names_the_one_before" CHECK (("seal"."previous" is null) = ("seal"."number" = 1)),
	CONSTRAINT "seal_number_positive" CHECK ("seal"."number" > 0),
	CONSTRAINT "seal_has_sections" CHECK ("seal"."sections" > 0)
);
--> statement-breakpoint
ALTER TABLE "seal" ADD CONSTRAINT "seal_signing_key_signing_key_id_fk" FOREIGN KEY ("signing_key") REFERENCES "public"."signing_key"("id") ON DELETE no action ON UPDATE no action;