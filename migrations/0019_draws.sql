CREATE TABLE "draw" (
	"book_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"programme_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"bimester" text NOT NULL,
	"cut_off" date NOT NULL,
	"known_through" bigint NOT NULL,
	"winners_per_district" smallint NOT NULL,
	"prize" bigint NOT NULL,
	"entries" integer NOT NULL,
	"districts" integer NOT NULL,
	"excluded" integer NOT NULL,
	"list_sha256" text NOT NULL,
	"seed" text,
	"seed_reference" text,
	"seed_drawn_on" date,
	"seeded_by" text,
	"seeded_at" timestamp (3) with time zone,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "draw_pkey" PRIMARY KEY("book_id","id"),
	CONSTRAINT "draw_one_a_bimester" UNIQUE("book_id","programme_id","bimester"),
	CONSTRAINT "draw_is_of_bimester" CHECK ("draw"."bimester" ~ '^[0-9]{4}-B[1-6]$'),
	CONSTRAINT "draw_has_prizes" CHECK ("draw"."winners_per_district" > 0 and "draw"."prize" > 0 and "draw"."entries" > 0),
	CONSTRAINT "draw_list_is_sha256" CHECK ("draw"."list_sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "draw_seed_is_whole" CHECK (num_nulls("draw"."seed", "draw"."seed_reference", "draw"."seed_drawn_on", "draw"."seeded_by", "draw"."seeded_at") in (0, 5)),
	CONSTRAINT "draw_two_actors" CHECK ("draw"."seeded_by" <> "draw"."actor"),
	CONSTRAINT "draw_list_before_seed" CHECK ("draw"."seeded_at" >= "draw"."recorded_at")
);
--> statement-breakpoint
CREATE TABLE "draw_entry" (
	"book_id" uuid NOT NULL,
	"draw_id" uuid NOT NULL,
	"district_code" text NOT NULL,
	"saver_id" uuid NOT NULL,
	CONSTRAINT "draw_entry_pkey" PRIMARY KEY("book_id","draw_id","district_code","saver_id"),
	CONSTRAINT "draw_entry_saver_unique" UNIQUE("book_id","draw_id","saver_id"),
	CONSTRAINT "draw_entry_district_is_ubigeo" CHECK ("draw_entry"."district_code" ~ '^[0-9]{6}$')
);
--> statement-breakpoint
CREATE TABLE "draw_exclusion" (
	"book_id" uuid NOT NULL,
	"draw_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "draw_exclusion_pkey" PRIMARY KEY("book_id","draw_id","saver_id"),
	CONSTRAINT "draw_exclusion_reason_known" CHECK (reason in ('no-contract-that-day', 'no-balance', 'counted-with-household'))
);
--> statement-breakpoint
CREATE TABLE "draw_result" (
	"book_id" uuid NOT NULL,
	"draw_id" uuid NOT NULL,
	"district_code" text NOT NULL,
	"place" integer NOT NULL,
	"saver_id" uuid NOT NULL,
	"prize" bigint,
	CONSTRAINT "draw_result_pkey" PRIMARY KEY("book_id","draw_id","district_code","place"),
	CONSTRAINT "draw_result_saver_unique" UNIQUE("book_id","draw_id","saver_id"),
	CONSTRAINT "draw_result_place_positive" CHECK ("draw_result"."place" > 0),
	CONSTRAINT "draw_result_prize_positive" CHECK ("draw_result"."prize" > 0)
);
--> statement-breakpoint
ALTER TABLE "draw" ADD CONSTRAINT "draw_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw" ADD CONSTRAINT "draw_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw" ADD CONSTRAINT "draw_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_entry" ADD CONSTRAINT "draw_entry_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_entry" ADD CONSTRAINT "draw_entry_draw_fkey" FOREIGN KEY ("book_id","draw_id") REFERENCES "public"."draw"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_entry" ADD CONSTRAINT "draw_entry_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_exclusion" ADD CONSTRAINT "draw_exclusion_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_exclusion" ADD CONSTRAINT "draw_exclusion_draw_fkey" FOREIGN KEY ("book_id","draw_id") REFERENCES "public"."draw"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_result" ADD CONSTRAINT "draw_result_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "draw_result" ADD CONSTRAINT "draw_result_entry_fkey" FOREIGN KEY ("book_id","draw_id","district_code","saver_id") REFERENCES "public"."draw_entry"("book_id","draw_id","district_code","saver_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "draw_by_recording" ON "draw" USING btree ("book_id","recorded_at","id");--> statement-breakpoint
CREATE INDEX "saver_by_household" ON "saver" USING btree ("book_id","household_reference") WHERE household_reference is not null;