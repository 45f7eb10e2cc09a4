/** What came of an attempt. `interrupted`: the service stopped before it had an answer. */
export const attemptOutcomes = [
  'accepted',
  'declined',
  'redirected',
  'gone',
  'timed-out',
  'unreachable',
  'address-refused',
  'interrupted',
] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

/** `status` is the receiver's; null when it gave none. */
export type Attempt = { outcome: AttemptOutcome; status: number | null }

/** What an answer means. Redirections are not followed: they would lead past what was looked at of the address. */
export function attemptOf(status: number): Attempt {
  if (status >= 200 && status < 300) return { outcome: 'accepted', status }
  if (status >= 300 && status < 400) return { outcome: 'redirected', status }
  return { outcome: status === 410 ? 'gone' : 'declined', status }
}
