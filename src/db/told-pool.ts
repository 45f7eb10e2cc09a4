import pg from 'pg'
import { presentTelling, type Telling } from './scope.ts'

/** What node-postgres has within, and tells in no other way: how a statement is sent, and who hears of its answers. */
type WireQuery = {
  prepare(connection: Wire): void
  requiresPreparation(): boolean
  handleDataRow(row: unknown): void
  handleCommandComplete(done: unknown, connection: Wire): void
}
type Wire = {
  parse(statement: { text: string; name: string }): void
  bind(portal: { statement: string; values: readonly string[] }): void
  execute(portal: object): void
}
type Asked = pg.QueryConfig & { text: string }

const PlainQuery = pg.Query as unknown as new (asked: Asked, values?: unknown[]) => WireQuery

const tell: { name: string; text: string } = {
  name: 'tell',
  text: `select set_config('app.book_id', $1, true), set_config('app.every_book', $2, true)`,
}

/**
 * A statement with what PostgreSQL has to know before it: both are sent together and make one database transaction, at whose end what
 * was told is forgotten. So it costs no way of its own, and whoever has the connection next, or is lent it by a pooler, finds nothing.
 */
class ToldQuery extends PlainQuery {
  readonly #telling: readonly string[]
  readonly #isNamed: boolean
  #isTold = false

  constructor(asked: Asked, values: unknown[] | undefined, telling: Telling, isNamed: boolean) {
    super(asked, values)
    this.#telling = Object.values(telling)
    this.#isNamed = isNamed
  }

  override requiresPreparation(): boolean {
    return true
  }

  override prepare(connection: Wire): void {
    const { name, text } = this.#isNamed ? tell : { ...tell, name: '' }
    if (!this.#isNamed) connection.parse({ text, name })
    connection.bind({ statement: name, values: this.#telling })
    connection.execute({})
    super.prepare(connection)
  }

  override handleDataRow(row: unknown): void {
    if (this.#isTold) super.handleDataRow(row)
  }

  override handleCommandComplete(done: unknown, connection: Wire): void {
    if (this.#isTold) super.handleCommandComplete(done, connection)
    this.#isTold = true
  }
}

/**
 * A pool whose statements tell PostgreSQL which book whoever asks may see and write: row-level security holds them to it, whatever
 * they say. Database transactions have to tell it themselves, when they begin.
 */
export class ToldPool extends pg.Pool {
  readonly #isNamed: boolean

  constructor(options: pg.PoolConfig, { prepares }: { prepares: boolean }) {
    // A new connection learns the telling by its name, before it is handed to anyone.
    const learn = (client: pg.PoolClient, done: (error?: Error) => void) =>
      void client.query({ ...tell, values: ['', ''] }).then(() => done(), done)
    super({ ...options, ...(prepares && { verify: learn }) })
    this.#isNamed = prepares
  }

  // biome-ignore lint/suspicious/noExplicitAny: `pg.Pool` has it in many shapes; here promises alone are asked for.
  override query(asked: any, values?: any): any {
    const telling = presentTelling()
    if (telling === null) return super.query(asked, values)
    const config = typeof asked === 'string' ? { text: asked } : asked
    return super.query(new ToldQuery(config, values, telling, this.#isNamed) as never)
  }
}
