import type { Actor } from './actor.ts'

/** What finds who asks, by the text after "Bearer". */
export type Credentials<Who extends Actor = Actor> = {
  /**
   * Whose the text is; null when it is unknown, expired or revoked. Answers at once when it was asked of late, for the wait
   * costs every request.
   * @throws Refusal that says why not
   */
  actorOf(text: string): Who | null | Promise<Who | null>
  /** Whether the text let somebody in before, as far as is remembered without asking anybody. */
  knows(text: string): boolean
}

/** Keys, and tokens where some are taken: what begins like a key is one. */
export function either(keys: Credentials, tokens: Credentials | null): Credentials {
  const of = (text: string) => (tokens === null || text.startsWith('qk_') || !isToken.test(text) ? keys : tokens)
  return { actorOf: text => of(text).actorOf(text), knows: text => of(text).knows(text) }
}

/** Three parts in base64url. */
const isToken = /^[\w-]+\.[\w-]+\.[\w-]*$/
