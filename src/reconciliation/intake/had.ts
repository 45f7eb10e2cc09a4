import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { decimalsIn, difference, isZero, signed, unitsOf } from '../statements/decimals.ts'
import { type Contents, timesOf } from './contents.ts'
import { follows, type Gated } from './gate.ts'
import { statementAfter, statementBefore } from './order.ts'
import { repeatsOf, type Said } from './repeats.ts'
import { linesIn, type StatementIn } from './statement-in.ts'
import { type Stretch, stretchesOf, type Told } from './stretches.ts'

/**
 * A line that was had on a day that the statement covers too, by the number of what it says, and the statement in which it
 * counts; `isEarlier` when one that stands before has it.
 */
export type Had = { content: number; occurrence: number; isEarlier: boolean; statementId: string }

type Asked = {
  bookId: string
  bankAccountId: string
  coming: StatementIn
  gated: Gated
  contents: Contents
  had: readonly Had[]
}

/** Which of the lines that were had the statement has again, by the numbers of what they say; of how many nobody can tell. */
export type Repeated = { byContent: ReadonlyMap<number, readonly Had[]>; unsure: number }

export async function repeatedOf(tx: Tx, asked: Asked): Promise<Repeated> {
  const { bookId, bankAccountId, coming, gated, contents, had } = asked
  const before = await statementBefore(tx, bookId, bankAccountId, gated)
  const after = await statementAfter(tx, bookId, bankAccountId, gated)
  const beside = await toldBeside(tx, bookId, bankAccountId, coming, [...new Set(had.map(one => one.statementId))])
  const heldBy = [...Map.groupBy(had.toSorted(likeliest(gated, before)), ({ content }) => content)]
  const saidBy = saidIn(coming, contents, new Set(heldBy.map(([content]) => content)))
  const amounts = [gated, ...beside, ...beside.map(({ own }) => own)].flatMap(one =>
    [one.opening, one.closing, one.credits, one.debits].filter(amount => amount !== null),
  )
  const decimals = decimalsIn([...amounts, ...[...saidBy.values()].map(({ moved }) => moved)])

  const stretches = stretchesOf(beside.map(one => toldIn(decimals, one)))
  const stretchOf = new Map(stretches.flatMap(({ statements }, at) => statements.map(id => [id, at] as const)))
  const held = heldBy.map(([, its]) => {
    const byStretch = stretches.map((): Had[] => [])
    for (const one of its) byStretch[stretchOf.get(one.statementId)!]!.push(one)
    return byStretch
  })
  const times = timesOf(contents)
  const said = heldBy.map(([content, its], at): Said => {
    const { moved, isLoose } = saidBy.get(content)!
    const had = held[at]!.map(({ length }) => length)
    // A reference that comes more than once with all else that is said is no payment's own.
    const isShared = times[content]! > 1 || its.length > 1
    return { moved: unitsOf(moved, decimals), isLoose: isLoose || isShared, times: times[content]!, had }
  })
  const nextTo: string[] = []
  if (before !== null && follows(gated, before)) nextTo.push(before.id)
  if (after !== null && follows(after, gated)) nextTo.push(after.id)
  const itself = {
    ...stretchIn(decimals, { ...gated, lines: contents.ofPlace.length, id: '' }),
    isNextTo: ({ statements }: Stretch) => nextTo.some(id => statements.includes(id)),
  }
  const { had: shared, unsure } = repeatsOf(itself, stretches, said)
  const byContent = heldBy.map(
    ([content], at) => [content, held[at]!.flatMap((its, of) => its.slice(0, shared[of]![at]!))] as const,
  )
  return { byContent: new Map(byContent), unsure }
}

/**
 * Of lines that say the same, which is meant first: those that later statements have where this one goes on from the one before it,
 * and else those of earlier ones.
 */
function likeliest({ opening }: Gated, before: Gated | null): (one: Had, other: Had) => number {
  const goesOn = opening !== null && before?.closing != null && isZero(difference(opening, before.closing))
  const rank = ({ isEarlier }: Had) => (isEarlier === goesOn ? 1 : 0)
  return (one, other) => rank(one) - rank(other) || one.occurrence - other.occurrence
}

/** By how much such a line moves the account, and whether it is without a reference. */
function saidIn(
  coming: StatementIn,
  { ofPlace }: Contents,
  wanted: ReadonlySet<number>,
): Map<number, { moved: string; isLoose: boolean }> {
  const said = new Map<number, { moved: string; isLoose: boolean }>()
  let place = 0
  for (const { line } of linesIn(coming)) {
    const content = ofPlace[place]!
    place += 1
    if (!wanted.has(content) || said.has(content)) continue
    const isCounted = line.status === 'booked' && line.money.currency === coming.sums.currency
    const isLoose = line.reference === null && line.endToEndId === null
    said.set(content, { moved: isCounted ? signed(line.money) : '0', isLoose })
  }
  return said
}

type Row = Pick<Gated, 'opening' | 'closing' | 'credits' | 'debits'> & { id: string; lines: number }
type Beside = Row & { own: Row }

/** So often days are looked for that statements cover which overlap with those that were found. */
const mostRounds = 10

/** The statements that hold what was had, that overlap with this one, and that overlap with those, in the order in which they came. */
async function toldBeside(
  tx: Tx,
  bookId: string,
  bankAccountId: string,
  { fromDay, toDay }: StatementIn,
  held: readonly string[],
): Promise<Beside[]> {
  const ofAccount = sql`s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken'`
  let [from, to] = [fromDay, toDay]
  for (let round = 0; round < mostRounds; round++) {
    const { rows } = await tx.execute<{ least: string; greatest: string }>(sql`
      select least(${from}::date, min(s.from_day))::text as least, greatest(${to}::date, max(s.to_day))::text as greatest
      from bank_statement s where ${ofAccount} and s.to_day >= ${from} and s.from_day <= ${to}`)
    const { least, greatest } = rows[0]!
    if (least === from && greatest === to) break
    from = least
    to = greatest
  }
  const { rows } = await tx.execute<Row & { ownCredits: string; ownDebits: string; ownLines: number }>(sql`
    select s.id, s.opening::text, s.closing::text, s.credits::text, s.debits::text, s.lines, s.lines - s.repeated as "ownLines",
      coalesce(o.credits, s.credits)::text as "ownCredits", coalesce(o.debits, s.debits)::text as "ownDebits"
    from bank_statement s left join lateral (
      select coalesce(sum(l.amount) filter (where l.side = 'credit'), 0) as credits,
        coalesce(sum(l.amount) filter (where l.side = 'debit'), 0) as debits
      from bank_line l
      where s.repeated > 0 and l.book_id = s.book_id and l.statement_id = s.id and l.standing = 'new' and l.status = 'booked'
        and l.currency = coalesce(s.currency, l.currency)
      having s.repeated > 0) o on true
    where ${ofAccount} and s.lines > s.repeated
      and (s.to_day >= ${from} and s.from_day <= ${to} or s.id = any (${sql.param(held)}::uuid[]))
    order by s.turn, s.position, s.id`)
  return rows.map(({ ownCredits, ownDebits, ownLines, ...row }) => ({
    ...row,
    own: { ...row, credits: ownCredits, debits: ownDebits, lines: ownLines },
  }))
}

function toldIn(decimals: number, { own, ...all }: Beside): Told {
  return { own: stretchIn(decimals, own), all: stretchIn(decimals, all) }
}

function stretchIn(decimals: number, { id, opening, closing, credits, debits, lines }: Row): Stretch {
  const units = (amount: string) => unitsOf(amount, decimals)
  return {
    ...{ opening: opening === null ? null : units(opening), closing: closing === null ? null : units(closing) },
    ...{ credits: units(credits), debits: units(debits), lines, statements: [id] },
  }
}
