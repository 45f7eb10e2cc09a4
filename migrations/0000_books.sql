CREATE TYPE "public"."currency" AS ENUM('PEN', 'USD', 'BOB', 'COP', 'EUR', 'CLP');--> statement-breakpoint
CREATE TABLE "book" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"currency" "currency" NOT NULL,
	"opened_on" date NOT NULL,
	CONSTRAINT "book_code_unique" UNIQUE("code")
);
