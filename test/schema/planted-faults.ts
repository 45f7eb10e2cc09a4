const bookTable = 'create table tally (book_id uuid not null, id uuid not null'

/** For every rule, what would break it: in SQL, with words of what the rule then has to say. */
export const faults: Record<string, [sql: string, told: RegExp][]> = {
  '1: book_id is in every table of a book, first in every key and index': [
    ['create table tally (id uuid primary key)', /tally has no book_id/],
    ['create table tally (book_id uuid, id uuid not null, unique (book_id, id))', /tally has no book_id uuid not null/],
    [
      'create table tally (book_id text not null, id uuid not null, primary key (book_id, id))',
      /tally has no book_id uuid/,
    ],
    [`${bookTable})`, /tally has no primary key/],
    [`${bookTable}, primary key (id, book_id))`, /tally_pkey does not begin with book_id/],
    [`${bookTable}, primary key (book_id, id), unique (id))`, /tally_id_key does not begin/],
    ['create index on entry (account_id, book_id)', /entry_account_id_book_id_idx does not begin/],
    ['create index on saver (lower(family_names))', /saver_lower_idx does not begin/],
  ],
  '1: foreign keys stay in their book, or go to reference tables': [
    [
      `${bookTable}, of_book uuid, primary key (book_id, id), foreign key (of_book, id) references account (book_id, id))`,
      /tally_of_book_id_fkey refers to account/,
    ],
    [
      `${bookTable}, primary key (book_id, id), foreign key (id, book_id) references account (id, book_id))`,
      /refers to account without/,
    ],
    [
      'create unique index on hold (id); alter table event add foreign key (subject) references hold (id)',
      /event_subject_fkey refers to hold/,
    ],
    [
      'alter table programme add book_id uuid, add agent_id uuid, add foreign key (book_id, agent_id) references agent (book_id, id)',
      /goes from the reference table programme to agent/,
    ],
  ],
  '6: a session sees and writes rows of the book that it was told, and of no other': [
    [`${bookTable}, primary key (book_id, id))`, /tally has no row-level security/],
    ['alter table saver disable row level security', /saver has no row-level security/],
    ['drop policy of_told_book on entry', /entry has not the one policy/],
    ['create policy more on saver using (true)', /saver has not the one policy/],
    ['create policy more on saver for select to qullqi_service using (true)', /saver has not the one policy/],
    ['alter policy of_told_book on hold with check (true)', /hold has not the one policy/],
    ['alter policy of_told_book on hold to qullqi_service', /hold has not the one policy/],
    ['create view names as select * from saver', /names is read as its owner/],
    ['alter role qullqi_service bypassrls', /qullqi_service passes by row-level security/],
  ],
  '1: book_id is never updated': [
    ['grant update on saver to qullqi_service', /qullqi_service may update book_id of saver/],
    ['grant update (book_id) on membership to qullqi_service', /may update book_id of membership/],
    [
      `${bookTable}, primary key (book_id, id), foreign key (book_id, id) references account (book_id, id) on update cascade)`,
      /cascades updates/,
    ],
    [
      'create function moving(p_book uuid, p_to uuid) returns void language sql as $$ update hold h set book_id = p_to where h.status = $x$placed$x$ $$',
      /moving sets book_id/,
    ],
    ['drop trigger account_day_identity_is_final on account_day', /account_day lets its rows be moved/],
    ['alter table hold disable trigger hold_identity_is_final', /hold lets its rows be moved/],
  ],
  '2: a transaction, its entries and their accounts are in one book': [
    ['alter table entry drop constraint entry_account_fkey', /nothing holds entry\{book_id,account_id\} to account/],
    [
      'alter table entry drop constraint entry_transaction_fkey',
      /nothing holds entry\{book_id,sequence\} to transaction/,
    ],
    [
      'alter table transaction drop constraint transaction_first_entry_fkey',
      /nothing holds transaction\{book_id,sequence,first_entry\}/,
    ],
    ['alter table hold drop constraint hold_account_fkey', /nothing holds hold/],
  ],
  '3: nothing counts across books, defers, excludes across books or unsets': [
    [`${bookTable}, n bigserial, primary key (book_id, id))`, /tally_n_seq is a sequence/],
    [`${bookTable}, n bigint generated always as identity, primary key (book_id, id))`, /tally.n is an identity/],
    ['alter table entry alter constraint entry_account_fkey deferrable', /entry_account_fkey is deferrable/],
    [
      'create constraint trigger late after insert on entry deferrable for each row execute function refuse_change()',
      /late is a deferrable trigger/,
    ],
    [
      'alter table hold add constraint apart exclude using gist (tstzrange(expires_at, ended_at) with &&)',
      /apart excludes without book_id/,
    ],
    [
      `${bookTable}, other uuid, primary key (book_id, id), foreign key (book_id, other) references account (book_id, id) on delete set null (other))`,
      /deletes or unsets/,
    ],
    [
      `${bookTable}, primary key (book_id, id), foreign key (book_id, id) references account (book_id, id) on delete cascade)`,
      /deletes or unsets/,
    ],
    [
      'create function told(p_book uuid) returns void language plpgsql as $$ begin perform pg_advisory_xact_lock(1); end $$',
      /told uses advisory locks/,
    ],
  ],
  '4: a function of a book takes the book first': [
    [
      'create function counted(p_at date, p_book uuid) returns bigint language sql as $$ select count(*) from entry e where e.book_id = p_book $$',
      /counted takes p_at first/,
    ],
    [
      'create function counted() returns bigint language sql as $$ select count(*) from saver $$',
      /counted takes nothing first/,
    ],
    [
      'create function counted(p_book text) returns bigint language sql as $$ select count(*) from saver s where s.book_id = p_book::uuid $$',
      /counted takes p_book first/,
    ],
  ],
  '4: each statement of a function keeps to the book': [
    [
      'create function counted(p_book uuid) returns bigint language sql as $$ select count(*) from entry $$',
      /counted: from entry/,
    ],
    [
      'create function counted(p_book uuid) returns bigint language sql as $$ select count(*) from entry e join account a on a.id = e.account_id where e.book_id = p_book $$',
      /counted: join account/,
    ],
    [
      'create function ended(p_book uuid) returns void language sql as $$ update hold h set ended_at = now() where h.id = p_book $$',
      /ended: update hold/,
    ],
    [
      'create function ended(p_book uuid) returns void language sql as $$ delete from hold h where h.id = p_book $$',
      /ended: delete from hold/,
    ],
    [
      'create function added(p_book uuid) returns void language sql as $$ insert into account_day (account_id, book_id, value_date, debits, credits) values (p_book, p_book, now(), 0, 0) $$',
      /added: into account_day/,
    ],
  ],
  '4: a view over several tables of books joins them by book': [
    [
      'create view seen with (security_invoker = true) as select a.book_id, e.amount from account a join entry e on e.account_id = a.id',
      /seen joins without book_id/,
    ],
    [
      'create view seen with (security_invoker = true) as select a.book_id, e.amount from account a, entry e',
      /seen multiplies tables/,
    ],
    [
      'create view seen with (security_invoker = true) as select a.id, a.debits from account a',
      /seen does not tell the book/,
    ],
  ],
  '5: triggers name no table, and raise errors of our own': [
    [
      "create function watch() returns trigger language plpgsql as $$ begin if (select count(*) from entry) > 5 then raise exception $x$no$x$ using errcode = 'QL999'; end if; return new; end $$",
      /watch names entry/,
    ],
    [
      'create function watch() returns trigger language plpgsql as $$ begin raise notice $x$%$x$, tg_table_name; return new; end $$',
      /watch asks for its table/,
    ],
    [
      'create function watch() returns trigger language plpgsql as $$ begin raise exception $x$no$x$; end $$',
      /watch raises an error that is not one of ours/,
    ],
  ],
  '6: the service’s role owns nothing and changes nothing of the ledger by itself': [
    [`${bookTable}, primary key (book_id, id)); alter table tally owner to qullqi_service`, /owns table tally/],
    ['alter function ledger_refuse owner to qullqi_service', /owns function ledger_refuse/],
    ['grant create on schema public to qullqi_service', /may create in schema public/],
    ['grant insert on transaction to qullqi_service', /may insert transaction/],
    ['grant update (debits) on account to qullqi_service', /may update account/],
    ['grant delete on saver to qullqi_service', /may delete saver/],
    ['grant truncate on event to qullqi_service', /may truncate event/],
  ],
  '6: what runs with its owner’s rights cannot be led elsewhere': [
    ['alter function ledger_post reset search_path', /ledger_post has no fixed search_path/],
    ['alter function ledger_expire set search_path = "$user", public', /ledger_expire has no fixed search_path/],
    ['grant execute on function ledger_add_days to public', /ledger_add_days may be executed by everybody/],
    [
      'create function open(p_book uuid) returns void language sql as $$ select $$',
      /open may be executed by everybody/,
    ],
    ['grant create on schema public to public', /everybody may create/],
    ['create view seen as select book_id, id from account', /seen looks with its owner/],
    ['create policy own on saver using (book_id = current_setting($x$app.book_id$x$)::uuid)', /policy own on saver/],
  ],
}

/** The same for what is told from the text of sources and migrations. */
export const textFaults: Record<string, [path: string, text: string, told: RegExp][]> = {
  '3: no lock or notification of the sources keeps a figure right': [
    ['src/savings/a.ts', 'await tx.execute(sql`select pg_advisory_xact_lock(1)`)', /advisory/],
    ['src/ledger/a.ts', "await client.query('notify posted')", /notifications/],
  ],
  '5: no decision rests on the name of a constraint or table': [
    ['src/savings/a.ts', "if (error.constraint === 'saver_person_unique') return", /name of a constraint/],
  ],
  '7: figures that cannot be added up stay in one book': [
    ['src/statistics/a.ts', 'const q = `select count(distinct saver_id) from deposits`', /across books/],
    ['src/statistics/a.ts', 'const q = `select book_id, sum(n) from months group by rollup (book_id)`', /across books/],
  ],
  '8: every statement of a migration stands by itself': [
    ['migrations/9999_a.sql', 'create table a (b int);\ncreate table c (d int);', /2 statements/],
    ['migrations/9999_a.sql', 'select 1;\n--> statement-breakpoint\n-- nothing', /part 2 has 0 statements/],
  ],
  '8: tables of reference and of books are shaped in different migrations': [
    [
      'migrations/9999_a.sql',
      'alter table programme add x int;\n--> statement-breakpoint\nalter table "saver" add x int;',
      /both kinds/,
    ],
    [
      'migrations/9999_a.sql',
      'create index a on territory (name);\n--> statement-breakpoint\ncreate trigger t before update on hold execute function f();',
      /both kinds/,
    ],
  ],
  '9: names of prepared statements can be left out': [
    ['src/savings/a.ts', "await db.$client.query({ name: 'fast', text, values })", /names a prepared statement/],
  ],
  '9: two addresses of databases are all there is to set': [
    ['src/config.ts', '  DATABASE_SHARD_URL: z.string(),', /DATABASE_SHARD_URL is another address/],
    ['src/savings/a.ts', 'const url = process.env.STATISTICS_URL', /reads an address by itself/],
  ],
}
