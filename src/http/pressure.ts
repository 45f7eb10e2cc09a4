import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { Refusal } from '../refusals.ts'

/** So many times as much pressure as reads bear, what changes something bears: money waits last. */
export const patienceOfPostings = 3

/**
 * Refuses early what could not be answered soon, reads before postings: by how late the event loop is, and by how many wait for
 * a connection to the database. Whether the service is up, and what it measures, is told under any pressure.
 */
export async function shed(
  app: FastifyInstance,
  { pressureDelay, pressureQueue }: Pick<Config, 'pressureDelay' | 'pressureQueue'>,
  waiting: () => number,
): Promise<void> {
  if (pressureDelay > 0) {
    await app.register(underPressure, {
      maxEventLoopDelay: pressureDelay,
      // It has one mark for all requests, so this lets through what bears more.
      pressureHandler: (request, _, __, delay) =>
        bears(request, delay ?? 0, pressureDelay) ? undefined : Promise.reject(overloaded()),
    })
  }
  if (pressureQueue > 0) {
    app.addHook('onRequest', (request, _, done) => {
      const count = waiting()
      done(count <= pressureQueue || bears(request, count, pressureQueue) ? undefined : overloaded())
    })
  }
}

function bears(request: FastifyRequest, pressure: number, mark: number): boolean {
  const { unlimited, changesNothing } = request.routeOptions.config
  if (unlimited) return true
  const isRead = changesNothing || request.method === 'GET' || request.method === 'HEAD'
  return pressure <= (isRead ? mark : mark * patienceOfPostings)
}

function overloaded(): Refusal {
  return new Refusal('overloaded', 'More is asked than can be answered soon; nothing was done.')
}
