CREATE TABLE "identity_check" (
	"id" smallint PRIMARY KEY NOT NULL,
	"value" "bytea" NOT NULL,
	CONSTRAINT "identity_check_is_one_row" CHECK ("identity_check"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "partner_institution" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"ruc" text,
	"cci_entity" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "partner_institution_code_unique" UNIQUE("code"),
	CONSTRAINT "partner_institution_kind_known" CHECK (kind in ('bank', 'caja', 'cooperative', 'other'))
);
--> statement-breakpoint
CREATE TABLE "programme" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"contract_months" smallint NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "programme_code_unique" UNIQUE("code"),
	CONSTRAINT "programme_contract_months_positive" CHECK ("programme"."contract_months" > 0),
	CONSTRAINT "programme_dates_in_order" CHECK ("programme"."valid_to" is null or "programme"."valid_to" >= "programme"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "territory" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"reniec_code" text,
	CONSTRAINT "territory_reniec_code_unique" UNIQUE("reniec_code"),
	CONSTRAINT "territory_code_is_ubigeo" CHECK ("territory"."code" ~ '^([0-9]{2}){1,3}$')
);
