import type pg from 'pg'

/**
 * DESIGN's rules that let the database grow, as far as PostgreSQL's catalogue tells: each asks a migrated database and
 * answers what breaks the rule, in words, nothing when it is kept.
 */
export type CatalogueRule = (client: pg.ClientBase) => Promise<string[]>

/** Tables that belong to no book. Whatever else there is belongs to one and is keyed by it. */
export const referenceTables: Record<string, string> = {
  book: 'the list of books itself: few, the same for everybody',
  api_key: 'who may ask: known before any book is',
  identity_check: 'one row: which key identity numbers are looked up with',
  partner_institution: 'institutions: a few dozen, each may have several books',
  programme: 'programmes run at several institutions at once',
  incentive_rule: 'versions of programmes’ rules: a few for each programme',
  definition: 'ways to count savers: some dozens',
  release: 'published tables, of several books each: a few a year',
  seal: 'what is signed of all books together: one a day',
  signing_key: 'the service’s keys that releases and seals are signed by: one, or a few in its life',
  statement_profile: 'how institutions write their statements: a few for each',
  territory: 'INEI’s list of districts',
  token_client: 'who came in by tokens: one a person or machine, known before any book is',
}

/** The role that requests run as. */
const role = 'qullqi_service'

/** Tables whose rows only the ledger's functions write. */
const ledgerTables = ['book', 'book_head', 'account', 'transaction', 'entry', 'account_day', 'hold', 'event']

/** What every policy says, as PostgreSQL writes it. */
const policy =
  "((book_id = (NULLIF(current_setting('app.book_id'::text, true), ''::text))::uuid) OR (current_setting('app.every_book'::text, true) <> ''::text))"

/** Tables of ours: the migrator's notes of what it did, in a schema of their own, are not. */
const ours = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'drizzle') and n.nspname !~ '^pg_temp'`

const references = Object.keys(referenceTables)

async function ask(client: pg.ClientBase, text: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await client.query<{ fault: string }>(text, values)
  return rows.map(({ fault }) => fault)
}

/** Book tables, with the number of the column `book_id`: null when it is missing, or may be. */
const bookTables = `
  book_tables as (
    select c.oid, c.relname, a.attnum as book from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attname = 'book_id' and a.attnotnull and a.atttypid = 'uuid'::regtype
    where ${ours} and c.relkind in ('r', 'p') and c.relname <> all ($1::text[])
  )`

export const catalogueRules: Record<string, CatalogueRule> = {
  '1: book_id is in every table of a book, first in every key and index': client =>
    ask(
      client,
      `with ${bookTables}
       select relname || ' has no book_id uuid not null, and is no reference table' as fault from book_tables where book is null
       union all
       select relname || ' has no primary key' from book_tables b
       where not exists (select from pg_index i where i.indrelid = b.oid and i.indisprimary)
       union all
       select format('%s: %s does not begin with book_id', relname, i.indexrelid::regclass)
       from book_tables b join pg_index i on i.indrelid = b.oid where i.indkey[0] is distinct from b.book`,
      [references],
    ),

  '1: foreign keys stay in their book, or go to reference tables': client =>
    ask(
      client,
      `with ${bookTables}
       select format('%s refers to %s without book_id in the first place of both', f.conname, t.relname) as fault
       from pg_constraint f join book_tables s on s.oid = f.conrelid join book_tables t on t.oid = f.confrelid
       where f.contype = 'f' and (f.conkey[1] is distinct from s.book or f.confkey[1] is distinct from t.book)
       union all
       select format('%s goes from the reference table %s to %s', f.conname, f.conrelid::regclass, t.relname)
       from pg_constraint f join book_tables t on t.oid = f.confrelid
       where f.contype = 'f' and f.conrelid not in (select oid from book_tables)`,
      [references],
    ),

  '6: a session sees and writes rows of the book that it was told, and of no other': client =>
    ask(
      client,
      `with ${bookTables}
       select b.relname || ' has no row-level security' as fault from book_tables b join pg_class c on c.oid = b.oid where not c.relrowsecurity
       union all
       select b.relname || ' has not the one policy that says so' from book_tables b
       where (select array_agg(format('%s %s %s %s %s', p.polcmd, p.polpermissive, p.polroles, p.polwithcheck is null, pg_get_expr(p.polqual, p.polrelid)))
              from pg_policy p where p.polrelid = b.oid)
         is distinct from array[$2]
       union all
       select v.relname || ' is read as its owner' from pg_class v join pg_namespace n on n.oid = v.relnamespace
       where ${ours} and v.relkind in ('v', 'm') and coalesce(v.reloptions @> '{security_invoker=true}', false) is not true
       union all
       select r.rolname || ' passes by row-level security' from pg_roles r where r.rolname = '${role}' and (r.rolbypassrls or r.rolsuper)`,
      [references, `* t {0} t ${policy}`],
    ),

  '1: book_id is never updated': client =>
    ask(
      client,
      `with ${bookTables}
       select format('%s may update book_id of %s', r.rolname, b.relname) as fault
       from book_tables b cross join pg_roles r
       where r.rolname = '${role}' and has_column_privilege(r.oid, b.oid, b.book, 'update')
       union all
       select f.conname || ' cascades updates' from pg_constraint f
       where f.contype = 'f' and f.confupdtype not in ('a', 'r')
       union all
       select p.oid::regproc || ' sets book_id' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${ours} and p.prosrc ~* '\\mset\\M[^;]*\\mbook_id\\s*=' and p.prosrc !~* '\\mset\\M[^;]*\\mwhere\\M[^;]*\\mbook_id\\s*='
       union all
       select relname || ' lets its rows be moved to another book' from book_tables b
       where b.relname = any ($2) and not exists (
         select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
         where t.tgrelid = b.oid and p.proname = 'refuse_change' and t.tgenabled in ('O', 'A') and t.tgtype & 16 <> 0
           and (t.tgattr::text = '' or b.book = any (t.tgattr)))`,
      [references, ledgerTables],
    ),

  '2: a transaction, its entries and their accounts are in one book': client =>
    ask(
      client,
      `select format('nothing holds %s%s to %s%s', source, from_columns, target, to_columns) as fault
       from (values
         ('entry', '{book_id,sequence}', 'transaction', '{book_id,sequence}'),
         ('entry', '{book_id,account_id}', 'account', '{book_id,id}'),
         ('transaction', '{book_id,sequence,first_entry}', 'entry', '{book_id,sequence,position}'),
         ('transaction', '{book_id,reverses}', 'transaction', '{book_id,sequence}'),
         ('transaction', '{book_id,hold_id}', 'hold', '{book_id,id}'),
         ('hold', '{book_id,account_id}', 'account', '{book_id,id}'),
         ('account', '{book_id}', 'book', '{id}'),
         ('book_head', '{book_id}', 'book', '{id}')
       ) wanted(source, from_columns, target, to_columns)
       where not exists (
         select from pg_constraint f where f.contype = 'f' and f.convalidated
           and f.conrelid = to_regclass(source) and f.confrelid = to_regclass(target)
           and (select array_agg(a.attname::text order by place) from unnest(f.conkey) with ordinality k(attnum, place)
             join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum) = from_columns::text[]
           and (select array_agg(a.attname::text order by place) from unnest(f.confkey) with ordinality k(attnum, place)
             join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum) = to_columns::text[])`,
    ),

  '3: nothing counts across books, defers, excludes across books or unsets': client =>
    ask(
      client,
      `with ${bookTables}
       select c.relname || ' is a sequence' as fault from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where ${ours} and c.relkind = 'S'
       union all
       select format('%s.%s is an identity', a.attrelid::regclass, a.attname) from pg_attribute a
       join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where ${ours} and a.attidentity <> ''
       union all
       select f.conname || ' is deferrable' from pg_constraint f where f.condeferrable
       union all
       select t.tgname || ' is a deferrable trigger' from pg_trigger t where t.tgdeferrable
       union all
       select x.conname || ' excludes without book_id' from pg_constraint x join book_tables b on b.oid = x.conrelid
       where x.contype = 'x' and not b.book = any (x.conkey)
       union all
       select f.conname || ' deletes or unsets what refers' from pg_constraint f
       where f.contype = 'f' and f.confdeltype not in ('a', 'r')
       union all
       select p.oid::regproc || ' uses advisory locks or notifications' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${ours} and p.prosrc ~* '\\m(pg_(try_)?advisory\\w*|pg_notify|notify|listen)\\M'`,
      [references],
    ),

  '5: triggers name no table, and raise errors of our own': client =>
    ask(
      client,
      `with triggers as (
         select p.oid::regproc::text as name, regexp_replace(p.prosrc, '--[^\\n]*', '', 'g') as body
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} and p.prorettype = 'trigger'::regtype
       )
       select format('%s names %s', name, c.relname) as fault
       from triggers join pg_class c on c.relkind in ('r', 'p', 'v') join pg_namespace n on n.oid = c.relnamespace
       where ${ours} and body ~* ('\\m(from|join|into|update)\\s+(only\\s+)?(\\w+\\.)?"?' || c.relname || '\\M')
       union all
       select name || ' asks for its table’s name' from triggers where body ~* '\\mtg_(table_name|relname|relid)\\M'
       union all
       select name || ' raises an error that is not one of ours' from triggers
       where (select count(*) from regexp_matches(body, 'raise\\s+exception', 'gi'))
         <> (select count(*) from regexp_matches(body, 'errcode\\s*=\\s*''QL\\d{3}''', 'gi'))`,
    ),

  '6: the service’s role owns nothing and changes nothing of the ledger by itself': client =>
    ask(
      client,
      `select format('%s owns %s', '${role}', pg_describe_object(d.classid, d.objid, 0)) as fault
       from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = '${role}'::regrole and d.deptype = 'o'
         and d.dbid in (0, (select oid from pg_database where datname = current_database()))
       union all
       select '${role} is more than a role' from pg_roles
       where rolname = '${role}' and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)
       union all
       select format('%s is a member of %s', '${role}', m.roleid::regrole) from pg_auth_members m where m.member = '${role}'::regrole
       union all
       select format('%s may create in schema %s', '${role}', n.nspname) from pg_namespace n
       where ${ours} and has_schema_privilege('${role}', n.oid, 'create')
       union all
       select format('%s may %s %s', '${role}', lower(privilege), c.relname)
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       cross join unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
       where ${ours} and c.relkind in ('r', 'p')
         and (c.relname = any ($1) or privilege not in ('INSERT', 'UPDATE'))
         and case when privilege in ('INSERT', 'UPDATE', 'REFERENCES') then has_any_column_privilege('${role}', c.oid, privilege)
           else has_table_privilege('${role}', c.oid, privilege) end`,
      [ledgerTables],
    ),

  '6: what runs with its owner’s rights cannot be led elsewhere': client =>
    ask(
      client,
      `select p.oid::regproc || ' has no fixed search_path' as fault from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${ours} and p.prosecdef and not exists (
         select from unnest(p.proconfig) setting where setting in ('search_path=public, pg_temp', 'search_path=pg_catalog, pg_temp'))
       union all
       select p.oid::regproc || ' may be executed by everybody' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${ours} and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)
       union all
       select format('everybody may %s in schema %s', lower(privilege_type), n.nspname)
       from pg_namespace n cross join aclexplode(n.nspacl) where ${ours} and grantee = 0 and privilege_type = 'CREATE'
       union all
       select format('the view %s looks with its owner’s rights', c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where ${ours} and c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)
       union all
       select format('policy %s on %s compares book_id otherwise', policyname, tablename) from pg_policies n
       where coalesce(qual, with_check) !~ 'book_id = .*NULLIF\\(current_setting\\(''app.book_id''::text, true\\), ''''::text\\)'
         or coalesce(qual, '') || coalesce(with_check, '') ~* '\\mselect\\M'`,
    ),
}
