/** Numbers of one kind, a row each. Threads share them: one writes, and only while nobody reads. */
type Column = Int32Array | Float64Array | Uint8Array | Uint32Array

export const ints = (room = 1024) => new Int32Array(new SharedArrayBuffer(room * 4))
export const words = (room = 1024) => new Uint32Array(new SharedArrayBuffer(room * 4))
export const doubles = (room = 1024) => new Float64Array(new SharedArrayBuffer(room * 8))
export const bytes = (room = 1024) => new Uint8Array(new SharedArrayBuffer(room))

/** Rows in columns: a million of them are a few arrays, and nothing for the collector to walk through. */
export type Table<Columns extends Record<string, Column>> = { length: number; columns: Columns }

/** An array with room for so many, at the least, and what the other holds. */
export function withRoom<One extends Column>(column: One, room: number): One {
  if (room <= column.length) return column
  const buffer = new SharedArrayBuffer(Math.max(room, Math.ceil(column.length * 1.5)) * column.BYTES_PER_ELEMENT)
  const larger = new (column.constructor as new (buffer: SharedArrayBuffer) => One)(buffer)
  larger.set(column as never)
  return larger
}

export function emptyTable<Columns extends Record<string, Column>>(columns: Columns): Table<Columns> {
  return { length: 0, columns }
}

/** Adds a row and says its number. */
export function addRow<Columns extends Record<string, Column>>(
  table: Table<Columns>,
  row: { [Name in keyof Columns]: number },
): number {
  const number = table.length++
  for (const name in row) {
    const column = table.columns[name]!
    if (number < column.length) column[number] = row[name]
    else {
      const larger = withRoom(column, Math.max(1024, number + 1))
      larger[number] = row[name]
      table.columns[name] = larger
    }
  }
  return number
}
