CREATE TABLE "book_seal" (
	"book_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"after" bigint NOT NULL,
	"through" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"root" "bytea" NOT NULL,
	"event_number" bigint NOT NULL,
	"event_hash" "bytea" NOT NULL,
	CONSTRAINT "book_seal_pkey" PRIMARY KEY("book_id","number"),
	CONSTRAINT "book_seal_in_order" CHECK ("book_seal"."after" >= 0 and "book_seal"."through" >= "book_seal"."after" and "book_seal"."event_number" > 0)
);
--> statement-breakpoint
ALTER TABLE "book_seal" ADD CONSTRAINT "book_seal_book_id_book_id_fk" FOREIGN KEY ("book_id") REFERENCES "public"."book"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "book_seal" ADD CONSTRAINT "book_seal_number_seal_number_fk" FOREIGN KEY ("number") REFERENCES "public"."seal"("number") ON DELETE no action ON UPDATE no action;