CREATE TABLE "incentive_counted" (
	"book_id" uuid NOT NULL,
	"saver_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"period" text NOT NULL,
	"household" text,
	CONSTRAINT "incentive_counted_pkey" PRIMARY KEY("book_id","saver_id","rule_id","period")
);
--> statement-breakpoint
ALTER TABLE "incentive_counted" ADD CONSTRAINT "incentive_counted_book_id_savings_book_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."savings_book"("book_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_counted" ADD CONSTRAINT "incentive_counted_rule_id_incentive_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."incentive_rule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incentive_counted" ADD CONSTRAINT "incentive_counted_saver_fkey" FOREIGN KEY ("book_id","saver_id") REFERENCES "public"."saver"("book_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "incentive_counted_by_household" ON "incentive_counted" USING btree ("book_id","household") WHERE household is not null;