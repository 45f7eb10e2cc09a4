type Fetch = (request: Request) => Promise<Response>

/** Sends again what was put off, and what was lost if the service knows it again. */
export function patient(fetch: Fetch, { retries, timeout }: { retries: number; timeout: number }): Fetch {
  return async request => {
    const known = await isKnownAgain(request)
    for (let attempt = 0; ; attempt++) {
      const outcome = await tried(fetch, request, timeout)
      const isLast = attempt >= retries
      if (outcome instanceof Response) {
        // Too much was asked, which is found before anything is done.
        const isPutOff = outcome.status === 429 || (outcome.status === 503 && known)
        if (isLast || !isPutOff) return outcome
        await outcome.body?.cancel()
        await pause(attempt, outcome.headers.get('retry-after'))
      } else {
        if (isLast || !known || request.signal.aborted) throw outcome.lost
        await pause(attempt, null)
      }
    }
  }
}

async function tried(fetch: Fetch, request: Request, timeout: number): Promise<Response | { lost: unknown }> {
  try {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeout)])
    return await fetch(new Request(request.clone(), { signal }))
  } catch (lost) {
    return { lost }
  }
}

/** A reading; or a body that says ids of its own making, by which the service knows what it has done already. */
async function isKnownAgain(request: Request): Promise<boolean> {
  if (request.method === 'GET' || request.headers.has('idempotency-key')) return true
  if (!request.headers.get('content-type')?.startsWith('application/json')) return false
  const body = (await request.clone().json()) as { id?: unknown; drafts?: { id?: unknown }[]; operations?: unknown }
  // A synchronisation is made to be sent again.
  if (body.operations !== undefined) return true
  return (body.drafts ?? [body]).every(({ id }) => id !== undefined)
}

/** Half a second, and twice that each time, up to half a minute, with a part by chance; or what the service says. */
async function pause(attempt: number, retryAfter: string | null): Promise<void> {
  const told = Number(retryAfter ?? Number.NaN)
  const own = Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)
  await new Promise(resolve => setTimeout(resolve, Number.isFinite(told) ? told * 1000 : own))
}
