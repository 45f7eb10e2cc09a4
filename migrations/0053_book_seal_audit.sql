ALTER TABLE "book_seal" ADD COLUMN "audit_number" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "book_seal" ADD COLUMN "audit_hash" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "book_seal" ADD CONSTRAINT "book_seal_audit_number_not_negative" CHECK ("book_seal"."audit_number" >= 0);