import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { referenceTables } from './catalogue-rules.ts'

/** Files by their path below the project's root. */
export type Texts = ReadonlyMap<string, string>

/** What the rules say of the text of sources and migrations: each answers what breaks it, in words. */
export type TextRule = (texts: Texts) => string[]

const root = join(import.meta.dirname, '..', '..')

/** The sources and the migrations, in the order in which they are applied. */
export function readTexts(): Texts {
  const texts = new Map<string, string>()
  for (const folder of ['src', 'migrations']) {
    const names = readdirSync(join(root, folder), { recursive: true }) as string[]
    for (const name of names.filter(name => /^\d{4}_\w+\.sql$|\.ts$/.test(name)).sort()) {
      texts.set(`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8'))
    }
  }
  return texts
}

const sources = (texts: Texts) => [...texts].filter(([path]) => path.startsWith('src/'))
const migrations = (texts: Texts) => [...texts].filter(([path]) => path.startsWith('migrations/'))

/** SQL without comments, and with every quoted text emptied, dollar quotes included. */
function skeleton(sql: string): string {
  return sql.replaceAll(/--(?!>).*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\1/g, found =>
    found.startsWith("'") || found.startsWith('$') ? "''" : '',
  )
}

/** Advisory locks that keep no figure right: who uses the embedded server, who migrates, who makes a user. And a folder's name. */
const lockedElsewhere = ['src/db/embedded.ts', 'src/db/login.ts', 'src/db/migrate.ts', 'src/db/backup/cluster.ts']

export const textRules: Record<string, TextRule> = {
  '3: no lock or notification of the sources keeps a figure right': texts =>
    sources(texts)
      .filter(
        ([path, text]) =>
          !lockedElsewhere.includes(path) && /pg_(try_)?advisory|pg_notify|\bnotify \w|\blisten \w+'/i.test(text),
      )
      .map(([path]) => `${path} uses advisory locks or notifications`),

  '5: no decision rests on the name of a constraint or table': texts =>
    sources(texts)
      .filter(([, text]) => /\b(?:if|switch|case|&&|\?|===|!==)[^\n]*\berror\.(?:constraint|table)\b/.test(text))
      .map(([path]) => `${path} decides by the name of a constraint or table`),

  '7: figures that cannot be added up stay in one book': texts =>
    sources(texts).flatMap(([path, text]) =>
      [...text.matchAll(/`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g)]
        .map(([sql]) => sql)
        .filter(sql => /count\s*\(\s*distinct|\b(?:rollup|cube)\s*\(|grouping\s+sets/i.test(sql))
        .filter(sql => !/book_id\s*=\s*(?:\$|\w+\.book_id)/.test(sql))
        .map(() => `${path} counts what is distinct, or rolls up, across books`),
    ),

  '8: every statement of a migration stands by itself': texts =>
    migrations(texts).flatMap(([path, text]) =>
      text.split('--> statement-breakpoint').flatMap((part, index) => {
        const statements = skeleton(part)
          .split(';')
          .filter(statement => statement.trim() !== '')
        return statements.length === 1 ? [] : [`${path}: part ${index + 1} has ${statements.length} statements`]
      }),
    ),

  '8: tables of reference and of books are shaped in different migrations': texts =>
    migrations(texts)
      .filter(([, text]) => {
        const shaped = [...skeleton(text).matchAll(shaping)].map(([, table]) => table!)
        return shaped.some(table => table in referenceTables) && shaped.some(table => !(table in referenceTables))
      })
      .map(([path]) => `${path} shapes both kinds of table`),

  '9: names of prepared statements can be left out': texts =>
    sources(texts).flatMap(([path, text]) => {
      const named = [...text.matchAll(/\.query(?:<[^(]*>)?\(([^\n]*)/g)].filter(([, config]) =>
        /(?<!\$)\{[^}]*\bname\b\s*[,:]/.test(config!),
      )
      return named
        .filter(([, config]) => !/\$prepares\s*\?\s*\{\s*name,/.test(config!))
        .map(() => `${path} names a prepared statement whatever is set`)
    }),

  '9: two addresses of databases are all there is to set': texts => {
    const config = texts.get('src/config.ts') ?? ''
    // The owner's is the same database's, by another name and for another user.
    const known = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_REPLICA_URL']
    return [
      ...[...config.matchAll(/^ {2}(\w+): z\b/gm)]
        .map(([, name]) => name!)
        .filter(name => /(_URL|_URI|_DSN|PGHOST|_HOSTS?|_PORTS|_SHARDS?|_NODES?)$/.test(name) && !known.includes(name))
        .map(name => `${name} is another address`),
      ...sources(texts)
        .filter(([path, text]) => /process\.env\.(PG\w+|\w*(_URL|_DSN))\b/.test(text) && path !== 'src/config.ts')
        .map(([path]) => `${path} reads an address by itself`),
    ]
  },
}

/** What makes or changes a table: its columns, constraints, indexes and triggers. */
const shaping =
  /\b(?:create\s+table|alter\s+table|create\s+(?:unique\s+)?index\s+\S+\s+on|create\s+trigger\s+\w+\s+(?:before|after)\s[^;]*?\son)\s+(?:only\s+)?(?:if\s+not\s+exists\s+)?(?:"?public"?\.)?"?(\w+)"?/gi
