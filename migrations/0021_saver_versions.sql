CREATE TABLE "saver_version" (
	"book_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"person" "bytea" NOT NULL,
	"since" date,
	"district_code" text NOT NULL,
	"sex" text NOT NULL,
	"birth_date" date,
	"mother_tongue" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "saver_version_pkey" PRIMARY KEY("book_id","saver_id","number"),
	CONSTRAINT "saver_version_number_not_negative" CHECK ("saver_version"."number" >= 0),
	CONSTRAINT "saver_version_first_is_from_ever" CHECK ("saver_version"."number" > 0 or "saver_version"."since" is null),
	CONSTRAINT "saver_version_sex_known" CHECK (sex in ('female', 'male'))
);
--> statement-breakpoint
ALTER TABLE "saver_version" ADD CONSTRAINT "saver_version_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver_version" ADD CONSTRAINT "saver_version_district_code_territory_code_fk" FOREIGN KEY ("district_code") REFERENCES "public"."territory"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saver_version" ADD CONSTRAINT "saver_version_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "saver_version_by_recording" ON "saver_version" USING btree ("book_id","recorded_at","saver_id","number");