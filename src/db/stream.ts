import type pg from 'pg'
import { allowSilence, beginning, type Db } from './client.ts'

/** One connection within a database transaction, whose statements wait for each other. */
export type Session = {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>
  /** Rows as they are written: see `TextRow`. */
  queryText<Row extends TextRow>(text: string): Promise<Row[]>
}

/** Statements may be asked for at any time, several streams' among them: each is sent when the one before is answered. */
export function sessionOf(client: pg.ClientBase): Session {
  let before: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(ask: () => Promise<Result>): Promise<Result> {
    const asked = before.then(ask)
    before = asked.catch(() => {})
    return asked
  }
  return {
    query: (text, values = []) => inTurn(() => client.query(text, [...values])),
    queryText: text =>
      inTurn(async () => (await client.query({ text, rowMode: 'array', types: asText })).rows as never),
  }
}

/** A row as PostgreSQL writes it: every value a text or null, for those who compare the stored to the letter. */
export type TextRow = readonly (string | null)[]

/** A session that sees the database as it was when it was opened, until it is closed. */
export type Snapshot = {
  session: Session
  /** Gives the connection back. After a failure it is not given to anyone else. */
  close(failure?: unknown): Promise<void>
}

/**
 * Opens a read-only snapshot on a connection of its own: nothing committed meanwhile is seen, however long it takes.
 * Statements are planned for reading all of what they ask for, may take longer than those of other requests, and sort with some memory.
 */
export async function openSnapshot(db: Db): Promise<Snapshot> {
  const client = await db.$client.connect()
  const session = sessionOf(client)
  async function close(failure?: unknown): Promise<void> {
    if (failure === undefined) await session.query('rollback').catch(error => (failure = error))
    allowSilence(client, db.$opening.statementTimeout)
    client.release(failure !== undefined)
  }
  try {
    await session.query(beginning('isolation level repeatable read read only'))
    await session.query(
      `select set_config('statement_timeout', $1, true), set_config('cursor_tuple_fraction', '1', true),
         set_config('work_mem', '32MB', true), set_config('timezone', 'UTC', true)`,
      [String(db.$opening.longTimeout ?? 0)],
    )
    allowSilence(client, db.$opening.longTimeout)
    return { session, close }
  } catch (error) {
    await close(error)
    throw error
  }
}

/** Runs `work` in a read-only snapshot. */
export async function readSnapshot<T>(db: Db, work: (session: Session) => Promise<T>): Promise<T> {
  const snapshot = await openSnapshot(db)
  let failure: unknown
  try {
    return await work(snapshot.session)
  } catch (error) {
    failure = error
    throw error
  } finally {
    await snapshot.close(failure)
  }
}

/** Rows read one after the other, a chunk at a time: however many there are, few are in memory. */
export type RowStream<Row extends TextRow> = {
  /** The row it stands on; undefined after the last. */
  row: Row | undefined
  /** Goes on to the next row, and promises it when more have to be read first: mostly there is nothing to await. */
  next(): Promise<void> | undefined
}

const chunkRows = 2_000
const asText: pg.CustomTypesConfig = { getTypeParser: (() => (value: string) => value) as never }

let opened = 0

/**
 * Reads a statement's rows through a cursor, within the session's database transaction. While a chunk is looked at the next
 * one is on its way. Several streams may be open in one session at the same time.
 */
export async function streamRows<Row extends TextRow>(
  session: Session,
  text: string,
  values: readonly unknown[],
): Promise<RowStream<Row>> {
  opened += 1
  const name = `rows_${opened}`
  await session.query(`declare ${name} no scroll cursor for ${text}`, values)
  let rows: Row[] = []
  let place = 0
  let coming = ask()

  function ask(): Promise<Row[]> {
    const asked = session.queryText<Row>(`fetch ${chunkRows} from ${name}`)
    // Whoever awaits it hears of a failure; when nobody does, because another failed first, it is no fault of its own.
    asked.catch(() => {})
    return asked
  }

  async function more(): Promise<void> {
    rows = await coming
    place = 0
    stream.row = rows[0]
    if (rows.length === chunkRows) coming = ask()
    else coming = closed()
  }

  async function closed(): Promise<Row[]> {
    return []
  }

  const stream: RowStream<Row> = {
    row: undefined,
    next() {
      place += 1
      if (place < rows.length) {
        stream.row = rows[place]
        return undefined
      }
      return more()
    },
  }
  await more()
  return stream
}
