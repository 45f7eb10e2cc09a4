CREATE TABLE "release" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"code" text NOT NULL,
	"title" text NOT NULL,
	"revises" uuid,
	"currency" text NOT NULL,
	"tables" jsonb NOT NULL,
	"book_ids" uuid[] NOT NULL,
	"cut_off" jsonb NOT NULL,
	"definition" text NOT NULL,
	"profile" text NOT NULL,
	"k" smallint NOT NULL,
	"code_version" text NOT NULL,
	"code_commit" text,
	"content" "bytea" NOT NULL,
	"sha256" "bytea" NOT NULL,
	"signature" text NOT NULL,
	"signing_key" text NOT NULL,
	"counted" "bytea" NOT NULL,
	"counted_sha256" "bytea" NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "release_code_unique" UNIQUE("code"),
	CONSTRAINT "release_number_unique" UNIQUE("number"),
	CONSTRAINT "release_number_positive" CHECK ("release"."number" > 0),
	CONSTRAINT "release_revises_another" CHECK ("release"."revises" <> "release"."id"),
	CONSTRAINT "release_hash_is_of_content" CHECK ("release"."sha256" = sha256("release"."content")),
	CONSTRAINT "release_hash_is_of_counted" CHECK ("release"."counted_sha256" = sha256("release"."counted")),
	CONSTRAINT "release_content_bounded" CHECK (octet_length("release"."content") <= 16777216),
	CONSTRAINT "release_k_hides" CHECK ("release"."k" >= 3)
);
--> statement-breakpoint
CREATE TABLE "signing_key" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" "bytea" NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signing_key_is_ed25519" CHECK (octet_length("signing_key"."public_key") = 32),
	CONSTRAINT "signing_key_is_its_thumbprint" CHECK ("signing_key"."id" = rtrim(translate(encode(sha256(convert_to('{"crv":"Ed25519","kty":"OKP","x":"' || rtrim(translate(encode("signing_key"."public_key", 'base64'), '+/', '-_'), '=') || '"}', 'UTF8')), 'base64'), '+/', '-_'), '='))
);
--> statement-breakpoint
ALTER TABLE "release" ADD CONSTRAINT "release_revises_release_id_fk" FOREIGN KEY ("revises") REFERENCES "public"."release"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "release" ADD CONSTRAINT "release_signing_key_signing_key_id_fk" FOREIGN KEY ("signing_key") REFERENCES "public"."signing_key"("id") ON DELETE no action ON UPDATE no action;