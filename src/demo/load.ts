import { type Client, type Schemas, told, Unable } from './client.ts'
import type { Input, Programme, SheetFile } from './files.ts'
import { idOf } from './ids.ts'
import { interestLists, movements, namings, type Operation, registrations } from './operations.ts'
import { type Count, counted, type Progress, plus } from './progress.ts'

/** How many operations are sent at a time: few enough that the progress is seen to move. */
const batch = 100

export type Loaded = {
  count: Count
  /** CCIs whose check digits are wrong, as the service warned. */
  warnings: number
  /** Lines of sheets that were refused, and handed in again otherwise. */
  refusedLines: number
}

/** Loads what demo/ holds, month by month as it happened. Whatever is there already is left as it is. */
export async function load(client: Client, input: Input, progress: Progress): Promise<Loaded> {
  const { programme, agents, groups, savers, sheets } = input
  const loaded: Loaded = { count: { made: 0, there: 0 }, warnings: 0, refusedLines: 0 }
  const done = (step: string, what: string, count: Count) => {
    loaded.count = plus(loaded.count, count)
    progress.done(step, what, count)
  }

  const count = await makeAll(client, programme)
  const { institutions, programmes, books } = programme
  done('books', `${institutions.length} institutions, ${programmes.length} programme, ${books.length} books`, count)

  const registering = registrations(input)
  const registered = await send(client, registering, sent => progress.now(`register ${sent} of ${registering.length}`))
  loaded.warnings = registered.warnings
  const agentCount = new Set(agents.map(({ agent }) => agent)).size
  done('register', `${agentCount} agents, ${groups.length} groups, ${savers.length} savers`, registered.count)

  for (const [month, ofMonth] of Map.groupBy(sheets, sheet => sheet.month)) {
    const named = await send(client, namings(input, month))
    const posted = await postSheets(client, input, ofMonth, sent => progress.now(`${month}: sheet ${sent}`))
    const corrected = await correct(client, input, month)
    const moving = movements(input, month)
    const moved = await send(client, moving)
    const lists = interestLists(input, month)
    let count = plus(plus(named.count, posted.count), plus(corrected, moved.count))
    for (const { bookId, body } of lists) {
      const params = { path: { bookId } }
      count = plus(count, counted(await told(client.POST('/v1/books/{bookId}/interest-lists', { params, body }))))
    }
    loaded.refusedLines += posted.refused
    const interest = lists.length > 0 ? `, ${lists.length} lists of interest` : ''
    done(month, `${ofMonth.length} sheets, ${posted.lines} lines, ${moving.length} others${interest}`, count)
  }
  return loaded
}

/** What all books share, and the books. */
export async function makeAll(
  client: Client,
  { institutions, programmes, books }: Pick<Programme, 'institutions' | 'programmes' | 'books'>,
): Promise<Count> {
  let count: Count = { made: 0, there: 0 }
  const add = async (answer: Promise<{ replayed: boolean }>) => {
    count = plus(count, counted(await answer))
  }
  for (const body of institutions) await add(told(client.POST('/v1/institutions', { body })))
  for (const body of programmes) await add(told(client.POST('/v1/programmes', { body })))
  for (const body of books) await add(told(client.POST('/v1/books', { body })))
  return count
}

/** Sends operations as a tablet would that was offline. @throws Unable when one is not taken */
export async function send(
  client: Client,
  operations: readonly Operation[],
  onSent: (sent: number) => void = () => {},
): Promise<{ count: Count; warnings: number }> {
  const outcome = { count: { made: 0, there: 0 }, warnings: 0 }
  for (let start = 0; start < operations.length; start += batch) {
    const part = operations.slice(start, start + batch)
    const answer = await told(client.POST('/v1/sync', { body: { operations: part } }))
    const refused = answer.results.find(({ problem }) => problem !== undefined)
    if (refused !== undefined) throw new Unable(`${refused.type} was refused: ${refusal(refused.problem!)}`)
    outcome.count = plus(outcome.count, { made: answer.applied, there: answer.duplicate })
    outcome.warnings += answer.results.filter(({ result }) => (result?.warnings as string[] | undefined)?.length).length
    onSent(start + part.length)
  }
  return outcome
}

async function postSheets(
  client: Client,
  { groups }: Input,
  sheets: readonly SheetFile[],
  onSent: (name: string) => void,
): Promise<{ count: Count; lines: number; refused: number }> {
  const outcome = { count: { made: 0, there: 0 }, lines: 0, refused: 0 }
  for (const { name, group, text } of sheets) {
    const { book } = groups.find(row => row.group === group)!
    const sheet = await told(
      client.POST('/v1/books/{bookId}/collection-sheets', {
        ...{ params: { path: { bookId: idOf('book', book!) } }, headers: { 'content-type': 'text/csv' } },
        ...{ body: text, bodySerializer: String },
      }),
    )
    outcome.count = plus(outcome.count, counted(sheet))
    outcome.lines += sheet.lines.length
    outcome.refused += sheet.lines.filter(line => line.refusal !== null).length
    onSent(name)
  }
  return outcome
}

/** Takes back what was written on a wrong line: the sheet says which transaction that was. */
async function correct(client: Client, { reversals, groups }: Input, month: string): Promise<Count> {
  let count: Count = { made: 0, there: 0 }
  for (const { sheet, line, valueDate, reason } of reversals.filter(row => row.valueDate!.startsWith(month))) {
    const { book } = groups.find(({ group }) => sheet!.endsWith(group!))!
    const bookId = idOf('book', book!)
    const sheetPath = { bookId, sheetId: idOf('sheet', sheet!) }
    const { lines } = await told(
      client.GET('/v1/books/{bookId}/collection-sheets/{sheetId}', { params: { path: sheetPath } }),
    )
    const path = { bookId, transactionId: lines.find(one => String(one.line) === line)!.depositTransactionId! }
    const body = { id: idOf('reversal', sheet!, line!), valueDate: valueDate!, reason: reason! }
    const reversal = client.POST('/v1/books/{bookId}/transactions/{transactionId}/reversal', { params: { path }, body })
    count = plus(count, counted(await told(reversal)))
  }
  return count
}

/** A refusal in one line. */
function refusal({ code, detail }: Schemas['Problem']): string {
  return `${code}: ${detail}`
}
