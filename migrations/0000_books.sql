CREATE TABLE "book" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"currency" text NOT NULL,
	CONSTRAINT "book_code_unique" UNIQUE("code"),
	CONSTRAINT "book_currency_known" CHECK (currency in ('PEN', 'USD', 'BOB', 'COP', 'EUR', 'CLP'))
);
