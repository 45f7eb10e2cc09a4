import { hearQuestions } from '../../db/thread.ts'
import { onlyOne, packed } from '../parcel.ts'
import type { Table } from '../table.ts'
import { type Crossing, crossing, type Made, makers, type ToMake } from './tables.ts'

/** The tables' thread: it makes those that were asked for side by side. */
hearQuestions<ToMake, Made>(async ({ name, cells, about }, reply) => {
  try {
    const make = makers[name] as (cells: unknown, about: ToMake['about']) => Table | Promise<Table>
    const { rows, ...rest } = await make(onlyOne(cells), about)
    const parcel = packed(piecesOf(rows))
    reply.answer({ about: rest, rows: parcel }, [parcel])
  } catch (error) {
    reply.fail(error)
  }
})

/** So many rows take a millisecond or two to open. */
const rowsAPiece = 1_000

function* piecesOf(rows: Table['rows']): Generator<Crossing[][]> {
  for (let at = 0; at < rows.length; at += rowsAPiece) yield rows.slice(at, at + rowsAPiece).map(crossing)
}
