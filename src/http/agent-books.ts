import { type Actor, reachesBook } from './actor.ts'

/** The books that an agent is registered in, asked of those who know. */
export type BooksOfAgent = (agentId: string) => Promise<string[]>

/** An agent reaches those of her books in which she is registered: of others she may not even read. */
export async function inHerBooks<Who extends Actor>(actor: Who, booksOfAgent: BooksOfAgent): Promise<Who> {
  if (actor.agentId === null) return actor
  const hers = await booksOfAgent(actor.agentId)
  return { ...actor, books: hers.filter(bookId => reachesBook(actor, bookId)) }
}
