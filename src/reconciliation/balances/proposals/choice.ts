import type { Proposable } from '../outcomes.ts'

/** Which proposals of a list are decided: those that wait, of one kind or of both, but for some; or those of the accounts that are named. */
export type Chosen = {
  kind: Proposable | null
  accounts: 'waiting' | readonly string[]
  except: readonly string[]
}
